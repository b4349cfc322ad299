"""GMN: Global Model Number (GS1 General Specifications 2.1.14, 3.9.13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gs1 import check_digit
from gs1.errors import CheckDigitError
from gs1.keys.key import CSET82, IdentificationKey


@dataclass(frozen=True, slots=True)
class Gmn(IdentificationKey):
    """A product model: company prefix, reference and check character pair, at most 25 characters.

    >>> str(Gmn.parse("1987654Ad4X4bL5ttr2310c2K"))
    '1987654Ad4X4bL5ttr2310c2K'
    """

    ai: ClassVar[str] = "8013"
    title: ClassVar[str] = "GMN"
    clause: ClassVar[str] = "GS1 General Specifications 3.9.13"

    def _check(self) -> None:
        self._require_characters(self.value, CSET82, 25)
        self._require_prefix()
        try:
            check_digit.verify_pair(self.value)
        except CheckDigitError as error:
            raise self._check_failure(error) from None

    @classmethod
    def from_body(cls, body: str) -> Gmn:
        """The GMN of a prefix and model reference: adds the check character pair.

        >>> str(Gmn.from_body("1987654Ad4X4bL5ttr2310c"))
        '1987654Ad4X4bL5ttr2310c2K'
        """
        return cls(body + check_digit.check_character_pair(body))
