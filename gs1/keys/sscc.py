"""SSCC: Serial Shipping Container Code (GS1 General Specifications 2.2, 3.3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import IdentificationKey


@dataclass(frozen=True, slots=True)
class Sscc(IdentificationKey):
    """One logistic unit: 18 digits with a valid check digit.

    >>> Sscc.parse("106141412345678908").extension_digit
    1
    """

    ai: ClassVar[str] = "00"
    title: ClassVar[str] = "SSCC"
    clause: ClassVar[str] = "GS1 General Specifications 3.3.1"
    prefix_offset: ClassVar[int] = 1

    def _check(self) -> None:
        self._check_digits(self.value, 18)

    @property
    def extension_digit(self) -> int:
        """First digit, free to the company: it widens the range of serial references."""
        return int(self.value[0])
