"""Replaying a whole log: every byte that means something is compared with what it must be.

One pass over the entries in order of index, with the rows of the other tables beside them; memory
does not grow with the log, but for the number of streams. What was found is told by table and
index, so that damage is located and the rest is known to be sound. What an audit of one database
cannot see is history replaced as a whole together with the key: that takes a checkpoint held
elsewhere.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, select, text
from sqlalchemy.exc import DBAPIError

from ledger import checkpoint, codec, statement
from ledger import entry as entries
from ledger.builder import TileBuilder
from ledger.database import DEFERRED
from ledger.entry import Entry
from ledger.errors import CommitmentError, LedgerError, MissingError, StateError
from ledger.keys import ED25519, KeyRing, PublicKey
from ledger.merkle import leaf_hash
from ledger.note import Verifier
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_item, ledger_stream
from ledger.statement import Batch, KeyAdd, KeyRevoke, Statement
from ledger.tile import WIDTH, Tile
from ledger.tiles import CHECKPOINT, TileStore

MAX_FINDINGS = 1000
_ROWS_AT_ONCE = 512

_Row = tuple[Any, ...]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be: table (or ``tile``, ``database``), place, reason."""

    table: str
    where: str
    message: str


@dataclass
class AuditReport:
    """Findings and what was looked at. ``signatures`` is false where no log key was given."""

    origin: str
    signatures: bool
    tiles: bool
    entries: int = 0
    checkpoints: int = 0
    items: int = 0
    redacted: int = 0
    repudiated: list[int] = field(default_factory=list)
    """Indexes of entries, valid when accepted, whose key was later revoked for the past."""
    findings: list[Finding] = field(default_factory=list)

    def check(self) -> None:
        """Raise :class:`StateError` with the first finding, if there is any."""
        if self.findings:
            first = self.findings[0]
            raise StateError(f"{first.table} {first.where}: {first.message}")


def audit(
    engine: Engine,
    *,
    origin: str,
    verifier: Verifier | None = None,
    tiles: TileStore | None = None,
    items: bool = True,
) -> AuditReport:
    """Replay the log from its first entry.

    Without ``verifier``, the log's key, its signatures on checkpoints and on key statements are
    not checked; ``items=False`` says that payloads are kept elsewhere. A damaged database file is
    a finding, not an exception.
    """
    report = AuditReport(origin, verifier is not None, tiles is not None)
    try:
        with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
            if engine.dialect.name == "sqlite":
                report.findings += _check_file(connection)
            with closing(_Replay(connection, report, verifier, tiles, items).run()) as found:
                report.findings += islice(found, MAX_FINDINGS)
    except (DBAPIError, UnicodeDecodeError, LedgerError) as error:
        reason = f"cannot be read: {error.__cause__ or error}"
        report.findings.append(Finding("database", "file", reason))
    return report


def logs(engine: Engine) -> list[str]:
    """Origins of all logs of which any table has a row, damaged names included."""
    found: set[str] = set()
    with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
        for table in (ledger_entry, ledger_stream, ledger_item, ledger_checkpoint):
            found.update(map(str, connection.scalars(select(table.c.log).distinct())))
    return sorted(found)


def _check_file(connection: Connection) -> Iterator[Finding]:
    for line in connection.scalars(text("PRAGMA integrity_check(20)")):
        if line != "ok":
            yield Finding("database", "file", str(line))


class _Rows:
    """Rows of one table in order of an integer column, taken group by group."""

    def __init__(self, connection: Connection, query: Select[Any], table: Table) -> None:
        self.table = table
        self.result = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
        self.rows = (self._checked(tuple(row)) for row in self.result)
        self.next = next(self.rows, None)

    def _checked(self, row: _Row) -> _Row:
        if type(row[0]) is not int:
            raise StateError(f"a row of {self.table.name} has no index but {row[0]!r:.40}")
        return row

    def take(self, index: int) -> list[_Row]:
        """The rows at ``index``; call :meth:`stray` for those below first."""
        taken = []
        while self.next is not None and self.next[0] == index:
            taken.append(self.next)
            self.next = next(self.rows, None)
        return taken

    def close(self) -> None:
        """Free the cursor, which on PostgreSQL lives in the server."""
        self.result.close()

    def stray(self, below: int | None) -> Iterator[Finding]:
        """Rows that stand at no entry: those left below this index, or all that are left."""
        while self.next is not None and (below is None or self.next[0] < below):
            yield Finding(self.table.name, str(self.next[0]), "belongs to no entry")
            self.next = next(self.rows, None)


