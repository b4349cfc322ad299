"""Faults of readers and typists: what a damaged text may have been, as candidates only.

In medicines verification most false alarms come from readers: lost group separators, keyboard
layouts and caps lock, manual entry. A candidate is a text that the strict reading accepts after one
such fault is undone. None is ever taken for the text itself: the caller looks them up, or asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from gs1.check_digit import weighted_sum
from gs1.element_string import GS, ElementString
from gs1.errors import CheckDigitError, Gs1Error
from gs1.reading import Form, form_of, read
from gs1.separators import Budget, restore

#: Longer text is not repaired: no keyboard wedge or hand produces it.
LONGEST = 256
#: Candidates given at most.
MOST = 32


class Fault(StrEnum):
    """What went wrong between the symbol and the text.

    >>> str(Fault.CAPS_LOCK)
    'caps_lock'
    """

    SEPARATOR_LOST = "separator_lost"
    SEPARATOR_TYPED = "separator_typed"
    KEYBOARD_AZERTY = "keyboard_azerty"
    KEYBOARD_QWERTZ = "keyboard_qwertz"
    CAPS_LOCK = "caps_lock"
    LEADING_ZERO = "leading_zero"
    AI_LOST = "ai_lost"
    TRANSPOSED = "transposed"
    WRONG_DIGIT = "wrong_digit"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible original: the faults undone, the repaired text and its strict reading.

    ``text`` is digits for a plain GTIN, a URI for a Digital Link, brackets for everything else.
    """

    faults: tuple[Fault, ...]
    text: str
    element_string: ElementString

    def to_dict(self) -> dict[str, object]:
        """JSON form.

        >>> candidates("9521234543231")[0].to_dict()
        {'faults': ['transposed'], 'text': '9521234543213'}
        """
        return {"faults": [str(fault) for fault in self.faults], "text": self.text}


_Variant = tuple[tuple[Fault, ...], str]


def candidates(text: str) -> tuple[Candidate, ...]:
    """Possible originals of the text, the likelier faults first; at most ``MOST`` of them.

    A text that reads well has candidates too, where a fault can hide in valid data: a separator
    lost before a date, a separator typed as characters, capitals and small letters exchanged.

    >>> [found.text for found in candidates("010952123454321310ABC{GS}17271231")]
    ['(01)09521234543213(10)ABC(17)271231']
    """
    if len(text) > LONGEST:
        return ()
    found: dict[tuple[tuple[str, str], ...], Candidate] = {}
    own = _reading(text)
    for faults, variant in _variants(text, Budget()):
        candidate = _accepted(faults, variant)
        if candidate and (own is None or candidate.element_string.items != own.items):
            found.setdefault(candidate.element_string.items, candidate)
        if len(found) == MOST:
            break
    return tuple(found.values())


def _accepted(faults: tuple[Fault, ...], text: str) -> Candidate | None:
    elements = _reading(text)
    if elements is None:
        return None
    form = form_of(text)
    plain = form in (Form.NUMBER, Form.LINK)
    return Candidate(faults, text if plain else elements.to_bracketed(), elements)


def _reading(text: str) -> ElementString | None:
    form = form_of(text)
    if form is None:
        return None
    try:
        return read(text, form)
    except Gs1Error:
        return None


def _variants(text: str, budget: Budget) -> Iterator[_Variant]:
    """Every repair to try, cheap and likely ones first."""
    yield from _separators((), text, budget)
    for faults, typed in _keyboards(text):
        yield faults, typed
        yield from _separators(faults, typed, budget)
    yield from _leading_zero(text)
    yield from _lost_identifier(text)
    yield from _digits(text)


# A GS that became characters: names in brackets, escapes of several notations, its picture.
_TYPED = re.compile(
    r"\{GS\}|<GS>|\[GS\]|\(GS\)|\\x1[dD]|\\u001[dD]|\\F|~d029|~1|%1[dD]|&#29;|\^\]|␝|↔|\|"
)


def _separators(before: tuple[Fault, ...], text: str, budget: Budget) -> Iterator[_Variant]:
    typed = _TYPED.sub(GS, text)
    if typed != text:
        yield (*before, Fault.SEPARATOR_TYPED), typed
    form = form_of(text)
    if form in (Form.RAW, Form.SCAN, Form.DATA):
        head, data = (text[:3], text[3:]) if form is Form.SCAN else ("", text)
        hides = not head.startswith(("]E", "]I")) and _reading(text) is not None
        data = data.lstrip("^").replace("^", GS)
        for repaired in restore(data, budget, needs_date=hides):
            yield (*before, Fault.SEPARATOR_LOST), repaired


