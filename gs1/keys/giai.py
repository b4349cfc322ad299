"""GIAI: Global Individual Asset Identifier (GS1 General Specifications 2.3.2, 3.9.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import CSET82, IdentificationKey


@dataclass(frozen=True, slots=True)
class Giai(IdentificationKey):
    """One asset: company prefix and asset reference, at most 30 characters together.

    >>> str(Giai.parse("952114132a/b"))
    '952114132a/b'
    """

    ai: ClassVar[str] = "8004"
    title: ClassVar[str] = "GIAI"
    clause: ClassVar[str] = "GS1 General Specifications 3.9.4"

    def _check(self) -> None:
        self._require_characters(self.value, CSET82, 30)
        self._require_prefix()
