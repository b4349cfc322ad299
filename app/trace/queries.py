"""Reads of the event store by key: few, indexed, without recursion in SQL.

A recursive query would be one round trip, but SQLite 3.40 puts a Bloom filter over the whole link
table into it once statistics exist (a thousand times slower); the depth of a journey is small, so
one indexed read per level is as fast and stays so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.accounts.models import Party
from app.capture.models import CaptureJob, Event, EventKey
from app.capture.rules import Mark, is_mark
from app.catalogue.models import Place
from app.trace.rules import ENDING, Occurrence

GLN_STEM = "https://id.gs1.org/414/"
_CHUNK = 400  # below SQLite's 999 bound parameters


def occurrences(
    session: Session, keys: Collection[str], limit: int, mark: Mark | None = None
) -> list[Occurrence]:
    """Give the events that name one of these keys, oldest first, at most ``limit``.

    With ``mark`` also those whose content was deleted. Where there are more, what the owner said
    and what ends or frees a thing is kept before what else partners reported: nobody can push an
    end out of sight with idle events.
    """
    found: list[Occurrence] = []
    marks = {mark(key): key for key in keys} if mark is not None else {}
    for chunk in _chunks(sorted({*keys, *marks})):
        rows = session.execute(_by_key(chunk).limit(limit - len(found))).all()
        found += [_occurrence(row, marks.get(row.key)) for row in rows]
    return sorted(found, key=lambda o: (o.at, o.event_id))


def _by_key(keys: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Event.id),
            col(EventKey.key),
            col(EventKey.role),
            col(Event.type),
            col(Event.action),
            col(Event.biz_step),
            col(Event.disposition),
            col(Event.event_time),
            col(Event.time_zone),
            col(Event.record_time),
            col(Event.party_id),
            col(Event.entry_index),
            col(Event.position),
            col(Event.read_point),
            col(Event.biz_location),
            col(EventKey.quantity),
            col(EventKey.unit),
            _WEIGHT.label("weight"),
            func.coalesce(col(CaptureJob.event_count), 1).label("together"),
        )
        .join_from(EventKey, Event, col(EventKey.event_id) == col(Event.id))
        .outerjoin(CaptureJob, col(CaptureJob.id) == col(Event.job_id))
        .where(col(EventKey.key).in_(keys))
        .order_by(_WEIGHT, col(Event.event_time), col(Event.id))
    )


_WEIGHT = case(
    (col(Event.standing) == "owner", 0),
    (or_(col(Event.disposition).in_(ENDING), col(Event.biz_step).in_(ENDING)), 1),
    else_=2,
)


def _occurrence(row: Row[*tuple[Any, ...]], deleted: str | None) -> Occurrence:
    return Occurrence(
        event_id=row.id,
        key=deleted or row.key,
        deleted=deleted is not None,
        role=row.role,
        type=row.type,
        action=row.action or "",
        step=row.biz_step or "",
        disposition=row.disposition or "",
        at=row.event_time,
        zone=row.time_zone,
        recorded_at=row.record_time,
        party_id=row.party_id,
        entry_index=row.entry_index,
        position=row.position,
        read_point=row.read_point or "",
        biz_location=row.biz_location or "",
        quantity=row.quantity,
        unit=row.unit or "",
        weight=row.weight,
        together=row.together,
    )


def linked(session: Session, event_ids: Collection[int], role: str) -> dict[int, list[str]]:
    """Give, for each event, the keys that play ``role`` in it."""
    found: dict[int, list[str]] = defaultdict(list)
    for chunk in _chunks(sorted(event_ids)):
        query = (
            select(col(EventKey.event_id), col(EventKey.key))
            .where(col(EventKey.event_id).in_(chunk), col(EventKey.role) == role)
            .order_by(col(EventKey.key))
        )
        for event_id, key in session.execute(query):
            if not is_mark(key):  # nobody knows any more what it stood for
                found[event_id].append(key)
    return found


def emptied(session: Session, parents: Collection[str]) -> dict[str, list[datetime]]:
    """Give the times at which containers were unpacked whole: DELETE that lists no children."""
    child = aliased(EventKey)
    found: dict[str, list[datetime]] = defaultdict(list)
    for chunk in _chunks(sorted(parents)):
        children = exists().where(col(child.event_id) == col(Event.id), col(child.role) == "child")
        query = (
            select(col(EventKey.key), col(Event.event_time))
            .join_from(EventKey, Event, col(EventKey.event_id) == col(Event.id))
            .where(
                col(EventKey.key).in_(chunk),
                col(EventKey.role) == "parent",
                col(Event.type) == "AggregationEvent",
                col(Event.action) == "DELETE",
                ~children,
            )
        )
        for key, at in session.execute(query):
            found[key].append(at)
    return found


def places(session: Session, keys: Collection[str]) -> dict[str, Place]:
    """Give registered places by canonical key; an extension (AI 254) is looked up by its GLN."""
    glns = {key: gln_of(key) for key in keys}
    wanted = sorted({gln for gln in glns.values() if gln})
    by_gln: dict[str, Place] = {}
    for chunk in _chunks(wanted):
        rows = session.scalars(select(Place).where(col(Place.gln).in_(chunk)))
        by_gln |= {place.gln: place for place in rows}
    return {key: by_gln[gln] for key, gln in glns.items() if gln in by_gln}


def gln_of(key: str) -> str:
    """Give the GLN of a canonical location key, empty if it is none."""
    return key.removeprefix(GLN_STEM).split("/")[0] if key.startswith(GLN_STEM) else ""


def parties(session: Session, ids: Collection[int]) -> dict[int, Party]:
    """Give parties by id."""
    rows = session.scalars(select(Party).where(col(Party.id).in_(sorted(ids))))
    return {party.id: party for party in rows if party.id is not None}


def _chunks(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
