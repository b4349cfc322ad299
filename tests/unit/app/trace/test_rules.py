"""Which events belong to a thing, and where a journey has gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.trace import rules
from app.trace.rules import Occurrence, Span

NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)
UNIT, CASE, PALLET = "unit", "case", "pallet"


def at(hour: float) -> datetime:
    return NOON + timedelta(hours=hour)


def occurrence(number: int, hour: float, **members: Any) -> Occurrence:
    defaults: dict[str, Any] = {
        "key": UNIT,
        "role": "epc",
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "step": "",
        "disposition": "",
        "zone": "+07:00",
        "recorded_at": at(hour),
        "party_id": 1,
        "entry_index": number,
        "position": 0,
        "read_point": "",
        "biz_location": "",
    }
    return Occurrence(event_id=number, at=at(hour), **(defaults | members))


def packed(number: int, hour: float, action: str) -> Occurrence:
    return occurrence(number, hour, role="child", type="AggregationEvent", action=action)


def test_a_container_counts_while_the_thing_is_in_it() -> None:
    rows = [packed(1, 1, "ADD"), packed(2, 5, "DELETE"), packed(3, 8, "ADD")]
    spans = list(rules.containers(rows, Span(UNIT), {1: CASE, 2: CASE, 3: CASE}, {}))
    assert [(span.since, span.until) for span in spans] == [
        (at(1), at(5)),
        (at(8), rules.LATEST),
    ]


def test_unpacking_the_whole_container_ends_it_too() -> None:
    spans = list(
        rules.containers([packed(1, 1, "ADD")], Span(UNIT), {1: CASE}, {CASE: [at(0), at(3)]})
    )
    assert spans == [Span(CASE, "container", at(1), at(3))]


def test_a_case_already_on_its_pallet_brings_only_the_common_time() -> None:
    rows = [packed(1, 1, "ADD")]  # of the case: on the pallet since 1
    spans = list(rules.containers(rows, Span(CASE, "container", at(4), at(6)), {1: PALLET}, {}))
    assert spans == [Span(PALLET, "container", at(4), at(6))]


def test_a_container_left_before_the_span_begins_does_not_count() -> None:
    rows = [packed(1, 1, "ADD"), packed(2, 2, "DELETE")]
    span = Span(UNIT, "container", at(4), at(6))
    assert list(rules.containers(rows, span, {1: PALLET, 2: PALLET}, {})) == []


def test_observing_a_container_packs_nothing() -> None:
    assert list(rules.containers([packed(1, 1, "OBSERVE")], Span(UNIT), {1: CASE}, {})) == []


def test_of_an_input_only_what_came_before_counts() -> None:
    made = occurrence(1, 3, role="output", type="TransformationEvent", action="")
    spans = list(rules.inputs([made], Span(UNIT), {1: ["beans", "sugar"]}))
    assert spans == [
        Span("beans", "input", rules.EARLIEST, at(3)),
        Span("sugar", "input", rules.EARLIEST, at(3)),
    ]
    assert made.makes
    assert not occurrence(2, 3, role="input", type="TransformationEvent").makes


def test_only_adding_commissions() -> None:
    assert occurrence(1, 0, action="ADD", step="commissioning").makes
    assert not occurrence(1, 0, action="OBSERVE", step="commissioning").makes
    assert not occurrence(1, 0, action="ADD", step="encoding").makes
    assert not packed(1, 0, "ADD").makes


def test_one_event_stands_once_in_order_of_time() -> None:
    late, early = occurrence(1, 5), occurrence(2, 1)
    again = occurrence(1, 5, key=CASE)
    assert [row.event_id for row in rules.ordered([late, again, early])] == [2, 1]
    assert rules.ordered([late, again])[0].key == UNIT


def gap_codes(*stops: tuple[Occurrence, str], now: float = 100) -> list[str]:
    return [gap.code for gap in rules.gaps(stops, at(now))]


def test_gaps() -> None:
    ship, receive = occurrence(1, 1, step="shipping"), occurrence(2, 9, step="receiving")
    store = occurrence(3, 12, step="storing")
    sold = occurrence(4, 20, step="retail_selling", disposition="retail_sold")
    assert gap_codes((ship, "a")) == ["not-received"]
    assert gap_codes((ship, "a"), (receive, "b")) == ["since-undeclared"]
    assert gap_codes((ship, "a"), (receive, "b"), (sold, "b")) == []
    assert gap_codes((store, "a"), (sold, "b")) == ["move-undeclared"]
    assert gap_codes((store, ""), (sold, "b")) == []
    assert gap_codes() == []


def test_every_province_has_a_middle_inside_the_country() -> None:
    from app.catalogue.schemas import PROVINCES

    assert set(rules.CENTROIDS) == set(PROVINCES)
    for latitude, longitude in rules.CENTROIDS.values():
        assert 8 < latitude < 24
        assert 102 < longitude < 115


def test_what_partners_report_is_checked_up_to_a_budget() -> None:
    half = rules.MOST_CHECKED // 2
    own = occurrence(1, 0)
    ends = replace(occurrence(2, 1), weight=1, together=half, entry_index=2)
    idle = [
        replace(occurrence(number, 2), weight=2, together=half - 1, entry_index=number)
        for number in (3, 4, 5)
    ]
    beside = replace(occurrence(6, 2), weight=2, together=half, entry_index=2)
    huge = replace(own, event_id=7, together=10 * rules.MOST_CHECKED, entry_index=7)
    assert rules.affordable([*idle, ends, own]) == {1, 2, 3}
    assert rules.affordable([beside, ends]) == {2, 6}  # one statement is read once
    assert rules.affordable([own, huge, ends]) == {1, 2, 7}  # the owner's do not use it up