# The same keys, row by row, unshifted and shifted, on three layouts.
_LAYOUTS = {
    "us": "`1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./"
    '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|ZXCVBNM<>?',
    "azerty": "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*wxcvbn,;:!"
    "~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µWXCVBN?./§",
    "qwertz": "^1234567890ß´qwertzuiopü+asdfghjklöä#yxcvbnm,.-"
    "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'YXCVBNM;:_",
}


@cache
def _maps() -> tuple[tuple[Fault, dict[int, int]], ...]:
    """Translations from what was typed to what was meant, in both directions of the mistake."""
    found = []
    for fault, name in ((Fault.KEYBOARD_AZERTY, "azerty"), (Fault.KEYBOARD_QWERTZ, "qwertz")):
        found.append((fault, str.maketrans(_LAYOUTS[name], _LAYOUTS["us"])))
        found.append((fault, str.maketrans(_LAYOUTS["us"], _LAYOUTS[name])))
    return tuple(found)


@cache
def _shift_lock() -> dict[int, int]:
    """Caps lock of a French keyboard, which shifts every key: digits come out right, Q for A."""
    half = len(_LAYOUTS["us"]) // 2
    return str.maketrans(_LAYOUTS["azerty"], _LAYOUTS["us"][half:] + _LAYOUTS["us"][:half])


def _keyboards(text: str) -> Iterator[_Variant]:
    # Capitals are usual in lots and serials; small letters alone point to caps lock.
    if text != text.upper() and text == text.lower():
        yield (Fault.CAPS_LOCK,), text.swapcase()
        yield (Fault.KEYBOARD_AZERTY, Fault.CAPS_LOCK), text.translate(_shift_lock())
    if _reading(text) is None:
        for fault, table in _maps():
            typed = text.translate(table)
            if typed != text:
                yield (fault,), typed
                yield (fault, Fault.CAPS_LOCK), typed.swapcase()


_SHORT_GTIN = re.compile(r"((?:^|[(/^])0[12][)/]?)([0-9]{13}|[0-9]{12}|[0-9]{8})(?![0-9])")


def _leading_zero(text: str) -> Iterator[_Variant]:
    """Zeros that a spreadsheet or a hand left out: of the number, of the AI, of the value."""
    # No GTIN-8 begins with 0: seven digits are some other number.
    repaired = [] if len(text) == 7 else ["0" + text]
    repaired.append(_SHORT_GTIN.sub(lambda found: found[1] + found[2].zfill(14), text, count=1))
    repaired.append(re.sub(r"^(\^?0[0-2])(?=[0-9])", r"\g<1>0", text))
    for variant in repaired:
        if variant != text:
            yield (Fault.LEADING_ZERO,), variant


def _lost_identifier(text: str) -> Iterator[_Variant]:
    """A bare SSCC, or a GTIN-14 with other elements but without its AI (01)."""
    digits = len(text) - len(text.lstrip("0123456789"))
    if digits == len(text) == 18:
        yield (Fault.AI_LOST,), f"00{text}"
    if digits == len(text) == 17:
        yield (Fault.AI_LOST, Fault.LEADING_ZERO), f"000{text}"
    if digits >= 14 and len(text) > 16:
        yield (Fault.AI_LOST,), f"01{text}"


def _digits(text: str) -> Iterator[_Variant]:
    """Neighbours of a key with a wrong check digit: two digits exchanged, or one replaced."""
    form = form_of(text)
    if form is None:
        return
    try:
        read(text, form)
    except CheckDigitError as error:
        digits = text if form is Form.NUMBER else _digits_of(error)
    except Gs1Error:
        return
    else:
        return
    at = text.find(digits)
    if not digits or at < 0:
        return
    for fault, repaired in _neighbours(digits):
        yield (fault,), text[:at] + repaired + text[at + len(digits) :]


def _digits_of(error: CheckDigitError) -> str:
    """The digits up to the check digit that the error marks, where it marks one."""
    before, bar, rest = (error.markup or "").rpartition(")")[2].partition("|")
    digits = before + rest[:1] if bar else ""
    return digits if digits.isascii() and digits.isdigit() else ""


def _neighbours(digits: str) -> Iterator[tuple[Fault, str]]:
    for at in range(len(digits) - 1):
        swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        if weighted_sum(swapped) % 10 == 0:
            yield Fault.TRANSPOSED, swapped
    for at in range(len(digits) - 1, -1, -1):
        for digit in "0123456789":
            replaced = digits[:at] + digit + digits[at + 1 :]
            if weighted_sum(replaced) % 10 == 0:
                yield Fault.WRONG_DIGIT, replaced
