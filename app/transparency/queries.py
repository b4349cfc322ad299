"""Reads of the ledger's tables that its own proofs do not need: items of many entries at once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlmodel import Session, col

from app.accounts.models import Party
from app.capture.models import Event, EventKey
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_item

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


def newest_entries(session: Session, origin: str, limit: int) -> list[bytes]:
    """Give the bodies of the newest entries, newest first."""
    table = ledger_entry.c
    query = select(table.body).where(table.log == origin)
    return list(session.scalars(query.order_by(table.entry_index.desc()).limit(limit)))


def party_name(session: Session, stream: str) -> str:
    """Give the name of the party whose chain of statements this is; the stream if unknown."""
    number = stream.removeprefix("party-")
    by_id = int(number) if stream != number and number.isdigit() else -1
    query = select(col(Party.name)).where(or_(col(Party.gln) == stream, col(Party.id) == by_id))
    return session.scalar(query) or stream


def signed_at(session: Session, origin: str, size: int) -> str | None:
    """Give when the checkpoint of this size was signed, as RFC 3339 text."""
    table = ledger_checkpoint.c
    query = select(table.signed_at).where(table.log == origin, table.size == size)
    return session.scalar(query)
