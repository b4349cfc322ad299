"""Event hash IDs against the cases of the reference implementation, and the laws of the ID."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from gs1 import epcis
from gs1.epcis.context import definitions
from gs1.epcis.event_hash import event_hash, pre_hash
from gs1.errors import EpcisError
from tests import outside

FOLDER = outside.path("epcis/hash-ralphtro/tests/examples")
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.jsonld")), ids=lambda file: file.stem)
def test_reference_hashes(file: Path) -> None:
    document = epcis.parse(file.read_bytes())
    expected = file.with_suffix(".hashes").read_text(encoding="ascii").split()
    ignored = {
        field
        for name, fields in document.extensions.items()
        if name.endswith(":ignoreFields")
        for field in fields
    }
    found = [event_hash(one, document.context, ignore=ignored) for one in document.events]
    assert found == expected


def test_the_cases_are_there() -> None:
    assert sum(len(file.read_text().split()) for file in FOLDER.glob("*.hashes")) >= 25


def event(**members: Any) -> dict[str, Any]:
    return {
        "@context": [CONTEXT, {"example": "https://example.com/ns/"}],
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T08:00:00+07:00",
        "eventTimeZoneOffset": "+07:00",
        "action": "ADD",
        "epcList": ["urn:epc:id:sgtin:9521141.012345.1", "urn:epc:id:sgtin:9521141.012345.2"],
    } | members


def text_of(raw: dict[str, Any]) -> str:
    document = epcis.parse(raw)
    return pre_hash(document.events[0], document.context)


def test_the_pre_hash_of_a_simple_event() -> None:
    assert text_of(event()) == (
        "eventType=ObjectEventeventTime=2026-03-01T01:00:00.000ZeventTimeZoneOffset=+07:00"
        "epcListepc=https://id.gs1.org/01/09521141123454/21/1"
        "epc=https://id.gs1.org/01/09521141123454/21/2action=ADD"
    )


def test_the_id_is_an_ni_uri_of_the_pre_hash() -> None:
    document = epcis.parse(event())
    digest = hashlib.sha256(text_of(event()).encode()).hexdigest()
    assert event_hash(document.events[0], document.context) == (
        f"ni:///sha-256;{digest}?ver=CBV2.0"
    )


SAME = {
    "order of EPCs": event(epcList=list(reversed(event()["epcList"]))),
    "Digital Links on another domain": event(
        epcList=[
            "https://shop.example/01/09521141123454/21/1",
            "https://id.gs1.org/01/09521141123454/21/2?17=271231",
        ]
    ),
    "lot of a serialised item": event(
        epcList=["https://id.gs1.org/01/09521141123454/10/L/21/1", event()["epcList"][1]]
    ),
    "same instant in another offset": event(eventTime="2026-03-01T01:00:00.000Z"),
    "fraction that rounds away": event(eventTime="2026-03-01T01:00:00.0004Z"),
    "event ID": event(eventID="urn:x:y"),
    "record time": event(recordTime="2026-03-02T00:00:00Z"),
    "error declaration": event(errorDeclaration={"declarationTime": "2026-03-02T00:00:00Z"}),
    "empty lists": event(sourceList=[], quantityList=[], ilmd={}),
}


@pytest.mark.parametrize("name", SAME)
def test_what_does_not_change_the_id(name: str) -> None:
    assert text_of(SAME[name]) == text_of(event())


OTHER = {
    "time zone offset": event(eventTimeZoneOffset="+08:00"),
    "a millisecond": event(eventTime="2026-03-01T01:00:00.0005Z"),
    "action": event(action="OBSERVE"),
    "one EPC less": event(epcList=event()["epcList"][:1]),
    "extension": event(**{"example:note": "x"}),
    "certificate": event(certificationInfo="urn:x:c"),
    "ilmd": event(ilmd={"example:note": "x"}),
}


@pytest.mark.parametrize("name", OTHER)
def test_what_changes_the_id(name: str) -> None:
    assert text_of(OTHER[name]) != text_of(event())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (26.0, "26"),
        (0.10, "0.1"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (1e21, "1000000000000000000000"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ("+012.50", "12.5"),
        (" text ", "text"),
        ("2026-03-01T08:00:00.99961+07:00", "2026-03-01T01:00:01.000Z"),
        ("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.9999Z"),
        ("urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678908"),
        ("https://a.example/01/09521141123454/22/V", "https://id.gs1.org/01/09521141123454"),
        ("example:x", "https://example.com/ns/x"),
        ("example:", "example:"),
        ("example://x", "example://x"),
    ],
)
def test_one_form_for_each_value(value: Any, written: str) -> None:
    assert text_of(event(**{"example:v": value})).endswith(
        f"{{https://example.com/ns/}}v={written}"
    )


def test_extensions_inside_extensions() -> None:
    raw = event(**{"example:a": {"example:c": [2, 1], "plain": "x", "example:b": {"urn:x:y": 1}}})
    assert text_of(raw).endswith(
        "{https://example.com/ns/}aplain=x{https://example.com/ns/}b{urn:x:}y=1"
        "{https://example.com/ns/}c=1{https://example.com/ns/}c=2"
    )


def test_an_extension_named_by_a_full_uri() -> None:
    raw = event(**{"https://example.com/ns/v": 1})
    assert text_of(raw) == text_of(event(**{"example:v": 1}))


def test_a_prefix_defined_as_an_object() -> None:
    raw = event(**{"@context": [CONTEXT, {"e": {"@id": "https://example.com/ns/"}}], "e:v": 1})
    assert text_of(raw) == text_of(event(**{"example:v": 1}))


def test_what_in_a_context_declares_no_namespace() -> None:
    context = [CONTEXT, {"@vocab": "https://a.example/", "t": {"@type": "@id"}, "gone": None}]
    assert not {"@vocab", "t", "gone"} & set(definitions(context))


def test_a_namespace_that_cannot_be_known() -> None:
    raw = event(**{"@context": [CONTEXT, "https://example.com/c.jsonld"], "unknown:v": 1})
    document = epcis.parse(raw)
    with pytest.raises(EpcisError, match="unknown:v"):
        event_hash(document.events[0], document.context)


def test_standard_words_of_every_list() -> None:
    raw = event(
        bizStep="commissioning",
        disposition="example:fresh",
        sourceList=[{"type": "location", "source": "urn:x:s"}],
        destinationList=[
            {"type": "owning_party", "destination": "urn:x:d"},
            {"type": "location", "destination": "urn:x:e"},
        ],
        readPoint={"id": "urn:epc:id:sgln:9521141.00001.0", "example:gate": "3"},
        persistentDisposition={"unset": ["damaged", "active"]},
        sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 4}]}],
    )
    assert text_of(raw).partition("action=ADD")[2] == (
        "bizStep=https://ref.gs1.org/cbv/BizStep-commissioning"
        "disposition=https://example.com/ns/fresh"
        "persistentDispositionunset=https://ref.gs1.org/cbv/Disp-active"
        "unset=https://ref.gs1.org/cbv/Disp-damaged"
        "readPointid=https://id.gs1.org/414/9521141000014{https://example.com/ns/}gate=3"
        "sensorElementListsensorElementsensorReporttype=https://gs1.org/voc/Temperaturevalue=4"
        "destinationListtype=https://ref.gs1.org/cbv/SDT-locationdestination=urn:x:e"
        "type=https://ref.gs1.org/cbv/SDT-owning_partydestination=urn:x:d"
        "sourceListtype=https://ref.gs1.org/cbv/SDT-locationsource=urn:x:s"
    )


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        names = list(value)
        rng.shuffle(names)
        return {name: shuffled(value[name], rng) for name in names}
    if isinstance(value, list):
        return rng.sample([shuffled(entry, rng) for entry in value], len(value))
    return value


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["object", "transformation", "association"])
def test_the_order_of_members_and_entries_does_not_count(name: str, seed: int) -> None:
    file = (
        f"epcis/gs1-epcis/JSON/WithFullCombinationOfFields/{name}_event_all_possible_fields.jsonld"
    )
    raw = outside.load(file)
    original = epcis.parse(copy.deepcopy(raw))
    mixed = json.loads(json.dumps(raw))
    mixed["epcisBody"] = shuffled(raw["epcisBody"], random.Random(seed))
    for one in epcis.parse(mixed).events:
        assert event_hash(one, original.context) in {
            event_hash(other, original.context) for other in original.events
        }
