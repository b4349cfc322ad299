"""Verdicts are total, and follow the published precedence whatever comes together."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.verify import rules, wording
from app.verify.evidence import (
    Batch,
    Evidence,
    Hidden,
    Label,
    Notice,
    Obstacle,
    Record,
    State,
    UnitEvent,
)
from tests import outside

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
PUBLISHED = json.loads(
    (outside.path("README.md").parents[1] / "domain" / "verdicts.json").read_text("utf-8")
)
ORDER = [state["id"] for state in PUBLISHED["states"]]


def record(place: int = 1, integrity: str = "proven") -> Record:
    return Record(1, NOW, place, 0, integrity)  # type: ignore[arg-type]


MADE = UnitEvent(record(9), NOW - timedelta(days=30), "commissioning", "active", makes=True)
GOOD = Evidence(
    today=TODAY,
    kind="sgtin",
    label=Label(serial="S1"),
    product=record(1),
    batch=Batch(record(2), "L1", None, date(2027, 1, 1)),
    has_batches=True,
    issued=True,
    issued_lot="L1",
    has_serials=True,
    events=(MADE,),
)


def _ended(e: Evidence) -> Evidence:
    end = UnitEvent(record(11), NOW - timedelta(days=1), "destroying", "destroyed")
    return replace(e, events=(*e.events, end))


# One way to make each state hold, whatever else holds.
DEFECTS = {
    "RECALLED": lambda e: replace(e, notices=(Notice(record(5), "TH-1"),)),
    "DEACTIVATED": _ended,
    "SUSPECTED_COPY": lambda e: replace(e, devices=9, provinces=9),
    "CONTRADICTED": lambda e: replace(e, label=replace(e.label, lot="L2")),
    "EXPIRED": lambda e: replace(
        e,
        batch=Batch(record(2), "L1", None, TODAY - timedelta(days=3)),
        label=replace(e.label, expiry=TODAY - timedelta(days=3)),
    ),
    "NOT_ACTIVATED": lambda e: replace(
        e, events=tuple(event for event in e.events if not event.makes)
    ),
}


def test_the_states_stand_in_the_published_order() -> None:
    assert [state.value for state in State] == ORDER


@given(st.sets(st.sampled_from(sorted(DEFECTS))), st.booleans())
def test_the_worst_defect_is_the_verdict_and_each_other_one_a_reason(
    defects: set[str], confirmed: bool
) -> None:
    evidence = replace(GOOD, hidden=Hidden("first", NOW)) if confirmed else GOOD
    for name in sorted(defects):
        evidence = DEFECTS[name](evidence)
    verdict = rules.judge(evidence)
    best = "ITEM_CONFIRMED" if confirmed else "ITEM_MATCHES"
    assert verdict.state.value == min([*defects, best], key=ORDER.index)
    reasons = {finding.state.value for finding in verdict.findings if finding.state}
    assert defects <= reasons
    ranks = [ORDER.index(f.state.value) for f in verdict.findings if f.state]
    assert ranks == sorted(ranks)


_dates = st.none() | st.dates(TODAY - timedelta(days=900), TODAY + timedelta(days=900))
_texts = st.none() | st.sampled_from(["L1", "L2", "S1", "S2", ""])
_records = st.builds(
    Record,
    party_id=st.integers(1, 3),
    at=st.none() | st.just(NOW),
    entry_index=st.integers(0, 5),
    position=st.integers(0, 2),
    integrity=st.sampled_from(["proven", "pending", "proof-failed", "signature-failed"]),
)
_events = st.builds(
    UnitEvent,
    record=_records,
    at=st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 22), timezones=st.just(UTC)),
    step=st.sampled_from(["", "commissioning", "shipping", "destroying", "encoding", "nonsense"]),
    disposition=st.sampled_from(["", "active", "stolen", "retail_sold", "destroyed", "x"]),
    makes=st.booleans(),
    own=st.booleans(),
    province=st.sampled_from(["", "Hà Nội"]),
    point=st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
)
_evidence = st.builds(
    Evidence,
    today=st.just(TODAY),
    obstacle=st.none()
    | st.builds(
        Obstacle,
        state=st.sampled_from([State.UNREADABLE, State.NOT_A_PRODUCT_CODE, State.MALFORMED]),
        code=st.sampled_from(["no-symbol", "wifi", "check-digit"]),
    ),
    kind=st.sampled_from(["gtin", "lgtin", "sgtin", "sscc"]),
    label=st.builds(
        Label, lot=_texts, serial=_texts, expiry=_dates, best_before=_dates, production=_dates
    ),
    product=st.none() | _records,
    batch=st.none()
    | st.builds(
        Batch,
        record=_records,
        lot=st.sampled_from(["L1", "L2"]),
        production_date=_dates,
        expiry_date=_dates,
    ),
    has_batches=st.booleans(),
    issued=st.booleans(),
    issued_lot=_texts,
    has_serials=st.booleans(),
    notices=st.lists(
        st.builds(Notice, record=_records, number=st.just("TH"), lot=_texts, serial=_texts),
        max_size=3,
    ).map(tuple),
    events=st.lists(_events, max_size=5).map(tuple),
    records=st.lists(_records, max_size=2).map(tuple),
    devices=st.integers(0, 9),
    provinces=st.integers(0, 9),
    hidden=st.none()
    | st.builds(
        Hidden,
        outcome=st.sampled_from(["first", "again", "used", "wrong", "locked", "none", "not-tried"]),
        at=st.none() | st.just(NOW),
        left=st.integers(0, 5),
    ),
    other_products=st.sampled_from([(), ("a", "b")]),
    payment_beside=st.booleans(),
    weak_reading=st.booleans(),
    foreign_host=st.sampled_from(["", "example.com"]),
)


@given(_evidence)
def test_every_evidence_has_one_verdict_that_can_be_said(evidence: Evidence) -> None:
    verdict = rules.judge(evidence)
    stated = [finding.state for finding in verdict.findings if finding.state]
    assert stated, "a verdict without a reason"
    assert verdict.state == min(stated, key=lambda state: ORDER.index(state.value))
    for finding in verdict.findings:
        assert wording.REASONS[finding.code] % finding.params


@given(_evidence)
def test_green_needs_a_proven_making_by_the_owner(evidence: Evidence) -> None:
    verdict = rules.judge(evidence)
    if verdict.state in (State.ITEM_MATCHES, State.ITEM_CONFIRMED):
        maker = rules.made(evidence)
        assert maker is not None
        assert evidence.product is not None
        assert maker.record.party_id == evidence.product.party_id
        assert all(found.integrity in ("proven", "pending") for found in rules.records(evidence))
        assert maker.record.integrity == "proven"
