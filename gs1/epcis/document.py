"""EPCIS 2.0 documents in JSON-LD: parse, or say everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gs1.epcis.context import check_names_epcis, prefixes, read_context
from gs1.epcis.events import Event
from gs1.epcis.jsontext import Limits, check_value, read_json
from gs1.epcis.readers import (
    Member,
    Path,
    Reader,
    Record,
    Report,
    TooManyErrors,
    constant,
    list_of,
    text,
    time,
    uri,
    version,
)
from gs1.epcis.shapes import EVENTS, EXTENDED_EVENT, VOCABULARY_LIST, members
from gs1.errors import EpcisError

_CLAUSE = "EPCIS 2.0 §10.1"
_DEFAULT_LIMITS = Limits()


class EpcisErrors(EpcisError):
    """A document is not valid: the first error, and in ``errors`` all that were found."""

    def __init__(self, errors: Iterable[EpcisError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.message, code=first.code, pointer=first.pointer, clause=first.clause)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpcisDocument:
    """A valid document. ``type`` is EPCISDocument, EPCISQueryDocument, or that of a bare event.

    ``master_data`` and ``extensions`` are as received; ``raw`` is the whole document.

    >>> EpcisDocument(type="EPCISDocument", events=(), context=[]).master_data
    ()
    """

    type: str
    events: tuple[Event, ...]
    context: Any
    schema_version: str | None = None
    creation_date: datetime | None = None
    id: str | None = None
    sender: str | None = None
    receiver: str | None = None
    instance_identifier: str | None = None
    query_name: str | None = None
    subscription_id: str | None = None
    master_data: tuple[dict[str, Any], ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


def parse(
    body: bytes | dict[str, Any],
    *,
    limits: Limits = _DEFAULT_LIMITS,
    namespaces: Mapping[str, str] | None = None,
) -> EpcisDocument:
    """Read an EPCISDocument, an EPCISQueryDocument or one bare event with its own ``@context``.

    ``body`` is UTF-8 JSON text or the value parsed from it; ``namespaces`` are prefixes that were
    declared outside the document (header GS1-Extensions, EPCIS 2.0 section 12). Raises
    :class:`EpcisErrors` with every fault found, up to ``limits.errors``.

    >>> document = parse({
    ...     "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    ...     "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning",
    ...     "eventTime": "2026-03-01T08:00:00+07:00", "eventTimeZoneOffset": "+07:00",
    ...     "epcList": ["urn:epc:id:sgtin:9521141.012345.1"],
    ... })
    >>> document.events[0].biz_step, document.events[0].event_time.hour
    ('commissioning', 8)
    """
    document, errors = _read(body, limits, namespaces or {})
    if errors or document is None:
        raise EpcisErrors(errors)
    return document


def check(
    body: bytes | dict[str, Any],
    *,
    limits: Limits = _DEFAULT_LIMITS,
    namespaces: Mapping[str, str] | None = None,
) -> list[EpcisError]:
    """All faults of a document, in the order of the document; empty for a valid one.

    >>> [error.pointer for error in check({"type": "EPCISQueryDocument", "@context": "urn:x:y"})]
    ['/epcisBody']
    """
    return _read(body, limits, namespaces or {})[1]


def _read(
    body: bytes | dict[str, Any], limits: Limits, namespaces: Mapping[str, str]
) -> tuple[EpcisDocument | None, list[EpcisError]]:
    report = Report(limits.errors, frozenset(namespaces))
    try:
        if isinstance(body, bytes):
            value = read_json(body, limits)
        else:
            value = body
            check_value(value, limits)
        document: EpcisDocument | None = _read_root(value, report, limits)
    except EpcisError as error:
        return None, [error]
    except TooManyErrors:
        return None, report.errors
    return document, report.errors


def _read_root(value: Any, report: Report, limits: Limits) -> EpcisDocument | None:
    if not isinstance(value, dict):
        report.add("type", "object expected", (), _CLAUSE)
        return None
    if "@context" in value:
        check_names_epcis(value["@context"], ("@context",), report)
        report.prefixes = prefixes(value["@context"], report.prefixes)
    root = _ROOTS.get(value["type"]) if isinstance(value.get("type"), str) else None
    document: EpcisDocument | None = (
        root(value, (), report) if root else _read_bare_event(value, report)
    )
    if document is not None and len(document.events) > limits.events:
        message = f"more than {limits.events} events"
        report.add("too-many", message, ("epcisBody",), "EPCIS 2.0 §12")
    return document


def _read_bare_event(value: dict[str, Any], report: Report) -> EpcisDocument | None:
    if "@context" not in value:
        report.add("required", "@context is missing", ("@context",), _CLAUSE)
    event = read_event(value, (), report)
    if event is None:
        return None
    context = value.get("@context")
    return EpcisDocument(type=event.type, events=(event,), context=context, raw=value)


def read_event(value: Any, path: Path, report: Report) -> Any:
    """Read one event by the table of its type, under its own context where it has one.

    >>> report = Report(10)
    >>> read_event({"type": "ObjectEvent"}, (), report)
    >>> report.errors[0].message
    'eventTime is missing'
    """
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        report.add("type", "an event is an object with a type", path, "EPCIS 2.0 §7.4")
        return None
    outer = report.prefixes
    if "@context" in value:
        report.prefixes = prefixes(value["@context"], outer)
    event = EVENTS.get(value["type"], EXTENDED_EVENT)(value, path, report)
    report.prefixes = outer
    return event


Parts = dict[str, Any]


def _hoist(inner: Parts, extensions: Parts, **own: Any) -> Parts:
    """The parts of a nested object, with what the object around it adds."""
    return {**inner, **own, "extensions": extensions | inner["extensions"]}


def _build(
    epcis_body: Parts, extensions: Parts, epcis_header: Parts | None = None, **own: Any
) -> EpcisDocument:
    header = epcis_header or {"extensions": {}}
    return EpcisDocument(
        **_hoist(_hoist(epcis_body, header.pop("extensions"), **header), extensions, **own)
    )


def _part(readers: Mapping[str, Member], build: Callable[..., Parts]) -> Record:
    return Record(build, readers, _CLAUSE)


_EVENT_LIST = {"eventList": Member("events", list_of(read_event, _CLAUSE), required=True)}
_MASTER_DATA = Record(
    lambda extensions, vocabulary_list=(): vocabulary_list,
    members((), vocabularyList=VOCABULARY_LIST),
    _CLAUSE,
    extra="keep",
)
_HEADER = _part({"epcisMasterData": Member("master_data", _MASTER_DATA)}, dict)
_BODY = _part(_EVENT_LIST, dict)
_RESULTS_BODY = _part(
    _EVENT_LIST | {"vocabularyList": Member("master_data", VOCABULARY_LIST)}, dict
)
_QUERY_RESULTS = _part(
    members(
        ["queryName", "resultsBody"],
        queryName=text,
        subscriptionID=text,
        resultsBody=_RESULTS_BODY,
    ),
    lambda results_body, **own: _hoist(results_body, **own),
)
_QUERY_BODY = _part(
    members(["queryResults"], queryResults=_QUERY_RESULTS),
    lambda query_results, extensions: _hoist(query_results, extensions),
)
_CONTEXT = {"@context": Member("context", read_context, required=True)}


def _root(name: str, required: Iterable[str], **readers: Reader) -> Record:
    """Reader of a whole document of one type."""
    fields = members(
        ["type", "epcisBody", *required],
        id=uri,
        type=constant(name),
        schemaVersion=version,
        creationDate=time,
        **readers,
    )
    return Record(_build, _CONTEXT | fields, _CLAUSE, keeps_raw=True)


_ROOTS = {
    "EPCISDocument": _root(
        "EPCISDocument",
        ["schemaVersion", "creationDate"],
        instanceIdentifier=text,
        sender=text,
        receiver=text,
        epcisHeader=_HEADER,
        epcisBody=_BODY,
    ),
    "EPCISQueryDocument": _root("EPCISQueryDocument", [], epcisBody=_QUERY_BODY),
}
