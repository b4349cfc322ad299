"""Reads of what a verdict depends on: register, recalls, scans; and the page cache's one number."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, func, or_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel, col, select

from app.accounts import service as accounts
from app.accounts.models import Party
from app.capture import queries as capture
from app.catalogue.models import Batch, Place, Product
from app.catalogue.schemas import PROVINCES
from app.i18n import LOCAL_ZONE
from app.issuing.models import Serial, SerialIssue
from app.recall.models import RecallNotice
from app.resolver import queries as resolver
from app.resolver.rules import KINDS, Subject
from app.trace import service as trace
from app.trace.rules import CENTROIDS
from app.trace.schemas import Journey
from app.transparency import service as transparency
from app.transparency.schemas import Checked, Claim
from app.transparency.service import LogView
from app.verify import evidence as facts
from app.verify import rules
from app.verify.models import Scan, ScanCount
from app.verify.schemas import Input
from gs1.dates import parse_date
from gs1.equivalence import Key
from gs1.errors import Gs1Error

_SCANS = SQLModel.metadata.tables["scan"]
_COUNTS = SQLModel.metadata.tables["scan_count"]


@dataclass(frozen=True, slots=True)
class Register:
    """What is registered of a trade item: product and owner, and the lot and serial asked for.

    ``batch`` is the lot on the label, ``issued_batch`` the one the serial was issued for.
    """

    product: Product
    party: Party
    batch: Batch | None
    issued: Serial | None
    issue: SerialIssue | None
    issued_batch: Batch | None
    has_batches: bool
    has_serials: bool
    notices: tuple[RecallNotice, ...]


def register(
    session: Session, gtin14: str, *, lot: str | None, serial: str | None, now: datetime
) -> Register | None:
    """Give what is registered under a GTIN; None where the product is not."""
    query = select(Product, Party).join(Party, col(Party.id) == col(Product.party_id))
    row = session.execute(query.where(Product.gtin == gtin14)).first()
    if row is None:
        return None
    product, party = row
    issued = _serial(session, product, serial) if serial else None
    return Register(
        product=product,
        party=party,
        batch=_batch(session, product, lot) if lot else None,
        issued=issued,
        issue=session.get(SerialIssue, issued.issue_id) if issued else None,
        issued_batch=session.get(Batch, issued.batch_id) if issued and issued.batch_id else None,
        has_batches=_any(session, Batch, product),
        has_serials=_any(session, Serial, product),
        notices=tuple(_in_force(session, product, now)),
    )


def _any(session: Session, rows: type[Batch] | type[Serial], product: Product) -> bool:
    query = select(rows.id).where(rows.product_id == product.id).limit(1)
    return session.exec(query).first() is not None


def _batch(session: Session, product: Product, lot: str) -> Batch | None:
    query = select(Batch).where(Batch.product_id == product.id, Batch.lot == lot)
    return session.exec(query).first()


def _serial(session: Session, product: Product, serial: str) -> Serial | None:
    query = select(Serial).where(Serial.product_id == product.id, Serial.serial == serial)
    return session.exec(query).first()


def _in_force(session: Session, product: Product, now: datetime) -> Sequence[RecallNotice]:
    query = select(RecallNotice).where(RecallNotice.product_id == product.id, *_is_in_force(now))
    return session.exec(query.order_by(col(RecallNotice.issued_at).desc())).all()


def _is_in_force(now: datetime) -> tuple[ColumnElement[bool], ...]:
    lifted = col(RecallNotice.lifted_at)
    return col(RecallNotice.issued_at) <= now, or_(lifted.is_(None), lifted > now)


@dataclass(frozen=True, slots=True)
class Case:
    """The evidence about one code, and the rows behind it that a page shows."""

    evidence: facts.Evidence
    register: Register | None
    journey: Journey
    checked: Mapping[tuple[int, int], Checked]


def gather(view: LogView, subject: Subject, now: datetime) -> Case:
    """Collect and check what is known of a product, lot, unit or shipping unit.

    Every record that counts is checked against the log here, in the same transaction.
    """
    session, key = view.session, subject.key
    if key is None:
        raise ValueError("there is nothing to look up without a key")
    label = _label(subject, now)
    kind = KINDS[key.kind]
    single = kind in ("sgtin", "sscc")
    found = _found(session, key, label, now)
    journey = _journey(view, key, found, now)
    checked = transparency.check(view, _claims(found, journey))
    records = {name: _record(*name, checked[name]) for name in checked}
    since = now - timedelta(days=rules.COPY_WINDOW_DAYS)
    devices, provinces = copy_evidence(session, key.canonical, since)
    owner = capture.owners(session, [key.canonical]).get(key.canonical)
    evidence = facts.Evidence(
        owner=owner,
        today=now.astimezone(LOCAL_ZONE).date(),
        kind=kind,
        label=label,
        events=tuple(_unit_events(session, journey, checked, records) if single else ()),
        devices=devices,
        provinces=provinces,
        foreign_host=subject.host,
        cut=journey.truncated,
    )
    if found is not None:
        evidence = _with_register(evidence, found, records)
    used = {id(record) for record in rules.records(evidence)}
    others = tuple(record for record in records.values() if id(record) not in used)
    return Case(replace(evidence, records=others), found, journey, checked)


def _label(subject: Subject, now: datetime) -> facts.Label:
    """What the code itself says; of a date the day that counts in Viet Nam."""
    elements = subject.elements
    if elements is None:
        items = dict(subject.key.items) if subject.key else {}
        return facts.Label(lot=items.get("10"), serial=items.get("21"))
    today = now.astimezone(LOCAL_ZONE).date()

    def day(*ais: str) -> date | None:
        values = (elements.get(ai) for ai in ais)
        return next((parse_date(value, today) for value in values if value), None)

    return facts.Label(
        lot=elements.get("10"),
        serial=elements.get("21"),
        expiry=day("17", "7003"),
        best_before=day("15"),
        production=day("11"),
    )


def _found(session: Session, key: Key, label: facts.Label, now: datetime) -> Register | None:
    ai, value = key.items[0]
    if ai != "01":
        return None
    return register(session, value, lot=label.lot, serial=label.serial, now=now)


def _journey(view: LogView, key: Key, found: Register | None, now: datetime) -> Journey:
    if key.kind in ("gtin", "cpv"):
        # What happened to some packs of a product says nothing about this one.
        return Journey((), ())
    lot_key = None
    if key.kind == "sgtin" and found and found.issued_batch:
        lot_key = Key.from_items([key.items[0], ("10", found.issued_batch.lot)]).canonical
    return trace.journey(view.session, key.canonical, lot_key=lot_key, now=now, mark=view.mark)


Name = tuple[int, int]


def _claims(found: Register | None, journey: Journey) -> Iterator[Claim]:
    """Name the signed record behind every row that counts, with what the row says."""
    if found is not None:
        yield from _register_claims(found)
    for step in journey.steps:
        if step.deleted:
            yield Claim(step.entry_index, step.position, {}, step.party.stream, deleted=True)
            continue
        facts = {
            "type": step.type,
            "action": step.action,
            "bizStep": step.step,
            "disposition": step.disposition,
            "eventTime": step.at,
            "readPoint": step.read_point,
            "bizLocation": step.biz_location,
        }
        named = {step.role: [step.key], "input": step.inputs}
        if step.parent:
            named["parent"] = [step.parent]
        yield Claim(step.entry_index, step.position, facts, step.party.stream, named)


def _register_claims(found: Register) -> Iterator[Claim]:
    product, stream = found.product, accounts.stream_of(found.party)
    gtin = {"gtin": product.gtin}

    def claim(row: Product | Batch | RecallNotice | SerialIssue, **facts: object) -> Claim:
        return Claim(row.entry_index, row.position, gtin | facts, stream)

    yield claim(product, **product.model_dump(include=_PRODUCT_FACTS))
    for batch in {id(b): b for b in (found.batch, found.issued_batch) if b}.values():
        yield claim(batch, **batch.model_dump(include={"lot", "production_date", "expiry_date"}))
    for notice in found.notices:
        yield claim(notice, **notice.model_dump(include={"number", "lot", "serial", "reason"}))
    if found.issue is not None:
        # The serial's own row says its lot, the signed issue says the lot of all its serials.
        lot = found.issued_batch.lot if found.issued_batch else None
        yield claim(found.issue, lot=lot, count=found.issue.count)


_PRODUCT_FACTS = {
    "gtin",
    "name",
    "name_en",
    "brand",
    "description",
    "net_content",
    "origin",
    "ingredients",
    "storage",
    "warnings",
    "standards",
    "shelf_life_days",
}


def _record(entry_index: int, position: int, checked: Checked) -> facts.Record:
    return facts.Record(0, checked.received_at, entry_index, position, checked.integrity)


def _with_register(
    evidence: facts.Evidence, found: Register, records: dict[Name, facts.Record]
) -> facts.Evidence:
    """Add what is registered; a record takes the party from its row."""

    def record(row: Product | Batch | RecallNotice, party_id: int) -> facts.Record:
        name = (row.entry_index, row.position)
        records[name] = replace(records[name], party_id=party_id)
        return records[name]

    owner = found.product.party_id
    row = found.issued_batch or found.batch
    batch = None
    if row is not None:
        batch = facts.Batch(record(row, owner), row.lot, row.production_date, row.expiry_date)
    return replace(
        evidence,
        product=record(found.product, owner),
        batch=batch,
        has_batches=found.has_batches,
        issued=found.issued is not None,
        issued_lot=found.issued_batch.lot if found.issued_batch else None,
        has_serials=found.has_serials,
        notices=tuple(
            facts.Notice(record(row, row.party_id), row.number, row.lot, row.serial)
            for row in found.notices
        ),
    )


def _unit_events(
    session: Session,
    journey: Journey,
    checked: Mapping[Name, Checked],
    records: dict[Name, facts.Record],
) -> Iterator[facts.UnitEvent]:
    steps = [step for step in journey.steps if step.through in ("self", "container")]
    receivers = {
        (step.entry_index, step.position): set(
            rules.receivers(checked[step.entry_index, step.position].payload or {})
        )
        for step in steps
    }
    parties = capture.places(session, set().union(*receivers.values()))
    for step in steps:
        name = (step.entry_index, step.position)
        records[name] = replace(records[name], party_id=step.party.id)
        province = step.where.province if step.where else ""
        yield facts.UnitEvent(
            record=records[name],
            at=step.at,
            step=step.step,
            disposition=step.disposition,
            makes=step.makes and step.through == "self",
            hands_to=frozenset(parties[gln] for gln in receivers[name] if gln in parties),
            own=step.through == "self",
            province=PROVINCES.get(province, ""),
            point=CENTROIDS.get(province),
        )


def newest_recalls(session: Session, now: datetime, limit: int) -> list[dict[str, object]]:
    """Give the newest notices in force, each with its product and the page about it."""
    query = (
        select(RecallNotice, Product.gtin, Product.name)
        .join(Product, col(Product.id) == col(RecallNotice.product_id))
        .where(*_is_in_force(now))
        .order_by(col(RecallNotice.issued_at).desc())
        .limit(limit)
    )
    return [
        {
            **notice.model_dump(include={"number", "reason", "reason_en", "issued_at"}),
            "lot": notice.lot or "",
            "product": name,
            "href": _page_of(gtin, notice.lot),
        }
        for notice, gtin, name in session.execute(query)
    ]


def _page_of(gtin: str, lot: str | None) -> str:
    return Key.from_items([("01", gtin), *([("10", lot)] if lot else [])]).to_digital_link("")


def inputs(session: Session, keys: Collection[str]) -> dict[str, Input]:
    """Name the goods under some canonical keys; a key that is no trade item's is left out."""
    items = {key: found for key in keys if "01" in (found := items_of(key))}
    names = resolver.product_names(session, (found["01"] for found in items.values()))
    return {
        key: Input(found["01"], *names.get(found["01"], ("", "")), lot=found.get("10", ""))
        for key, found in items.items()
    }


