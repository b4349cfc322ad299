"""Appending: statements enter the log inside the caller's transaction, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from ledger import entry as entries
from ledger import statement as statements
from ledger.database import lock
from ledger.errors import ConflictError, ContinuityError, MissingError
from ledger.keys import KeyRing, PublicKey
from ledger.merkle import leaf_hash
from ledger.schema import KEY_ROWS, ledger_entry, ledger_item, ledger_stream
from ledger.statement import Statement

Item = tuple[bytes, bytes]
"""Payload and its salt of 16 random bytes."""


@dataclass(frozen=True)
class Submission:
    """A signed statement, and the items behind its commitments where the log is to keep them."""

    statement: bytes
    signature: bytes
    items: Sequence[Item] | None = None


@dataclass(frozen=True)
class Appended:
    """Where a statement stands: index, hash that the next entry names, entry bytes."""

    index: int
    entry_hash: bytes
    entry_bytes: bytes


def append(
    connection: Connection,
    *,
    origin: str,
    statement: bytes,
    signature: bytes,
    received_at: datetime,
    items: Sequence[Item] | None = None,
    operator: PublicKey | None = None,
) -> Appended:
    """Append one statement; see :func:`append_all`."""
    submission = Submission(statement, signature, items)
    return append_all(
        connection, [submission], origin=origin, received_at=received_at, operator=operator
    )[0]


def append_all(
    connection: Connection,
    submissions: Sequence[Submission],
    *,
    origin: str,
    received_at: datetime,
    operator: PublicKey | None = None,
) -> list[Appended]:
    """Append statements in this order, all of them or none, in the caller's transaction.

    Each must have the form of a statement, continue its stream, be about the given items and be
    signed by a key active at its index. Only with ``operator``, the log's own key, are statements
    about keys taken that this key signed. Raises a :class:`LedgerError` for the first that fails;
    the caller then rolls back.
    """
    lock(connection)
    index, prev = log_head(connection, origin)
    batch = _Batch(connection, origin, operator, index, prev, received_at)
    appended = [batch.take(submission) for submission in submissions]
    batch.insert()
    return appended


class _Batch:
    """Rows of one append, with the heads as they stand after each statement."""

    def __init__(
        self,
        connection: Connection,
        origin: str,
        operator: PublicKey | None,
        index: int,
        prev: bytes,
        received_at: datetime,
    ) -> None:
        self.connection = connection
        self.origin = origin
        self.operator = operator
        self.index = index
        self.prev = prev
        self.received_at = received_at
        self.heads: dict[str, tuple[int, bytes]] = {}
        self.ring = KeyRing(operator)
        self.rows: dict[str, list[dict[str, Any]]] = {"entry": [], "stream": [], "item": []}

    def take(self, submission: Submission) -> Appended:
        """Check one submission against the heads and move them on."""
        statement = statements.parse(submission.statement)
        commitments = self._check(statement, submission)
        body = entries.build(
            index=self.index,
            prev=self.prev,
            received_at=self.received_at,
            signature=submission.signature,
            statement=submission.statement,
        )
        self.ring.apply(statement, self.index)
        appended = Appended(self.index, entries.hash_of(body), body)
        # The bytes were canonical, so their hash is that of the parsed statement.
        link = hashlib.sha256(submission.statement).digest()
        self._add_link(statement, link, appended)
        self._add_items(submission, commitments, appended.index)
        self.heads[statement.stream] = (statement.seq + 1, link)
        self.index, self.prev = self.index + 1, appended.entry_hash
        return appended

    def _check(self, statement: Statement, submission: Submission) -> list[bytes]:
        """Commitments of the items, once everything about the statement holds."""
        stream = statement.stream
        if stream not in self.heads:
            self.heads[stream] = stream_head(self.connection, self.origin, stream)
            load_keys(self.connection, self.origin, stream, self.ring)
        if (statement.seq, statement.prev) != self.heads[stream]:
            raise ContinuityError(
                f"stream {stream} goes on at {self.heads[stream][0]}, not at {statement.seq}"
            )
        key = self.ring.authority(statement, self.index)
        key.verify(submission.statement, submission.signature)
        if submission.items is None:
            return []
        commitments = [statements.commitment(salt, item) for item, salt in submission.items]
        statements.check_items(statement, commitments)
        return commitments

    def _add_link(self, statement: Statement, link: bytes, at: Appended) -> None:
        place = {"log": self.origin, "entry_index": at.index}
        self.rows["entry"].append(
            place
            | {
                "prev": self.prev,
                "hash": at.entry_hash,
                "leaf_hash": leaf_hash(at.entry_bytes),
                "body": at.entry_bytes,
            }
        )
        self.rows["stream"].append(
            place
            | {
                "stream": statement.stream,
                "seq": statement.seq,
                "prev": statement.prev,
                "hash": link,
                "kind": statement.kind,
            }
        )

    def _add_items(self, submission: Submission, commitments: list[bytes], index: int) -> None:
        items = zip(submission.items or (), commitments, strict=True)
        for position, ((payload, salt), commitment) in enumerate(items):
            self.rows["item"].append(
                {
                    "log": self.origin,
                    "entry_index": index,
                    "position": position,
                    "payload": payload,
                    "salt": salt,
                    "commitment": commitment,
                }
            )

    def insert(self) -> None:
        """Write the rows; they count once the caller's transaction is committed."""
        tables = (
            (ledger_entry, "entry"),
            (ledger_stream, "stream"),
            (ledger_item, "item"),
        )
        try:
            for table, name in tables:
                if self.rows[name]:
                    self.connection.execute(insert(table), self.rows[name])
        except IntegrityError as error:
            raise ConflictError("another process appended first") from error


