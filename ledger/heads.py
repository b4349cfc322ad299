"""What the tables say of the log and its streams: where they end, their keys, single entries."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select, text

from ledger import entry as entries
from ledger import statement as statements
from ledger.errors import MissingError
from ledger.keys import KeyRing
from ledger.schema import KEY_ROWS, ledger_entry, ledger_redaction, ledger_stream
from ledger.submission import Appended

_LOG_HEAD = (
    select(ledger_entry.c.entry_index, ledger_entry.c.hash)
    .where(ledger_entry.c.log == bindparam("log"))
    .order_by(ledger_entry.c.entry_index.desc())
    .limit(1)
)
_LAST_KIND = (
    select(ledger_stream.c.kind)
    .where(ledger_stream.c.log == bindparam("log"))
    .order_by(ledger_stream.c.entry_index.desc())
    .limit(1)
)
_STREAM_HEAD = (
    select(ledger_stream.c.seq, ledger_stream.c.hash)
    .where(ledger_stream.c.log == bindparam("log"), ledger_stream.c.stream == bindparam("stream"))
    .order_by(ledger_stream.c.seq.desc())
    .limit(1)
)
_BY_STREAM = (ledger_entry.c.log == ledger_stream.c.log) & (
    ledger_entry.c.entry_index == ledger_stream.c.entry_index
)
_KEY_ENTRIES = (
    select(ledger_entry.c.body)
    .join_from(ledger_stream, ledger_entry, _BY_STREAM)
    .where(ledger_stream.c.log == bindparam("log"), KEY_ROWS)
    # The sign keeps SQLite from walking the whole log in this order to spare itself a sort.
    .order_by(text("+ledger_stream.entry_index"))
)
_STREAM_KEY_ENTRIES = _KEY_ENTRIES.where(ledger_stream.c.stream == bindparam("stream"))
_STATEMENT = (
    select(ledger_entry.c.entry_index, ledger_entry.c.hash, ledger_entry.c.body)
    .join_from(ledger_stream, ledger_entry, _BY_STREAM)
    .where(ledger_stream.c.log == bindparam("log"), ledger_stream.c.hash == bindparam("hash"))
)
_ENTRY = select(ledger_entry.c.body).where(
    ledger_entry.c.log == bindparam("log"), ledger_entry.c.entry_index == bindparam("index")
)


def log_head(connection: Connection, origin: str) -> tuple[int, bytes]:
    """Index and ``prev`` of the next entry."""
    last = connection.execute(_LOG_HEAD, {"log": origin}).one_or_none()
    return (0, entries.genesis(origin)) if last is None else (last[0] + 1, bytes(last[1]))


def is_closed(connection: Connection, origin: str) -> bool:
    """Whether the last entry closed the log, so that it takes no further one."""
    return connection.scalar(_LAST_KIND, {"log": origin}) == statements.CLOSE


def stream_head(connection: Connection, origin: str, stream: str) -> tuple[int, bytes]:
    """``seq`` and ``prev`` of the stream's next statement.

    Who builds and appends a statement in one transaction calls :func:`ledger.database.lock` first;
    otherwise another process may append between the two, and the append is refused.
    """
    place = {"log": origin, "stream": stream}
    last = connection.execute(_STREAM_HEAD, place).one_or_none()
    return (0, statements.genesis(origin, stream)) if last is None else (last[0] + 1, last[1])


def appended_before(connection: Connection, origin: str, link: bytes) -> Appended | None:
    """Where the statement with this hash stands, if the log has it."""
    row = connection.execute(_STATEMENT, {"log": origin, "hash": link}).one_or_none()
    return None if row is None else Appended(row[0], bytes(row[1]), bytes(row[2]))


def key_entries(connection: Connection, origin: str, stream: str | None = None) -> list[bytes]:
    """Entries that add or revoke keys, of one stream or of all, in order of index."""
    if stream is None:
        return list(connection.scalars(_KEY_ENTRIES, {"log": origin}))
    return list(connection.scalars(_STREAM_KEY_ENTRIES, {"log": origin, "stream": stream}))


def load_keys(connection: Connection, origin: str, stream: str, ring: KeyRing) -> None:
    """Let the stream's own key entries, verified when they were appended, fill the ring."""
    for body in key_entries(connection, origin, stream):
        entry = entries.parse(body)
        ring.apply(entry.statement, entry.index)


def entry_at(connection: Connection, origin: str, index: int) -> bytes:
    """Bytes of an entry."""
    body = connection.scalar(_ENTRY, {"log": origin, "index": index})
    if body is None:
        raise MissingError(f"no entry {index}")
    return bytes(body)


def redacted(
    connection: Connection, origin: str, index: int, positions: Collection[int]
) -> set[int]:
    """Which of these items of an entry an earlier ``log.redact`` named."""
    table = ledger_redaction.c
    found = connection.scalars(
        select(table.position).where(table.log == origin, table.entry_index == index)
    )
    return set(found).intersection(positions)
