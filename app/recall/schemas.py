"""Input shapes of recalls, and a notice as the public list shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from app.catalogue.schemas import GtinField, Input, LongText, Lot, Name, Serial, Text

Number = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,39}$")]


class RecallIn(Input):
    """A recall of a product, of one lot, or of one serial; ``number`` is given where absent."""

    number: Number | None = None
    gtin: GtinField
    lot: Lot | None = None
    serial: Serial | None = None
    reason: Name
    reason_en: Text = ""
    instructions: LongText = ""
    hazard_group: Literal["A", "B"] = "B"


class LiftIn(Input):
    """Why a recall is lifted."""

    reason: Name


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """A recall notice for everybody; ``href`` is the page about what it covers."""

    number: str
    product: str
    product_en: str
    party: str
    lot: str
    serial: str
    reason: str
    reason_en: str
    issued_at: datetime
    lifted_at: datetime | None
    href: str
