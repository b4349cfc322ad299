"""From evidence to verdict: pure and closed, in the precedence of docs/verdicts.md.

The first state that holds is the verdict; every further state that holds adds its findings as
reasons, worst first. Nothing here knows the database, the clock, the web or a language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Any

from app.verify.evidence import Evidence, Notice, Record, State, UnitEvent, Value
from gs1.equivalence import Key
from gs1.errors import Gs1Error

# Copy evidence (docs/verdicts.md): both counts, over scans of one unit that name a province.
COPY_PROVINCES = 4
COPY_DEVICES = 4
COPY_WINDOW_DAYS = 30
# Faster than an airliner, door to door, plus the size of a province: declared places further
# apart than this cannot both be true.
FASTEST_KMH = 900.0
PROVINCE_KM = 150.0

# CBV 2.0 dispositions and business steps that end a unit's life on the market.
ENDED_FOR_GOOD = {"destroyed": "destroyed", "destroying": "destroyed"} | {
    "decommissioning": "decommissioned",
    "disposed": "destroyed",
}
ENDED_FOR_NOW = {
    "stolen": "stolen",
    "retail_sold": "sold",
    "inactive": "inactive",
    "revoked": "revoked",
}
# A later declaration with one of these takes the unit back: found, returned, active again.
BACK = frozenset(
    {"active", "available", "in_progress", "in_transit", "returned"}
    | {"sellable_accessible", "sellable_not_accessible", "conformant"}
)
# What may be declared of a number before the unit exists: its label is printed and encoded.
BEFORE_MADE = frozenset({"encoding", "commissioning"})

# Contradictions that a reader's fault alone can cause.
LABEL_CODES = frozenset(
    {"lot-differs", "lot-unknown", "serial-unknown", "expiry-differs", "production-differs"}
    | {"not-registered"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason by code; ``record`` is what it rests on, None where this service computes."""

    code: str
    state: State | None  # the state it speaks for; None: a note that decides nothing
    params: Mapping[str, Value] = field(default_factory=dict)
    record: Record | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state and every reason, worst first."""

    state: State
    findings: tuple[Finding, ...]


def judge(evidence: Evidence) -> Verdict:
    """Decide; total over all evidence: exactly one of the weakest four states always holds."""
    if evidence.obstacle is not None:
        obstacle = evidence.obstacle
        first = Finding(obstacle.code, obstacle.state, obstacle.params)
        return Verdict(obstacle.state, (first, *_notes(evidence)))
    found = [finding for check in _CHECKS for finding in check(evidence)]
    positive = _positive(evidence)
    states = [item.state for item in (*found, *positive) if item.state is not None]
    return Verdict(states[0], (*found, *_warnings(evidence), *positive, *_notes(evidence)))


def made(evidence: Evidence) -> UnitEvent | None:
    """Give the event that put the unit into use: the issuing party's own, where there is one."""
    makers = [event for event in evidence.events if event.makes]
    own = [event for event in makers if event.record.party_id == _owner(evidence)]
    return next(iter(own or makers), None)


def _owner(e: Evidence) -> int | None:
    return e.product.party_id if e.product else e.owner


def receivers(record: Mapping[str, Any]) -> Iterator[str]:
    """Give the GLNs that an event names as destination: place, possessing or owning party."""
    for destination in record.get("destinationList", ()):
        try:
            ai, value = Key.parse(destination["destination"]).items[0]
        except Gs1Error:
            continue
        if ai in ("414", "417"):
            yield value


def heard(e: Evidence) -> Iterator[UnitEvent]:
    """Give the events by those who may say that the unit has ended.

    These are its owner, and whoever was named as destination by one of them before. Anybody may
    report an event about a number they have seen; nobody makes themselves its holder by that.
    """
    parties = {_owner(e)}
    for event in e.events:
        if event.record.party_id in parties:
            yield event
            parties |= event.hands_to


def _recalled(e: Evidence) -> Iterator[Finding]:
    for notice in e.notices:
        scope = _scope(notice, e)
        if scope is not None:
            params = {"number": notice.number, "lot": notice.lot or ""}
            yield Finding(scope, State.RECALLED, params, notice.record)


def _scope(notice: Notice, e: Evidence) -> str | None:
    if notice.serial is not None:
        return "recalled-serial" if notice.serial == e.label.serial else None
    if notice.lot is not None:
        return "recalled-lot" if notice.lot in (e.label.lot, e.issued_lot) else None
    return "recalled-product"


def _deactivated(e: Evidence) -> Iterator[Finding]:
    trusted = set(heard(e))
    for event in _endings(e):
        if event in trusted:
            yield Finding(_ending(event), State.DEACTIVATED, {}, event.record, event.at)


def _ending(event: UnitEvent) -> str:
    ended = ENDED_FOR_GOOD | ENDED_FOR_NOW
    return ended.get(event.disposition) or ended.get(event.step, "")


def fits_label(verdict: Verdict) -> bool:
    """Tell whether nothing registered contradicts the label: then the reading can be right."""
    return not any(finding.code in LABEL_CODES for finding in verdict.findings)


