"""From a code to the report: look up, check, judge, and say who says what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from pydantic import SecretStr
from sqlmodel import Session

from app.catalogue.schemas import PROVINCES
from app.i18n import LOCAL_ZONE
from app.issuing import service as issuing
from app.issuing.schemas import Device
from app.resolver import queries as resolver_queries
from app.resolver import rules as codes
from app.resolver.rules import Subject
from app.resolver.schemas import Asked
from app.trace.schemas import GAPS, Step, step_text
from app.transparency import service as transparency
from app.transparency.service import LogView
from app.verify import photo, queries, rules, schemas, wording
from app.verify.evidence import Evidence, Hidden, Obstacle, Record, State
from app.verify.queries import Case
from app.verify.rules import Finding, Verdict
from app.verify.schemas import Candidate, ProofRef, ScanReport, Speaker, Stop
from app.verify.speakers import NGUON, Speakers
from gs1 import prefix
from gs1.equivalence import Key
from gs1.faults import Candidate as Repair
from scanner.reading import Symbol

MOST_REPAIRS = 5
_NOTES: Mapping[str, wording.Family] = {
    "signature-valid": "green",
    "in-log": "green",
    "no-copy-signs": "green",
    "recall-other-lot": "orange",
    "hidden-used": "orange",
    "hidden-wrong": "orange",
    "hidden-locked": "orange",
    "best-before-passed": "orange",
    "payment-beside": "orange",
}


@dataclass(frozen=True, slots=True)
class Scanned:
    """The circumstances of a scan: when, how many scans of a key came before, the hidden code."""

    now: datetime
    number: int | None = None
    hidden: Hidden | None = None
    receipt: str | None = None


def report(view: LogView, asked: Asked, scanned: Scanned) -> ScanReport:
    """Give the report about a code; counts nothing and changes nothing."""
    subject = asked.subject
    obstacle = _obstacle(asked)
    if obstacle is not None:
        return _without_key(view, asked, scanned, obstacle, subject.candidates)
    case = _case(view, asked, scanned)
    verdict = rules.judge(case.evidence)
    if not rules.fits_label(verdict):
        repair = _fitting_repair(view, subject, scanned)
        if repair is not None:
            fault = Obstacle(State.MALFORMED, "reader-fault")
            return _without_key(view, asked, scanned, fault, (repair,))
    return _with_key(view, asked, scanned, case, verdict)


def _obstacle(asked: Asked) -> Obstacle | None:
    subject = asked.subject
    if asked.unread:
        return Obstacle(State.UNREADABLE, asked.unread)
    if subject.kind == "malformed":
        fault = subject.fault
        if "expected" in subject.params:
            fault = "last-digit-read" if asked.symbol else "last-digit-typed"
        return Obstacle(State.MALFORMED, fault, subject.params)
    if subject.fault or subject.key is None:
        code = subject.fault or "other-text"
        return Obstacle(State.NOT_A_PRODUCT_CODE, code, subject.params)
    return None


def _case(view: LogView, asked: Asked, scanned: Scanned) -> Case:
    case = queries.gather(view, asked.subject, scanned.now)
    evidence = replace(
        case.evidence,
        hidden=scanned.hidden,
        other_products=asked.other_products,
        payment_beside=asked.payment_beside,
        weak_reading=asked.symbol is not None and asked.symbol.tier != "confirmed",
    )
    return replace(case, evidence=evidence)


def _fitting_repair(view: LogView, subject: Subject, scanned: Scanned) -> Repair | None:
    """Find the one repair of a reader's fault under which code and register agree.

    A lost separator turns a right label into a wrong lot: that must not look like a forged pack.
    """
    fitting = []
    for candidate in subject.candidates[:MOST_REPAIRS]:
        other = codes.read_code(candidate.text)
        if other.key is not None and not other.fault:
            verdict = rules.judge(queries.gather(view, other, scanned.now).evidence)
            if rules.fits_label(verdict):
                fitting.append(candidate)
    return fitting[0] if len(fitting) == 1 else None


def use_hidden(
    session: Session, asked: Asked, first: ScanReport, scanned: Scanned, device: Device
) -> Scanned:
    """Try the hidden code that came along; the report is to be made again with what this gives.

    A code is used up only where nothing else speaks against the unit: what is wasted on a
    recalled or expired pack could not be shown again.
    """
    if first.state != State.ITEM_MATCHES or asked.subject.key is None:
        return replace(scanned, hidden=Hidden("not-tried"))
    items = dict(asked.subject.key.items)
    use = issuing.use_hidden_code(session, device, items["01"], items["21"], asked.hidden)
    hidden = Hidden(use.outcome, use.at, use.left)
    return replace(scanned, hidden=hidden, receipt=use.receipt)


def device_for(token: str, key: str, secret: SecretStr) -> str:
    """Give the pseudonym of a device for one key: two keys' scans cannot be joined by it."""
    return rules.pseudonym(secret.get_secret_value().encode(), token, key)