def items_of(key: str) -> dict[str, str]:
    """Give the AIs of a canonical key, none for what is no GS1 key."""
    try:
        return dict(Key.parse(key).items)
    except Gs1Error:
        return {}


def place(session: Session, gln: str) -> tuple[Place, Party] | None:
    """Give a registered place and its party."""
    query = select(Place, Party).join(Party, col(Party.id) == col(Place.party_id))
    row = session.execute(query.where(Place.gln == gln)).first()
    return None if row is None else (row[0], row[1])


def copy_evidence(session: Session, key: str, since: datetime) -> tuple[int, int]:
    """Count devices and provinces among the scans of a key that name a province."""
    query = select(
        func.count(func.distinct(col(Scan.device))), func.count(func.distinct(col(Scan.province)))
    ).where(Scan.key == key, col(Scan.scanned_at) >= since, Scan.province != "")
    devices, provinces = session.execute(query).one()
    return int(devices), int(provinces)


def scan_count(session: Session, key: str) -> int:
    """Give how often a key was scanned, as far as the scans are written."""
    return session.scalar(select(ScanCount.number).where(ScanCount.key == key)) or 0


def insert_scans(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write scans and their counts; the caller's transaction keeps both or none."""
    session.execute(_SCANS.insert(), [dict(row) for row in rows])
    counts: dict[str, int] = {}
    for row in rows:
        counts[str(row["key"])] = counts.get(str(row["key"]), 0) + 1
    # One order for all writers, so that two of them cannot wait for each other.
    values = [{"key": key, "number": number} for key, number in sorted(counts.items())]
    dialect = session.get_bind().dialect.name
    upsert = (postgresql_insert if dialect == "postgresql" else sqlite_insert)(_COUNTS)
    session.execute(
        upsert.on_conflict_do_update(
            index_elements=["key"],
            set_={"number": _COUNTS.c.number + upsert.excluded.number},
        ),
        values,
    )


def delete_scans(session: Session, before: datetime, limit: int) -> int:
    """Delete scans older than ``before``, at most ``limit`` of them, and say how many."""
    old = select(Scan.id).where(col(Scan.scanned_at) < before).limit(limit)
    deleted = session.execute(_SCANS.delete().where(_SCANS.c.id.in_(old)).returning(_SCANS.c.id))
    return len(deleted.all())


def version(engine: Engine) -> int | None:
    """Give the change counter, None while the database does not answer.

    One prepared read without a session: each page view pays it.
    """
    try:
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("SELECT number FROM change_counter")
            row = cursor.fetchone()
            cursor.close()
        finally:
            raw.close()
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error):
        return None
    return int(row[0]) if row else 0
