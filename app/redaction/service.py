"""Use cases of deletion: order it in the log, blank the register, overwrite files and backups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, and_, delete, or_, update
from sqlmodel import Session, col, select

from app.accounts import service as accounts
from app.capture.models import CaptureJob, Event, EventKey
from app.capture.rules import MARK, Mark, is_mark, marker
from app.db import bump
from app.i18n import N_
from app.problems import FieldError, Invalid, NotFound
from app.redaction import queries, rules
from app.redaction.models import Erasure
from app.redaction.schemas import RedactionIn
from app.statements.schemas import Author, Reply
from ledger import backup, redaction, scrub
from ledger.codec import format_instant
from ledger.keys import PrivateKey
from ledger.redaction import Order

TABLES = ("event", "event_key", "capture_job")


def redact(session: Session, author: Author, data: RedactionIn, operator: PrivateKey) -> Reply:
    """Delete the content of a party's own events, in its name; repeated, says what was done.

    Raises NotFound for events that are not there or are another party's.
    """
    found = _events(session, author, data)
    if not found or any(event.party_id != author.party_id for event in found):
        raise NotFound(N_("There is no event of yours at this place."))
    by = data.by or accounts.get_party(session, author.party_id).name
    return _carry_out(session, author, found, by, data.basis, operator, _key(session, author))


def redact_as_operator(
    session: Session, author: Author, data: RedactionIn, operator: PrivateKey
) -> Reply:
    """Delete the content of anybody's events, in the name of ``by``, signed by the log itself."""
    found = _events(session, author, data)
    if not found:
        raise NotFound(N_("There is no event at this place."))
    if data.by is None:
        detail = N_("Say who ordered the deletion.")
        raise Invalid(errors=[FieldError("/by", "missing", detail)])
    return _carry_out(session, author, found, data.by, data.basis, operator, operator)


def _events(session: Session, author: Author, data: RedactionIn) -> Sequence[Event]:
    if data.event is not None:
        mark = marker(author.secret.get_secret_value())
        event = queries.event_named(session, [data.event, mark(data.event)])
        return [event] if event else []
    positions = set(data.positions or ())
    found = queries.events_at(session, data.entry or 0, positions)
    return found if len(found) == len(positions) else []


def _key(session: Session, author: Author) -> PrivateKey | None:
    """The party's managed key; None for a party that keeps its keys to itself."""
    try:
        return accounts.signing_key(session, author.party_id, author.secret)
    except NotFound:
        return None


def _carry_out(
    session: Session,
    author: Author,
    events: Sequence[Event],
    by: str,
    basis: str,
    operator: PrivateKey,
    key: PrivateKey | None,
) -> Reply:
    entry = events[0].entry_index
    orders = redaction.redact(
        session.connection(),
        origin=author.origin,
        entry=entry,
        positions=[event.position for event in events],
        by=by,
        basis=basis,
        key=key or operator,
        now=author.now,
        operator=operator.public,
    )
    follow(session, author)
    return Reply(200, _document(events, orders))


def follow(session: Session, author: Author) -> None:
    """Blank every event that the log ordered to delete and the register still tells.

    Whatever way an order came into the log, the register follows it.
    """
    mark = marker(author.secret.get_secret_value())
    for event in queries.unblanked(session, author.origin):
        _blank(session, event, mark)
        session.add(
            Erasure(
                log=author.origin,
                entry_index=event.entry_index,
                position=event.position,
                ordered_at=author.now,
            )
        )
    bump(session)