def _without_key(
    view: LogView,
    asked: Asked,
    scanned: Scanned,
    obstacle: Obstacle,
    candidates: tuple[Repair, ...],
) -> ScanReport:
    evidence = Evidence(
        today=_today(scanned.now), obstacle=obstacle, payment_beside=asked.payment_beside
    )
    verdict = rules.judge(evidence)
    words = wording.STATES[verdict.state]
    base = ScanReport(
        state=verdict.state,
        colour=words.colour,
        title=words.title,
        action=words.action,
        scanned_at=scanned.now,
        reasons=(
            *(_reason(finding, NGUON, set()) for finding in verdict.findings),
            *_place(view.session, asked.subject),
        ),
        key=asked.subject.key.canonical if asked.subject.key else None,
        kind=asked.subject.kind,
        display=codes.display(asked.subject),
        not_said=wording.NOT_SAID["other"],
        repairs=tuple(_repairs(view.session, asked.subject, candidates)),
        issuer=_issuer(asked.subject.key),
    )
    return _with_photo(base, asked)


def _place(session: Session, subject: Subject) -> Iterator[schemas.Reason]:
    """Say what is declared of the place that a GLN names."""
    found = None
    if subject.key is not None and subject.kind in codes.PLACES:
        found = queries.place(session, subject.key.items[0][1])
    if found is not None:
        place, party = found
        province = PROVINCES.get(place.province, "")
        where = ", ".join(part for part in (place.name, place.address, province) if part)
        yield schemas.Reason(
            code="place-declared",
            family="blue",
            text=wording.REASONS["place-declared"],
            speaker=Speaker("partner", party.name),
            params={"place": where},
            at=place.created_at,
            proof=ProofRef(place.entry_index, place.position),
        )


def _with_key(
    view: LogView, asked: Asked, scanned: Scanned, case: Case, verdict: Verdict
) -> ScanReport:
    words = wording.STATES[verdict.state]
    key, found, evidence = asked.subject.key, case.register, case.evidence
    shown = _shown(view.session, case)
    speakers = Speakers(case)
    issued = found.issued if found else None
    base = ScanReport(
        state=verdict.state,
        colour=words.colour,
        title=words.title,
        action=words.action,
        scanned_at=scanned.now,
        params=_params(verdict, scanned),
        reasons=tuple(_reason(finding, speakers(finding), shown) for finding in verdict.findings),
        key=key.canonical if key else None,
        kind=evidence.kind,
        display=codes.display(asked.subject),
        facts=_facts(case, shown) if found else None,
        journey=tuple(_stops(view.session, case, scanned, shown)),
        recall=_recall(case, verdict, shown),
        proof=_proof(view, case, verdict, shown),
        not_said=wording.NOT_SAID[evidence.kind],
        sources=_sources(verdict),
        scan_number=scanned.number,
        hidden_code_possible=issued is not None and issued.hidden_hash is not None,
        receipt=scanned.receipt if verdict.state == State.ITEM_CONFIRMED else None,
        issuer=_issuer(key),
    )
    return _with_photo(base, asked)


def _today(now: datetime) -> date:
    return now.astimezone(LOCAL_ZONE).date()


def _params(verdict: Verdict, scanned: Scanned) -> dict[str, schemas.Value]:
    """Parameters of the state's own sentence, from the finding that decided it."""
    first = next(f for f in verdict.findings if f.state == verdict.state)
    params = dict(first.params)
    if scanned.number is not None:
        params["n"] = scanned.number
    if scanned.receipt:
        params["receipt"] = scanned.receipt
    if verdict.state == State.UNREGISTERED:
        params["sources"] = (wording.OWN_REGISTER,)
    return params


def _sources(verdict: Verdict) -> tuple[schemas.Source, ...]:
    absent = verdict.state == State.UNREGISTERED
    return (schemas.Source(wording.OWN_REGISTER, "absent" if absent else "found"),)


