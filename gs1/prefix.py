"""GS1 prefixes: how long a company prefix is, and which organisation issued it.

The GS1 Prefix (General Specifications 1.4) says which GS1 member organisation a company joined. It
does not say where a product was made: nothing here may be called a country of origin.

The company prefix table is that of biip (Apache-2.0), made by ``python -m gs1.prefix_data``. It is
a snapshot and has gaps: "unknown" (None) is a normal answer.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from gs1.errors import FormatError

Kind = Literal[
    "organisation",
    "restricted-company",
    "restricted-region",
    "gtin-8",
    "reserved",
    "general-manager",
    "demonstration",
    "issn",
    "isbn",
    "refund",
    "coupon",
]
_CLAUSE = "GS1 General Specifications 1.4.2"
_LONGEST = 12
# importlib.resources would take longer to load than the tables.
_FOLDER = Path(__file__).parent / "prefix_data"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who or what a range of GS1 Prefixes is for.

    ``first`` to ``last`` are the prefixes of the range, ``kind`` its use, ``name_en`` and
    ``name_vi`` its name. It identifies a membership, never the origin of a product.

    >>> Issuer("893", "893", "organisation", "GS1 Vietnam", "GS1 Việt Nam").holds("8936012345678")
    True
    """

    first: str
    last: str
    kind: Kind
    name_en: str
    name_vi: str

    def holds(self, digits: str) -> bool:
        """True when ``digits`` begin with a prefix of this range."""
        return self.first <= digits[: len(self.first)] <= self.last


def company_prefix(digits: str) -> str | None:
    """GS1 Company Prefix that ``digits`` begin with, or None when the table does not know it.

    ``digits`` is a key from its company prefix on (a GLN; a GTIN-14 or SSCC without its first
    digit); characters after the leading digits are ignored.

    >>> company_prefix("7044610873466")
    '704461'
    >>> company_prefix("8930000000000") is None
    True
    """
    length = company_prefix_length(digits)
    return digits[:length] if length else None


def company_prefix_length(digits: str) -> int | None:
    """Number of digits of the company prefix that ``digits`` begin with, or None when unknown.

    >>> company_prefix_length("7044610873466")
    6
    """
    leading = digits[: len(digits) - len(digits.lstrip("0123456789"))][:_LONGEST]
    if not leading:
        raise FormatError(
            "a company prefix begins with ASCII digits",
            code="non_digit_character",
            position=0,
            clause=_CLAUSE,
        )
    lowest = _length_at(leading.ljust(_LONGEST, "0"))
    # A short text is only sure when every number that begins with it has this prefix length.
    if lowest > len(leading) or lowest != _length_at(leading.ljust(_LONGEST, "9")):
        return None
    return lowest or None


def issuer(digits: str) -> Issuer | None:
    """What the GS1 Prefix at the front of ``digits`` (13 of them) is for; None when unassigned.

    ``digits`` is a GTIN-13, a GLN, or another key from its company prefix on.

    >>> issuer("8936012345678").name_vi
    'GS1 Việt Nam'
    >>> issuer("9521141123454").kind
    'demonstration'
    """
    found = [row for row in _issuers() if row.holds(digits)]
    # Of nested ranges (0000001 inside 0001) the longest prefix is the exact one.
    return max(found, key=lambda row: len(row.first), default=None)


def _length_at(digits: str) -> int:
    lines = _company_prefixes()
    # A colon sorts after the space and all digits: lines that begin with ``digits`` are before it.
    return int(lines[bisect_right(lines, f"{digits}:") - 1].partition(" ")[2])


@cache
def _company_prefixes() -> list[str]:
    """Lines of the table as they are: first digits of a range, and the prefix length in it.

    They sort as text; length 0 says that no prefix is known.
    """
    return _data("company_prefixes.txt").splitlines()


@cache
def _issuers() -> tuple[Issuer, ...]:
    rows = (line.split("\t") for line in _data("organisations.txt").splitlines())
    return tuple(
        Issuer(first, last, cast(Kind, kind), english, vietnamese)
        for first, last, kind, english, vietnamese in rows
    )


def _data(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
