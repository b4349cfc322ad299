"""Logs that came from a backup: nothing is signed for them until they were compared.

A backup is a sound, but perhaps an older log. Signing from it would show a second history to all
who saw what came after it. So a restored log is marked, and the mark goes only once the log was
held against a checkpoint from elsewhere, or its operator gave up what came after it in so many
words. The comparison is as good as the checkpoint is new: take the newest that anybody has.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select

from ledger import checkpoint, merkle
from ledger.checkpoint import Checkpoint
from ledger.codec import format_instant
from ledger.database import lock
from ledger.errors import ForkError
from ledger.heads import log_head
from ledger.note import Verifier
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_restored


def mark(connection: Connection, now: datetime) -> list[str]:
    """Mark every log of a database that was just filled from a backup; gives their origins."""
    entries = ledger_entry.c
    sizes = connection.execute(select(entries.log, func.count()).group_by(entries.log)).all()
    connection.execute(delete(ledger_restored))
    at = format_instant(now)
    rows = [{"log": log, "size": size, "restored_at": at} for log, size in sizes]
    if rows:
        connection.execute(insert(ledger_restored), rows)
    return [log for log, _size in sizes]


def require_compared(connection: Connection, origin: str) -> None:
    """Raise :class:`ForkError` for a log that was restored and not compared since."""
    size = connection.scalar(select(ledger_restored.c.size).where(ledger_restored.c.log == origin))
    if size is not None:
        raise ForkError(
            f"the log {origin} was restored from a backup of {size} entries and not compared with"
            " a checkpoint from elsewhere since: it may be behind what others were shown"
        )


def compare(
    engine: Engine, *, origin: str, verifier: Verifier, seen: bytes, now: datetime
) -> Checkpoint:
    """Let a restored log sign again if it is not behind this checkpoint from elsewhere.

    Gives the checkpoint. Raises :class:`ForkError` where the log lacks entries that it covers, or
    has others, and :class:`SignatureError` where the log's key did not sign it.
    """
    signed = checkpoint.verify(seen, verifier, origin)
    with engine.begin() as connection:
        lock(connection)
        size = log_head(connection, origin)[0]
        if size < signed.size:
            raise ForkError(
                f"the backup is too old: {signed.size} entries were shown to others, it has {size}"
            )
        if _root(connection, origin, signed.size) != signed.root:
            raise ForkError(f"the first {signed.size} entries are not those shown to others")
        _adopt(connection, signed, seen, now)
        _unmark(connection, origin)
    return signed


def accept_loss(engine: Engine, *, origin: str, verifier: Verifier, lost: bytes) -> Checkpoint:
    """Let a restored log sign again although it is behind ``lost``, the newest checkpoint known.

    Whoever saw entries beyond the backup can prove for ever that this log has two histories, and
    witnesses that cosigned them will not cosign it again: a new log under a new origin is the
    honest way. Raises :class:`SignatureError` where the log's key did
    not sign ``lost``, :class:`ForkError` where nothing newer than the backup is given up.
    """
    signed = checkpoint.verify(lost, verifier, origin)
    with engine.begin() as connection:
        lock(connection)
        if signed.size < _last_size(connection, origin):
            raise ForkError("this checkpoint is older than the backup's own: nothing newer is lost")
        _unmark(connection, origin)
    return signed


def _root(connection: Connection, origin: str, size: int) -> bytes:
    table = ledger_entry.c
    leaves = (
        select(table.leaf_hash)
        .where(table.log == origin, table.entry_index < size)
        .order_by(table.entry_index)
    )
    with connection.execute(leaves, execution_options={"yield_per": 1024}) as rows:
        return merkle.fold(merkle.compact(rows.scalars()))


def _last_size(connection: Connection, origin: str) -> int:
    table = ledger_checkpoint.c
    return connection.scalar(select(func.max(table.size)).where(table.log == origin)) or -1


def _adopt(connection: Connection, signed: Checkpoint, note: bytes, now: datetime) -> None:
    """Keep a checkpoint that the log signed after the backup, over entries that the backup has."""
    last = _last_size(connection, signed.origin)
    if signed.size > last:
        row = {
            "log": signed.origin,
            "size": signed.size,
            "prev_size": last,
            "root": signed.root,
            "note": note,
            "signed_at": format_instant(now),
        }
        connection.execute(insert(ledger_checkpoint), [row])


def _unmark(connection: Connection, origin: str) -> None:
    connection.execute(delete(ledger_restored).where(ledger_restored.c.log == origin))
