"""Use cases of capture: take a document, lease it to a worker, carry it out as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from app.capture import queries, rules
from app.capture.models import CaptureJob, Event, EventKey
from app.capture.rules import Claim, Finding
from app.capture.schemas import FINDINGS, JobOut
from app.i18n import N_
from app.problems import FieldError, Malformed, NotFound, Problem, Unavailable
from app.statements import service as statements
from app.statements.schemas import Author, Reply
from gs1 import epcis
from gs1.epcis import EpcisDocument, StepEvent, canonical_json
from gs1.epcis.event_hash import event_hash
from gs1.errors import EpcisError

KIND = "events"
MOST_EVENTS = 10_000
MOST_FAULTS = 1_000
RETRY_SECONDS = 10
LEASE = timedelta(seconds=20)
LONGEST_LEASE = timedelta(minutes=10)
_POINTERS = {
    "EPCISDocument": "/epcisBody/eventList",
    "EPCISQueryDocument": "/epcisBody/queryResults/resultsBody/eventList",
}
_STANDARD_CONTEXT = "https://ref.gs1.org/standards/epcis/"


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that a worker may carry out; ``attempt`` tells its lease from later ones."""

    job_id: str
    party_id: int
    attempt: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """A document that was read: its context and its events, each with identity and place."""

    context: Any
    claims: tuple[Claim, ...]


def read(body: bytes) -> Reading:
    """Parse an EPCIS document; raises Malformed, naming every fault by JSON Pointer.

    An event that came without identity is named by its content, the event hash ID (CBV 2.0
    section 8.9): posted again it has the same name, and is refused rather than told twice.
    """
    limits = epcis.Limits(size=max(1, len(body)), events=MOST_EVENTS)
    try:
        document = epcis.parse(body, limits=limits)
        start = _POINTERS.get(document.type)
        claims = [
            _claim(document, event, f"{start}/{i}") for i, event in enumerate(document.events)
        ]
    except EpcisError as error:
        found = error.errors if isinstance(error, epcis.EpcisErrors) else (error,)
        faults = [FieldError(e.pointer, e.code, e.message, e.clause) for e in found]
        raise Malformed(errors=faults) from None
    if start is None:
        detail = N_("Send an EPCISDocument or an EPCISQueryDocument.")
        raise Malformed(errors=[FieldError("/type", "type", detail, "EPCIS 2.0 §12")])
    if not claims:
        detail = N_("The document holds no event.")
        raise Malformed(errors=[FieldError(start, "no_events", detail)])
    return Reading(document.context, tuple(claims))


def _claim(document: EpcisDocument, event: epcis.Event, pointer: str) -> Claim:
    event_id = event.event_id or event_hash(event, document.context)
    return Claim(event, event_id, pointer, rules.things_of(event, pointer))


