"""The rules of capture, one by one, on facts made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.capture import rules
from app.capture.rules import Claim, Facts, Life
from gs1 import epcis

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
OWN, OTHER = 1, 2
ITEM = "https://id.gs1.org/01/09520001000003/21/A"
FOREIGN = "https://id.gs1.org/01/09520002000019/21/A"
LOT = "https://id.gs1.org/01/09520001000003/10/L1"
SSCC = "https://id.gs1.org/00/095200010000000010"
FOREIGN_SSCC = "https://id.gs1.org/00/095200020000000019"


def claim(type_: str = "ObjectEvent", **members: Any) -> Claim:
    raw = {
        "@context": CONTEXT,
        "type": type_,
        "eventTime": (NOW - timedelta(hours=1)).isoformat(),
        "eventTimeZoneOffset": "+07:00",
        **members,
    }
    [event] = epcis.parse(raw).events
    return Claim(event, members.get("eventID", "urn:x:1"), "/e/0", rules.things_of(event, "/e/0"))


def facts(**known: Any) -> Facts:
    base: dict[str, Any] = {
        "party_id": OWN,
        "now": NOW,
        "owners": {ITEM: OWN, LOT: OWN, SSCC: OWN, FOREIGN: OTHER, FOREIGN_SSCC: OTHER},
        "places": {"9520001000003": OWN, "9520002000002": OTHER},
        "known_ids": frozenset(),
        "lives": {},
        "registered": frozenset({ITEM, LOT}),
    }
    return Facts(**base | known)


def found(claims: Claim | list[Claim], known: Facts | None = None) -> list[tuple[str, str]]:
    listed = claims if isinstance(claims, list) else [claims]
    return [(f.pointer, f.code) for f in rules.check(listed, known or facts()).errors]


def test_what_is_right_breaks_no_rule() -> None:
    assert found(claim(action="ADD", bizStep="commissioning", epcList=[ITEM])) == []


@pytest.mark.parametrize(
    ("skew", "expected"),
    [
        (timedelta(minutes=10), []),
        (timedelta(minutes=10, milliseconds=1), [("/e/0/eventTime", "future_event")]),
    ],
)
def test_c3_nothing_happens_later_than_now(
    skew: timedelta, expected: list[tuple[str, str]]
) -> None:
    at = (NOW + skew).isoformat(timespec="milliseconds")
    assert found(claim(action="OBSERVE", epcList=[ITEM], eventTime=at)) == expected


def test_c1_an_identity_is_taken_once_here_and_in_the_document() -> None:
    seen = claim(action="OBSERVE", epcList=[ITEM], eventID="urn:x:7")
    assert found(seen, facts(known_ids=frozenset({"urn:x:7"}))) == [
        ("/e/0/eventID", "duplicate_event")
    ]
    assert found([seen, seen]) == [("/e/0/eventID", "duplicate_event")]


def test_c2_error_declarations_are_not_taken() -> None:
    declared = claim(
        action="OBSERVE",
        epcList=[ITEM],
        eventID="urn:x:1",
        errorDeclaration={"declarationTime": NOW.isoformat(), "reason": "incorrect_data"},
    )
    assert found(declared) == [("/e/0/errorDeclaration", "error_declaration")]


@pytest.mark.parametrize("field", ["readPoint", "bizLocation"])
@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("https://id.gs1.org/414/9520001000003", None),
        ("https://id.gs1.org/414/9520001000003/254/12", None),
        ("urn:epc:id:sgln:9520001.00000.0", None),
        ("https://id.gs1.org/414/9520009000005", "unknown_place"),
        ("urn:epc:id:sgln:9520009.00000.12", "unknown_place"),
        ("https://id.gs1.org/414/9520001000004", "unknown_place"),
        ("geo:11.94,108.44", None),
    ],
)
def test_c4_a_gln_is_registered(field: str, place: str, code: str | None) -> None:
    errors = found(claim(action="OBSERVE", epcList=[ITEM], **{field: {"id": place}}))
    assert errors == ([(f"/e/0/{field}/id", code)] if code else [])


@pytest.mark.parametrize(
    ("members", "is_own_only"),
    [
        ({"action": "ADD", "bizStep": "commissioning"}, True),
        ({"action": "DELETE", "bizStep": "decommissioning"}, True),
        ({"action": "OBSERVE", "bizStep": "destroying"}, True),
        ({"action": "OBSERVE", "bizStep": "shipping"}, False),
        ({"action": "OBSERVE", "bizStep": "arriving"}, False),
    ],
)
def test_c5_what_is_made_or_ended_is_so_at_an_own_place(
    members: dict[str, str], is_own_only: bool
) -> None:
    where = {"readPoint": {"id": "https://id.gs1.org/414/9520002000002"}}
    errors = found(claim(epcList=[ITEM], **members, **where))
    assert errors == ([("/e/0/readPoint/id", "foreign_place")] if is_own_only else [])


def test_c6_a_thing_stands_once_in_a_role_however_it_is_written() -> None:
    twice = ["urn:epc:id:sgtin:9520001.000000.A", ITEM]
    assert found(claim(action="OBSERVE", epcList=twice)) == [("/e/0/epcList/1", "duplicate_epc")]
    packed = claim("AggregationEvent", action="OBSERVE", parentID=ITEM, childEPCs=[ITEM])
    assert found(packed) == []


@pytest.mark.parametrize(
    ("type_", "members", "pointer"),
    [
        ("ObjectEvent", {"action": "ADD", "epcList": [FOREIGN]}, "/e/0/epcList/0"),
        ("ObjectEvent", {"action": "DELETE", "epcList": [FOREIGN]}, "/e/0/epcList/0"),
        (
            "ObjectEvent",
            {"action": "OBSERVE", "bizStep": "commissioning", "epcList": [FOREIGN]},
            "/e/0/epcList/0",
        ),
        ("ObjectEvent", {"action": "ADD", "epcList": ["urn:x:y"]}, "/e/0/epcList/0"),
        (
            "AggregationEvent",
            {"action": "ADD", "parentID": FOREIGN_SSCC, "childEPCs": [ITEM]},
            "/e/0/parentID",
        ),
        (
            "TransformationEvent",
            {"inputEPCList": [ITEM], "outputEPCList": [FOREIGN]},
            "/e/0/outputEPCList/0",
        ),
    ],
)
def test_c7_only_the_holder_of_the_prefix_makes_ends_or_heads(
    type_: str, members: dict[str, Any], pointer: str
) -> None:
    assert found(claim(type_, **members)) == [(pointer, "foreign_prefix")]


@pytest.mark.parametrize(
    ("type_", "members"),
    [
        ("ObjectEvent", {"action": "OBSERVE", "bizStep": "receiving", "epcList": [FOREIGN]}),
        ("AggregationEvent", {"action": "ADD", "parentID": SSCC, "childEPCs": [FOREIGN]}),
        ("AggregationEvent", {"action": "DELETE", "parentID": FOREIGN_SSCC}),
        (
            "TransformationEvent",
            {"inputEPCList": [FOREIGN], "outputEPCList": [ITEM]},
        ),
        (
            "TransactionEvent",
            {
                "action": "ADD",
                "epcList": [FOREIGN],
                "bizTransactionList": [{"bizTransaction": "urn:x:po:1", "type": "po"}],
            },
        ),
    ],
)
def test_partners_speak_of_what_passes_through_their_hands(
    type_: str, members: dict[str, Any]
) -> None:
    spoken = claim(type_, **members)
    assert found(spoken) == []
    assert rules.standing(spoken, facts()) == "partner"


def test_c8_what_is_made_was_issued_and_is_made_once() -> None:
    made = claim(action="ADD", bizStep="commissioning", epcList=[ITEM])
    assert found(made, facts(registered=frozenset())) == [("/e/0/epcList/0", "not_registered")]
    assert found(made, facts(lives={ITEM: Life(made=True)})) == [("/e/0/epcList/0", "already_made")]
    again = claim(action="ADD", bizStep="commissioning", epcList=[ITEM], eventID="urn:x:2")
    assert found([made, again]) == [("/e/0/epcList/0", "already_made")]


def test_more_of_a_lot_may_be_made() -> None:
    amount = [{"epcClass": LOT, "quantity": 10, "uom": "KGM"}]
    first = claim(action="ADD", quantityList=amount, eventID="urn:x:1")
    second = claim(action="ADD", quantityList=amount, eventID="urn:x:2")
    assert found([first, second]) == []


def test_c9_what_was_ended_and_acts_again_is_kept_with_a_warning() -> None:
    ended = claim(action="DELETE", bizStep="destroying", epcList=[ITEM], eventID="urn:x:1")
    shipped = claim(action="OBSERVE", bizStep="shipping", epcList=[ITEM], eventID="urn:x:2")
    judged = rules.check([ended, shipped], facts())
    assert judged.errors == ()
    assert [(w.pointer, w.code) for w in judged.warnings] == [("/e/0/epcList/0", "after_end")]


def test_what_went_into_a_transformation_is_used_up() -> None:
    used = claim(
        "TransformationEvent",
        inputEPCList=[FOREIGN],
        outputEPCList=[ITEM],
        eventID="urn:x:1",
    )
    seen = claim(action="OBSERVE", epcList=[FOREIGN], eventID="urn:x:2")
    assert [w.code for w in rules.check([used, seen], facts()).warnings] == ["after_end"]
    made = claim(action="ADD", epcList=[ITEM], eventID="urn:x:3")
    assert found([used, made]) == [("/e/0/epcList/0", "already_made")]


@pytest.mark.parametrize(
    ("key", "digits"),
    [
        ("https://id.gs1.org/01/09520001000003", "9520001000003"),
        ("https://id.gs1.org/01/19520001000000/10/L", "9520001000000"),
        ("https://id.gs1.org/00/195200010000000017", "95200010000000017"),
        ("https://id.gs1.org/414/9520001000003/254/1", "9520001000003"),
        ("https://id.gs1.org/8003/095200010000035", "95200010000035"),
        ("https://id.gs1.org/8004/95200011%2FA", "95200011/A"),
        ("urn:epc:id:gid:1.2.3", None),
        ("urn:x:y", None),
    ],
)
def test_the_company_prefix_begins_where_the_key_says(key: str, digits: str | None) -> None:
    assert rules.licensed_digits(key) == digits


def test_an_unknown_amount_stays_unknown() -> None:
    [thing] = rules.things_of(claim(action="ADD", quantityList=[{"epcClass": LOT}]).event, "/e/0")
    assert (thing.counted, thing.quantity, thing.pointer) == (
        True,
        None,
        "/e/0/quantityList/0/epcClass",
    )
