"""EPCIS documents: what comes out of valid ones, and where faults are pointed at."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gs1 import epcis
from gs1.errors import EpcisError

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"example": "https://example.com/"},
]


def event(kind: str = "ObjectEvent", **members: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "type": kind,
        "eventTime": "2026-03-01T08:15:30.5+07:00",
        "eventTimeZoneOffset": "+07:00",
    }
    if kind != "TransformationEvent":
        base["action"] = "OBSERVE"
    if kind == "ObjectEvent":
        base["epcList"] = ["urn:epc:id:sgtin:9521141.012345.1"]
    return base | members


def document(*events: Any, **members: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-01T01:00:00Z",
        "epcisBody": {"eventList": list(events)},
    } | members


def faults(value: Any, **options: Any) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in epcis.check(value, **options)]


def test_every_field_of_an_object_event() -> None:
    raw = event(
        recordTime="2026-03-01T01:15:31Z",
        eventID="urn:uuid:00000000-0000-4000-8000-000000000001",
        bizStep="https://ref.gs1.org/cbv/BizStep-shipping",
        disposition="in_transit",
        readPoint={"id": "urn:epc:id:sgln:9521141.00001.0", "example:gate": 4},
        bizLocation={"id": "https://example.com/place"},
        bizTransactionList=[{"type": "po", "bizTransaction": "a:po"}, {"bizTransaction": "a:b"}],
        sourceList=[{"type": "owning_party", "source": "urn:x:s"}],
        destinationList=[{"type": "cbv:SDT-location", "destination": "urn:x:d"}],
        quantityList=[{"epcClass": "urn:x:c", "quantity": 2.5, "uom": "KGM"}],
        persistentDisposition={"set": ["completeness_inferred"], "unset": ["damaged"]},
        certificationInfo="https://example.com/certificate",
        errorDeclaration={
            "declarationTime": "2026-03-02T00:00:00Z",
            "reason": "incorrect_data",
            "correctiveEventIDs": ["urn:x:e"],
            "example:by": "x",
        },
        sensorElementList=[
            {
                "sensorMetadata": {"time": "2026-03-01T00:00:00Z", "deviceID": "urn:x:dev"},
                "sensorReport": [
                    {"type": "Temperature", "value": 4, "uom": "CEL", "sDev": 0.1},
                    {"type": "gs1:Mass", "exception": "ALARM_CONDITION", "booleanValue": True,
                     "hexBinaryValue": "0aF", "component": "x", "stringValue": "s"},
                ],
                "example:batch": 1,
            }
        ],
        **{"example:own": {"a": [1]}},
    )  # fmt: skip
    [found] = epcis.parse(document(raw)).events
    assert isinstance(found, epcis.ObjectEvent)
    assert found.event_time == datetime(2026, 3, 1, 1, 15, 30, 500_000, UTC)
    assert found.event_time.utcoffset() == timedelta(hours=7)
    assert found.record_time == datetime(2026, 3, 1, 1, 15, 31, tzinfo=UTC)
    assert (found.biz_step, found.disposition) == ("shipping", "in_transit")
    assert found.read_point is not None
    assert found.read_point.extensions == {"example:gate": 4}
    assert [part.type for part in found.biz_transaction_list] == ["po", None]
    assert found.source_list[0].type == "owning_party"
    assert found.destination_list[0].type == "location"
    assert found.quantity_list[0].quantity == 2.5
    assert found.persistent_disposition == epcis.PersistentDisposition(
        set=("completeness_inferred",), unset=("damaged",)
    )
    assert found.certification_info == ("https://example.com/certificate",)
    assert found.error_declaration is not None
    assert found.error_declaration.corrective_event_ids == ("urn:x:e",)
    first, second = found.sensor_element_list[0].sensor_report
    assert (first.value, first.s_dev, second.type) == (4, 0.1, "Mass")
    assert found.extensions == {"example:own": {"a": [1]}}
    assert found.raw is raw
    assert json.loads(found.canonical_json()) == raw


def test_the_attributes_are_the_standard_fields() -> None:
    names = {field.name for field in dataclasses.fields(epcis.TransformationEvent)}
    assert {"input_epc_list", "output_quantity_list", "transformation_id", "event_id"} <= names
    names = {field.name for field in dataclasses.fields(epcis.AggregationEvent)}
    assert {"parent_id", "child_epcs", "child_quantity_list"} <= names


def test_a_transformation() -> None:
    raw = event(
        "TransformationEvent",
        inputQuantityList=[{"epcClass": "urn:x:in"}],
        outputEPCList=["urn:x:out"],
        ilmd={"cbvmda:lotNumber": "A1"},
    )
    [found] = epcis.parse(document(raw)).events
    assert isinstance(found, epcis.TransformationEvent)
    assert found.ilmd == {"cbvmda:lotNumber": "A1"}
    assert found.input_quantity_list[0].quantity is None
    assert found.output_epc_list == (epcis.Identifier("urn:x:out"),)


def test_document_members_are_kept() -> None:
    master = {"type": "urn:x:voc", "vocabularyElementList": [{"id": "urn:x:e", "own": 1}]}
    raw = document(
        event(),
        id="urn:x:doc",
        sender="a",
        receiver="b",
        instanceIdentifier="7",
        epcisHeader={
            "epcisMasterData": {"vocabularyList": [master], "own": 1},
            "example:header": 1,
        },
        **{"example:top": 2},
    )
    raw["epcisBody"]["example:body"] = 3
    found = epcis.parse(json.dumps(raw).encode())
    assert (found.type, found.schema_version, found.id) == ("EPCISDocument", "2.0", "urn:x:doc")
    assert (found.sender, found.receiver, found.instance_identifier) == ("a", "b", "7")
    assert found.creation_date == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert found.extensions == {"example:header": 1, "example:top": 2, "example:body": 3}
    assert len(found.master_data) == 1
    assert found.context == CONTEXT
    assert found.raw == raw


def test_header_without_master_data() -> None:
    found = epcis.parse(document(event(), epcisHeader={"epcisMasterData": {}}))
    assert found.master_data == ()
    assert epcis.parse(document(event(), epcisHeader={})).master_data == ()


@pytest.mark.parametrize(
    ("attribute", "valid"),
    [("VN", True), (1.5, True), ({"a": 1}, True), (True, False), (None, False), ([], False)],
)
def test_master_data_attributes(attribute: object, valid: bool) -> None:
    element = {"id": "urn:x:e", "attributes": [{"id": "urn:x:a", "attribute": attribute}]}
    vocabulary = {"type": "urn:x:voc", "vocabularyElementList": [element]}
    header = {"epcisMasterData": {"vocabularyList": [vocabulary]}}
    at = "/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/attributes/0"
    expected = [] if valid else [(f"{at}/attribute", "type")]
    assert faults(document(event(), epcisHeader=header)) == expected


def test_query_document() -> None:
    raw = {
        "@context": CONTEXT,
        "type": "EPCISQueryDocument",
        "epcisBody": {
            "queryResults": {
                "queryName": "SimpleEventQuery",
                "subscriptionID": "7",
                "example:q": 1,
                "resultsBody": {"eventList": [event()], "vocabularyList": [{"type": "urn:x:v"}]},
            }
        },
    }
    found = epcis.parse(raw)
    assert (found.query_name, found.subscription_id) == ("SimpleEventQuery", "7")
    assert len(found.events) == len(found.master_data) == 1
    assert found.extensions == {"example:q": 1}
    assert found.schema_version is None


def test_an_event_type_of_another_party() -> None:
    [found] = epcis.parse(document(event("example:Audit", anything=1))).events
    assert isinstance(found, epcis.ExtendedEvent)
    assert found.extensions == {"action": "OBSERVE", "anything": 1}
    assert faults(document(event("AuditEvent"))) == [("/epcisBody/eventList/0/type", "uri")]


def test_a_bare_event_needs_its_context() -> None:
    assert faults(event()) == [("/@context", "required")]
    assert faults(event(**{"@context": CONTEXT})) == []
    assert epcis.parse(event(**{"@context": CONTEXT})).type == "ObjectEvent"


AT = "/epcisBody/eventList/0"
AGG = "AggregationEvent"
BAD = {
    "no type": ({"eventTime": "x"}, [(AT, "type")]),
    "type is a number": ({"type": 4}, [(AT, "type")]),
    "not an object": ("ObjectEvent", [(AT, "type")]),
    "null time": (event(eventTime=None), [(f"{AT}/eventTime", "type")]),
    "time without zone": (event(eventTime="2026-03-01T08:00:00"), [(f"{AT}/eventTime", "time")]),
    "time outside UTC": (
        event(eventTime="0001-01-01T00:00:00+14:00"),
        [(f"{AT}/eventTime", "time")],
    ),
    "offset of 15 hours": (
        event(eventTime="2026-03-01T08:00:00+15:00"),
        [(f"{AT}/eventTime", "time")],
    ),
    "zone offset": (event(eventTimeZoneOffset="7"), [(f"{AT}/eventTimeZoneOffset", "offset")]),
    "Arabic-Indic digits": (
        event(eventTime="٢٠٢٦-03-01T08:00:00Z"),
        [(f"{AT}/eventTime", "time")],
    ),
    "EPC is no URI": (event(epcList=["9521141"]), [(f"{AT}/epcList/0", "uri")]),
    "same EPC twice": (event(epcList=["urn:x:a", "urn:x:a"]), [(f"{AT}/epcList", "duplicate")]),
    "list is text": (event(epcList="urn:x:a"), [(f"{AT}/epcList", "type")]),
    "no objects": (event(epcList=[]), [(AT, "combination")]),
    "sensor without place": (
        event(epcList=[], sensorElementList=[{"sensorReport": [{"type": "Mass"}]}]),
        [(AT, "combination")],
    ),
    "ilmd on OBSERVE": (event(ilmd={}), [(AT, "combination")]),
    "ilmd key": (event(action="ADD", ilmd={"lot": 1}), [(f"{AT}/ilmd/lot", "unknown")]),
    "quantity is true": (
        event(quantityList=[{"epcClass": "urn:x:c", "quantity": True}]),
        [(f"{AT}/quantityList/0/quantity", "type")],
    ),
    "unit": (
        event(quantityList=[{"epcClass": "urn:x:c", "uom": "kg"}]),
        [(f"{AT}/quantityList/0/uom", "uom")],
    ),
    "extension where none may be": (
        event(quantityList=[{"epcClass": "urn:x:c", "example:a": 1}]),
        [(f"{AT}/quantityList/0/example:a", "unknown")],
    ),
    "transaction without id": (
        event(bizTransactionList=[{"type": "po"}]),
        [(f"{AT}/bizTransactionList/0/bizTransaction", "required")],
    ),
    "bizStep is a number": (event(bizStep=1), [(f"{AT}/bizStep", "type")]),
    "unknown word of GS1": (
        event(bizStep="cbv:BizStep-roasting"),
        [(f"{AT}/bizStep", "vocabulary-reserved")],
    ),
    "URN in JSON": (
        event(bizStep="urn:epcglobal:cbv:bizstep:shipping"),
        [(f"{AT}/bizStep", "vocabulary")],
    ),
    "nothing set": (event(persistentDisposition={}), [(f"{AT}/persistentDisposition", "required")]),
    "misspelt field": (event(bizstep="shipping"), [(f"{AT}/bizstep", "unknown")]),
    "undeclared prefix": (event(**{"nobody:x": 1}), [(f"{AT}/nobody:x", "prefix")]),
    "sensor without report": (
        event(sensorElementList=[{}]),
        [(f"{AT}/sensorElementList/0/sensorReport", "required")],
    ),
    "empty report": (
        event(sensorElementList=[{"sensorReport": []}]),
        [(f"{AT}/sensorElementList/0/sensorReport", "empty")],
    ),
    "report value": (
        event(sensorElementList=[{"sensorReport": [{"type": "Mass", "booleanValue": 1}]}]),
        [(f"{AT}/sensorElementList/0/sensorReport/0/booleanValue", "type")],
    ),
    "hexadecimal": (
        event(sensorElementList=[{"sensorReport": [{"type": "Mass", "hexBinaryValue": "g"}]}]),
        [(f"{AT}/sensorElementList/0/sensorReport/0/hexBinaryValue", "hex")],
    ),
    "certification list": (
        event(certificationInfo=["x y"]),
        [(f"{AT}/certificationInfo/0", "uri")],
    ),
    "children missing": (event(AGG, parentID="urn:x:p"), [(AT, "combination")]),
    "parent missing": (event(AGG, action="ADD", childEPCs=["urn:x:c"]), [(AT, "combination")]),
    "association without parent": (
        event("AssociationEvent", childEPCs=["urn:x:c"]),
        [(f"{AT}/parentID", "required")],
    ),
    "transaction event without documents": (
        event("TransactionEvent", epcList=["urn:x:c"], bizTransactionList=[]),
        [(f"{AT}/bizTransactionList", "empty")],
    ),
    "transaction event without objects": (
        event("TransactionEvent", bizTransactionList=[{"bizTransaction": "urn:x:c"}]),
        [(AT, "combination")],
    ),
    "input without output": (
        event("TransformationEvent", inputEPCList=["urn:x:c"]),
        [(AT, "combination")],
    ),
    "transformationID alone": (
        event("TransformationEvent", transformationID="urn:x:t"),
        [(AT, "combination")],
    ),
    "place is text": (event(readPoint="urn:x:p"), [(f"{AT}/readPoint", "type")]),
    "host address": (event(eventID="http://[1:2]/"), [(f"{AT}/eventID", "uri")]),
    "event context": (
        event(**{"@context": [1, {"t": 1}, "x y", "x y"]}),
        [
            (f"{AT}/@context", "duplicate"),
            (f"{AT}/@context/0", "type"),
            (f"{AT}/@context/1/t", "type"),
            (f"{AT}/@context/2", "uri"),
            (f"{AT}/@context/3", "uri"),
        ],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_one_bad_event(name: str) -> None:
    raw, expected = BAD[name]
    assert faults(document(raw)) == expected


GOOD = {
    "delete without children": event(AGG, action="DELETE", parentID="urn:x:p"),
    "observe without parent": event(AGG, childEPCs=["urn:x:c"]),
    "sensor at a place": event(
        epcList=[],
        readPoint={"id": "urn:x:p"},
        sensorElementList=[{"sensorReport": [{"type": "Mass"}]}],
    ),
    "ilmd on ADD": event(action="ADD", ilmd={"cbvmda:lotNumber": "1"}),
    "URI as extension name": event(**{"https://example.com/x": 1, "urn:x:y": 2}),
    "prefix of its own context": event(**{"@context": {"mine": "https://m.example/"}, "mine:a": 1}),
    "prefix of an unknown context": event(
        **{"@context": "https://m.example/c.jsonld", "any:a": 1}
    ),
    "IPv6 host": event(eventID="http://[2001:db8::1]:80/x?y#z"),
    "transformationID with input": event(
        "TransformationEvent", transformationID="urn:x:t", inputEPCList=["urn:x:c"]
    ),
    "certification list": event(certificationInfo=["urn:x:c", "urn:x:d"]),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_one_good_event(name: str) -> None:
    assert faults(document(GOOD[name])) == []


def test_a_prefix_of_one_event_does_not_reach_the_next() -> None:
    first = event(**{"@context": {"mine": "https://m.example/"}, "mine:a": 1})
    assert faults(document(first, event(**{"mine:a": 1}))) == [
        ("/epcisBody/eventList/1/mine:a", "prefix")
    ]


def test_a_prefix_declared_in_a_header() -> None:
    raw = document(event(**{"mine:a": 1}))
    assert faults(raw, namespaces={"mine": "https://m.example/"}) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"@context": {"example": "https://example.com/"}}, [("/@context", "context")]),
        ({"schemaVersion": "1.2"}, [("/schemaVersion", "schema-version")]),
        ({"type": "EPCISMasterDataDocument"}, [
            ("/creationDate", "unknown")]),
        ({"epcisBody": {}}, [("/epcisBody/eventList", "required")]),
        ({"epcisBody": []}, [("/epcisBody", "type")]),
        ({"comment": 1}, [("/comment", "unknown")]),
    ],
)  # fmt: skip
def test_a_bad_document(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    if "type" in change:
        assert faults(document() | change)[0] == ("/type", "uri")
    else:
        assert faults(document(event()) | change) == expected


@pytest.mark.parametrize("value", [b"[]", b"3", b"null", b"{}", b'{"type": []}'])
def test_what_is_no_document(value: bytes) -> None:
    assert epcis.check(value)


def test_all_faults_in_one_pass_and_the_first_is_raised() -> None:
    raw = document(event(action="MAKE", bizStep="x"), event(eventTime=1), schemaVersion=2)
    expected = [
        ("/schemaVersion", "type"),
        ("/epcisBody/eventList/0/action", "action"),
        ("/epcisBody/eventList/0/bizStep", "vocabulary"),
        ("/epcisBody/eventList/1/eventTime", "type"),
    ]
    assert faults(raw) == expected
    with pytest.raises(epcis.EpcisErrors) as caught:
        epcis.parse(raw)
    assert [(error.pointer, error.code) for error in caught.value.errors] == expected
    assert (caught.value.pointer, caught.value.code) == expected[0]
    assert isinstance(caught.value, EpcisError)


def test_the_number_of_faults_is_limited() -> None:
    raw = document(*[event(action="x")] * 50)
    assert len(faults(raw, limits=epcis.Limits(errors=7))) == 7
    with pytest.raises(epcis.EpcisErrors):
        epcis.parse(raw, limits=epcis.Limits(errors=7))


def test_the_number_of_events_is_limited() -> None:
    raw = document(event(), event(), event())
    assert faults(raw, limits=epcis.Limits(events=2)) == [("/epcisBody", "too-many")]
    assert faults(raw, limits=epcis.Limits(events=3)) == []


def test_a_fault_of_the_text_itself() -> None:
    with pytest.raises(epcis.EpcisErrors) as caught:
        epcis.parse(b'{"type": "EPCISDocument", "type": "ObjectEvent"}')
    assert caught.value.code == "duplicate-name"


def test_canonical_json_ignores_order_and_spelling() -> None:
    left = b'{"@context":"urn:x:c","type":"ObjectEvent","eventTime":"2026-03-01T08:00:00Z",'
    left += b'"eventTimeZoneOffset":"+07:00","action":"ADD","epcList":["urn:x:a"],'
    left += b'"quantityList":[{"epcClass":"urn:x:c","quantity":1.50}]}'
    right = json.dumps(dict(reversed(json.loads(left).items())), indent=2).encode()
    first, second = (epcis.parse(body).events[0] for body in (left, right))
    assert first.canonical_json() == second.canonical_json()
    assert b'"quantity":1.5}' in first.canonical_json()