def pseudonym(secret: bytes, token: str, key: str) -> str:
    """Give a device's pseudonym for one key: a keyed hash of its token and that key.

    Devices can be counted per key; what one device scanned cannot be put together.
    """
    digest = hashlib.blake2b(f"{token}\0{key}".encode(), key=secret[:64], digest_size=16)
    return digest.hexdigest()


def _for_good(event: UnitEvent) -> bool:
    return event.step in ENDED_FOR_GOOD or event.disposition in ENDED_FOR_GOOD


def _endings(e: Evidence) -> list[UnitEvent]:
    """Events that ended the unit's life and were not taken back later.

    The owner takes back what anybody said, everybody else only what they said themselves.
    """
    open_endings: list[UnitEvent] = []
    for event in e.events:
        by = event.record.party_id
        if event.own and _ending(event):
            open_endings.append(event)
        elif event.disposition in BACK:
            open_endings = [
                ending
                for ending in open_endings
                if _for_good(ending) or by not in (_owner(e), ending.record.party_id)
            ]
    return open_endings


def _copied(e: Evidence) -> Iterator[Finding]:
    if e.kind == "sgtin" and e.provinces >= COPY_PROVINCES and e.devices >= COPY_DEVICES:
        params = {"devices": e.devices, "provinces": e.provinces, "days": COPY_WINDOW_DAYS}
        yield Finding("many-places", State.SUSPECTED_COPY, params)


def _contradicted(e: Evidence) -> Iterator[Finding]:
    for code, params, record in (
        *_broken_records(e),
        *_label_against_register(e),
        *_impossible_chain(e),
    ):
        yield Finding(code, State.CONTRADICTED, params, record)


Fault = tuple[str, Mapping[str, Value], Record | None]


def records(e: Evidence) -> Iterator[Record]:
    """Give every signed record that the evidence rests on."""
    if e.product:
        yield e.product
    if e.batch:
        yield e.batch.record
    yield from (notice.record for notice in e.notices)
    yield from (event.record for event in e.events)
    yield from e.records


def _broken_records(e: Evidence) -> Iterator[Fault]:
    seen = set()
    for record in records(e):
        place = (record.entry_index, record.position)
        if record.integrity in ("proof-failed", "signature-failed") and place not in seen:
            seen.add(place)
            yield record.integrity, {}, record


def _label_against_register(e: Evidence) -> Iterator[Fault]:
    if len(e.other_products) > 0:
        yield "symbols-differ", {"codes": e.other_products}, None
    if e.product is None:
        return
    label, batch = e.label, e.batch
    if label.serial and e.has_serials and not e.issued and e.kind == "sgtin":
        yield "serial-unknown", {"label": label.serial}, e.product
    if label.lot and e.issued_lot and label.lot != e.issued_lot:
        yield "lot-differs", {"label": label.lot, "register": e.issued_lot}, e.product
    elif label.lot and batch is None and e.has_batches:
        yield "lot-unknown", {"label": label.lot}, e.product
    if batch is None:
        return
    for code, printed, declared in (
        ("expiry-differs", label.expiry, batch.expiry_date),
        ("production-differs", label.production, batch.production_date),
    ):
        if printed and declared and printed != declared:
            yield code, {"label": printed, "register": declared}, batch.record


def _impossible_chain(e: Evidence) -> Iterator[Fault]:
    maker = made(e)
    if maker and e.product and maker.record.party_id != _owner(e):
        yield "foreign-commissioning", {}, maker.record
    for event in e.events:
        if maker and event.at < maker.at and event.step not in BEFORE_MADE:
            yield "moved-before-made", {}, event.record
            break
    trusted = set(heard(e))
    for event in _endings(e):
        if event not in trusted:
            yield "ended-by-other", {}, event.record
    end = next((event for event in heard(e) if event.own and _for_good(event)), None)
    for event in e.events:
        if end and event.at > end.at and not _for_good(event):
            yield "after-end", {}, event.record
            break
    located = [event for event in e.events if event.point is not None]
    for earlier, later in pairwise(located):
        hours = (later.at - earlier.at).total_seconds() / 3600
        if _distance(earlier.point, later.point) > FASTEST_KMH * hours + PROVINCE_KM:
            places = {"first": earlier.province, "second": later.province}
            # Whose word clashes with the owner's is named, whichever came first.
            told = earlier if later.record.party_id == _owner(e) else later
            yield "impossible-journey", {**places, "hours": round(hours)}, told.record
            break


def _distance(a: tuple[float, float] | None, b: tuple[float, float] | None) -> float:
    """Great-circle distance in km (haversine, mean Earth radius 6371 km)."""
    if a is None or b is None:
        return 0.0
    (lat1, lon1), (lat2, lon2) = ((radians(x), radians(y)) for x, y in (a, b))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * asin(min(1.0, sqrt(half)))


def _expired(e: Evidence) -> Iterator[Finding]:
    if e.label.expiry and e.label.expiry < e.today:
        yield Finding("expired-label", State.EXPIRED, {"date": e.label.expiry})
    if e.batch and e.batch.expiry_date and e.batch.expiry_date < e.today:
        params = {"date": e.batch.expiry_date}
        yield Finding("expired-register", State.EXPIRED, params, e.batch.record)


