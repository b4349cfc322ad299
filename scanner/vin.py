"""Vehicle identification numbers in Code 39: the data identifier before them, their check digit."""

from __future__ import annotations

from dataclasses import replace

from scanner.reading import Symbol

# ISO 3779 writes no I, O or Q. Values and weights: 49 CFR 565.15(c), tables III and IV.
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES = dict(zip(_LETTERS, map(int, "12345678123457923456789"), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_IDENTIFIER = "I"  # ANSI MH10.8.2: "vehicle identification number"


def is_number(text: str) -> bool:
    """Seventeen signs, the ninth of which is the check digit of the others."""
    if len(text) != 17 or not all(sign in _VALUES or sign in "0123456789" for sign in text):
        return False
    values = (_VALUES[sign] if sign in _VALUES else int(sign) for sign in text)
    total = sum(value * weight for value, weight in zip(values, _WEIGHTS, strict=True))
    return text[8] == "0123456789X"[total % 11]


def number_in(symbol: Symbol) -> str:
    """The vehicle's number that a Code 39 symbol carries, else nothing."""
    if not symbol.symbology.upper().replace(" ", "").startswith("CODE39"):
        return ""
    number = symbol.text[1:] if len(symbol.text) == 18 else symbol.text
    is_identified = len(symbol.text) == 17 or symbol.text.startswith(_IDENTIFIER)
    return number if is_identified and is_number(number) else ""


def without_identifier(symbol: Symbol) -> Symbol:
    """The symbol with the number alone as text; ``raw`` keeps the data identifier."""
    number = number_in(symbol)
    if not number:
        return symbol
    return replace(symbol, text=number, checks=(*symbol.checks, "check-digit"))
