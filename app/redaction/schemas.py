"""Input shape of an order to delete content, and what readers are told about a deletion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.catalogue.schemas import Input
from app.i18n import N_
from ledger.body import MAX_BASIS, MAX_BY


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError(N_("One line of text without control characters, please."))
    return text


_Line = StringConstraints(strip_whitespace=True, min_length=1)
Basis = Annotated[str, _Line, Field(max_length=MAX_BASIS), AfterValidator(_one_line)]
By = Annotated[str, _Line, Field(max_length=MAX_BY), AfterValidator(_one_line)]
Index = Annotated[int, Field(ge=0, le=2**53 - 1)]


class RedactionIn(Input):
    """Which events, by event ID or by place in the log; under which law; who decided it."""

    event: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    entry: Index | None = None
    positions: Annotated[list[Index], Field(min_length=1, max_length=10_000)] | None = None
    basis: Basis
    by: By | None = None

    @model_validator(mode="after")
    def _one_way_of_naming(self) -> Self:
        by_place = self.entry is not None and self.positions is not None
        one_alone = (self.entry is None) != (self.positions is None)
        if one_alone or by_place == (self.event is not None):
            raise ValueError(N_("Name an event by its ID, or entry and positions, not both."))
        return self


@dataclass(frozen=True, slots=True)
class Deletion:
    """That a record's content was deleted: when, by whom, why, and which entry says so."""

    at: datetime
    by: str
    basis: str
    entry_index: int
