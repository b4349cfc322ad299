"""Input shapes of issuing."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from app.catalogue.schemas import GtinField, Input, Lot, Name, Serial, Text
from app.i18n import N_
from gs1.errors import FormatError

MOST_SERIALS = 10_000
MOST_SSCCS = 1_000
MOST_LABELS = 1_000  # read back one by one: about five seconds
MOST_PRINTED = 10_000  # with copies
MOST_PLACES = 65  # of a sheet

Form = Literal["png", "svg", "pdf", "zpl"]
MEDIA_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "zpl": "application/vnd.zebra-zpl",
}
SheetForm = Literal["pdf", "zpl"]
Symbol = Literal[
    "ean13", "datamatrix", "datamatrix-rectangular", "qr", "gs1-128", "databar", "databar-stacked"
]
SheetTemplate = Literal["a4-24", "a4-40", "a4-65", "roll-50x30"]
LogisticTemplate = Literal["logistic-100x150", "logistic-148x210"]
Resolution = Literal[203, 300, 600]
Offset = Annotated[float, Field(ge=-10, le=10)]


class LabelIn(Input):
    """Which label to draw: its symbol and what it says beside the product."""

    form: Form = "png"
    symbol: Symbol = "datamatrix"
    lot: Lot | None = None
    serial: Serial | None = None


class SheetIn(Input):
    """Labels to print on a sheet or roll: one for each serial, else ``copies`` of one for the lot.

    ``hidden_codes`` stand beside ``serials``; ``start`` is the first free place of a used sheet;
    ``offset_x`` and ``offset_y``, in mm, make up for a printer that is off.
    """

    gtin: GtinField
    lot: Lot | None = None
    serials: Annotated[list[Serial], Field(min_length=1, max_length=MOST_LABELS)] | None = None
    hidden_codes: list[Annotated[str, Field(max_length=40)]] | None = None
    symbol: Symbol = "datamatrix"
    template: SheetTemplate = "a4-24"
    form: SheetForm = "pdf"
    start: Annotated[int, Field(ge=1, le=MOST_PLACES)] = 1
    copies: Annotated[int, Field(ge=1, le=MOST_LABELS)] = 1
    cut_marks: bool = False
    offset_x: Offset = 0.0
    offset_y: Offset = 0.0
    dpi: Resolution = 300


class LogisticIn(Input):
    """A GS1 logistic label: an own SSCC and, of a uniform unit, what it holds and how many."""

    sscc: Annotated[str, Field(max_length=18)]
    gtin: GtinField | None = None
    count: Annotated[int, Field(ge=1, le=99_999_999)] | None = None
    lot: Lot | None = None
    lines: Annotated[list[Name], Field(max_length=4, default_factory=list)]
    name: Text = ""
    template: LogisticTemplate = "logistic-100x150"
    form: SheetForm = "pdf"
    dpi: Resolution = 300
    copies: Annotated[int, Field(ge=1, le=100)] = 1

    @model_validator(mode="after")
    def _content_with_count(self) -> Self:
        if (self.gtin is None) != (self.count is None) or (self.lot and not self.gtin):
            raise FormatError(
                N_("What a logistic unit holds is given by gtin and count, and the lot with them."),
                code="gtin_and_count",
                clause="GS1 General Specifications 4.14",
            )
        return self


class SerialsIn(Input):
    """Serials to issue: ``count`` random ones, or those that the maker's own system numbered."""

    count: Annotated[int, Field(ge=1, le=MOST_SERIALS)] | None = None
    serials: Annotated[list[Serial], Field(min_length=1, max_length=MOST_SERIALS)] | None = None
    lot: Lot | None = None
    hidden_codes: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.count is None) == (self.serials is None):
            raise FormatError(N_("Give either count or serials."), code="count_or_serials")
        return self


class SsccsIn(Input):
    """SSCCs to issue (GS1 General Specifications 3.3.1)."""

    count: Annotated[int, Field(ge=1, le=MOST_SSCCS)] = 1


@dataclass(frozen=True, slots=True)
class Device:
    """Who tries a hidden code, and when: ``device`` is a pseudonym, different for every unit."""

    device: str
    now: datetime
    rng: random.Random
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class HiddenUse:
    """What became of a hidden code: ``left`` wrong ones are allowed today; ``at`` its first use."""

    outcome: Literal["first", "again", "used", "wrong", "locked", "none"]
    at: datetime | None = None
    receipt: str | None = None
    left: int = 0