class _Replay:
    """State of the replay after each entry."""

    def __init__(
        self,
        connection: Connection,
        report: AuditReport,
        verifier: Verifier | None,
        tiles: TileStore | None,
        items: bool,
    ) -> None:
        self.connection = connection
        self.report = report
        self.origin = report.origin
        self.verifier = verifier
        self.tiles = tiles
        self.with_items = items
        self.builder = TileBuilder()
        self.ring = KeyRing(PublicKey(ED25519, verifier.public_key) if verifier else None)
        self.heads: dict[str, tuple[int, bytes]] = {}
        self.expected = 0
        self.prev = {entries.genesis(self.origin)}
        self.last_size = -1
        self.last_note: object = None

    def run(self) -> Generator[Finding, None, None]:
        """All findings, in order of index."""
        with ExitStack() as stack:
            yield from self._replay(stack)

    def _replay(self, stack: ExitStack) -> Iterator[Finding]:
        e, s, i, c = (t.c for t in (ledger_entry, ledger_stream, ledger_item, ledger_checkpoint))
        rows = self._rows(stack, ledger_entry, e.entry_index, e.prev, e.hash, e.leaf_hash, e.body)
        streams = self._rows(
            stack, ledger_stream, s.entry_index, s.stream, s.seq, s.prev, s.hash, s.kind
        )
        items = self._rows(
            stack, ledger_item, i.entry_index, i.position, i.payload, i.salt, i.commitment
        )
        points = self._rows(
            stack, ledger_checkpoint, c.size, c.prev_size, c.root, c.note, c.signed_at
        )
        yield from self._checkpoints(points.take(0))
        while (row := rows.next) is not None:
            index = row[0]
            rows.take(index)
            for other in (streams, items):
                yield from other.stray(index)
            yield from self._entry(row, streams.take(index), items.take(index))
            yield from points.stray(self.expected)
            yield from self._checkpoints(points.take(self.expected))
        for other in (streams, items, points):
            yield from other.stray(None)
        if self.expected == 0 and self.last_size < 0:
            yield Finding("ledger_entry", "0", "there is no such log")
        yield from self._published()

    def _rows(self, stack: ExitStack, table: Table, *columns: Any) -> _Rows:
        query = select(*columns).where(table.c.log == self.origin).order_by(*columns[:2])
        return stack.enter_context(closing(_Rows(self.connection, query, table)))

    def _entry(self, row: _Row, streams: list[_Row], items: list[_Row]) -> Iterator[Finding]:
        index, prev, hash_, leaf, body = row
        at = str(index)
        if index != self.expected:
            yield Finding("ledger_entry", str(self.expected), "the entry is missing")
        self.expected = index + 1
        sound = isinstance(body, bytes) and entries.hash_of(body) == hash_
        if not sound:
            yield Finding("ledger_entry", at, "the body does not have the stored hash")
        body = body if isinstance(body, bytes) else b""
        leaf_sound = leaf == leaf_hash(body)
        if sound and not leaf_sound:
            yield Finding("ledger_entry", at, "the leaf hash is not that of the body")
        if prev not in self.prev:
            yield Finding("ledger_entry", at, "the previous hash does not continue the chain")
        # Where body and hash disagree either may be the damaged one: the next entry tells.
        self.prev = {entries.hash_of(body), hash_}
        self.report.entries += 1
        trusted = leaf if not sound and isinstance(leaf, bytes) else leaf_hash(body)
        for tile, data in self.builder.add(body, trusted):
            yield from self._tile(tile, data)
        try:
            entry = entries.parse(body)
            if (entry.index, entry.prev) != (index, prev):
                raise StateError("the body names another index or previous hash than the row")
        except LedgerError as error:
            yield Finding("ledger_entry", at, str(error))
            return
        yield from self._statement(entry, streams)
        yield from self._items(entry, items)

    def _statement(self, entry: Entry, streams: list[_Row]) -> Iterator[Finding]:
        signed, at = entry.statement, str(entry.index)
        first = (0, statement.genesis(self.origin, signed.stream))
        if (signed.seq, signed.prev) != self.heads.get(signed.stream, first):
            yield Finding("ledger_entry", at, f"does not continue the stream {signed.stream}")
        self.heads[signed.stream] = (signed.seq + 1, signed.hash)
        expected = (entry.index, signed.stream, signed.seq, signed.prev, signed.hash, signed.kind)
        if [tuple(row) for row in streams] != [expected]:
            yield Finding("ledger_stream", at, "is not what the entry says")
        try:
            self._signature(entry)
        except LedgerError as error:
            yield Finding("ledger_entry", at, str(error))

    def _signature(self, entry: Entry) -> None:
        signed, index = entry.statement, entry.index
        known = signed.kid in self.ring.streams.get(signed.stream, {})
        about_keys = isinstance(signed.body, KeyAdd | KeyRevoke)
        if self.verifier is not None or known or not about_keys:
            key = self.ring.authority(signed, index)
            key.verify(signed.format(), entry.signature)
        self.ring.apply(signed, index)
        if isinstance(signed.body, KeyRevoke) and signed.body.as_of is not None:
            self.report.repudiated += self._signed(
                signed, signed.body.kid, signed.body.as_of, index
            )

    def _signed(self, revoke: Statement, kid: str, start: int, end: int) -> Iterator[int]:
        """Indexes in [start, end) of the stream's entries under this key."""
        table = ledger_entry.c
        for body in self.connection.scalars(
            select(table.body)
            .where(table.log == self.origin, table.entry_index >= start, table.entry_index < end)
            .order_by(table.entry_index)
        ):
            entry = entries.parse(body)
            if (entry.statement.stream, entry.statement.kid) == (revoke.stream, kid):
                yield entry.index

    def _items(self, entry: Entry, rows: list[_Row]) -> Iterator[Finding]:
        body, at = entry.statement.body, entry.index
        if not isinstance(body, Batch):
            for row in rows:
                yield Finding("ledger_item", f"{at}/{row[1]}", "belongs to no statement of items")
            return
        if not rows and not self.with_items:
            return
        for _, position, payload, salt, commitment in rows:
            self.report.items += 1
            if payload is None and salt is None:
                self.report.redacted += 1
            elif not _commits(commitment, salt, payload):
                yield Finding(
                    "ledger_item", f"{at}/{position}", "payload, salt and commitment disagree"
                )
        try:
            if [row[1] for row in rows] != list(range(body.count)):
                raise CommitmentError(f"has {len(rows)} items, the statement {body.count}")
            if not all(isinstance(row[4], bytes) for row in rows):
                raise CommitmentError("a commitment is not bytes")
            statement.check_items(entry.statement, [row[4] for row in rows])
        except CommitmentError as error:
            yield Finding("ledger_item", str(at), str(error))

    def _checkpoints(self, rows: list[_Row]) -> Iterator[Finding]:
        for size, prev_size, root, note, signed_at in rows:
            at = str(size)
            self.report.checkpoints += 1
            if prev_size != self.last_size:
                yield Finding("ledger_checkpoint", at, f"does not follow size {self.last_size}")
            if root != self.builder.root():
                yield Finding("ledger_checkpoint", at, "the entries do not lead to this root")
            yield from self._note(at, (self.origin, size, root), note, signed_at)
            self.last_size, self.last_note = size, note
            for tile, data in self.builder.partial():
                yield from self._tile(tile, data)

    def _note(
        self, at: str, expected: tuple[str, int, bytes], note: object, signed_at: object
    ) -> Iterator[Finding]:
        try:
            codec.parse_instant(codec.text_of(signed_at))
            if not isinstance(note, bytes):
                raise StateError("the note is not bytes")
            signed = checkpoint.parse_signed(note, self.verifier)
            if (signed.origin, signed.size, signed.root) != expected:
                raise StateError("the note says otherwise than the row")
        except LedgerError as error:
            yield Finding("ledger_checkpoint", at, str(error))

    def _tile(self, at: Tile, data: bytes) -> Iterator[Finding]:
        if self.tiles is None:
            return
        try:
            stored = self.tiles.read(at.path)
        except MissingError:
            if at.width < WIDTH and (self.tiles.folder / at.full.path).is_file():
                return  # the full tile replaced it
            yield Finding("tile", at.path, "the file is missing")
            return
        if stored != data:
            yield Finding("tile", at.path, "is not what the entries lead to")

    def _published(self) -> Iterator[Finding]:
        if self.tiles is None or self.last_size < 0:
            return
        try:
            if self.tiles.read(CHECKPOINT) != self.last_note:
                yield Finding("tile", CHECKPOINT, "is not the last signed checkpoint")
        except MissingError:
            yield Finding("tile", CHECKPOINT, "the file is missing")


def _commits(commitment: object, salt: object, payload: object) -> bool:
    if not isinstance(salt, bytes) or not isinstance(payload, bytes):
        return False
    return len(salt) == statement.SALT_BYTES and statement.commitment(salt, payload) == commitment
