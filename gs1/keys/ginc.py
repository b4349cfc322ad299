"""GINC: Global Identification Number for Consignment (GS1 General Specifications 2.2.2, 3.7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import CSET82, IdentificationKey


@dataclass(frozen=True, slots=True)
class Ginc(IdentificationKey):
    """A consignment: company prefix and reference, at most 30 characters together.

    >>> str(Ginc.parse("9521141XYZ"))
    '9521141XYZ'
    """

    ai: ClassVar[str] = "401"
    title: ClassVar[str] = "GINC"
    clause: ClassVar[str] = "GS1 General Specifications 3.7.2"

    def _check(self) -> None:
        self._require_characters(self.value, CSET82, 30)
        self._require_prefix()
