"""GLN: Global Location Number (GS1 General Specifications 2.4, 3.7.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1.keys.key import IdentificationKey


@dataclass(frozen=True, slots=True)
class Gln(IdentificationKey):
    """A place, party or function: 13 digits with a valid check digit.

    >>> str(Gln.parse("9521141123454"))
    '9521141123454'
    """

    ai: ClassVar[str] = "414"
    title: ClassVar[str] = "GLN"
    clause: ClassVar[str] = "GS1 General Specifications 3.7.9"

    def _check(self) -> None:
        self._check_digits(self.value, 13)