def submit(
    session: Session, author: Author, body: bytes, reading: Reading, backlog: int | None = None
) -> Reply:
    """Store a capture job to be carried out soon; ``reading`` is what ``body`` was read as.

    Raises Unavailable where ``backlog`` jobs wait already: what is not taken is not promised.
    Raises Malformed, naming every finding, where the register refuses the events already: it only
    grows, so that :func:`process` would refuse them too.
    """
    if backlog is not None and queries.waiting(session) >= backlog:
        raise Unavailable(
            N_("More documents wait than can be worked on soon. Send this one again later."),
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    refuse_errors(judge(session, author, reading.claims))
    job_id = statements.new_id(author)
    session.add(CaptureJob(id=job_id, party_id=author.party_id, body=body, created_at=author.now))
    return Reply(202, None, f"/capture/{job_id}")


def is_waiting(session: Session, now: datetime) -> bool:
    """Tell whether a job waits for a worker."""
    query = select(CaptureJob.id).where(queries.claimable(now)).limit(1)
    return session.exec(query).first() is not None


def lease(session: Session, now: datetime) -> Lease | None:
    """Take up the next job, if there is one.

    A job is never given up: 202 was a promise. Each attempt leases it for longer, so that one
    whose worker dies over it holds up the others less and less.
    """
    job = queries.next_job(session, now)
    if job is None:
        return None
    job.state, job.attempts = "running", job.attempts + 1
    job.leased_until = now + min(LEASE * 2 ** min(job.attempts - 1, 10), LONGEST_LEASE)
    session.add(job)
    return Lease(job.id, job.party_id, job.attempts, job.body)


def process(session: Session, author: Author, lease: Lease, reading: Reading) -> None:
    """Carry out a leased job as a whole: events, signed statement and job state, or findings.

    Does nothing where the lease was lost: another worker has the job, or has finished it.
    """
    statements.hold(session)
    job = _leased(session, lease)
    if job is None:
        return
    claims = reading.claims
    facts = _facts(session, author, claims)
    findings = rules.check(claims, facts)
    job.warnings = _dump(map(field_error, findings.warnings))
    if findings.errors:
        _fail(job, map(field_error, findings.errors), author.now)
        return
    index = statements.append(session, author, KIND, payloads(reading)).index
    _record(session, author, claims, facts, index, job.id)
    # Accepted with the commit of this transaction; finished once a checkpoint covers it.
    # The log keeps the events from here on; a second copy would only be one more to redact.
    job.state, job.leased_until, job.body = "accepted", None, b""
    job.entry_index, job.event_count = index, len(claims)


def judge(session: Session, author: Author, claims: Sequence[Claim]) -> rules.Findings:
    """Give what the rules find in these events; nothing is written."""
    return rules.check(claims, _facts(session, author, claims))


def _facts(session: Session, author: Author, claims: Sequence[Claim]) -> rules.Facts:
    mark = rules.marker(author.secret.get_secret_value())
    return queries.facts_for(session, author.party_id, claims, author.now, mark)


def record(session: Session, author: Author, claims: Sequence[Claim], index: int) -> None:
    """Register events that entry ``index`` states already; raises Malformed for broken rules."""
    facts = _facts(session, author, claims)
    findings = rules.check(claims, facts)
    refuse_errors(findings)
    _record(session, author, claims, facts, index, None)


def refuse_errors(findings: rules.Findings) -> None:
    """Raise Malformed, naming every finding that refuses the events."""
    if findings.errors:
        faults = [field_error(finding) for finding in findings.errors[:MOST_FAULTS]]
        raise Malformed(N_("The events break rules."), errors=faults)


def payloads(reading: Reading) -> list[bytes]:
    """Give the bytes of each event that are committed to and kept."""
    return [_payload(reading.context, claim) for claim in reading.claims]


def _record(
    session: Session,
    author: Author,
    claims: Sequence[Claim],
    facts: rules.Facts,
    index: int,
    job_id: str | None,
) -> None:
    rows = [_event_row(claim, facts, author, index) for claim in claims]
    for position, row in enumerate(rows):
        row.update(job_id=job_id, position=position)
    _insert(session, claims, rows)


def refuse(session: Session, lease: Lease, refusal: Problem, now: datetime) -> None:
    """End a leased job whose document is not taken any more: the rules of reading have changed."""
    job = _leased(session, lease)
    if job is not None:
        _fail(job, refusal.errors, now)


def _leased(session: Session, lease: Lease) -> CaptureJob | None:
    job = session.get(CaptureJob, lease.job_id, with_for_update=True)
    if job is None or (job.state, job.attempts) != ("running", lease.attempt):
        return None
    return job


def _fail(job: CaptureJob, faults: Iterable[FieldError], now: datetime) -> None:
    job.errors = _dump(islice(faults, MOST_FAULTS))
    job.state, job.leased_until, job.finished_at = "failed", None, now


def settle(session: Session, covered: int, now: datetime) -> None:
    """Finish the accepted jobs among the first ``covered`` entries, which a checkpoint covers."""
    session.execute(
        update(CaptureJob)
        .where(col(CaptureJob.state) == "accepted", col(CaptureJob.entry_index) < covered)
        .values(state="succeeded", finished_at=now)
    )


def has_accepted(session: Session, covered: int) -> bool:
    """Tell whether accepted jobs can be finished."""
    query = select(CaptureJob.id).where(
        CaptureJob.state == "accepted", col(CaptureJob.entry_index) < covered
    )
    return session.exec(query.limit(1)).first() is not None


def get_job(session: Session, party_id: int, job_id: str) -> JobOut:
    """Give a party's own capture job; raises NotFound."""
    job = queries.job(session, party_id, job_id)
    if job is None:
        raise NotFound(N_("There is no capture job of this name."))
    return _job(job)


def list_jobs(
    session: Session, party_id: int, before: tuple[datetime, str] | None, limit: int
) -> list[JobOut]:
    """Give a party's capture jobs, newest first, from the one behind ``before``."""
    return [_job(job) for job in queries.jobs(session, party_id, before, limit)]


def field_error(finding: Finding) -> FieldError:
    """Give a finding in the words of the interface."""
    detail, clause = FINDINGS[finding.code]
    return FieldError(finding.pointer, finding.code, detail, clause, finding.params)


def _job(job: CaptureJob) -> JobOut:
    return JobOut(
        id=job.id,
        succeeded=job.state != "failed",
        created_at=job.created_at,
        finished_at=job.finished_at,
        errors=_load(job.errors),
        warnings=_load(job.warnings),
        entry_index=job.entry_index,
    )


def _dump(faults: Iterable[FieldError]) -> str:
    rows = [[f.pointer, f.code, f.detail, f.clause, dict(f.params)] for f in faults]
    return orjson.dumps(rows).decode()


def _load(text: str) -> list[FieldError]:
    return [FieldError(*row) for row in orjson.loads(text)]


def _payload(context: Any, claim: Claim) -> bytes:
    """Give the bytes that are signed: the event as received, with its identity and context."""
    raw = claim.event.raw
    event = {**raw, "eventID": claim.event_id}
    outer = _as_list(context)
    if any(not _is_standard(part) for part in outer):
        # Prefixes declared for the document; without them an extension has no name.
        event["@context"] = [*outer, *_as_list(raw.get("@context", []))]
    return canonical_json(event)


def _as_list(context: Any) -> list[Any]:
    return context if isinstance(context, list) else [context]


def _is_standard(context: Any) -> bool:
    return isinstance(context, str) and context.startswith(_STANDARD_CONTEXT)


def _event_row(claim: Claim, facts: rules.Facts, author: Author, index: int) -> dict[str, Any]:
    event = claim.event
    step = event if isinstance(event, StepEvent) else None
    return {
        "event_id": claim.event_id,
        "party_id": author.party_id,
        "entry_index": index,
        "type": event.type,
        "action": getattr(event, "action", None),
        "biz_step": step.biz_step if step else None,
        "disposition": step.disposition if step else None,
        "event_time": event.event_time,
        "time_zone": event.event_time_zone_offset,
        "standing": rules.standing(claim, facts),
        "record_time": author.now,
        "read_point": _place(step.read_point) if step else None,
        "biz_location": _place(step.biz_location) if step else None,
    }


def _place(place: epcis.Place | None) -> str | None:
    return (place.id.key or place.id.uri) if place is not None else None


def _insert(session: Session, claims: Sequence[Claim], rows: list[dict[str, Any]]) -> None:
    ids = session.scalars(
        insert(Event).returning(col(Event.id), sort_by_parameter_order=True), rows
    ).all()
    keys = [
        {
            "event_id": event_id,
            "role": thing.role,
            "key": thing.key,
            "quantity": thing.quantity,
            "unit": thing.unit,
        }
        for event_id, claim in zip(ids, claims, strict=True)
        for thing in claim.things
    ]
    if keys:
        session.execute(insert(EventKey), keys)
