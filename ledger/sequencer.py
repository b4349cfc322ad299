"""From entries to a published checkpoint, in the one order that survives a crash at any point.

1. The entries are committed: accepted, whatever happens next.
2. Tiles are written and synced. They are derived: a failed write only leaves some to overwrite.
3. The checkpoint is signed, and
4. inserted with a compare-and-swap on the last size. Nothing signed left the process before.
5. Witnesses are asked to cosign it; the note with enough cosignatures is stored, and
6. published. If 5 or 6 fails, what was published stays, and the next call asks and publishes.

The published checkpoint is also the memory outside the database: a database that was rolled back
or cloned does not lead to it, and is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from ledger import checkpoint
from ledger.append import log_head
from ledger.builder import TileBuilder
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.codec import format_instant, parse_instant
from ledger.database import DEFERRED, lock
from ledger.errors import (
    ConflictError,
    ForkError,
    FormatError,
    MissingError,
    QuorumError,
    SignatureError,
    StateError,
)
from ledger.merkle import EMPTY_ROOT
from ledger.note import Signer, Verifier, VerifierKey
from ledger.note import parse as parse_note
from ledger.restored import require_compared
from ledger.schema import ledger_checkpoint, ledger_entry
from ledger.tile import WIDTH, Tile
from ledger.tiles import CHECKPOINT, TileStore
from ledger.witness.client import Tree, Witnesses

CLOCK_TOLERANCE = timedelta(minutes=5)

_ROWS_AT_ONCE = 1024
logger = logging.getLogger(__name__)


class Stored(NamedTuple):
    """A checkpoint as the database holds it."""

    size: int
    root: bytes
    note: bytes
    cosigned: bytes | None = None

    @property
    def published(self) -> bytes:
        """What clients see: the note with its cosignatures, where it has them."""
        return self.note if self.cosigned is None else self.cosigned


def last_checkpoint(connection: Connection, origin: str) -> Stored | None:
    """The last signed checkpoint, whether it is published yet or not."""
    return _newest(connection, origin, true())


def published_checkpoint(connection: Connection, origin: str) -> Stored | None:
    """The last checkpoint that enough witnesses cosigned, which is the one that clients see."""
    return _newest(connection, origin, ledger_checkpoint.c.cosigned.is_not(None))


def _newest(connection: Connection, origin: str, condition: ColumnElement[bool]) -> Stored | None:
    table = ledger_checkpoint.c
    row = connection.execute(
        select(table.size, table.root, table.note, table.cosigned)
        .where(table.log == origin, condition)
        .order_by(table.size.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Stored(*row)


def integrate(
    engine: Engine,
    *,
    origin: str,
    signer: Signer | LogSigner,
    now: datetime,
    tiles: TileStore,
    witnesses: Witnesses | None = None,
) -> Checkpoint:
    """Bring all committed entries under a signed checkpoint, publish it once it is cosigned.

    Returns the signed checkpoint. Doing it again is cheap: it asks only for what is missing.
    Raises :class:`ForkError` where signing would contradict what was published or what a witness
    knows, :class:`ConflictError` where another process signed first, :class:`QuorumError` where
    too few witnesses answered: then the checkpoint published before stays, and nothing is lost.
    """
    keys = LogSigner(signer) if isinstance(signer, Signer) else signer
    with tiles.exclusive():
        with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
            require_compared(connection, origin)
            last = last_checkpoint(connection, origin)
            _check_published(connection, origin, last, tiles, keys.verifier)
            fresh = last is None or log_head(connection, origin)[0] > last.size
        if witnesses is not None:
            _greet(engine, origin, last, tiles, keys.verifiers, witnesses)
        if fresh or last is None:
            last = _extend(engine, origin, last, keys, now, tiles, witnesses)
        _publish(engine, origin, last, keys.verifiers, tiles, witnesses)
        return Checkpoint(origin, last.size, last.root)


def _extend(
    engine: Engine,
    origin: str,
    last: Stored | None,
    keys: LogSigner,
    now: datetime,
    tiles: TileStore,
    witnesses: Witnesses | None,
) -> Stored:
    """Write the tiles of the new entries, then sign and store their checkpoint."""
    with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
        builder = _builder(connection, origin, last, tiles)
        with closing(_entries(connection, origin, builder.size)) as bodies:
            for body in bodies:
                for full, data in builder.add(body):
                    tiles.write(full, data)
    for partial, data in builder.partial():
        tiles.write(partial, data)
    head = Checkpoint(origin, builder.size, builder.root())
    note = keys.sign(head, now)
    signed = Stored(head.size, head.root, note, note if witnesses is None else None)
    # Commit point: once this row stands, no other checkpoint can follow the last one.
    _swap(engine, origin, signed, -1 if last is None else last.size, now)
    return signed


def _publish(
    engine: Engine,
    origin: str,
    last: Stored,
    keys: Sequence[VerifierKey],
    tiles: TileStore,
    witnesses: Witnesses | None,
) -> None:
    """Let clients see the checkpoint, once enough witnesses have cosigned it."""
    if last.cosigned is None or not _is_enough(last.cosigned, witnesses):
        cosigned = last.note
        if witnesses is not None:
            cosigned = _cosign(engine, origin, last, keys, tiles, witnesses)
        table = ledger_checkpoint.c
        with engine.begin() as connection:
            lock(connection)
            row = (table.log == origin, table.size == last.size)
            connection.execute(update(ledger_checkpoint).where(*row).values(cosigned=cosigned))
        last = last._replace(cosigned=cosigned)
    tiles.publish(last.published)


def _is_enough(cosigned: bytes, witnesses: Witnesses | None) -> bool:
    return witnesses is None or witnesses.is_met(parse_note(cosigned))


def _tree(origin: str, last: Stored | None, tiles: TileStore) -> Tree:
    if last is None:
        return Tree(Checkpoint(origin, 0, EMPTY_ROOT), tiles.subtree(0))
    return Tree(Checkpoint(origin, last.size, last.root), tiles.subtree(last.size))


def _cosign(
    engine: Engine,
    origin: str,
    last: Stored,
    keys: Sequence[VerifierKey],
    tiles: TileStore,
    witnesses: Witnesses,
) -> bytes:
    with _forks_looked_at_twice(engine, origin, last, witnesses):
        cosigned = witnesses.cosign(parse_note(last.note), _tree(origin, last, tiles), keys)
    if not witnesses.is_met(cosigned):
        raise QuorumError(f"checkpoint {last.size} is not published: too few witnesses cosigned")
    return cosigned.format()


def _greet(
    engine: Engine,
    origin: str,
    last: Stored | None,
    tiles: TileStore,
    keys: Sequence[VerifierKey],
    witnesses: Witnesses,
) -> None:
    """Ask the witnesses what they know before anything is signed that they would refuse."""
    with _forks_looked_at_twice(engine, origin, last, witnesses):
        note = None if last is None else parse_note(last.note)
        witnesses.greet(note, _tree(origin, last, tiles), keys)


@contextmanager
def _forks_looked_at_twice(
    engine: Engine, origin: str, last: Stored | None, witnesses: Witnesses
) -> Generator[None, None, None]:
    """A witness that knows more may have heard of it from another process on this database."""
    try:
        yield
    except ForkError as error:
        with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
            newest = last_checkpoint(connection, origin)
        if newest is None or (last is not None and newest.size == last.size):
            raise
        witnesses.forget_fork()
        raise ConflictError("another process signed the next checkpoint first") from error


def recover(
    engine: Engine,
    *,
    origin: str,
    verifier: Verifier,
    tiles: TileStore,
    witnesses: Witnesses | None = None,
    now: datetime | None = None,
) -> int:
    """Check the last checkpoint against all entries and restore what the tiles lack.

    Call it before serving. Returns the size of the last checkpoint, 0 without one. Raises
    :class:`StateError` if the entries do not reproduce it, :class:`ForkError` if a witness knows
    more: then nothing must be served. A clock that stands before what was signed is only said.
    """
    with tiles.exclusive():
        tiles.forget()
        with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
            require_compared(connection, origin)
            last = last_checkpoint(connection, origin)
            _check_published(connection, origin, last, tiles, verifier)
            if last is not None:
                _check_last(connection, origin, last, verifier, tiles)
                seen = published_checkpoint(connection, origin)
                if now is not None:
                    _say_clock(connection, origin, now)
        if witnesses is not None:
            _greet(engine, origin, last, tiles, [verifier], witnesses)
        if last is None:
            return 0
        if witnesses is None:
            _publish(engine, origin, last, [verifier], tiles, None)
        elif seen is not None:
            tiles.publish(seen.published)
        return last.size


def _check_last(
    connection: Connection, origin: str, last: Stored, verifier: Verifier, tiles: TileStore
) -> None:
    signed = checkpoint.verify(last.note, verifier, origin)
    if (signed.size, signed.root) != (last.size, last.root):
        raise StateError(f"the row of checkpoint {last.size} is not what was signed")
    _rebuild(connection, origin, last, tiles)


def _say_clock(connection: Connection, origin: str, now: datetime) -> None:
    """Order and proofs never depend on a clock, but times that run back puzzle readers."""
    table = ledger_checkpoint.c
    latest = connection.scalar(select(func.max(table.signed_at)).where(table.log == origin))
    if latest is not None and (lead := parse_instant(latest) - now) > CLOCK_TOLERANCE:
        logger.warning(
            "the clock is wrong, or was: a checkpoint was signed %s later than now", lead
        )


def _check_published(
    connection: Connection,
    origin: str,
    last: Stored | None,
    tiles: TileStore,
    verifier: Verifier,
) -> None:
    """Refuse to go on from a state that is not the continuation of what clients have seen."""
    try:
        seen = checkpoint.verify(tiles.read(CHECKPOINT), verifier, origin)
    except (MissingError, FormatError, SignatureError):
        return  # nothing that this log ever signed: it will be overwritten
    table = ledger_checkpoint.c
    root = connection.scalar(select(table.root).where(table.log == origin, table.size == seen.size))
    if last is None or seen.size > last.size or root != seen.root:
        raise ForkError(
            f"a checkpoint of {seen.size} entries was published that this database did not sign:"
            " it was rolled back, or belongs to a copy of the log"
        )


def _entries(
    connection: Connection, origin: str, start: int, end: int | None = None
) -> Generator[bytes, None, None]:
    """Bodies of the entries from ``start`` on, without a gap."""
    table = ledger_entry.c
    query = select(table.entry_index, table.body).where(
        table.log == origin, table.entry_index >= start
    )
    if end is not None:
        query = query.where(table.entry_index < end)
    query = query.order_by(table.entry_index)
    expected = start
    with connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query) as rows:
        for index, body in rows:
            if index != expected:
                raise StateError(f"entry {expected} is missing")
            yield body
            expected += 1


def _builder(
    connection: Connection, origin: str, last: Stored | None, tiles: TileStore
) -> TileBuilder:
    """The tree of the last checkpoint, from its partial tiles, or from all entries if they fail."""
    if last is None:
        return TileBuilder()
    start = last.size - last.size % WIDTH
    bundle = list(_entries(connection, origin, start, last.size))
    try:
        return TileBuilder.resume(last.size, last.root, tiles.hashes, bundle)
    except (MissingError, FormatError, StateError):
        return _rebuild(connection, origin, last, tiles)


def _rebuild(connection: Connection, origin: str, last: Stored, tiles: TileStore) -> TileBuilder:
    """Write every tile anew that is not as it should be, from the entries."""
    table = ledger_checkpoint.c
    sizes = set(connection.scalars(select(table.size).where(table.log == origin)))
    builder = TileBuilder()
    with closing(_entries(connection, origin, 0, last.size)) as bodies:
        for body in bodies:
            for full, data in builder.add(body):
                tiles.write(full, data)
            if builder.size in sizes:
                for partial, data in builder.partial():
                    if not _is_full_by(partial, last.size):
                        tiles.write(partial, data)
    if (builder.size, builder.root()) != (last.size, last.root):
        raise StateError(f"the entries do not reproduce the checkpoint of {last.size} entries")
    return builder


def _is_full_by(partial: Tile, size: int) -> bool:
    return (partial.index + 1) * WIDTH << 8 * max(partial.level, 0) <= size


def _swap(engine: Engine, origin: str, signed: Stored, last_size: int, now: datetime) -> None:
    row = {
        "log": origin,
        "prev_size": last_size,
        "signed_at": format_instant(now),
        **signed._asdict(),
    }
    try:
        with engine.begin() as connection:
            lock(connection)
            connection.execute(insert(ledger_checkpoint), [row])
    except IntegrityError as error:
        raise ConflictError("another process signed the next checkpoint first") from error
