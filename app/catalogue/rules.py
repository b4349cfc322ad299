"""Pure decisions of the catalogue: what differs, and which number stands under a prefix."""

from __future__ import annotations

from collections.abc import Mapping

from gs1.check_digit import check_digit

PREFIX_CLAUSE = "GS1 General Specifications 1.4"


def differing(stored: Mapping[str, object], asked: Mapping[str, object]) -> list[str]:
    """Give the names, in order, of the fields whose asked value is not the stored one."""
    return sorted(name for name, value in asked.items() if stored.get(name) != value)


def number_under(prefix: str, reference: int, length: int, lead: str = "") -> str:
    """Give the key of a reference under a company prefix, with its check digit.

    ``length`` counts prefix and reference together: 12 for GTIN-13 and GLN, 16 for an SSCC, whose
    extension digit is the ``lead`` (GS1 General Specifications 1.4, 7.9).

    >>> number_under("9520001", 7, 12)
    '9520001000073'
    """
    body = f"{lead}{prefix}{reference:0{length - len(prefix)}d}"
    return body + check_digit(body)
