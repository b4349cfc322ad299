"""Redaction: an entry says who ordered it and why, and payload and salt of items are destroyed.

The order and the destruction are one transaction. What is destroyed is gone from every answer at
once; :mod:`ledger.scrub` then overwrites what the database's files still hold of it, and
:mod:`ledger.backup` does the same to backups.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, insert, select, update

from ledger import entry as entries
from ledger import statement as statements
from ledger.append import append, entry_at, stream_head
from ledger.database import lock
from ledger.entry import Entry
from ledger.errors import MissingError, StateError
from ledger.keys import PrivateKey, PublicKey
from ledger.schema import ledger_entry, ledger_item, ledger_redaction, ledger_stream
from ledger.statement import REDACT, Batch, Redact

# What an entry of 65,535 bytes can hold, however large the numbers are.
_MOST_POSITIONS = 2_000


@dataclass(frozen=True)
class Order:
    """One entry that ordered the redaction of items; ``at`` is the log's clock, in UTC."""

    index: int
    at: datetime
    entry: int
    positions: tuple[int, ...]
    by: str
    basis: str


def redact(
    connection: Connection,
    *,
    origin: str,
    entry: int,
    positions: Collection[int],
    by: str,
    basis: str,
    key: PrivateKey,
    now: datetime,
    operator: PublicKey | None = None,
) -> list[Order]:
    """Order the redaction of items in the name of ``by`` and carry it out, in this transaction.

    ``key`` is an active key of the entry's stream, or the log's own, then given as ``operator``
    too. Gives the orders under which the items are redacted now: where all of them were before,
    nothing is written. Raises :class:`MissingError` for an entry or item that is not there.
    """
    lock(connection)
    signed = entries.parse(entry_at(connection, origin, entry)).statement
    count = signed.body.count if isinstance(signed.body, Batch) else 0
    wanted = sorted(set(positions))
    if not wanted or not 0 <= wanted[0] <= wanted[-1] < count:
        raise MissingError(f"entry {entry} has {count} items, not {wanted}")
    standing = ordered(connection, origin, entry)
    new = [position for position in wanted if position not in standing]
    for start in range(0, len(new), _MOST_POSITIONS):
        body = Redact(entry, tuple(new[start : start + _MOST_POSITIONS]), basis, by)
        seq, prev = stream_head(connection, origin, signed.stream)
        link = statements.build_log(
            body,
            stream=signed.stream,
            seq=seq,
            prev=prev,
            alg=key.alg,
            kid=key.kid,
            signed_at=now,
        )
        append(
            connection,
            origin=origin,
            statement=link,
            signature=key.sign(link),
            received_at=now,
            operator=operator,
        )
    finish(connection, origin)
    standing = ordered(connection, origin, entry)
    indexes = sorted({standing[position] for position in wanted})
    return [order_at(connection, origin, index) for index in indexes]


def ordered(connection: Connection, origin: str, entry: int) -> dict[int, int]:
    """Redacted positions of an entry, each with the index of the entry that ordered it."""
    table = ledger_redaction.c
    query = select(table.position, table.redaction_index).where(
        table.log == origin, table.entry_index == entry
    )
    return {row.position: row.redaction_index for row in connection.execute(query)}


def order_at(connection: Connection, origin: str, index: int) -> Order:
    """The order that the entry at this index gave; raises :class:`StateError` if it gave none."""
    return order_of(entries.parse(entry_at(connection, origin, index)))


def order_of(entry: Entry) -> Order:
    """The order in an entry; raises :class:`StateError` if it gave none."""
    body = entry.statement.body
    if not isinstance(body, Redact):
        raise StateError(f"entry {entry.index} orders no redaction")
    return Order(
        entry.index, entry.received_at, body.entry, tuple(body.positions), body.by, body.basis
    )


def finish(connection: Connection, origin: str) -> int:
    """Carry out every order that stands in the log and is not carried out; gives how many items.

    Doing it again changes nothing. An order counts wherever it came from: appended by
    :func:`redact`, signed elsewhere, or standing in entries whose rows were restored.
    """
    for order in _unrecorded(connection, origin):
        done = ordered(connection, origin, order.entry)
        rows = [
            {
                "log": origin,
                "entry_index": order.entry,
                "position": position,
                "redaction_index": order.index,
            }
            for position in order.positions
            if position not in done
        ]
        if rows:
            connection.execute(insert(ledger_redaction), rows)
    return destroy(connection, origin)


def destroy(connection: Connection, origin: str) -> int:
    """Destroy payload and salt of every item that ``ledger_redaction`` names."""
    item, row = ledger_item.c, ledger_redaction.c
    named = exists().where(
        and_(
            row.log == item.log,
            row.entry_index == item.entry_index,
            row.position == item.position,
        )
    )
    done = connection.execute(
        update(ledger_item)
        .where(item.log == origin, item.payload.is_not(None), named)
        .values(payload=None, salt=None)
    )
    return done.rowcount


def _unrecorded(connection: Connection, origin: str) -> Iterator[Order]:
    """Orders of which ``ledger_redaction`` says nothing yet, in order of index."""
    link, row = ledger_stream.c, ledger_redaction.c
    recorded = exists().where(and_(row.log == link.log, row.redaction_index == link.entry_index))
    bodies: Sequence[bytes] = connection.scalars(
        select(ledger_entry.c.body)
        .join_from(
            ledger_stream,
            ledger_entry,
            and_(
                ledger_entry.c.log == link.log,
                ledger_entry.c.entry_index == link.entry_index,
            ),
        )
        .where(link.log == origin, link.kind == REDACT, ~recorded)
        .order_by(link.entry_index)
    ).all()
    return (order_of(entries.parse(body)) for body in bodies)
