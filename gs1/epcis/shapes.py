"""What each object of an EPCIS 2.0 document may hold: the tables that drive the readers.

Names, types and cardinalities are those of GS1's JSON Schema. Where a rule of the standard's text
is not in the schema, or the schema lets data through that JSON-LD would drop, the rule is here too;
docs/epcis.md lists these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from gs1.epcis import events
from gs1.epcis.context import read_context
from gs1.epcis.readers import (
    Member,
    Path,
    Reader,
    Record,
    Report,
    Rule,
    action,
    attribute,
    boolean,
    constant,
    hex_binary,
    list_of,
    mapped,
    number,
    offset,
    text,
    time,
    uom,
    uri,
    word,
)
from gs1.epcis.vocabulary import (
    BIZ_STEP,
    BIZ_TRANSACTION_TYPE,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT_TYPE,
    SENSOR_ALERT_TYPE,
    SOURCE_DEST_TYPE,
)

_WHAT, _WHERE, _WHY, _HOW = (f"EPCIS 2.0 §7.3.{part}" for part in (3, 5, 6, 7))
_BASE = "EPCIS 2.0 §7.4.1"


def members(required: Iterable[str], **readers: Reader) -> dict[str, Member]:
    """Members by their JSON names; each attribute has the same name in snake case.

    >>> from gs1.epcis import readers
    >>> members(["epcList"], epcList=readers.text)["epcList"].attribute
    'epc_list'
    """
    needed = frozenset(required)
    return {
        name: Member(_attribute(name), reader, name in needed) for name, reader in readers.items()
    }


def _attribute(name: str) -> str:
    name = name.replace("EPCs", "Epcs").replace("IDs", "Ids")
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


identifier = mapped(uri, events.Identifier)


def _one_or_many(value: Any, path: Path, report: Report) -> tuple[str, ...]:
    if isinstance(value, list):
        uris: tuple[str, ...] = list_of(uri, _BASE)(value, path, report)
        return uris
    return (uri(value, path, report),)


_QUANTITY = Record(
    events.QuantityElement,
    members(["epcClass"], epcClass=identifier, quantity=number, uom=uom),
    "EPCIS 2.0 §7.3.3.1",
    extra="refuse",
)
_TRANSACTION = Record(
    events.BizTransaction,
    members(["bizTransaction"], bizTransaction=identifier, type=word(BIZ_TRANSACTION_TYPE)),
    _WHY,
    extra="refuse",
)
_SOURCE = Record(
    events.Source,
    members(["type", "source"], type=word(SOURCE_DEST_TYPE), source=identifier),
    _WHY,
    extra="refuse",
)
_DESTINATION = Record(
    events.Destination,
    members(["type", "destination"], type=word(SOURCE_DEST_TYPE), destination=identifier),
    _WHY,
    extra="refuse",
)
_PLACE = Record(events.Place, members(["id"], id=identifier), _WHERE)
_DEVICE: Mapping[str, Reader] = {
    "time": time,
    "deviceID": identifier,
    "deviceMetadata": uri,
    "rawData": uri,
    "dataProcessingMethod": uri,
    "bizRules": uri,
}
_SENSOR_METADATA = Record(
    events.SensorMetadata, members((), startTime=time, endTime=time, **_DEVICE), _HOW
)
_SENSOR_REPORT = Record(
    events.SensorReport,
    members(
        ["type"],
        type=word(MEASUREMENT_TYPE),
        exception=word(SENSOR_ALERT_TYPE),
        component=word(COMPONENT),
        stringValue=text,
        booleanValue=boolean,
        hexBinaryValue=hex_binary,
        uom=text,
        **_DEVICE,
        **dict.fromkeys(
            ("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), uri
        ),
        **dict.fromkeys(
            ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), number
        ),
    ),
    _HOW,
)
_SENSOR_ELEMENT = Record(
    events.SensorElement,
    members(
        ["sensorReport"],
        sensorMetadata=_SENSOR_METADATA,
        sensorReport=list_of(_SENSOR_REPORT, _HOW, at_least=1),
    ),
    _HOW,
)
_ERROR_DECLARATION = Record(
    events.ErrorDeclaration,
    members(
        ["declarationTime"],
        declarationTime=time,
        reason=word(ERROR_REASON),
        correctiveEventIDs=list_of(uri, _BASE),
    ),
    _BASE,
)
_ILMD = Record(lambda extensions: extensions, {}, "EPCIS 2.0 §7.3.8")


def _set_or_unset(value: Mapping[str, Any], path: Path, report: Report) -> None:
    if not value.keys() & {"set", "unset"}:
        report.add("required", "persistentDisposition sets or unsets something", path, _WHY)


_dispositions = list_of(word(DISPOSITION), _WHY, at_least=1, unique=True)
_PERSISTENT = Record(
    events.PersistentDisposition,
    members((), set=_dispositions, unset=_dispositions),
    _WHY,
    extra="refuse",
    rules=[_set_or_unset],
)

_COMMON = members(
    ["eventTime", "eventTimeZoneOffset"],
    eventTime=time,
    eventTimeZoneOffset=offset,
    recordTime=time,
    eventID=uri,
    errorDeclaration=_ERROR_DECLARATION,
    certificationInfo=_one_or_many,
) | {"@context": Member("context", read_context)}
_STEP: Mapping[str, Reader] = {
    "bizStep": word(BIZ_STEP),
    "disposition": word(DISPOSITION),
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": list_of(_TRANSACTION, _WHY),
    "sourceList": list_of(_SOURCE, _WHY),
    "destinationList": list_of(_DESTINATION, _WHY),
    "sensorElementList": list_of(_SENSOR_ELEMENT, _HOW),
}
_epcs = list_of(identifier, _WHAT)
_distinct_epcs = list_of(identifier, _WHAT, unique=True)
_quantities = list_of(_QUANTITY, "EPCIS 2.0 §7.3.3.1")


def _needs(clause: str, message: str, holds: Callable[[Mapping[str, Any]], bool]) -> Rule:
    def check(value: Mapping[str, Any], path: Path, report: Report) -> None:
        if not holds(value):
            report.add("combination", message, path, clause)

    return check


def _any(value: Mapping[str, Any], *names: str) -> bool:
    return any(value.get(name) for name in names)


def _transforms(value: Mapping[str, Any]) -> bool:
    inputs = _any(value, "inputEPCList", "inputQuantityList")
    outputs = _any(value, "outputEPCList", "outputQuantityList")
    return (inputs or outputs) if "transformationID" in value else (inputs and outputs)


def _event(
    build: Callable[..., events.StepEvent],
    readers: Mapping[str, Reader],
    required: Iterable[str],
    *rules: Callable[[str], Rule],
) -> Record:
    name = build.__name__
    clause = f"EPCIS 2.0 §7.4 {name}"
    fields = members(["type", *required], type=constant(name), **{**_STEP, **readers})
    return Record(
        build, _COMMON | fields, clause, rules=[rule(clause) for rule in rules], keeps_raw=True
    )


def _rule(message: str, holds: Callable[[Mapping[str, Any]], bool]) -> Callable[[str], Rule]:
    return partial(_needs, message=message, holds=holds)


_CHILDREN: Mapping[str, Reader] = {
    "action": action,
    "parentID": identifier,
    "childEPCs": _epcs,
    "childQuantityList": _quantities,
}
_HAS_CHILDREN = _rule(
    "childEPCs or childQuantityList with an entry expected, unless action is DELETE",
    lambda event: event.get("action") == "DELETE" or _any(event, "childEPCs", "childQuantityList"),
)

EVENTS: Mapping[str, Record] = {
    "ObjectEvent": _event(
        events.ObjectEvent,
        {
            "action": action,
            "epcList": _distinct_epcs,
            "quantityList": _quantities,
            "persistentDisposition": _PERSISTENT,
            "ilmd": _ILMD,
        },
        ["action"],
        _rule(
            "epcList or quantityList with an entry expected, or sensorElementList with readPoint",
            lambda event: (
                _any(event, "epcList", "quantityList")
                or (_any(event, "sensorElementList") and "readPoint" in event)
            ),
        ),
        _rule(
            "ilmd only with action ADD",
            lambda event: "ilmd" not in event or event.get("action") == "ADD",
        ),
    ),
    "AggregationEvent": _event(
        events.AggregationEvent,
        _CHILDREN,
        ["action"],
        _HAS_CHILDREN,
        _rule(
            "parentID expected when action is ADD or DELETE",
            lambda event: event.get("action") == "OBSERVE" or "parentID" in event,
        ),
    ),
    "AssociationEvent": _event(
        events.AssociationEvent, _CHILDREN, ["action", "parentID"], _HAS_CHILDREN
    ),
    "TransactionEvent": _event(
        events.TransactionEvent,
        {
            "action": action,
            "parentID": identifier,
            "epcList": _epcs,
            "quantityList": _quantities,
            "bizTransactionList": list_of(_TRANSACTION, _WHY, at_least=1),
        },
        ["action", "bizTransactionList"],
        _rule(
            "epcList or quantityList with an entry expected, unless action is DELETE",
            lambda event: event.get("action") == "DELETE" or _any(event, "epcList", "quantityList"),
        ),
    ),
    "TransformationEvent": _event(
        events.TransformationEvent,
        {
            "inputEPCList": _distinct_epcs,
            "inputQuantityList": _quantities,
            "outputEPCList": _distinct_epcs,
            "outputQuantityList": _quantities,
            "transformationID": uri,
            "persistentDisposition": _PERSISTENT,
            "ilmd": _ILMD,
        },
        [],
        _rule("inputs and outputs expected, or transformationID with one of them", _transforms),
    ),
}
EXTENDED_EVENT = Record(
    events.ExtendedEvent,
    _COMMON | members(["type"], type=uri),
    "EPCIS 2.0 §6.3",
    extra="keep",
    keeps_raw=True,
)
VOCABULARY_LIST = list_of(
    Record(
        lambda **kept: kept,
        members(
            ["type"],
            type=uri,
            vocabularyElementList=list_of(
                Record(
                    lambda **kept: kept,
                    members(
                        ["id"],
                        id=uri,
                        attributes=list_of(
                            Record(
                                lambda **kept: kept,
                                members(["id"], id=uri, attribute=attribute),
                                "EPCIS 2.0 §7.1",
                                extra="keep",
                            ),
                            "EPCIS 2.0 §7.1",
                        ),
                        children=list_of(uri, "EPCIS 2.0 §7.1"),
                    ),
                    "EPCIS 2.0 §7.1",
                    extra="keep",
                ),
                "EPCIS 2.0 §7.1",
            ),
        ),
        "EPCIS 2.0 §7.1",
        extra="keep",
    ),
    "EPCIS 2.0 §7.1",
)
