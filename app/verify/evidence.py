"""The evidence about one code, as the rules see it: value objects without any decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

Kind = Literal["gtin", "lgtin", "sgtin", "sscc"]
Integrity = Literal["proven", "pending", "deleted", "proof-failed", "signature-failed"]
Value = str | int | date | datetime | tuple[str, ...]


class State(StrEnum):
    """The verdicts, worst first: the order of definition is the precedence."""

    UNREADABLE = "UNREADABLE"
    NOT_A_PRODUCT_CODE = "NOT_A_PRODUCT_CODE"
    MALFORMED = "MALFORMED"
    RECALLED = "RECALLED"
    DEACTIVATED = "DEACTIVATED"
    SUSPECTED_COPY = "SUSPECTED_COPY"
    CONTRADICTED = "CONTRADICTED"
    EXPIRED = "EXPIRED"
    NOT_ACTIVATED = "NOT_ACTIVATED"
    UNREGISTERED = "UNREGISTERED"
    PRODUCT_ONLY = "PRODUCT_ONLY"
    BATCH_MATCHES = "BATCH_MATCHES"
    ITEM_MATCHES = "ITEM_MATCHES"
    ITEM_CONFIRMED = "ITEM_CONFIRMED"


@dataclass(frozen=True, slots=True)
class Record:
    """A signed record in the log: whose, when it was logged, where it lies, whether it holds."""

    party_id: int
    at: datetime | None  # None while no checkpoint covers it
    entry_index: int
    position: int
    integrity: Integrity


@dataclass(frozen=True, slots=True)
class Batch:
    """A declared lot."""

    record: Record
    lot: str
    production_date: date | None = None
    expiry_date: date | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A recall notice in force for the product: of all of it, of a lot, or of a serial."""

    record: Record
    number: str
    lot: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class UnitEvent:
    """An event that names the unit or, where not ``own``, the container it is packed in."""

    record: Record
    at: datetime
    step: str
    disposition: str
    makes: bool = False  # commissioning with ADD, or output of a transformation
    hands_to: frozenset[int] = frozenset()  # parties that the event names as its destination
    own: bool = True
    province: str = ""
    point: tuple[float, float] | None = None  # latitude, longitude of the province


@dataclass(frozen=True, slots=True)
class Label:
    """What the symbol itself says."""

    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    best_before: date | None = None
    production: date | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no key to look up: code and parameters of the reason."""

    state: Literal[State.UNREADABLE, State.NOT_A_PRODUCT_CODE, State.MALFORMED]
    code: str
    params: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What became of the hidden code that was sent along."""

    outcome: Literal["first", "again", "used", "wrong", "locked", "none", "not-tried"]
    at: datetime | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a verdict depends on; ``today`` is the date in Asia/Ho_Chi_Minh."""

    today: date
    obstacle: Obstacle | None = None
    kind: Kind = "gtin"
    label: Label = Label()
    owner: int | None = None  # the party that holds the company prefix
    product: Record | None = None
    batch: Batch | None = None  # of the unit as registered, else of the lot on the label
    has_batches: bool = False
    issued: bool = False
    issued_lot: str | None = None
    has_serials: bool = False
    notices: tuple[Notice, ...] = ()
    events: tuple[UnitEvent, ...] = ()  # in the order of event time
    records: tuple[Record, ...] = ()  # everything else that the page shows
    devices: int = 0
    provinces: int = 0
    hidden: Hidden | None = None
    other_products: tuple[str, ...] = ()  # GTINs of other symbols in the photo, ours first
    payment_beside: bool = False
    weak_reading: bool = False
    foreign_host: str = ""
    cut: bool = False  # more events were reported than were looked at
