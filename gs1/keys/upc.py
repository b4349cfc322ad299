"""Zero suppression of UPC-E (GS1 General Specifications 5.2.2.4.2)."""

from __future__ import annotations

import re

from gs1.check_digit import check_digit, verify
from gs1.errors import FormatError

_CLAUSE = "GS1 General Specifications 5.2.2.4.2"
# The manufacturer and item digits of a GTIN-12 body (without number system 0) that a UPC-E can
# stand for, in the order of the rules: first match wins.
_COMPRESSIBLE = (
    (re.compile(r"([0-9]{2})([0-2])0000([0-9]{3})"), r"\1\3\2"),
    (re.compile(r"([0-9]{3})00000([0-9]{2})"), r"\g<1>\g<2>3"),
    (re.compile(r"([0-9]{4})00000([0-9])"), r"\g<1>\g<2>4"),
    (re.compile(r"([0-9]{5})0000([5-9])"), r"\1\2"),
)


def expand(text: str) -> str:
    """GTIN-12 of a UPC-E of 6 digits, 7 (with number system 0) or 8 (and check digit).

    >>> expand("425261")
    '042100005264'
    """
    if not (text.isascii() and text.isdigit() and 6 <= len(text) <= 8):
        raise FormatError("a UPC-E has 6, 7 or 8 ASCII digits", code="upc_e_form", clause=_CLAUSE)
    if len(text) > 6 and text[0] != "0":
        raise FormatError(
            f"a UPC-E has number system 0, not {text[0]}",
            code="upc_e_number_system",
            position=0,
            clause=_CLAUSE,
        )
    body = "0" + _unsuppressed(text if len(text) == 6 else text[1:7])
    digits = body + (text[7] if len(text) == 8 else check_digit(body))
    verify(digits)
    return digits


def _unsuppressed(six: str) -> str:
    last = six[5]
    if last in "012":
        return f"{six[:2]}{last}0000{six[2:5]}"
    if last == "3":
        return f"{six[:3]}00000{six[3:5]}"
    if last == "4":
        return f"{six[:4]}00000{six[4]}"
    return f"{six[:5]}0000{last}"


def compress(gtin12: str) -> str:
    """UPC-E of 8 digits for a GTIN-12; FormatError when it has not the zeros to suppress.

    >>> compress("042100005264")
    '04252614'
    """
    if gtin12[0] == "0":
        for pattern, form in _COMPRESSIBLE:
            match = pattern.fullmatch(gtin12[1:11])
            if match:
                return f"0{match.expand(form)}{gtin12[11]}"
    raise FormatError(f"GTIN-12 {gtin12} has no UPC-E form", code="no_upc_e_form", clause=_CLAUSE)
