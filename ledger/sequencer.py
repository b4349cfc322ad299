"""From entries to a published checkpoint, in the one order that survives a crash at any point.

1. The entries are committed: accepted, whatever happens next.
2. Tiles are written and synced. They are derived: a failed write only leaves some to overwrite.
3. The checkpoint is signed, and
4. inserted with a compare-and-swap on the last size. Nothing signed left the process before.
5. It is published. If this fails the next call publishes it.

The published checkpoint is also the memory outside the database: a database that was rolled back
or cloned does not lead to it, and is refused.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from ledger import checkpoint
from ledger.append import log_head
from ledger.builder import TileBuilder
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.codec import format_instant
from ledger.database import DEFERRED, lock
from ledger.errors import (
    ConflictError,
    ForkError,
    FormatError,
    MissingError,
    SignatureError,
    StateError,
)
from ledger.note import Signer, Verifier
from ledger.restored import require_compared
from ledger.schema import ledger_checkpoint, ledger_entry
from ledger.tile import WIDTH, Tile
from ledger.tiles import CHECKPOINT, TileStore

_ROWS_AT_ONCE = 1024


class Stored(NamedTuple):
    """A checkpoint as the database holds it."""

    size: int
    root: bytes
    note: bytes


def last_checkpoint(connection: Connection, origin: str) -> Stored | None:
    """The last signed checkpoint."""
    table = ledger_checkpoint.c
    row = connection.execute(
        select(table.size, table.root, table.note)
        .where(table.log == origin)
        .order_by(table.size.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Stored(*row)


def integrate(
    engine: Engine, *, origin: str, signer: Signer | LogSigner, now: datetime, tiles: TileStore
) -> Checkpoint:
    """Bring all committed entries under a signed, published checkpoint and return it.

    Doing it again is cheap and changes nothing. Raises :class:`ForkError` where signing would
    contradict what was published, :class:`ConflictError` where another process signed first.
    """
    with tiles.exclusive():
        with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
            require_compared(connection, origin)
            last = last_checkpoint(connection, origin)
            _check_published(connection, origin, last, tiles, signer.verifier)
            if last is not None and log_head(connection, origin)[0] == last.size:
                tiles.publish(last.note)
                return Checkpoint(origin, last.size, last.root)
            builder = _builder(connection, origin, last, tiles)
            with closing(_entries(connection, origin, builder.size)) as bodies:
                for body in bodies:
                    for full, data in builder.add(body):
                        tiles.write(full, data)
        for partial, data in builder.partial():
            tiles.write(partial, data)
        head = Checkpoint(origin, builder.size, builder.root())
        note = _sign(head, signer, now)
        # Commit point: once this row stands, no other checkpoint can follow the last one.
        _swap(engine, head, note, -1 if last is None else last.size, now)
        tiles.publish(note)
        return head


def _sign(head: Checkpoint, signer: Signer | LogSigner, now: datetime) -> bytes:
    keys = LogSigner(signer) if isinstance(signer, Signer) else signer
    return keys.sign(head, now)


def recover(engine: Engine, *, origin: str, verifier: Verifier, tiles: TileStore) -> int:
    """Check the last checkpoint against all entries and restore what the tiles lack.

    Call it before serving. Returns the size of the last checkpoint, 0 without one. Raises
    :class:`StateError` if the entries do not reproduce it: then nothing must be served.
    """
    with (
        tiles.exclusive(),
        engine.connect().execution_options(sqlite_begin=DEFERRED) as connection,
    ):
        tiles.forget()
        require_compared(connection, origin)
        last = last_checkpoint(connection, origin)
        _check_published(connection, origin, last, tiles, verifier)
        if last is None:
            return 0
        signed = checkpoint.verify(last.note, verifier, origin)
        if (signed.size, signed.root) != (last.size, last.root):
            raise StateError(f"the row of checkpoint {last.size} is not what was signed")
        _rebuild(connection, origin, last, tiles)
        tiles.publish(last.note)
        return last.size


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


def _swap(engine: Engine, head: Checkpoint, note: bytes, last_size: int, now: datetime) -> None:
    row = {
        "log": head.origin,
        "size": head.size,
        "prev_size": last_size,
        "root": head.root,
        "note": note,
        "signed_at": format_instant(now),
    }
    try:
        with engine.begin() as connection:
            lock(connection)
            connection.execute(insert(ledger_checkpoint), [row])
    except IntegrityError as error:
        raise ConflictError("another process signed the next checkpoint first") from error
