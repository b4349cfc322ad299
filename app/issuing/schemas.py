"""Input shapes of issuing."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from app.catalogue.schemas import Input, Lot, Serial
from app.i18n import N_
from gs1.errors import FormatError

MOST_SERIALS = 10_000
MOST_SSCCS = 1_000


Form = Literal["png", "svg", "pdf"]
Symbol = Literal["ean13", "datamatrix", "qr"]


class LabelIn(Input):
    """Which label to draw: its symbol and what it says beside the product."""

    form: Form = "png"
    symbol: Symbol = "datamatrix"
    lot: Lot | None = None
    serial: Serial | None = None


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
