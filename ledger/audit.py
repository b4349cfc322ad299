"""Replaying a whole log: every byte that means something is compared with what it must be.

One pass over the entries in order of index, with the rows of the other tables beside them; memory
does not grow with the log, but for the number of streams. What was found is told by table and
index, so that damage is located and the rest is known to be sound. What an audit of one database
cannot see is history replaced as a whole together with the key: that takes a checkpoint held
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, select, text
from sqlalchemy.exc import DBAPIError

from ledger import checkpoint, codec, statement
from ledger import entry as entries
from ledger.builder import TileBuilder
from ledger.database import DEFERRED, unavailable
from ledger.entry import Entry
from ledger.errors import CommitmentError, LedgerError, MissingError, StateError
from ledger.findings import MAX_FINDINGS, AuditReport, Finding
from ledger.keys import ED25519, KeyRing, PublicKey
from ledger.locate import first_difference, repair
from ledger.merkle import leaf_hash
from ledger.note import Verifier, VerifierKey
from ledger.note import parse as parse_note
from ledger.redaction_audit import Redactions
from ledger.replay import Replay
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_item, ledger_stream
from ledger.signatures import SignatureQueue
from ledger.statement import Batch, Redact
from ledger.tile import WIDTH, Tile
from ledger.tiles import CHECKPOINT, TileStore

__all__ = ["MAX_FINDINGS", "AuditReport", "Finding", "Progress", "audit", "logs"]

_ROWS_AT_ONCE = 512

_Row = tuple[Any, ...]

Progress = Callable[[int], None]
"""Is told how many entries were audited."""


def audit(
    engine: Engine,
    *,
    origin: str,
    verifier: Verifier | None = None,
    others: Sequence[VerifierKey] = (),
    tiles: TileStore | None = None,
    items: bool = True,
    progress: Progress | None = None,
) -> AuditReport:
    """Replay the log from its first entry.

    Without ``verifier``, the log's key, its signatures on checkpoints and on key statements are
    not checked; ``others`` are further keys of the log, each of whose signatures must hold where
    there is one; ``items=False`` says that payloads are kept elsewhere. A damaged database file is
    a finding, not an exception; one that is locked or away raises
    :class:`~sqlalchemy.exc.DBAPIError`.
    """
    report = AuditReport(origin, verifier is not None, tiles is not None)
    try:
        with (
            engine.connect().execution_options(sqlite_begin=DEFERRED) as connection,
            SignatureQueue() as queue,
        ):
            if engine.dialect.name == "sqlite":
                report.add(_check_file(connection))
            rows = _Rows(connection, report, verifier, others, tiles, items, queue, progress)
            with closing(rows.run()) as found:
                report.add(found)
    except (DBAPIError, UnicodeDecodeError, LedgerError) as error:
        if isinstance(error, DBAPIError) and unavailable(error):
            raise
        reason = f"cannot be read: {error.__cause__ or error}"
        report.add([Finding("database", "file", reason)])
    report.sort()
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


class _Table:
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


class _Rows:
    """The rows of all tables, side by side with the replay of the entries."""

    def __init__(
        self,
        connection: Connection,
        report: AuditReport,
        verifier: Verifier | None,
        others: Sequence[VerifierKey],
        tiles: TileStore | None,
        items: bool,
        queue: SignatureQueue,
        progress: Progress | None,
    ) -> None:
        self.connection = connection
        self.report = report
        self.origin = report.origin
        self.verifier = verifier
        self.others = others
        self.tiles = tiles
        self.with_items = items
        self.queue = queue
        self.progress = progress
        self.builder = TileBuilder()
        operator = PublicKey(ED25519, verifier.public_key) if verifier else None
        self.replay = Replay(self.origin, KeyRing(operator), self._bodies, queue)
        self.redactions = Redactions(connection, self.replay)
        self.last_size = -1
        self.cosigned: object = None
        self.published: set[object] = set()

    def run(self) -> Generator[Finding, None, None]:
        """All findings, in order of index but for the signatures of items."""
        with ExitStack() as stack:
            yield from self._run(stack)
        yield from self.queue.drain()
        self.report.repudiated = self.replay.repudiated

    def _run(self, stack: ExitStack) -> Iterator[Finding]:
        e, s, i, c = (t.c for t in (ledger_entry, ledger_stream, ledger_item, ledger_checkpoint))
        rows = self._table(stack, ledger_entry, e.entry_index, e.prev, e.hash, e.leaf_hash, e.body)
        streams = self._table(
            stack, ledger_stream, s.entry_index, s.stream, s.seq, s.prev, s.hash, s.kind
        )
        items = self._table(
            stack, ledger_item, i.entry_index, i.position, i.payload, i.salt, i.commitment
        )
        points = self._table(
            stack, ledger_checkpoint, c.size, c.prev_size, c.root, c.note, c.signed_at, c.cosigned
        )
        yield from self._checkpoints(points.take(0))
        while (row := rows.next) is not None:
            index = row[0]
            rows.take(index)
            for other in (streams, items):
                yield from other.stray(index)
            yield from self._entry(row, streams.take(index), items.take(index))
            yield from points.stray(self.replay.size)
            yield from self._checkpoints(points.take(self.replay.size))
        for other in (streams, items, points):
            yield from other.stray(None)
        yield from self.redactions.stray()
        if self.replay.size == 0 and self.last_size < 0:
            yield Finding("ledger_entry", "0", "there is no such log")
        yield from self._published()

    def _table(self, stack: ExitStack, table: Table, *columns: Any) -> _Table:
        query = select(*columns).where(table.c.log == self.origin).order_by(*columns[:2])
        return stack.enter_context(closing(_Table(self.connection, query, table)))

    def _bodies(self, start: int, end: int) -> Iterator[bytes]:
        table = ledger_entry.c
        query = (
            select(table.body)
            .where(table.log == self.origin, table.entry_index >= start, table.entry_index < end)
            .order_by(table.entry_index)
        )
        for body in self.connection.scalars(query):
            yield body if isinstance(body, bytes) else b""

    def _entry(self, row: _Row, streams: list[_Row], items: list[_Row]) -> Iterator[Finding]:
        index, prev, hash_, leaf, body = row
        if index != self.replay.size:
            yield Finding("ledger_entry", str(self.replay.size), "the entry is missing")
            self.replay.size = index
        self.report.entries += 1
        if self.progress is not None:
            self.progress(self.report.entries)
        body = body if isinstance(body, bytes) else b""
        damage, sound = self._damage(index, hash_, leaf, body)
        yield from damage
        trusted = leaf if damage and isinstance(leaf, bytes) else leaf_hash(body)
        for tile, data in self.builder.add(body, trusted):
            yield from self._tile(tile, data)
        yield from self.replay.take(sound, hash_)
        try:
            entry = entries.parse(sound)
        except LedgerError:
            return  # the replay told
        if entry.prev != prev:  # that the entry's own continues the chain is for the replay
            reason = "the body names another previous hash than the row"
            yield Finding("ledger_entry", str(index), reason, index, entry.statement.stream)
        yield from self._stream(entry, index, streams)
        yield from self._items(entry, index, items)

    def _damage(
        self, index: int, hash_: object, leaf: object, body: bytes
    ) -> tuple[list[Finding], bytes]:
        """What the two hashes beside a body say about it, and the body as it was where they tell.

        Body and hash that disagree: either may be the damaged one. The leaf hash decides.
        """
        if hash_ == entries.hash_of(body):
            if leaf == leaf_hash(body):
                return [], body
            reason = "the leaf hash is not that of the body"
            return [Finding("ledger_entry", str(index), reason, index)], body
        reason = "the body does not have the stored hash"
        offset, sound = None, body
        if leaf != leaf_hash(body) and isinstance(hash_, bytes):
            found = repair(body, hash_)
            offset, sound = found or (None, body)
        stream = ""
        with suppress(LedgerError):
            stream = entries.parse(sound).statement.stream
        return [Finding("ledger_entry", str(index), reason, index, stream, offset)], sound

    def _stream(self, entry: Entry, index: int, streams: list[_Row]) -> Iterator[Finding]:
        signed = entry.statement
        expected = (index, signed.stream, signed.seq, signed.prev, signed.hash, signed.kind)
        if [tuple(row) for row in streams] != [expected]:
            reason = "is not what the entry says"
            yield Finding("ledger_stream", str(index), reason, index, signed.stream)

    def _items(self, entry: Entry, at: int, rows: list[_Row]) -> Iterator[Finding]:
        body, stream = entry.statement.body, entry.statement.stream
        if isinstance(body, Redact):
            yield from self.redactions.ordered(body, at)
        if not isinstance(body, Batch):
            for row in rows:
                place = f"{at}/{row[1]}"
                yield Finding("ledger_item", place, "belongs to no statement of items", at, stream)
            return
        if not rows and not self.with_items:
            return
        for row in rows:
            yield from self._item(row, at, stream)
        try:
            if [row[1] for row in rows] != list(range(body.count)):
                raise CommitmentError(f"has {len(rows)} items, the statement {body.count}")
            if not all(isinstance(row[4], bytes) for row in rows):
                raise CommitmentError("a commitment is not bytes")
            statement.check_items(entry.statement, [row[4] for row in rows])
        except CommitmentError as error:
            yield Finding("ledger_item", str(at), str(error), at, stream)

    def _item(self, row: _Row, at: int, stream: str) -> Iterator[Finding]:
        _, position, payload, salt, commitment = row
        self.report.items += 1
        if payload is None and salt is None:
            self.report.redacted += 1
            yield from self.redactions.check(at, position, stream)
        elif not _commits(commitment, salt, payload):
            reason, offset = "payload, salt and commitment disagree", None
            if all(isinstance(value, bytes) for value in (payload, salt, commitment)):
                found = repair(payload, commitment, salt)
                offset = found[0] if found else None
            yield Finding("ledger_item", f"{at}/{position}", reason, at, stream, offset)

    def _checkpoints(self, rows: list[_Row]) -> Iterator[Finding]:
        for size, prev_size, root, note, signed_at, cosigned in rows:
            at = str(size)
            self.report.checkpoints += 1
            if prev_size != self.last_size:
                yield Finding("ledger_checkpoint", at, f"does not follow size {self.last_size}")
            if root != self.builder.root():
                yield Finding("ledger_checkpoint", at, "the entries do not lead to this root")
            try:
                codec.parse_instant(codec.text_of(signed_at))
            except LedgerError as error:
                yield Finding("ledger_checkpoint", at, str(error))
            for signed in (note,) if cosigned is None else (note, cosigned):
                yield from self._note(at, (self.origin, size, root), signed)
            if isinstance(note, bytes) and not _begins(cosigned, note):
                # Whoever cosigned added lines: those of the log tell which of the two was changed.
                reason = "the cosigned note is not the signed one with more signatures"
                yield Finding("ledger_checkpoint", at, reason)
            self.last_size = size
            # Until its witnesses have cosigned, a checkpoint need not be published.
            self.cosigned = self.cosigned if cosigned is None else cosigned
            self.published = {note, self.cosigned} if cosigned is None else {cosigned}
            for tile, data in self.builder.partial():
                yield from self._tile(tile, data)

    def _note(self, at: str, expected: tuple[str, int, bytes], note: object) -> Iterator[Finding]:
        try:
            if not isinstance(note, bytes):
                raise StateError("the note is not bytes")
            signed = checkpoint.parse_signed(note, self.verifier)
            present = parse_note(note)
            for key in self.others:
                if key.signatures(present):
                    key.verify(present)
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
            offset = first_difference(stored, data)
            reason = "is not what the entries lead to"
            yield Finding("tile", at.path, reason, offset=offset)

    def _published(self) -> Iterator[Finding]:
        if self.tiles is None or self.last_size < 0:
            return
        try:
            if self.tiles.read(CHECKPOINT) not in self.published:
                yield Finding("tile", CHECKPOINT, "is not the last signed checkpoint")
        except MissingError:
            yield Finding("tile", CHECKPOINT, "the file is missing")


def _begins(cosigned: object, note: bytes) -> bool:
    return cosigned is None or (isinstance(cosigned, bytes) and cosigned.startswith(note))


def _commits(commitment: object, salt: object, payload: object) -> bool:
    if not isinstance(salt, bytes) or not isinstance(payload, bytes):
        return False
    return len(salt) == statement.SALT_BYTES and statement.commitment(salt, payload) == commitment
