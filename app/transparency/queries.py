"""Reads of the ledger's tables that its own proofs do not need: items of many entries at once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session, col

from app.capture.models import Event, EventKey
from ledger.schema import ledger_checkpoint, ledger_item

Place = tuple[int, int]
"""Entry index and position of an item."""


def commitments(session: Session, origin: str, entry_index: int) -> list[bytes]:
    """Give the commitments of an entry's items, in order of position."""
    table = ledger_item.c
    query = select(table.commitment).where(table.log == origin, table.entry_index == entry_index)
    return list(session.scalars(query.order_by(table.position)))


def items(
    session: Session, origin: str, entry_index: int, positions: Collection[int]
) -> dict[int, tuple[bytes | None, bytes | None]]:
    """Give payload and salt of some items of an entry; None, None for a redacted one."""
    table = ledger_item.c
    query = select(table.position, table.payload, table.salt).where(
        table.log == origin,
        table.entry_index == entry_index,
        table.position.in_(sorted(positions)),
    )
    return {row.position: (row.payload, row.salt) for row in session.execute(query)}


def keys_of(session: Session, place: Place) -> list[str]:
    """Give the keys that the event at this place names; none if it is no event."""
    query = (
        select(col(EventKey.key))
        .join_from(EventKey, Event, col(EventKey.event_id) == col(Event.id))
        .where(col(Event.entry_index) == place[0], col(Event.position) == place[1])
    )
    return list(session.scalars(query))


def signed_at(session: Session, origin: str, size: int) -> str | None:
    """Give when the checkpoint of this size was signed, as RFC 3339 text."""
    table = ledger_checkpoint.c
    query = select(table.signed_at).where(table.log == origin, table.size == size)
    return session.scalar(query)
