"""CPID: Component / Part Identifier (GS1 General Specifications 2.3.4, 3.9.10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import CSET39, IdentificationKey


@dataclass(frozen=True, slots=True)
class Cpid(IdentificationKey):
    """A type of component: company prefix and reference, at most 30 characters of CSET 39.

    >>> str(Cpid.parse("95211415PQ7/Z43"))
    '95211415PQ7/Z43'
    """

    ai: ClassVar[str] = "8010"
    title: ClassVar[str] = "CPID"
    clause: ClassVar[str] = "GS1 General Specifications 3.9.10"

    def _check(self) -> None:
        self._require_characters(self.value, CSET39, 30)
        self._require_prefix()
