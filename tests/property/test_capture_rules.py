"""Laws of the capture rules over any events: total, in order, and blind to nothing foreign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.capture import rules
from app.capture.rules import Claim, Facts
from app.capture.schemas import FINDINGS
from gs1 import epcis
from gs1.epcis.vocabulary import BIZ_STEP, DISPOSITION

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
KEYS = [
    "https://id.gs1.org/01/09520001000003/21/A",
    "https://id.gs1.org/01/09520001000003/21/B",
    "https://id.gs1.org/01/09520002000019/21/A",
    "https://id.gs1.org/00/095200010000000010",
    "https://id.gs1.org/00/095200020000000019",
    "urn:x:y",
]
OWN = {key for key in KEYS if "9520001" in key}


def epcs(least: int = 1) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(KEYS), min_size=least, max_size=4, unique=True)


def common() -> dict[str, st.SearchStrategy[Any]]:
    hours = st.integers(-48, 1).map(lambda h: (NOW + timedelta(hours=h)).isoformat())
    return {
        "eventTime": hours,
        "eventTimeZoneOffset": st.just("+07:00"),
        "bizStep": st.sampled_from(sorted(BIZ_STEP.words)),
        "disposition": st.sampled_from(sorted(DISPOSITION.words)),
    }


ACTIONS = st.sampled_from(["ADD", "OBSERVE", "DELETE"])
EVENTS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("ObjectEvent"), "action": ACTIONS, "epcList": epcs(), **common()}
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("AggregationEvent"),
            "action": ACTIONS,
            "parentID": st.sampled_from(KEYS),
            "childEPCs": epcs(),
            **common(),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("TransformationEvent"),
            "inputEPCList": epcs(),
            "outputEPCList": epcs(),
            **common(),
        }
    ),
)


def claims(raws: list[dict[str, Any]]) -> list[Claim]:
    made = []
    for number, raw in enumerate(raws):
        [event] = epcis.parse({"@context": CONTEXT, **raw}).events
        pointer = f"/e/{number}"
        things = rules.things_of(event, pointer)
        made.append(Claim(event, f"urn:x:{number}", pointer, things))
    return made


def facts() -> Facts:
    owners = {key: 1 if key in OWN else 2 for key in KEYS if key != "urn:x:y"}
    return Facts(1, NOW, owners, {}, frozenset(), {}, frozenset(KEYS))


@given(st.lists(EVENTS, max_size=6))
def test_every_finding_has_words_and_points_into_its_event(raws: list[dict[str, Any]]) -> None:
    judged = rules.check(claims(raws), facts())
    for finding in judged.errors + judged.warnings:
        detail, clause = FINDINGS[finding.code]
        assert detail % finding.params
        assert clause
        assert 0 <= int(finding.pointer.split("/")[2]) < len(raws)


@given(st.lists(EVENTS, max_size=6))
def test_findings_of_a_beginning_stay_when_more_follows(raws: list[dict[str, Any]]) -> None:
    whole = rules.check(claims(raws), facts())
    for size in range(len(raws)):
        part = rules.check(claims(raws[:size]), facts())
        assert whole.errors[: len(part.errors)] == part.errors
        assert whole.warnings[: len(part.warnings)] == part.warnings


@given(st.lists(EVENTS, min_size=1, max_size=6))
def test_nothing_foreign_is_ever_made_or_ended_by_a_document_that_passes(
    raws: list[dict[str, Any]],
) -> None:
    judged = claims(raws)
    if rules.check(judged, facts()).errors:
        return
    for claim, raw in zip(judged, raws, strict=True):
        if raw["type"] == "ObjectEvent" and raw["action"] != "OBSERVE":
            assert set(raw["epcList"]) <= OWN
        if raw["type"] == "TransformationEvent":
            assert set(raw["outputEPCList"]) <= OWN
        if raw["type"] == "AggregationEvent" and raw["action"] == "ADD":
            assert raw["parentID"] in OWN
        assert (rules.standing(claim, facts()) == "owner") == (
            {thing.key for thing in claim.things} <= OWN
        )


@given(st.text(max_size=80))
def test_reading_a_key_never_fails(text: str) -> None:
    for key in (text, f"https://id.gs1.org/{text}", f"https://id.gs1.org/01/{text}"):
        rules.licensed_digits(key)
        rules.gtin_of(key)
        rules.qualifier_of(key)
