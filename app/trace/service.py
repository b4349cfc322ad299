"""The journey of a thing: where it was declared, by whom, and where nobody declared anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session

from app.accounts import service as accounts
from app.accounts.models import Party
from app.capture.rules import Mark
from app.catalogue.models import Place
from app.trace import queries, rules, schemas
from app.trace.rules import Occurrence, Span

# A journey deeper or longer than this is cut, and says so.
MAX_DEPTH = 12
MAX_EVENTS = 600


@dataclass(slots=True)
class _Walk:
    """What a walk along the keys has found so far."""

    mark: Mark | None = None
    seen: set[Span] = field(default_factory=set)
    hits: list[tuple[Occurrence, Span]] = field(default_factory=list)
    parents: dict[int, str] = field(default_factory=dict)  # by event
    truncated: bool = False


def journey(
    session: Session,
    key: str,
    *,
    lot_key: str | None,
    now: datetime,
    mark: Mark | None = None,
) -> schemas.Journey:
    """Give the journey of the thing with this canonical key.

    With ``lot_key`` the unit's lot is followed too, until the unit is declared on its own: what is
    said of "some of the lot" later may concern other units. With ``mark`` the journey also says
    where content was deleted.
    """
    walk = _Walk(mark)
    own = queries.occurrences(session, [key], MAX_EVENTS, mark)
    spans = [Span(key)]
    if lot_key is not None:
        first = min((o.at for o in own), default=rules.LATEST)
        spans.append(Span(lot_key, "lot", until=first))
    for _depth in range(MAX_DEPTH):
        spans = [span for span in dict.fromkeys(spans) if span not in walk.seen]
        if not spans or walk.truncated:
            break
        spans = _follow(session, spans, walk)
    else:
        walk.truncated = walk.truncated or bool(spans)
    return _describe(session, walk, now)


def _follow(session: Session, spans: Sequence[Span], walk: _Walk) -> list[Span]:
    """Read one level and give the spans of the next."""
    room = MAX_EVENTS - len(walk.hits)
    rows = queries.occurrences(session, {span.key for span in spans}, room, walk.mark)
    walk.truncated = len(rows) >= room
    walk.seen.update(spans)
    packed = [row.event_id for row in rows if row.role == "child"]
    parents = {event: keys[0] for event, keys in _linked(session, packed, "parent").items()}
    walk.parents |= parents
    made = [row.event_id for row in rows if row.role == "output"]
    sources = _linked(session, made, "input")
    emptied = queries.emptied(session, set(parents.values())) if parents else {}
    following: list[Span] = []
    for span in spans:
        mine = [row for row in rows if row.key == span.key]
        walk.hits += [(row, span) for row in mine if span.covers(row.at)]
        if span.through != "lot":
            following += rules.containers(mine, span, parents, emptied)
        following += rules.inputs(mine, span, sources)
    return following


def _linked(session: Session, event_ids: list[int], role: str) -> dict[int, list[str]]:
    return queries.linked(session, event_ids, role) if event_ids else {}


def _describe(session: Session, walk: _Walk, now: datetime) -> schemas.Journey:
    through: dict[int, str] = {}
    kept = rules.affordable(row for row, _span in walk.hits)
    hits = [(row, span) for row, span in walk.hits if row.event_id in kept]
    walk.truncated = walk.truncated or len(hits) < len(walk.hits)
    for row, span in hits:
        through.setdefault(row.event_id, span.through)
    rows = rules.ordered(row for row, _span in hits)
    # Events from the future are claims about something that has not happened.
    rows = [row for row in rows if row.at <= now]
    points = {_point(row) for row in rows} - {""}
    places = queries.places(session, points) if points else {}
    parties = queries.parties(session, {row.party_id for row in rows}) if rows else {}
    made = [row.event_id for row in rows if row.role == "output"]
    sources = _linked(session, made, "input")
    steps = tuple(
        replace(
            _step(row, through[row.event_id], places, parties),
            inputs=tuple(sources.get(row.event_id, ())),
            parent=walk.parents.get(row.event_id, "") if row.role == "child" else "",
        )
        for row in rows
    )
    main = [(index, row) for index, row in enumerate(rows) if through[row.event_id] != "input"]
    found = rules.gaps([(row, _gln(row)) for _index, row in main], now)
    gaps = tuple(schemas.Gap(main[g.after][0], g.code, g.since, g.until) for g in found)
    return schemas.Journey(steps, gaps, walk.truncated)


def _point(row: Occurrence) -> str:
    """Where it happened: the read point; else where the goods are afterwards."""
    return row.read_point or row.biz_location


def _gln(row: Occurrence) -> str:
    return queries.gln_of(_point(row)) or _point(row)


def _step(
    row: Occurrence, through: str, places: dict[str, Place], parties: dict[int, Party]
) -> schemas.Step:
    party = parties[row.party_id]
    return schemas.Step(
        step=row.step,
        disposition=row.disposition,
        type=row.type,
        action=row.action,
        at=row.at,
        zone=row.zone,
        party=schemas.Party(row.party_id, party.name, party.kind, accounts.stream_of(party)),
        where=_where(_point(row), places),
        entry_index=row.entry_index,
        position=row.position,
        key=row.key,
        role=row.role,
        through=through,
        read_point=row.read_point,
        biz_location=row.biz_location,
        makes=row.makes,
        quantity=row.quantity,
        unit=row.unit,
        deleted=row.deleted,
    )


def _where(key: str, places: dict[str, Place]) -> schemas.Where | None:
    if not key:
        return None
    place = places.get(key)
    if place is None:
        return schemas.Where(key)
    return schemas.Where(key, place.name, place.address, place.province)
