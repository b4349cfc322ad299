"""Our verdict on EPCIS documents against GS1's JSON Schema, on its examples and on mutations."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gs1 import epcis
from tests import outside

EXAMPLES = outside.path("epcis/gs1-epcis/JSON")
OPENEPCIS = outside.path("epcis/openepcis-test-resources")
# Repeats the member eventID with two values: valid for a schema, which sees only the last one.
REPEATS_A_MEMBER = "AssociationEvent-h.jsonld"
# The schema accepts these words; the standard's text or the loss in JSON-LD speaks against them.
STRICTER = {
    "combination",  # an empty list where one entry is needed; AggregationEvent without parentID
    "context",  # @context without any address: no member would mean anything
    "prefix",  # extension under a prefix nobody declared
    "schema-version",  # another version than 2.x
    "time",  # lower-case t and z, leap seconds, offsets beyond 14 h: not xsd:dateTimeStamp
    "type",  # a term of @context that is neither text nor object
    "unknown",  # member without prefix in readPoint, bizLocation or epcisBody: dropped by JSON-LD
    "vocabulary-reserved",  # a word under GS1's own name space that GS1 does not define
}


def examples() -> list[Path]:
    return sorted(EXAMPLES.rglob("*.jsonld"))


@cache
def schema() -> Any:
    return jsonschema_rs.validator_for(
        outside.load("epcis/gs1-epcis/EPCIS-JSON-Schema.json"), validate_formats=True
    )


@pytest.mark.parametrize("file", examples(), ids=lambda file: file.name)
def test_every_gs1_example_is_valid(file: Path) -> None:
    if file.name == REPEATS_A_MEMBER:
        assert [error.code for error in epcis.check(file.read_bytes())] == ["duplicate-name"]
        assert epcis.check(json.loads(file.read_bytes())) == []
    else:
        assert epcis.check(file.read_bytes()) == []
        assert epcis.parse(file.read_bytes()).events


def test_the_examples_are_there() -> None:
    assert len(examples()) == 47


@pytest.mark.parametrize(
    "file", sorted(OPENEPCIS.rglob("2.0/EPCIS/JSON/**/*.json")), ids=lambda file: file.stem
)
def test_verdict_equals_schema_on_openepcis_documents(file: Path) -> None:
    body = file.read_bytes()
    assert (epcis.check(body) == []) == schema().is_valid(json.loads(body))


INVALID = {
    "ObjectEvent_with_invalid_action": [("/epcisBody/eventList/0/action", "action")],
    "ObjectEvent_with_non_standard_disposition": [
        ("/epcisBody/eventList/0/disposition", "vocabulary")
    ],
    "ObjectEvent_with_non_standard_bizStep_in_second_event": [
        ("/epcisBody/eventList/1/bizStep", "vocabulary")
    ],
    "ObjectEvent_without_identifier_list": [("/epcisBody/eventList/0", "combination")],
    "ObjectEvent_without_action_and_eventTime": [
        ("/epcisBody/eventList/0/action", "required"),
        ("/epcisBody/eventList/0/eventTime", "required"),
    ],
}


@pytest.mark.parametrize("name", INVALID)
def test_the_fault_is_pointed_at(name: str) -> None:
    folder = "epcis/openepcis-test-resources/core/src/main/resources/2.0/EPCIS/JSON/Capture/Invalid"
    errors = epcis.check(outside.path(f"{folder}/{name}.json").read_bytes())
    found = [(error.pointer, error.code) for error in errors]
    assert set(INVALID[name]) <= set(found)
    assert all(error.clause for error in errors)


@cache
def seeds() -> list[Any]:
    master = {
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-01T00:00:00Z",
        "epcisHeader": {
            "epcisMasterData": {
                "vocabularyList": [
                    {
                        "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
                        "vocabularyElementList": [
                            {
                                "id": "urn:epc:id:sgln:9521141.00001.0",
                                "attributes": [
                                    {"id": "cbvmda:countryCode", "attribute": "VN"},
                                    {"id": "urn:x:size", "attribute": {"a": 1}},
                                ],
                                "children": ["urn:epc:id:sgln:9521141.00001.1"],
                            }
                        ],
                    }
                ]
            }
        },
        "epcisBody": {"eventList": []},
    }
    return [json.loads(file.read_bytes()) for file in examples()] + [master] * 6


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    found: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        node = stack.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], dict | list):
                stack.append(node[key])
    return found


VALUES = st.sampled_from(
    [None, True, 0, -1, 2.5, "", "x", "1", "urn:x:y", "cbv:BizStep-shipping", "OBSERVE", "DELETE",
     "urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-nothing", "shipping",
     "2020-01-01T00:00:00Z", "2020-01-01t00:00:00z", "2020-01-01", "+15:00", "ObjectEvent",
     "https://ns.gs1.org/cbv/BizStep-shipping", "https://gs1.org/voc/Mass", "example:Thing",
     "AssociationEvent", "TransactionEvent", "EPCISDocument", [], ["x"], ["urn:x:y"], {}, {"a": 1},
     ["urn:x:y", "urn:x:y"], {"id": "urn:x:y"}, [{}], {"example:a": 1}, {"set": []}, "9.9"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["x", "example:new", "nobody:new", "urn:x:y", "id", "type", "epcList", "ilmd", "@context",
     "parentID", "readPoint", "action", "recordTime", "sensorElementList", "certificationInfo"]
)  # fmt: skip


def mutate(document: Any, draw: st.DataObject) -> None:
    found = nodes(document)
    if not found:
        return
    container, key = found[draw.draw(st.integers(0, len(found) - 1), label="node")]
    match draw.draw(st.sampled_from(["delete", "retype", "add", "repeat"]), label="change"):
        case "delete":
            del container[key]
        case "retype":
            container[key] = copy.deepcopy(draw.draw(VALUES))
        case "add" if isinstance(container, dict):
            container[draw.draw(NAMES)] = copy.deepcopy(draw.draw(VALUES))
        case _ if isinstance(container, list):
            container.append(copy.deepcopy(container[key]))


def with_value(field: str, value: str) -> dict[str, Any]:
    """An event that uses ``value`` as one field of a standard vocabulary."""
    report: dict[str, Any] = {"type": "Temperature"}
    event: dict[str, Any] = {
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "type": "ObjectEvent",
        "action": "ADD",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventTimeZoneOffset": "+07:00",
        "epcList": ["urn:x:y"],
        "sensorElementList": [{"sensorReport": [report]}],
    }
    match field:
        case "bizStep" | "disposition":
            event[field] = value
        case "set" | "unset":
            event["persistentDisposition"] = {field: [value]}
        case "bizTransaction":
            event["bizTransactionList"] = [{"type": value, field: "urn:x:y"}]
        case "source" | "destination":
            event[f"{field}List"] = [{"type": value, field: "urn:x:y"}]
        case "reason":
            event["errorDeclaration"] = {"declarationTime": event["eventTime"], field: value}
        case _:
            report[field] = value
    return event


FIELDS = ["bizStep", "disposition", "set", "unset", "bizTransaction", "source", "destination",
          "reason", "type", "exception", "component"]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_the_same_words_and_name_spaces_as_the_schema(field: str) -> None:
    definitions = outside.load("epcis/gs1-epcis/EPCIS-JSON-Schema.json")["definitions"]
    words = {
        word
        for definition in definitions.values()
        for option in definition.get("anyOf", [])
        for word in option.get("enum", [])
    }
    assert len(words) > 150
    spaces = ["urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbvx:", "https://example.com/",
              "https://ns.gs1.org/cbv/BizStep-", "http://ns.gs1.org/cbv/Disp-", "ex:", "",
              "https://gs1.org/voc/", "http://www.gs1.org/voc/", "urn:x:", "x y:"]  # fmt: skip
    for word in sorted(words):
        for space in spaces:
            event = with_value(field, space + word)
            valid = schema().is_valid(event)
            assert (epcis.check(event) == []) == valid, space + word


@settings(max_examples=1500, deadline=None)
@given(st.data())
def test_what_the_schema_rejects_is_rejected(data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(seeds())))
    for _ in range(data.draw(st.integers(1, 3), label="changes")):
        mutate(document, data)
    errors = epcis.check(document)
    if schema().is_valid(document):
        assert {error.code for error in errors} <= STRICTER, errors
    else:
        assert errors


@settings(max_examples=1500, deadline=None)
@given(
    st.from_regex(r"[a-z]{0,3}:?(//)?[\[\]@:?#/%a-fA-F0-9.v!é -]{0,12}", fullmatch=True)
    | st.text(max_size=12).map(lambda tail: f"a:{tail}")
)
def test_uri_agrees_with_the_schema_validator(text: str) -> None:
    event = {
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "type": "ObjectEvent",
        "action": "ADD",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventTimeZoneOffset": "+07:00",
        "epcList": [text],
    }
    assert (epcis.check(event) == []) == schema().is_valid(event)


@settings(max_examples=800, deadline=None)
@given(
    st.from_regex(
        r"20(20|19|2)-(0[1-9]|1[0-3])-[0-3][0-9][Tt ][012][0-9]:[0-6][0-9]:[0-6][0-9](\.\d{0,9})?"
        r"(Z|z|[+-](1[0-9]|0[0-9]):[0-6][0-9])?",
        fullmatch=True,
    )
)
def test_a_time_the_schema_rejects_is_rejected(text: str) -> None:
    event = {
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "type": "ObjectEvent",
        "action": "ADD",
        "eventTime": text,
        "eventTimeZoneOffset": "+07:00",
        "epcList": ["urn:x:y"],
    }
    if not schema().is_valid(event):
        assert [error.pointer for error in epcis.check(event)] == ["/eventTime"]