def _not_activated(e: Evidence) -> Iterator[Finding]:
    if e.kind == "sgtin" and e.issued and made(e) is None:
        yield Finding("not-commissioned", State.NOT_ACTIVATED, {}, e.product)


def _unregistered(e: Evidence) -> Iterator[Finding]:
    if _known(e):
        return
    yield Finding("not-registered", State.UNREGISTERED)


def _known(e: Evidence) -> bool:
    return bool(e.events) if e.kind == "sscc" else e.product is not None


_CHECKS: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    _recalled,
    _deactivated,
    _copied,
    _contradicted,
    _expired,
    _not_activated,
    _unregistered,
)


def _positive(e: Evidence) -> tuple[Finding, ...]:
    """The strongest thing that is declared, signed and proven; the weaker ones are implied."""
    if not _known(e):
        return (Finding("well-formed", None),)
    maker = made(e)
    if e.kind == "sgtin" and e.issued and maker is not None:
        return _item(e, maker)
    if e.kind == "sscc":
        return _declared("container-declared", State.BATCH_MATCHES, e.events[0].record, {})
    return _class_level(e)


def _item(e: Evidence, maker: UnitEvent) -> tuple[Finding, ...]:
    own = e.product is not None and maker.record.party_id == e.product.party_id
    if not own or maker.record.integrity != "proven":
        codes = {"pending": "proof-pending", "deleted": "content-deleted"}
        code = codes.get(maker.record.integrity)
        return (*_class_level(e), *([Finding(code, None, {}, maker.record)] if code else []))
    confirmed = e.hidden is not None and e.hidden.outcome in ("first", "again")
    state = State.ITEM_CONFIRMED if confirmed else State.ITEM_MATCHES
    first: tuple[Finding, ...] = ()
    if confirmed and e.hidden:
        first = (Finding(f"hidden-{e.hidden.outcome}", state, {}, None, e.hidden.at),)
    signs = (Finding("no-copy-signs", None),) if not any(_copied(e)) else ()
    return (*first, *_declared("unit-active", state, maker.record, {}), *signs)


def _class_level(e: Evidence) -> tuple[Finding, ...]:
    """What the batch, else the product, supports."""
    batch = e.batch
    if batch and e.kind != "gtin" and batch.record.integrity == "proven":
        in_date = not (batch.expiry_date and batch.expiry_date < e.today)
        code = "batch-declared" if in_date else "batch-declared-expired"
        return _declared(code, State.BATCH_MATCHES, batch.record, {"lot": batch.lot})
    product = _declared("product-declared", State.PRODUCT_ONLY, e.product, {})
    return (*product, *_unchecked(e))


def _unchecked(e: Evidence) -> Iterator[Finding]:
    """Say which parts of the label nothing is declared about."""
    if e.label.lot and not e.has_batches:
        yield Finding("lots-not-declared", None, {"label": e.label.lot})
    if e.label.serial and not e.has_serials:
        yield Finding("serials-not-issued", None, {"label": e.label.serial})
    if not e.label.lot and not e.label.serial:
        yield Finding("same-on-every-pack", None)


def _declared(
    code: str, state: State, record: Record | None, params: Mapping[str, Value]
) -> tuple[Finding, ...]:
    says = Finding(code, state, params, record)
    if record is None:
        return (says,)
    match record.integrity:
        case "proven":
            ref = (Finding("signature-valid", None, {}, record),)
            return (says, *ref, Finding("in-log", None, {}, record))
        case "pending":
            return (says, Finding("proof-pending", None, {}, record))
        case "deleted":
            return (says, Finding("content-deleted", None, {}, record))
        case "proof-failed" | "signature-failed":
            return (says,)


def _warnings(e: Evidence) -> Iterator[Finding]:
    """Notes that a person should see before anything reassuring."""
    for notice in e.notices:
        if _scope(notice, e) is None and notice.serial is None and not _lot_known(e):
            scope = {"number": notice.number, "lot": notice.lot or ""}
            yield Finding("recall-other-lot", None, scope, notice.record)
    if e.hidden and e.hidden.outcome not in ("first", "again"):
        params: dict[str, Value] = {"left": e.hidden.left, "time": e.hidden.at or ""}
        yield Finding(f"hidden-{e.hidden.outcome}", None, params)
    if e.label.best_before and e.label.best_before < e.today:
        yield Finding("best-before-passed", None, {"date": e.label.best_before})


def _lot_known(e: Evidence) -> bool:
    return e.label.lot is not None or e.issued_lot is not None


def _notes(e: Evidence) -> Iterator[Finding]:
    if e.payment_beside:
        yield Finding("payment-beside", None)
    if e.cut:
        yield Finding("journey-cut", None)
    if e.weak_reading:
        yield Finding("weak-reading", None)
    if e.foreign_host:
        yield Finding("foreign-link", None, {"host": e.foreign_host})
