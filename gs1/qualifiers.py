"""Values of the Application Identifiers that narrow a key: lot, serial, extension and the like."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gs1.errors import FormatError
from gs1.keys.key import CSET82, DIGITS

# AI: (allowed characters, most characters, clause); GS1 General Specifications 3.
_FORMS: Mapping[str, tuple[str, int, str]] = MappingProxyType(
    {
        "10": (CSET82, 20, "3.4.1"),
        "21": (CSET82, 20, "3.5.1"),
        "22": (CSET82, 20, "3.5.2"),
        "235": (CSET82, 28, "3.5.4"),
        "254": (CSET82, 20, "3.7.11"),
        "7040": (CSET82, 4, "3.8.21"),
        "8011": (DIGITS, 12, "3.9.11"),
        "8019": (DIGITS, 10, "3.9.15"),
        "8020": (CSET82, 25, "3.9.16"),
    }
)


def check_qualifier(ai: str, value: str) -> None:
    """Raise FormatError unless ``value`` has the characters and length that ``ai`` allows.

    >>> check_qualifier("21", "32a/b")
    >>> check_qualifier("21", "a b")
    Traceback (most recent call last):
    ...
    gs1.errors.FormatError: AI (21): ' ' is not allowed
    """
    charset, maximum, clause = _FORMS[ai]
    valid = len(value) - len(value.lstrip(charset))
    if valid < len(value):
        code, message, position = "invalid_character", f"{value[valid]!a} is not allowed", valid
    elif not value:
        code, message, position = "empty_value", "the value is empty", 0
    elif len(value) > maximum:
        code, message, position = "too_long", f"more than {maximum} characters", maximum
    else:
        return
    raise FormatError(
        f"AI ({ai}): {message}",
        code=code,
        ai=ai,
        position=position,
        clause=f"GS1 General Specifications {clause}",
    )
