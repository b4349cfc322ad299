"""Reads of the ledger's tables that its own proofs do not need: items of many entries at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import and_, func, or_, select, tuple_
from sqlmodel import Session, col

from app.accounts.models import Party
from app.capture.models import Event, EventKey
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_item, ledger_stream

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


def signed_events(
    session: Session, origin: str
) -> Iterator[tuple[Place, bytes | None, Event | None]]:
    """Give every item of the log's event statements with its row in the register, if it has one."""
    item, stream = ledger_item.c, ledger_stream.c
    query = (
        select(item.entry_index, item.position, item.payload, Event)
        .join(
            ledger_stream,
            and_(stream.log == item.log, stream.entry_index == item.entry_index),
        )
        .join(
            Event,
            and_(
                col(Event.entry_index) == item.entry_index,
                col(Event.position) == item.position,
            ),
            isouter=True,
        )
        .where(item.log == origin, stream.kind == "events")
        .order_by(item.entry_index, item.position)
    )
    for index, position, payload, row in session.execute(query):
        yield (index, position), payload, row


def named_keys(session: Session) -> dict[int, dict[str, set[str]]]:
    """Give the keys that each event row names, by role."""
    found: dict[int, dict[str, set[str]]] = {}
    for row in session.scalars(select(EventKey)):
        found.setdefault(row.event_id, {}).setdefault(row.role, set()).add(row.key)
    return found