def _blank(session: Session, event: Event, mark: Mark) -> None:
    """Leave of an event's row who stated it, where it lies, and whether a thing began or ended."""
    rows = session.exec(select(EventKey).where(EventKey.event_id == event.id)).all()
    kept = [
        EventKey(event_id=row.event_id, role=row.role, key=mark(row.key))
        for row in rows
        if not is_mark(row.key)
    ]
    session.execute(delete(EventKey).where(col(EventKey.event_id) == event.id))
    session.add_all(kept)
    event.event_id = mark(event.event_id)
    if not rules.turns_life(event.type, event.biz_step, event.disposition):
        event.event_time, event.time_zone = event.record_time, "+00:00"
    event.biz_step = rules.kept_step(event.biz_step)
    event.disposition = rules.kept_disposition(event.disposition)
    event.read_point = event.biz_location = None
    session.add(event)
    if event.job_id is not None:
        # Its findings may quote the document.
        forget = update(CaptureJob).where(col(CaptureJob.id) == event.job_id)
        session.execute(forget.values(body=b"", errors="[]", warnings="[]"))


def _document(events: Sequence[Event], orders: Sequence[Order]) -> dict[str, object]:
    return {
        "entry": events[0].entry_index,
        "positions": sorted(event.position for event in events),
        "orders": [
            {
                "entry": order.index,
                "at": format_instant(order.at),
                "by": order.by,
                "basis": order.basis,
            }
            for order in orders
        ],
    }


def is_behind(session: Session, origin: str) -> bool:
    """Tell whether the register still tells what the log ordered to delete."""
    return bool(queries.unblanked(session, origin))


def is_due(session: Session) -> bool:
    """Tell whether files or backups may still hold content that was deleted."""
    return bool(queries.unscrubbed(session))


def scrub_files(engine: Engine, backups: Path, now: datetime) -> list[str]:
    """Overwrite what the database's files and the backups in a folder hold of deleted content.

    Gives what could not be reached. Done again after a crash: deletions count as finished only at
    the end. Raises ConflictError while a transaction still looks at the old content.
    """
    with Session(engine) as session:
        due = [row.id for row in queries.unscrubbed(session)]
        places = queries.erased_events(session)
    left = scrub.scrub(engine, TABLES)
    for file in backup.backups_in(backups):
        backup.redact(file, engine, lambda opened: _blank_backup(opened, places))
    with Session(engine) as session, session.begin():
        done = update(Erasure).where(col(Erasure.id).in_(due))
        session.execute(done.values(scrubbed_at=now))
    return left


def _blank_backup(opened: Connection, places: Sequence[tuple[int, int, str | None]]) -> int:
    """Do to the tables of a backup what deletion did to those of the database; gives how often.

    Keys of the events are left out: whoever restores it sees fewer stops, never deleted text. A
    document that still waited when the backup was made must not be carried out again.
    """
    changed = 0
    with Session(opened) as session:
        for entry, position, job_id in places:
            named = and_(col(Event.entry_index) == entry, col(Event.position) == position)
            fresh = col(Event.event_id).not_like(f"{MARK}%")
            ids = session.scalars(select(Event.id).where(named, fresh)).all()
            if ids:
                changed += len(ids)
                session.execute(delete(EventKey).where(col(EventKey.event_id).in_(ids)))
                blank = {
                    "event_id": f"{MARK}{entry}/{position}",
                    "event_time": Event.__table__.c.record_time,  # type: ignore[attr-defined]
                    "biz_step": None,
                    "disposition": None,
                    "read_point": None,
                    "biz_location": None,
                }
                session.execute(update(Event).where(col(Event.id).in_(ids)).values(**blank))
            if job_id is not None:
                changed += _forget_job(session, job_id)
        session.flush()
    return changed


def _forget_job(session: Session, job_id: str) -> int:
    job = CaptureJob
    told = or_(col(job.body) != b"", col(job.errors) != "[]", col(job.warnings) != "[]")
    forget = update(job).where(col(job.id) == job_id, told)
    values = {"body": b"", "errors": "[]", "warnings": "[]"}
    found = session.execute(forget.values(**values).returning(col(job.id))).all()
    waits = col(job.state).in_(("queued", "running"))
    ended = update(job).where(col(job.id) == job_id, waits).values(state="failed")
    session.execute(ended)
    return len(found)
