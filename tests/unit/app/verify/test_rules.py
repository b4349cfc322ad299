"""Each check of a verdict alone: where it begins to hold, and where it does not yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.verify import rules
from app.verify.evidence import Batch, Evidence, Hidden, Label, Notice, Record, State, UnitEvent

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)
MAKER, CARRIER = 1, 2
HANOI, SAIGON = (21.0, 105.8), (10.8, 106.7)


def record(place: int = 0, party: int = MAKER, integrity: Any = "proven") -> Record:
    return Record(party, NOON, place, 0, integrity)


def event(step: str, hours: float, disposition: str = "", **members: Any) -> UnitEvent:
    """An event that many hours before noon."""
    members.setdefault("record", record(10 + int(hours)))
    return UnitEvent(
        at=NOON - timedelta(hours=hours), step=step, disposition=disposition, **members
    )


MADE = event("commissioning", 100, "active", makes=True)
GOOD = Evidence(
    today=TODAY,
    kind="sgtin",
    label=Label(serial="S1"),
    product=record(1),
    batch=Batch(record(2), "L1", date(2026, 10, 1), date(2027, 10, 1)),
    has_batches=True,
    issued=True,
    issued_lot="L1",
    has_serials=True,
    events=(MADE,),
)


def codes(evidence: Evidence) -> list[str]:
    return [finding.code for finding in rules.judge(evidence).findings]


def state(evidence: Evidence) -> State:
    return rules.judge(evidence).state


def test_a_unit_without_anomaly_matches() -> None:
    assert rules.judge(GOOD).state == State.ITEM_MATCHES
    assert codes(GOOD) == ["unit-active", "signature-valid", "in-log", "no-copy-signs"]


@pytest.mark.parametrize(
    ("devices", "provinces", "expected"),
    [
        (4, 4, State.SUSPECTED_COPY),
        (3, 4, State.ITEM_MATCHES),
        (4, 3, State.ITEM_MATCHES),
        (900, 3, State.ITEM_MATCHES),
    ],
)
def test_copy_evidence_needs_both_counts(devices: int, provinces: int, expected: State) -> None:
    assert state(replace(GOOD, devices=devices, provinces=provinces)) == expected


def test_a_lot_or_product_code_is_never_a_suspected_copy() -> None:
    for kind in ("gtin", "lgtin"):
        found = replace(GOOD, kind=kind, label=Label(lot="L1"), devices=99, provinces=34)
        assert state(found) != State.SUSPECTED_COPY


@pytest.mark.parametrize(("expiry", "expired"), [(TODAY - timedelta(days=1), True), (TODAY, False)])
def test_the_expiry_date_itself_is_still_good(expiry: date, expired: bool) -> None:
    by_label = replace(GOOD, label=Label(serial="S1", expiry=expiry), batch=None)
    by_register = replace(GOOD, batch=Batch(record(2), "L1", None, expiry))
    assert (state(by_label) == State.EXPIRED) is expired
    assert (state(by_register) == State.EXPIRED) is expired


def test_a_best_before_date_warns_without_a_verdict() -> None:
    found = replace(GOOD, label=Label(serial="S1", best_before=TODAY - timedelta(days=1)))
    assert state(found) == State.ITEM_MATCHES
    assert codes(found)[0] == "best-before-passed"


@pytest.mark.parametrize(
    ("step", "disposition", "code"),
    [
        ("destroying", "", "destroyed"),
        ("", "destroyed", "destroyed"),
        ("decommissioning", "inactive", "inactive"),
        ("decommissioning", "", "decommissioned"),
        ("", "stolen", "stolen"),
        ("retail_selling", "retail_sold", "sold"),
        ("", "inactive", "inactive"),
    ],
)
def test_ended_units(step: str, disposition: str, code: str) -> None:
    found = replace(GOOD, events=(MADE, event(step, 10, disposition)))
    assert state(found) == State.DEACTIVATED
    assert codes(found)[0] == code


def test_what_was_stolen_can_be_found_but_what_was_destroyed_stays() -> None:
    back = event("receiving", 2, "sellable_accessible")
    found_again = replace(GOOD, events=(MADE, event("", 10, "stolen"), back))
    undone = replace(GOOD, events=(MADE, event("destroying", 10, "destroyed"), back))
    assert state(found_again) == State.ITEM_MATCHES
    assert state(undone) == State.DEACTIVATED
    assert "after-end" in codes(undone)


def test_an_ended_container_does_not_end_what_was_in_it() -> None:
    found = replace(GOOD, events=(MADE, event("decommissioning", 10, "inactive", own=False)))
    assert state(found) == State.ITEM_MATCHES


def test_issued_but_not_made() -> None:
    found = replace(GOOD, events=())
    assert state(found) == State.NOT_ACTIVATED
    assert "batch-declared" in codes(found)


def test_observing_does_not_put_a_unit_into_use() -> None:
    assert state(replace(GOOD, events=(event("commissioning", 9),))) == State.NOT_ACTIVATED


def test_moved_before_made() -> None:
    found = replace(GOOD, events=(event("shipping", 120), MADE))
    assert state(found) == State.CONTRADICTED
    assert codes(found)[0] == "moved-before-made"


def test_a_code_may_be_written_before_the_unit_is_made() -> None:
    assert state(replace(GOOD, events=(event("encoding", 120), MADE))) == State.ITEM_MATCHES


@pytest.mark.parametrize(("hours", "possible"), [(0.5, False), (2.0, True), (30.0, True)])
def test_two_places_need_time_between_them(hours: float, possible: bool) -> None:
    # 1,140 km apart: an airliner needs an hour and a quarter.
    first = event("shipping", 40, point=HANOI)
    second = event("receiving", 40 - hours, point=SAIGON)
    found = replace(GOOD, events=(MADE, first, second))
    assert ("impossible-journey" in codes(found)) is not possible


def test_a_unit_put_into_use_by_a_stranger() -> None:
    foreign = replace(MADE, record=record(9, CARRIER))
    found = rules.judge(replace(GOOD, events=(foreign,)))
    assert found.state == State.CONTRADICTED
    assert found.findings[0].code == "foreign-commissioning"
    assert State.ITEM_MATCHES not in [finding.state for finding in found.findings]


@pytest.mark.parametrize("integrity", ["proof-failed", "signature-failed"])
def test_a_record_that_fails_contradicts_wherever_it_stands(integrity: str) -> None:
    bad = record(77, integrity=integrity)
    for broken in (
        replace(GOOD, product=bad),
        replace(GOOD, batch=replace(GOOD.batch, record=bad)),  # type: ignore[type-var]
        replace(GOOD, events=(MADE, event("shipping", 3, record=bad))),
        replace(GOOD, records=(bad,)),
    ):
        assert state(broken) == State.CONTRADICTED
        assert codes(broken)[0] == integrity


def test_a_record_without_checkpoint_proves_less_but_accuses_nobody() -> None:
    waiting = replace(MADE, record=record(9, integrity="pending"))
    assert state(replace(GOOD, events=(waiting,))) == State.BATCH_MATCHES
    assert "proof-pending" in codes(replace(GOOD, events=(waiting,)))


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (Label(lot="L2", serial="S1"), "lot-differs"),
        (Label(serial="S1", expiry=date(2028, 1, 1)), "expiry-differs"),
        (Label(serial="S1", production=date(2026, 9, 1)), "production-differs"),
    ],
)
def test_label_against_register(label: Label, code: str) -> None:
    found = replace(GOOD, label=label)
    assert state(found) == State.CONTRADICTED
    assert codes(found)[0] == code
    assert not rules.fits_label(rules.judge(found))


def test_unknown_lot_and_serial_count_only_where_others_are_declared() -> None:
    lot = replace(GOOD, kind="lgtin", label=Label(lot="L9"), batch=None, issued_lot=None, events=())
    assert state(lot) == State.CONTRADICTED
    assert state(replace(lot, has_batches=False)) == State.PRODUCT_ONLY
    unit = replace(GOOD, issued=False, issued_lot=None, batch=None, events=())
    assert state(unit) == State.CONTRADICTED
    assert codes(unit)[0] == "serial-unknown"
    assert state(replace(unit, has_serials=False)) == State.PRODUCT_ONLY


def test_recalls_cover_product_lot_and_serial() -> None:
    scopes = {
        "recalled-product": Notice(record(5), "TH-1"),
        "recalled-lot": Notice(record(5), "TH-1", lot="L1"),
        "recalled-serial": Notice(record(5), "TH-1", serial="S1"),
    }
    for code, notice in scopes.items():
        found = replace(GOOD, notices=(notice,))
        assert state(found) == State.RECALLED
        assert codes(found)[0] == code
    for other in (Notice(record(5), "TH-1", lot="L2"), Notice(record(5), "TH-1", serial="S2")):
        assert state(replace(GOOD, notices=(other,))) == State.ITEM_MATCHES


def test_a_recall_covers_the_registered_lot_whatever_the_label_says() -> None:
    found = replace(
        GOOD, label=Label(lot="L2", serial="S1"), notices=(Notice(record(5), "TH-1", lot="L1"),)
    )
    assert codes(found)[:2] == ["recalled-lot", "lot-differs"]


def test_a_plain_barcode_is_told_of_recalled_lots() -> None:
    found = replace(
        GOOD,
        kind="gtin",
        label=Label(),
        batch=None,
        issued=False,
        issued_lot=None,
        notices=(Notice(record(5), "TH-1", lot="L1"),),
        events=(),
    )
    assert state(found) == State.PRODUCT_ONLY
    assert codes(found)[0] == "recall-other-lot"


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("first", State.ITEM_CONFIRMED),
        ("again", State.ITEM_CONFIRMED),
        ("used", State.ITEM_MATCHES),
        ("wrong", State.ITEM_MATCHES),
        ("locked", State.ITEM_MATCHES),
        ("none", State.ITEM_MATCHES),
        ("not-tried", State.ITEM_MATCHES),
    ],
)
def test_only_a_first_use_confirms(outcome: Any, expected: State) -> None:
    found = replace(GOOD, hidden=Hidden(outcome, NOON, 3))
    assert state(found) == expected
    assert codes(found)[0] == f"hidden-{outcome}"


def test_a_shipping_unit_is_judged_by_its_own_events() -> None:
    empty = Evidence(today=TODAY, kind="sscc")
    assert state(empty) == State.UNREGISTERED
    assert state(replace(empty, events=(event("packing", 5),))) == State.BATCH_MATCHES


def test_two_products_on_one_pack_contradict() -> None:
    assert state(replace(GOOD, other_products=("1", "2"))) == State.CONTRADICTED


def test_pseudonyms_count_devices_but_join_nothing() -> None:
    secret = b"secret"
    one = rules.pseudonym(secret, "token", "key-1")
    assert one == rules.pseudonym(secret, "token", "key-1")
    others = {
        rules.pseudonym(secret, "token", "key-2"),
        rules.pseudonym(secret, "token2", "key-1"),
        rules.pseudonym(b"other", "token", "key-1"),
    }
    assert len({one, *others}) == 4