def _reason(finding: Finding, speaker: Speaker, shown: set[tuple[int, int]]) -> schemas.Reason:
    record = finding.record
    family = _NOTES.get(finding.code, "grey")
    if finding.state is not None:
        family = wording.STATES[finding.state].colour
    return schemas.Reason(
        code=finding.code,
        family=family,
        text=wording.REASONS[finding.code],
        speaker=speaker,
        params=finding.params,
        at=finding.at or (record.at if record else None),
        proof=_ref(record, shown),
    )


def _ref(record: Record | None, shown: set[tuple[int, int]]) -> ProofRef | None:
    if record is None or (record.entry_index, record.position) not in shown:
        return None
    return ProofRef(record.entry_index, record.position)


def _shown(session: Session, case: Case) -> set[tuple[int, int]]:
    """Records whose proof a stranger may take: proven, and naming no other unit."""
    proven = {
        place
        for place, checked in case.checked.items()
        if (checked.integrity == "proven" and checked.payload is not None) or checked.deletion
    }
    return transparency.public_places(session, proven)


def _facts(case: Case, shown: set[tuple[int, int]]) -> schemas.Facts | None:
    found, label, today = case.register, case.evidence.label, case.evidence.today
    if found is None:
        return None
    product, party = found.product, found.party
    batch = found.issued_batch or found.batch
    expiry = batch.expiry_date if batch and batch.expiry_date else label.expiry
    own = (product.entry_index, product.position)
    return schemas.Facts(
        gtin=product.gtin,
        name=product.name,
        name_en=product.name_en,
        brand=product.brand,
        description=product.description,
        net_content=product.net_content,
        producer=party.name,
        producer_address=party.address,
        producer_province=party.province,
        producer_gln=party.gln or "",
        producer_phone=party.phone,
        origin=product.origin,
        ingredients=product.ingredients,
        storage=product.storage,
        warnings=product.warnings,
        standards=product.standards,
        shelf_life_days=product.shelf_life_days,
        lot=batch.lot if batch else label.lot or "",
        serial=label.serial or "",
        production_date=batch.production_date if batch else label.production,
        expiry_date=expiry,
        days_left=(expiry - today).days if expiry else None,
        proof=ProofRef(*own) if own in shown else None,
    )


def _stops(
    session: Session, case: Case, scanned: Scanned, shown: set[tuple[int, int]]
) -> Iterator[Stop]:
    journey, speakers = case.journey, Speakers(case)
    gaps = {gap.after: gap for gap in journey.gaps}
    inputs = queries.inputs(session, [key for step in journey.steps for key in step.inputs])
    for index, step in enumerate(journey.steps):
        made_from = tuple(dict.fromkeys(inputs[key] for key in step.inputs if key in inputs))
        stop = replace(_stop(step, speakers.of(step.party.id), shown), inputs=made_from)
        if step.deleted:
            deletion = case.checked[step.entry_index, step.position].deletion
            stop = replace(stop, step="deleted", text=wording.DELETED_STOP, deletion=deletion)
        yield stop
        if index in gaps:
            gap = gaps[index]
            text = GAPS[gap.code]
            yield Stop(gap.code, text, gap.since, NGUON, until=gap.until, gap=True)
    if journey.steps:
        yield Stop("scan", wording.SCAN_STOP, scanned.now, NGUON, scan=True)


def _stop(step: Step, speaker: Speaker, shown: set[tuple[int, int]]) -> Stop:
    where, place = step.where, (step.entry_index, step.position)
    return Stop(
        step=step.step,
        text=step_text(step.step, step.type),
        at=step.at,
        zone=step.zone,
        speaker=speaker,
        place=where.name if where else "",
        address=where.address if where else "",
        province=where.province if where else "",
        proof=ProofRef(*place) if place in shown else None,
        quantity=step.quantity,
        unit=step.unit,
        through=step.through,
        container=queries.items_of(step.key).get("00", "") if step.through == "container" else "",
    )


