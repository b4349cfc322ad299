"""GTIN: Global Trade Item Number (GS1 General Specifications 2.1, 3.3.2, 1.4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from gs1 import prefix
from gs1.check_digit import check_digit
from gs1.errors import FormatError
from gs1.keys import upc
from gs1.keys.key import IdentificationKey

Scope = Literal["company", "region"]
_LENGTHS = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True, eq=False)
class Gtin(IdentificationKey):
    """A GTIN-8, -12, -13 or -14 with a valid check digit.

    Two GTINs are equal when they are the same number, whatever leading zeros they were written
    with; ``str()`` gives the digits as read.

    >>> Gtin.parse("96385074") == Gtin.parse("00000096385074")
    True
    >>> Gtin.parse("4006381333931").gtin14
    '04006381333931'
    """

    ai: ClassVar[str] = "01"
    title: ClassVar[str] = "GTIN"
    clause: ClassVar[str] = "GS1 General Specifications 3.3.2"

    def _check(self) -> None:
        length = len(self.value) if len(self.value) in _LENGTHS else 14
        self._check_digits(self.value, length)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Gtin):
            return NotImplemented
        return self.gtin14 == other.gtin14

    def __hash__(self) -> int:
        return hash(self.gtin14)

    @classmethod
    def from_upc_e(cls, text: str) -> Self:
        """Expand a UPC-E symbol: 6 digits, or 7 with number system, or 8 with check digit.

        >>> Gtin.from_upc_e("04252614").value
        '042100005264'
        """
        return cls(upc.expand(text))

    @property
    def ai_value(self) -> str:
        """The 14 digits that AI (01) carries."""
        return self.gtin14

    @property
    def gtin14(self) -> str:
        """The number in 14 digits, the form to store and compare."""
        return self.value.zfill(14)

    @property
    def shortest(self) -> str:
        """The digits without the leading zeros that only pad: 8, 12, 13 or 14 of them.

        >>> Gtin.parse("00000096385074").shortest
        '96385074'
        """
        return self.gtin14[14 - self.natural_length :]

    @property
    def natural_length(self) -> Literal[8, 12, 13, 14]:
        """8, 12, 13 or 14: the form the number was allocated in (GenSpecs 1.4.2, 1.4.3)."""
        gtin14 = self.gtin14
        if gtin14.startswith("000000"):
            return 8
        if gtin14.startswith("00"):
            return 12
        return 13 if gtin14.startswith("0") else 14

    @property
    def indicator(self) -> int:
        """Indicator digit: 0 base unit, 1 to 8 grouping, 9 variable measure (GenSpecs 2.1.2).

        >>> Gtin.parse("95012345678903").indicator
        9
        """
        return int(self.gtin14[0])

    @property
    def is_variable_measure(self) -> bool:
        """True when the indicator says that the measure is in a further element string."""
        return self.indicator == 9

    def as_gtin(self, length: Literal[8, 12, 13, 14]) -> str:
        """The number in ``length`` digits; FormatError when it needs more.

        >>> Gtin.parse("00614141000036").as_gtin(12)
        '614141000036'
        """
        dropped, digits = self.gtin14[: 14 - length], self.gtin14[14 - length :]
        if length not in _LENGTHS or dropped.strip("0"):
            raise FormatError(
                f"GTIN {self.gtin14} cannot be written in {length} digits",
                code="gtin_does_not_fit",
                ai=self.ai,
                clause=self.clause,
            )
        return digits

    def to_upc_e(self) -> str:
        """The 8 digits of the UPC-E symbol; FormatError when the zeros for it are missing.

        >>> Gtin.parse("042100005264").to_upc_e()
        '04252614'
        """
        return upc.compress(self.as_gtin(12))

    def with_indicator(self, indicator: int) -> Gtin:
        """The GTIN-14 of a grouping of this item: ``indicator`` 1 to 9, new check digit.

        >>> str(Gtin.parse("4006381333931").with_indicator(1))
        '14006381333938'
        """
        if not 1 <= indicator <= 9:
            raise FormatError(
                "an indicator is a digit from 1 to 9",
                code="indicator_out_of_range",
                ai=self.ai,
                clause="GS1 General Specifications 2.1.2",
            )
        body = f"{indicator}{self.gtin14[1:13]}"
        return Gtin(body + check_digit(body))

    @property
    def is_restricted(self) -> bool:
        """True for a restricted circulation number, which is not unique in the world.

        >>> Gtin.parse("2012345678903").is_restricted
        True
        """
        return self.restricted_scope is not None

    @property
    def restricted_scope(self) -> Scope | None:
        """Where a restricted circulation number is unique; None for a real GTIN.

        GenSpecs 1.4.2 and 1.4.3: GS1 prefixes 02 and 20 to 29 in a region, 04 and 0000000 in a
        company; GS1-8 prefixes 0 and 2 in a company.
        """
        if self.natural_length == 8:
            return "company" if self.gtin14[6] in "02" else None
        first = self.gtin14[1:3]
        if first == "04":
            return "company"
        return "region" if first == "02" or first[0] == "2" else None

    def company_prefix(self) -> str | None:
        """The GS1 Company Prefix; None when unknown, and for a GTIN-8, which holds none."""
        return None if self.natural_length == 8 else prefix.company_prefix(self.gtin14[1:])