_LOG_HEAD = (
    select(ledger_entry.c.entry_index, ledger_entry.c.hash)
    .where(ledger_entry.c.log == bindparam("log"))
    .order_by(ledger_entry.c.entry_index.desc())
    .limit(1)
)
_STREAM_HEAD = (
    select(ledger_stream.c.seq, ledger_stream.c.hash)
    .where(ledger_stream.c.log == bindparam("log"), ledger_stream.c.stream == bindparam("stream"))
    .order_by(ledger_stream.c.seq.desc())
    .limit(1)
)
_KEY_ENTRIES = (
    select(ledger_entry.c.body)
    .join_from(
        ledger_stream,
        ledger_entry,
        (ledger_entry.c.log == ledger_stream.c.log)
        & (ledger_entry.c.entry_index == ledger_stream.c.entry_index),
    )
    .where(ledger_stream.c.log == bindparam("log"), KEY_ROWS)
    # The sign keeps SQLite from walking the whole log in this order to spare itself a sort.
    .order_by(text("+ledger_stream.entry_index"))
)
_STREAM_KEY_ENTRIES = _KEY_ENTRIES.where(ledger_stream.c.stream == bindparam("stream"))


def log_head(connection: Connection, origin: str) -> tuple[int, bytes]:
    """Index and ``prev`` of the next entry."""
    last = connection.execute(_LOG_HEAD, {"log": origin}).one_or_none()
    return (0, entries.genesis(origin)) if last is None else (last[0] + 1, last[1])


def stream_head(connection: Connection, origin: str, stream: str) -> tuple[int, bytes]:
    """``seq`` and ``prev`` of the stream's next statement.

    Who builds and appends a statement in one transaction calls :func:`ledger.database.lock` first;
    otherwise another process may append between the two, and the append is refused.
    """
    place = {"log": origin, "stream": stream}
    last = connection.execute(_STREAM_HEAD, place).one_or_none()
    return (0, statements.genesis(origin, stream)) if last is None else (last[0] + 1, last[1])


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
    body = connection.scalar(
        select(ledger_entry.c.body).where(
            ledger_entry.c.log == origin, ledger_entry.c.entry_index == index
        )
    )
    if body is None:
        raise MissingError(f"no entry {index}")
    return bytes(body)


def redact(connection: Connection, *, origin: str, entry_index: int, position: int) -> None:
    """Destroy payload and salt of an item; its commitment and every proof stay valid.

    Copies in write-ahead logs, backups and replicas are the caller's to destroy.
    """
    done = connection.execute(
        update(ledger_item)
        .where(
            ledger_item.c.log == origin,
            ledger_item.c.entry_index == entry_index,
            ledger_item.c.position == position,
        )
        .values(payload=None, salt=None)
    )
    if done.rowcount != 1:
        raise MissingError(f"no item {position} in entry {entry_index}")