def _recall(case: Case, verdict: Verdict, shown: set[tuple[int, int]]) -> schemas.Recall | None:
    """Give the notice that decides, else one that may concern the pack."""
    numbers = [f.params["number"] for f in verdict.findings if f.code.startswith("recall")]
    found = case.register
    notice = next((n for n in found.notices if n.number in numbers[:1]), None) if found else None
    if notice is None or found is None or verdict.state != State.RECALLED:
        return None
    place = (notice.entry_index, notice.position)
    return schemas.Recall(
        number=notice.number,
        reason=notice.reason,
        reason_en=notice.reason_en,
        instructions=notice.instructions,
        hazard_group=notice.hazard_group,
        party=found.party.name,
        phone=found.party.phone,
        issued_at=notice.issued_at,
        lot=notice.lot or "",
        serial=notice.serial or "",
        whole_product=notice.lot is None and notice.serial is None,
        proof=ProofRef(*place) if place in shown else None,
    )


def _proof(
    view: LogView, case: Case, verdict: Verdict, shown: set[tuple[int, int]]
) -> schemas.Proof | None:
    """Offer the proof of the record that decides; else of the unit's making, lot or product.

    An event that names other units is passed over: its bundle would give their numbers away.
    """
    e = case.evidence
    maker = rules.made(e)
    wanted: list[Record | None] = [f.record for f in verdict.findings if f.state == verdict.state]
    wanted += [maker.record if maker else None, e.batch.record if e.batch else None, e.product]
    wanted += [event.record for event in e.events]
    ref = next((ref for record in wanted if (ref := _ref(record, shown))), None)
    if ref is None:
        return None
    # Something is proven, so that there is a checkpoint, and it holds.
    received, head = (
        case.checked[ref.entry_index, ref.position].received_at,
        transparency.head(view),
    )
    if head is None or received is None:
        return None
    url = f"/proof/{ref.entry_index}/{ref.position}"
    return schemas.Proof(
        entry_index=ref.entry_index,
        position=ref.position,
        tree_size=head.size,
        root=head.root,
        received_at=received,
        checkpoint_at=head.at,
        bundle_url=f"{url}.json",
        steps_url=url,
    )


def _issuer(key: Key | None) -> schemas.Issuer | None:
    """Say which organisation issued the prefix; never where goods were made."""
    if key is None or not key.items or key.items[0][0] not in ("00", "01", "414"):
        return None
    ai, value = key.items[0]
    digits = value if ai == "414" else value[1:]
    found = prefix.issuer(digits)
    return schemas.Issuer(digits[:3], found.name_vi, found.name_en) if found else None


def _repairs(
    session: Session, wrong: Subject, candidates: tuple[Repair, ...]
) -> Iterator[Candidate]:
    """Offer repairs of a fault: registered products first, then the check digit; none is chosen."""
    read = [(codes.read_code(repair.text), repair) for repair in candidates]
    known = resolver_queries.registered(session, (codes.gtin_of(s) for s, _ in read))
    offers = [(subject, repair, codes.why_offered(wrong, repair)) for subject, repair in read]
    offers.sort(key=lambda offer: (codes.gtin_of(offer[0]) not in known, offer[2] != "last_digit"))
    for subject, repair, why in offers[:MOST_REPAIRS]:
        yield Candidate(repair.text, codes.display(subject), wording.OFFERS[why])


def _with_photo(base: ScanReport, asked: Asked) -> ScanReport:
    others = tuple(photo.offer(subject, "beside") for subject in asked.others)
    return replace(
        base, picture=photo.picture(asked), other_codes=others, symbols=photo.symbols(asked)
    )


def shelf(view: LogView, asked: Asked, now: datetime) -> tuple[schemas.ShelfItem, ...]:
    """Give a line on each product of a photo of several packs; nothing is counted."""
    return tuple(
        _shelf_item(number, view, subject, symbol, now)
        for number, (subject, symbol) in enumerate(asked.shelf, 1)
    )


def nameless(asked: Asked) -> int:
    """Count the codes of a photo that name no product: a shelf leaves them out, but tells so."""
    texts = (
        {(s.text, s.symbology_identifier) for s in asked.reading.symbols} if asked.reading else ()
    )
    return sum(not codes.gtin_of(codes.read_code(*text)) for text in texts)


def _shelf_item(
    number: int, view: LogView, subject: Subject, symbol: Symbol, now: datetime
) -> schemas.ShelfItem:
    found, shown = report(view, Asked(subject, symbol=symbol), Scanned(now)), codes.display(subject)
    return schemas.ShelfItem(
        number=number,
        code=photo.code(subject),
        display=codes.as_printed(shown, symbol.symbology) or shown,
        name=found.facts.name if found.facts else "",
        state=found.state,
        colour=found.colour,
        title=found.title,
        polygon=symbol.polygon,
        params=found.params,
        sure=symbol.tier == "confirmed",
    )
