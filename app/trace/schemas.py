"""What a journey is made of, and the words of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.i18n import N_


@dataclass(frozen=True, slots=True)
class Where:
    """A place as registered; only ``key`` is set where nobody registered it."""

    key: str
    name: str = ""
    address: str = ""
    province: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Who declared an event."""

    id: int
    name: str
    kind: str
    stream: str  # its chain of statements in the log


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of a journey; ``through`` says whether the thing itself, its lot, its container or
    one of its inputs was declared, ``parent`` in what it was packed."""

    step: str
    disposition: str
    type: str
    action: str
    at: datetime
    zone: str
    party: Party
    where: Where | None
    entry_index: int
    position: int
    key: str
    role: str
    through: str
    read_point: str = ""
    biz_location: str = ""
    parent: str = ""
    makes: bool = False
    quantity: float | None = None
    unit: str = ""
    inputs: tuple[str, ...] = ()
    deleted: bool = False  # by order: of the rest only beginnings and ends are left


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that nobody declared, after the step with index ``after``."""

    after: int
    code: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Journey:
    """The steps in order of event time, and the gaps between and after them."""

    steps: tuple[Step, ...]
    gaps: tuple[Gap, ...]
    truncated: bool = False


# CBV 2.0 business steps, as a shopper would say them.
STEPS: Mapping[str, str] = {
    "accepting": N_("Accepted"),
    "arriving": N_("Arrived"),
    "assembling": N_("Assembled"),
    "collecting": N_("Collected"),
    "commissioning": N_("Put into use"),
    "consigning": N_("Handed over for sale"),
    "creating_class_instance": N_("Produced"),
    "cycle_counting": N_("Counted"),
    "decommissioning": N_("Code taken out of use"),
    "departing": N_("Departed"),
    "destroying": N_("Destroyed"),
    "disassembling": N_("Taken apart"),
    "dispensing": N_("Dispensed"),
    "encoding": N_("Code written"),
    "entering_exiting": N_("Entered or left"),
    "holding": N_("Held back"),
    "inspecting": N_("Inspected"),
    "installing": N_("Installed"),
    "killing": N_("Tag switched off"),
    "loading": N_("Loaded"),
    "other": N_("Another step"),
    "packing": N_("Packed"),
    "picking": N_("Picked for an order"),
    "receiving": N_("Received"),
    "removing": N_("Removed"),
    "repackaging": N_("Repacked"),
    "repairing": N_("Repaired"),
    "replacing": N_("Replaced"),
    "reserving": N_("Reserved"),
    "retail_selling": N_("Sold to a consumer"),
    "sampling": N_("Sampled"),
    "sensor_reporting": N_("Measured"),
    "shipping": N_("Shipped"),
    "staging_outbound": N_("Made ready for shipping"),
    "stock_taking": N_("Stock taken"),
    "stocking": N_("Put on the shelf"),
    "storing": N_("Stored"),
    "transporting": N_("In transport"),
    "unloading": N_("Unloaded"),
    "unpacking": N_("Unpacked"),
    "void_shipping": N_("Shipping called off"),
}
# Where an event names no business step, its type says what happened.
TYPES: Mapping[str, str] = {
    "ObjectEvent": N_("Observed"),
    "AggregationEvent": N_("Packed together"),
    "AssociationEvent": N_("Attached"),
    "TransactionEvent": N_("Entered in a transaction"),
    "TransformationEvent": N_("Made from other goods"),
}
GAPS: Mapping[str, str] = {
    "not-received": N_("On the way: nobody has declared its receipt"),
    "move-undeclared": N_("The move between these places is not declared"),
    "since-undeclared": N_("Nothing has been declared since"),
}


def step_text(step: str, event_type: str) -> str:
    """Give the msgid for a step: by its business step, else by the type of its event."""
    return STEPS.get(step) or TYPES.get(event_type, TYPES["ObjectEvent"])
