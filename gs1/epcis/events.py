"""The event types of EPCIS 2.0 (section 7.4) as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from gs1.epcis.jsontext import canonical_json
from gs1.equivalence import Key
from gs1.errors import Gs1Error


@lru_cache(maxsize=8192)
def _key_of(uri: str) -> str | None:
    try:
        return Key.parse(uri).canonical
    except Gs1Error:
        return None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A URI that names a thing, class, place, party or document.

    >>> Identifier("urn:epc:id:sgtin:9521141.012345.1").key
    'https://id.gs1.org/01/09521141123454/21/1'
    """

    uri: str

    @property
    def key(self) -> str | None:
        """Canonical GS1 key, the same for EPC URN and Digital Link; None if it is no GS1 key."""
        return _key_of(self.uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityElement:
    """How much of one class (section 7.3.3.1); no quantity means an unknown amount.

    >>> QuantityElement(epc_class=Identifier("urn:x:y"), quantity=2.5, uom="KGM").quantity
    2.5
    """

    epc_class: Identifier
    quantity: float | None = None
    uom: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BizTransaction:
    """A business document the event belongs to.

    >>> BizTransaction(biz_transaction=Identifier("urn:x:po:1"), type="po").type
    'po'
    """

    biz_transaction: Identifier
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a transfer starts: a party or a place.

    >>> Source(type="location", source=Identifier("urn:epc:id:sgln:9521141.00001.0")).source.key
    'https://id.gs1.org/414/9521141000014'
    """

    type: str
    source: Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a transfer ends: a party or a place.

    >>> Destination(type="owning_party", destination=Identifier("urn:x:y")).type
    'owning_party'
    """

    type: str
    destination: Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A read point or a business location (section 7.3.5).

    >>> Place(id=Identifier("https://id.gs1.org/414/9521141000014")).id.key
    'https://id.gs1.org/414/9521141000014'
    """

    id: Identifier
    extensions: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistentDisposition:
    """Dispositions that stay until they are unset.

    >>> PersistentDisposition(set=("recalled",)).unset
    ()
    """

    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDeclaration:
    """Says that an earlier event with the same content is wrong (section 7.4.1).

    >>> from datetime import UTC
    >>> ErrorDeclaration(declaration_time=datetime(2026, 3, 1, tzinfo=UTC)).reason is None
    True
    """

    declaration_time: datetime
    reason: str | None = None
    corrective_event_ids: tuple[str, ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorMetadata:
    """What holds for all reports of a sensor element (section 7.3.7).

    >>> SensorMetadata(device_id=Identifier("urn:x:device:1")).device_id.uri
    'urn:x:device:1'
    """

    time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    device_id: Identifier | None = None
    device_metadata: str | None = None
    raw_data: str | None = None
    data_processing_method: str | None = None
    biz_rules: str | None = None
    extensions: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorReport:
    """One observation of a sensor (section 7.3.7).

    >>> SensorReport(type="Temperature", value=4.5, uom="CEL").value
    4.5
    """

    type: str
    exception: str | None = None
    device_id: Identifier | None = None
    device_metadata: str | None = None
    raw_data: str | None = None
    data_processing_method: str | None = None
    biz_rules: str | None = None
    time: datetime | None = None
    microorganism: str | None = None
    chemical_substance: str | None = None
    coordinate_reference_system: str | None = None
    value: float | None = None
    component: str | None = None
    string_value: str | None = None
    boolean_value: bool | None = None
    hex_binary_value: str | None = None
    uri_value: str | None = None
    min_value: float | None = None
    max_value: float | None = None
    mean_value: float | None = None
    s_dev: float | None = None
    perc_rank: float | None = None
    perc_value: float | None = None
    uom: str | None = None
    extensions: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorElement:
    """A set of sensor reports with what they share (section 7.3.7).

    >>> report = SensorReport(type="Temperature", max_value=8.0, uom="CEL")
    >>> SensorElement(sensor_report=(report,)).sensor_report[0].max_value
    8.0
    """

    sensor_report: tuple[SensorReport, ...]
    sensor_metadata: SensorMetadata | None = None
    extensions: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has (section 7.4.1). ``raw`` is the JSON object as received.

    Standard vocabulary values are bare words whatever their form in the document; times are aware.
    ``extensions`` holds the members that EPCIS does not define, under their names as received.

    >>> when = datetime.fromisoformat("2026-03-01T08:00:00+07:00")
    >>> event = Event(
    ...     type="Event", event_time=when, event_time_zone_offset="+07:00"
    ... )
    >>> event.raw
    {}
    """

    type: str
    event_time: datetime
    event_time_zone_offset: str
    record_time: datetime | None = None
    event_id: str | None = None
    error_declaration: ErrorDeclaration | None = None
    certification_info: tuple[str, ...] = ()
    context: Any = field(default=None, hash=False)
    extensions: dict[str, Any] = field(default_factory=dict, hash=False)
    raw: dict[str, Any] = field(default_factory=dict, repr=False, hash=False)

    def canonical_json(self) -> bytes:
        """The event as received, written by RFC 8785.

        Nothing is added, removed or translated: member order, white space and the spelling of
        numbers and escapes are the only freedoms of JSON that are taken away.
        """
        return canonical_json(self.raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent(Event):
    """What the five standard event types share: why, where, how.

    >>> when = datetime.fromisoformat("2026-03-01T08:00:00+07:00")
    >>> event = StepEvent(
    ...     type="StepEvent", event_time=when, event_time_zone_offset="+07:00", biz_step="shipping"
    ... )
    >>> event.biz_step
    'shipping'
    """

    biz_step: str | None = None
    disposition: str | None = None
    read_point: Place | None = None
    biz_location: Place | None = None
    biz_transaction_list: tuple[BizTransaction, ...] = ()
    source_list: tuple[Source, ...] = ()
    destination_list: tuple[Destination, ...] = ()
    sensor_element_list: tuple[SensorElement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent(StepEvent):
    """Something happened to objects: made (ADD), seen (OBSERVE) or ended (DELETE).

    >>> when = datetime.fromisoformat("2026-03-01T08:00:00+07:00")
    >>> event = ObjectEvent(
    ...     type="ObjectEvent", event_time=when, event_time_zone_offset="+07:00", action="ADD",
    ...     epc_list=(Identifier("urn:epc:id:sgtin:9521141.012345.1"),)
    ... )
    >>> event.epc_list[0].key
    'https://id.gs1.org/01/09521141123454/21/1'
    """

    action: str
    epc_list: tuple[Identifier, ...] = ()
    quantity_list: tuple[QuantityElement, ...] = ()
    persistent_disposition: PersistentDisposition | None = None
    ilmd: dict[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregationEvent(StepEvent):
    """Children are packed into a parent (ADD), seen in it (OBSERVE) or taken out (DELETE).

    >>> when = datetime.fromisoformat("2026-03-01T08:00:00+07:00")
    >>> event = AggregationEvent(
    ...     type="AggregationEvent", event_time=when, event_time_zone_offset="+07:00", action="ADD",
    ...     parent_id=Identifier("urn:epc:id:sscc:9521141.0123456789")
    ... )
    >>> event.parent_id.key
    'https://id.gs1.org/00/095211411234567892'
    """

    action: str
    parent_id: Identifier | None = None
    child_epcs: tuple[Identifier, ...] = ()
    child_quantity_list: tuple[QuantityElement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationEvent(StepEvent):
    """Children are attached to a thing or a place, seen there, or detached.

    >>> when = datetime.fromisoformat("2026-03-01T08:00:00+07:00")
    >>> event = AssociationEvent(
    ...     type="AssociationEvent", event_time=when, event_time_zone_offset="+07:00", action="ADD",
    ...     parent_id=Identifier("urn:x:machine:1")
    ... )
    >>> event.parent_id.uri
    'urn:x:machine:1'
    """

    action: str
    parent_id: Identifier
    child_epcs: tuple[Identifier, ...] = ()
    child_quantity_list: tuple[QuantityElement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEvent(StepEvent):
    """Objects are bound to business documents, or released from them.

    >>> when = datetime.fromisoformat("2026-03-01T08:00:00+07:00")
    >>> event = TransactionEvent(
    ...     type="TransactionEvent", event_time=when, event_time_zone_offset="+07:00", action="ADD",
    ...     biz_transaction_list=(BizTransaction(biz_transaction=Identifier("urn:x:po:1")),)
    ... )
    >>> event.biz_transaction_list[0].type is None
    True
    """

    action: str
    parent_id: Identifier | None = None
    epc_list: tuple[Identifier, ...] = ()
    quantity_list: tuple[QuantityElement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformationEvent(StepEvent):
    """Inputs are used up and outputs come out of them.

    >>> when = datetime.fromisoformat("2026-03-01T08:00:00+07:00")
    >>> event = TransformationEvent(
    ...     type="TransformationEvent", event_time=when, event_time_zone_offset="+07:00",
    ...     transformation_id="urn:x:t:1"
    ... )
    >>> event.input_epc_list
    ()
    """

    input_epc_list: tuple[Identifier, ...] = ()
    input_quantity_list: tuple[QuantityElement, ...] = ()
    output_epc_list: tuple[Identifier, ...] = ()
    output_quantity_list: tuple[QuantityElement, ...] = ()
    transformation_id: str | None = None
    persistent_disposition: PersistentDisposition | None = None
    ilmd: dict[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedEvent(Event):
    """An event type of another party's vocabulary; all its own fields are in ``extensions``.

    >>> when = datetime.fromisoformat("2026-03-01T08:00:00+07:00")
    >>> event = ExtendedEvent(
    ...     type="ExtendedEvent", event_time=when, event_time_zone_offset="+07:00",
    ...     extensions={"example:a": 1}
    ... )
    >>> event.extensions
    {'example:a': 1}
    """
