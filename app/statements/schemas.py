"""Value objects of signed statements."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Author:
    """Who states something and when, into which log, with what secret and random source."""

    party_id: int
    now: datetime
    rng: random.Random
    origin: str
    secret: SecretStr

    @classmethod
    def of(cls, rt: Runtime, party_id: int) -> Author:
        """Give the author of what a party states now."""
        settings = rt.settings
        return cls(party_id, rt.now(), rt.rng, settings.log_origin, settings.secret_key)


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a statement landed: the log's index, and how many items it is about."""

    index: int
    count: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a registration. ``kept`` is what a repetition is told, where it differs."""

    status: int
    body: dict[str, object] | None
    location: str | None = None
    kept: dict[str, object] | None = None
