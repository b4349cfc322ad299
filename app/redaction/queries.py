"""Reads of deletions: an event and who stated it, what was ordered, what is left to overwrite."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import and_, tuple_
from sqlmodel import Session, col, select

from app.capture.models import Event
from app.redaction.models import Erasure
from ledger.schema import ledger_redaction

Place = tuple[int, int]
"""Entry index and position of an item."""


def events_at(session: Session, entry: int, positions: Collection[int]) -> Sequence[Event]:
    """Give the events at some places of an entry."""
    query = select(Event).where(Event.entry_index == entry, col(Event.position).in_(positions))
    return session.exec(query.order_by(col(Event.position))).all()


def event_named(session: Session, names: Collection[str]) -> Event | None:
    """Give the event of this identity; ``names`` are the ID and the mark that replaces it."""
    return session.exec(select(Event).where(col(Event.event_id).in_(names))).first()


def orders(session: Session, origin: str, places: Collection[Place]) -> dict[Place, int]:
    """Give the entry that ordered the deletion of each of these items, where one did."""
    table = ledger_redaction.c
    query = ledger_redaction.select().where(
        table.log == origin, tuple_(table.entry_index, table.position).in_(sorted(places))
    )
    return {(row.entry_index, row.position): row.redaction_index for row in session.execute(query)}


def unscrubbed(session: Session) -> Sequence[Erasure]:
    """Give the deletions that files or backups may still hold the content of."""
    return session.exec(select(Erasure).where(col(Erasure.scrubbed_at).is_(None))).all()


def unblanked(session: Session, origin: str) -> Sequence[Event]:
    """Give the events that the log ordered to delete and the register still tells."""
    row = ledger_redaction.c
    query = (
        select(Event)
        .join(
            ledger_redaction,
            and_(row.entry_index == col(Event.entry_index), row.position == col(Event.position)),
        )
        .outerjoin(
            Erasure,
            and_(
                col(Erasure.log) == row.log,
                col(Erasure.entry_index) == row.entry_index,
                col(Erasure.position) == row.position,
            ),
        )
        .where(row.log == origin, col(Erasure.id).is_(None))
    )
    return session.exec(query).all()


def erased_events(session: Session) -> Sequence[tuple[int, int, str | None]]:
    """Give entry, position and capture job of every event whose content was deleted."""
    query = select(Event.entry_index, Event.position, Event.job_id).join(
        Erasure,
        (col(Erasure.entry_index) == Event.entry_index) & (col(Erasure.position) == Event.position),
    )
    return session.exec(query).all()
