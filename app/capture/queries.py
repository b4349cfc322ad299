"""Reads of capture: jobs, and the facts that the rules judge events by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from app.accounts import rules as accounts_rules
from app.accounts.models import Party, PartyPrefix
from app.capture import rules
from app.capture.models import CaptureJob, Event, EventKey
from app.capture.rules import Claim, Facts, Life, Mark
from app.catalogue.models import Batch, Place, Product
from app.issuing.models import Serial
from ledger.schema import ledger_redaction

# Far below the bound parameters a statement may have: 32,766 on SQLite, 65,535 on PostgreSQL.
_AT_ONCE = 5_000


def claimable(now: datetime) -> ColumnElement[bool]:
    """Condition on jobs that wait, or whose worker's lease ran out."""
    return or_(
        col(CaptureJob.state) == "queued",
        and_(col(CaptureJob.state) == "running", col(CaptureJob.leased_until) <= now),
    )


def next_job(session: Session, now: datetime) -> CaptureJob | None:
    """Give the job to take up next and keep it from other workers until the transaction ends.

    Jobs that were tried least come first: one that kills its worker holds no other up.
    """
    query = (
        select(CaptureJob)
        .where(claimable(now))
        .order_by(col(CaptureJob.attempts), col(CaptureJob.created_at), col(CaptureJob.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.exec(query).first()


def waiting(session: Session) -> int:
    """Give the number of jobs that are not carried out yet."""
    query = rows_of(func.count()).where(col(CaptureJob.state).in_(("queued", "running")))
    return int(session.execute(query).scalar_one())


def job(session: Session, party_id: int, job_id: str) -> CaptureJob | None:
    """Give a party's own capture job."""
    query = select(CaptureJob).where(CaptureJob.id == job_id, CaptureJob.party_id == party_id)
    return session.exec(query).first()


def jobs(
    session: Session, party_id: int, before: tuple[datetime, str] | None, limit: int
) -> Sequence[CaptureJob]:
    """Give a party's jobs, newest first, from the one behind ``before`` (time, id)."""
    query = select(CaptureJob).where(CaptureJob.party_id == party_id)
    if before is not None:
        time, job_id = before
        at, identity = col(CaptureJob.created_at), col(CaptureJob.id)
        query = query.where(or_(at < time, and_(at == time, identity < job_id)))
    order = col(CaptureJob.created_at).desc(), col(CaptureJob.id).desc()
    return session.exec(query.order_by(*order).limit(limit)).all()


def facts_for(
    session: Session,
    party_id: int,
    claims: Sequence[Claim],
    now: datetime,
    mark: Mark,
) -> Facts:
    """Gather what the rules need to know about the events of one document.

    ``mark`` gives what stands in the register for an identifier whose own text was deleted.
    """
    keys = {thing.key for claim in claims for thing in claim.things}
    single = {thing.key for claim in claims for thing in claim.things if not thing.counted}
    made = {thing.key for claim in claims if claim.makes for thing in claim.owned()}
    glns = {
        gln
        for claim in claims
        for place in ("read_point", "biz_location")
        if (gln := rules.gln_of(getattr(claim.event, place, None)))
    }
    return Facts(
        party_id=party_id,
        now=now,
        owners=owners(session, keys),
        places=places(session, glns),
        known_ids=frozenset(_known_ids(session, [claim.event_id for claim in claims], mark)),
        lives=_lives(session, single, mark),
        registered=frozenset(_registered(session, party_id, made)),
    )


def _some(values: Iterable[str]) -> Iterator[list[str]]:
    listed = sorted(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]


def owners(session: Session, keys: Iterable[str]) -> dict[str, int]:
    """Give the party that holds the company prefix of each canonical key, where one here does."""
    digits = {key: found for key in keys if (found := rules.licensed_digits(key))}
    candidates = {text[:length] for text in digits.values() for length in range(4, 13)}
    held: dict[str, int] = {}
    for some in _some(candidates):
        rows = session.exec(select(PartyPrefix).where(col(PartyPrefix.prefix).in_(some)))
        held.update((row.prefix, row.party_id) for row in rows)
    prefixes = {key: accounts_rules.prefix_of(text, held) for key, text in digits.items()}
    return {key: held[prefix] for key, prefix in prefixes.items() if prefix is not None}


def places(session: Session, glns: Iterable[str]) -> dict[str, int]:
    """Give the party behind each GLN that is a party's own or a registered place."""
    found: dict[str, int] = {}
    for some in _some(glns):
        parties = select(Party.gln, Party.id).where(col(Party.gln).in_(some))
        places = select(Place.gln, Place.party_id).where(col(Place.gln).in_(some))
        found.update((str(gln), int(party)) for gln, party in session.execute(parties))
        found.update((gln, party) for gln, party in session.execute(places))
    return found


def _known_ids(session: Session, event_ids: Iterable[str], mark: Mark) -> Iterator[str]:
    names = _with_marks(session, event_ids, mark)
    for some in _some(names):
        found = session.exec(select(Event.event_id).where(col(Event.event_id).in_(some)))
        yield from (names[name] for name in found)


def _with_marks(session: Session, names: Iterable[str], mark: Mark) -> dict[str, str]:
    """Give each name under itself, and under the mark that stands for it where it was deleted."""
    listed = set(names)
    marks: dict[str, str] = {}
    if session.execute(select(ledger_redaction.c.log).limit(1)).first() is not None:
        marks = {mark(name): name for name in listed}
    return {name: name for name in listed} | marks


def _lives(session: Session, keys: Iterable[str], mark: Mark) -> dict[str, Life]:
    turning = or_(
        and_(col(Event.type) == "ObjectEvent", col(Event.action) != "OBSERVE"),
        and_(
            col(Event.type) == "ObjectEvent",
            or_(
                col(Event.biz_step).in_(rules.MAKING_STEPS | rules.ENDING_STEPS),
                col(Event.disposition).in_(rules.ENDING_DISPOSITIONS),
            ),
        ),
        col(Event.type) == "TransformationEvent",
    )
    lives: dict[str, Life] = {}
    names = _with_marks(session, keys, mark)
    for some in _some(names):
        query = (
            rows_of(
                col(EventKey.key),
                col(EventKey.role),
                col(Event.action),
                col(Event.biz_step),
                col(Event.disposition),
            )
            .join(Event, col(Event.id) == col(EventKey.event_id))
            .where(col(EventKey.key).in_(some), turning)
        )
        for name, *row in session.execute(query):
            key = names[name]
            before = lives.get(key, Life())
            made, ended = rules.turn(*row)
            lives[key] = Life(before.made or made, before.ended or ended)
    return lives


def _registered(session: Session, party_id: int, keys: Iterable[str]) -> Iterator[str]:
    """Give those keys that stand for own products, their batches and their issued serials."""
    by_gtin: dict[str, list[str]] = {}
    for key in keys:
        gtin = rules.gtin_of(key)
        if gtin is not None:
            by_gtin.setdefault(gtin, []).append(key)
    for some in _some(by_gtin):
        query = select(Product.gtin, Product.id).where(
            col(Product.gtin).in_(some), Product.party_id == party_id
        )
        for gtin, product_id in session.execute(query):
            yield from _registered_of(session, product_id, by_gtin[gtin])


def _registered_of(session: Session, product_id: int, keys: Sequence[str]) -> Iterator[str]:
    serials: dict[str, str] = {}
    lots: dict[str, str] = {}
    for key in keys:
        qualifier, value = rules.qualifier_of(key)
        if qualifier is None:
            yield key
        elif qualifier in ("21", "10"):
            (serials if qualifier == "21" else lots)[value] = key
    for some in _some(serials):
        query = select(Serial.serial).where(
            Serial.product_id == product_id, col(Serial.serial).in_(some)
        )
        yield from (serials[found] for found in session.exec(query))
    for some in _some(lots):
        found_lots = select(Batch.lot).where(
            Batch.product_id == product_id, col(Batch.lot).in_(some)
        )
        yield from (lots[found] for found in session.exec(found_lots))
