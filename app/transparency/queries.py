"""Reads of the ledger's tables that its own proofs do not need: items of many entries at once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, or_, select, tuple_
from sqlmodel import Session, col

from app.accounts.models import Party
from app.capture.models import Event, EventKey
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_item

Place = tuple[int, int]
"""Entry index and position of an item."""


def bodies(session: Session, origin: str, indexes: Collection[int]) -> dict[int, bytes]:
    """Give the bytes of entries."""
    table = ledger_entry.c
    query = select(table.entry_index, table.body).where(
        table.log == origin, table.entry_index.in_(sorted(indexes))
    )
    return {row.entry_index: bytes(row.body) for row in session.execute(query)}


def commitments(session: Session, origin: str, indexes: Collection[int]) -> dict[int, list[bytes]]:
    """Give the commitments of entries' items, in order of position."""
    table = ledger_item.c
    query = (
        select(table.entry_index, table.commitment)
        .where(table.log == origin, table.entry_index.in_(sorted(indexes)))
        .order_by(table.entry_index, table.position)
    )
    found: dict[int, list[bytes]] = {}
    for row in session.execute(query):
        found.setdefault(row.entry_index, []).append(bytes(row.commitment))
    return found


Item = tuple[bytes | None, bytes | None]
"""Payload and salt; None, None once redacted."""


def items(session: Session, origin: str, places: Collection[Place]) -> dict[Place, Item]:
    """Give payload and salt of some items."""
    table = ledger_item.c
    query = select(table.entry_index, table.position, table.payload, table.salt).where(
        table.log == origin, tuple_(table.entry_index, table.position).in_(sorted(places))
    )
    return {
        (row.entry_index, row.position): (row.payload, row.salt) for row in session.execute(query)
    }


def unit_counts(session: Session, places: Collection[Place]) -> dict[Place, int]:
    """Count the single things (serials, shipping units) that each event names."""
    key = col(EventKey.key)
    query = (
        select(col(Event.entry_index), col(Event.position), func.count(func.distinct(key)))
        .join_from(EventKey, Event, col(EventKey.event_id) == col(Event.id))
        .where(
            tuple_(col(Event.entry_index), col(Event.position)).in_(sorted(places)),
            or_(key.contains("/21/", autoescape=True), key.contains("/00/", autoescape=True)),
        )
        .group_by(col(Event.entry_index), col(Event.position))
    )
    return {(index, position): units for index, position, units in session.execute(query)}


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
