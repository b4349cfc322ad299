"""GSIN: Global Shipment Identification Number (GS1 General Specifications 2.2.3, 3.7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import IdentificationKey


@dataclass(frozen=True, slots=True)
class Gsin(IdentificationKey):
    """A shipment: 17 digits with a valid check digit.

    >>> str(Gsin.parse("06141411234501238"))
    '06141411234501238'
    """

    ai: ClassVar[str] = "402"
    title: ClassVar[str] = "GSIN"
    clause: ClassVar[str] = "GS1 General Specifications 3.7.3"

    def _check(self) -> None:
        self._check_digits(self.value, 17)
