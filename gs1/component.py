"""Value of one AI: a compiled check for the common case, and a diagnosis when that check fails.

``READERS`` have, for every AI, one pattern for length and character set together with the linters
the pattern cannot express. ``diagnose`` applies component after component the slow way
and raises the error of the first rule broken; it is the authority on what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NoReturn

from gs1 import check_digit, dictionary
from gs1.dictionary import ApplicationIdentifier, Component
from gs1.errors import CheckDigitError, ComponentError, FormatError
from gs1.linters import LINTERS, MESSAGES, Fault, Linter
from gs1.linters.charset import CSET39, CSET64, CSET82, NUMERIC, cset39, cset64, cset82, csetnumeric
from gs1.options import STRICT, Options

#: FNC1 in the text form of element strings.
FNC1 = "^"

CLAUSE = "GS1 General Specifications 7.8"
_CLASSES = {"N": NUMERIC, "X": CSET82, "Y": CSET39, "Z": CSET64 + "="}
_CHARSETS: dict[str, Linter] = {"N": csetnumeric, "X": cset82, "Y": cset39, "Z": cset64}
# The pattern already guarantees the digits these look at, in a numeric component of fixed length.
_IMPLIED = ("gcppos1", "gcppos2")
#: A linter, or a faster form of one, where anything true is a fault; or a check of a value, where
#: anything true is none.
Check = Callable[[str], object]
_CHECK_CODES = ("incorrect_check_digit", "incorrect_check_pair")


class Reader:
    """Compiled check of one AI; ``is_key``: it is a Digital Link primary key.

    ``match(text, position)`` finds group 1, the value, up to and with its FNC1; ``checks`` are the
    linters left, each with the slice it applies to. ``accepts(value)`` is true for a value alone
    that is allowed.

    >>> reader = Reader(dictionary.lookup("01"))
    >>> reader.is_key, bool(reader.accepts("09521234543213"))
    (True, True)
    """

    __slots__ = ("accepts", "ai", "checks", "entry", "is_key", "match")

    def __init__(self, entry: ApplicationIdentifier) -> None:
        pattern = _pattern(entry.components)
        end = r"(?:\^|\Z)" if entry.separator else r"\^?"
        self.entry = entry
        self.ai = entry.ai
        self.is_key = entry.paths is not None
        self.match = re.compile(f"({pattern}){end}").match
        self.checks = _checks(entry.components)
        linters = [linter for _, linter in self.checks]
        exact = re.compile(pattern).fullmatch
        self.accepts = (
            _accepts_whole(exact, linters)
            if len(entry.components) == 1
            else _accepts_parts(exact, self.checks)
        )


def reader_for(ai: str, options: Options = STRICT) -> Reader | None:
    """Reader of the AI with exactly these digits; None for one that ``options`` do not permit.

    >>> bool(reader_for("10").accepts("ABC"))
    True
    """
    try:
        return READERS[ai]
    except KeyError:
        return _unknown_reader(ai) if options.unknown_ais else None


@lru_cache(maxsize=1024)
def _unknown_reader(ai: str) -> Reader | None:
    entry = dictionary.unknown(ai)
    return Reader(entry) if entry else None


def _pattern(parts: tuple[Component, ...]) -> str:
    """Character sets and lengths of components; optional ones nest, as each needs the one before.

    >>> _pattern(dictionary.lookup("255").components)
    '[0-9]{13}(?:[0-9]{1,12})?'
    """
    if not parts:
        return ""
    part, rest = parts[0], _pattern(parts[1:])
    least = "" if part.minimum == part.maximum else f"{part.minimum},"
    text = f"[{_CLASSES[part.kind]}]{{{least}{part.maximum}}}{rest}"
    return f"(?:{text})?" if part.optional else text


def _wrong_check_digit(digits: str) -> bool:
    """The linter csum for text that is known to be digits."""
    return check_digit.weighted_sum(digits) % 10 != 0


def _checks(parts: tuple[Component, ...]) -> tuple[tuple[slice, Check], ...]:
    checks = []
    start = 0
    for part in parts:
        names = [
            name
            for name in part.linters
            if not (name in _IMPLIED and part.kind == "N" and part.minimum > 4)
        ]
        linters: list[Check] = [
            _wrong_check_digit if name == "csum" and part.kind == "N" else LINTERS[name]
            for name in names
        ]
        linters += [cset64] if part.kind == "Z" else []
        checks += [(slice(start, start + part.maximum), linter) for linter in linters]
        start += part.maximum
    return tuple(checks)


def _accepts_whole(exact: Check, linters: list[Check]) -> Check:
    """Check of a value of one component, in as few steps as its linters leave."""
    if not linters:
        return exact
    first, *others = linters
    if not others:
        return lambda value: exact(value) and not first(value)
    return lambda value: exact(value) and not any(linter(value) for linter in linters)


def _accepts_parts(exact: Check, checks: tuple[tuple[slice, Check], ...]) -> Check:
    """Check of a value of several components; an optional one that is absent breaks no rule."""

    def accepts(value: str) -> bool:
        if not exact(value):
            return False
        for part, linter in checks:
            component = value[part]
            if component and linter(component):
                return False
        return True

    return accepts


#: Reader of every known AI. They are made at once, as one text may hold any of them; AIs of the
#: same format share their patterns in the cache of ``re``.
READERS = {ai: Reader(entry) for ai, entry in dictionary.application_identifiers().items()}


def check_length(entry: ApplicationIdentifier, value: str, position: int) -> None:
    """Length of a value that stands alone, before its content is looked at.

    A wrong check digit in a value that is too long would be a misleading answer.

    >>> check_length(dictionary.lookup("20"), "1", 0)
    Traceback (most recent call last):
    ...
    gs1.errors.FormatError: AI (20) value is too short
    """
    if len(value) < entry.minimum:
        raise _format("value is too short", "value_too_short", entry.ai, position)
    if len(value) > entry.maximum:
        raise _format("value is too long", "value_too_long", entry.ai, position)
    caret = value.find(FNC1)
    if caret >= 0:
        raise _format("contains illegal ^ character", "illegal_caret", entry.ai, position + caret)


def diagnose(entry: ApplicationIdentifier, value: str, position: int) -> NoReturn:
    """Raise for the first rule that ``value``, which starts at ``position``, breaks.

    ``value`` is known to be refused. It may run on into data that does not belong to it.

    >>> diagnose(dictionary.lookup("20"), "1A", 0)
    Traceback (most recent call last):
    ...
    gs1.errors.ComponentError: AI (20): A non-digit character was found where a digit is expected.
    """
    if not value:
        raise _format("data is empty", "data_empty", entry.ai, position)
    start = 0
    for part in entry.components:
        text = value[start : start + part.maximum]
        if part.optional and not text:
            continue
        if len(text) < part.minimum:
            raise _format("data has incorrect length", "incorrect_length", entry.ai, position)
        for linter in (_CHARSETS[part.kind], *(LINTERS[name] for name in part.linters)):
            fault = linter(text)
            if fault:
                raise _refused(entry.ai, value, start, text, fault, position)
        start += len(text)
    raise _format("data is too long", "data_too_long", entry.ai, position + start)


def _refused(
    ai: str, value: str, start: int, text: str, fault: Fault, position: int
) -> ComponentError:
    first = start + fault.start
    last = first + fault.length
    kind = CheckDigitError if fault.code in _CHECK_CODES else ComponentError
    return kind(
        f"AI ({ai}): {MESSAGES[fault.code]}",
        code=fault.code,
        ai=ai,
        position=position + first,
        clause="GS1 General Specifications 3",
        markup=f"({ai}){value[:first]}|{value[first:last]}|{value[last : start + len(text)]}",
    )


def _format(what: str, code: str, ai: str, position: int) -> FormatError:
    return FormatError(
        f"AI ({ai}) {what}",
        code=code,
        ai=ai,
        position=position,
        clause="GS1 General Specifications 3",
    )
