"""Character sets of AI components (General Specifications 7.11) and simple content rules."""

from __future__ import annotations

import re

from gs1.linters.fault import Fault, whole

# The sets as character classes; gs1.component builds its patterns from the same text.
NUMERIC = "0-9"
CSET82 = "!\"%&'()*+,\\-./0-9:;<=>?A-Z_a-z"
CSET39 = "#\\-/0-9A-Z"
CSET64 = "A-Za-z0-9_\\-"

_NOT_DIGIT = re.compile(f"[^{NUMERIC}]")
_NOT_CSET82 = re.compile(f"[^{CSET82}]")
_NOT_CSET39 = re.compile(f"[^{CSET39}]")
_NOT_CSET64 = re.compile(f"[^{CSET64}]")
_BAD_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


def csetnumeric(value: str) -> Fault | None:
    """Digits only.

    >>> csetnumeric("1a")
    Fault(code='non_digit_character', start=1, length=1)
    """
    found = _NOT_DIGIT.search(value)
    return Fault("non_digit_character", found.start(), 1) if found else None


def cset82(value: str) -> Fault | None:
    """Characters of CSET 82 only (GS1 AI encodable character set 82).

    >>> cset82("AB C")
    Fault(code='invalid_cset82_character', start=2, length=1)
    """
    found = _NOT_CSET82.search(value)
    return Fault("invalid_cset82_character", found.start(), 1) if found else None


def cset39(value: str) -> Fault | None:
    """Characters of CSET 39 only: digits, capitals, ``#``, ``-`` and ``/``.

    >>> cset39("a")
    Fault(code='invalid_cset39_character', start=0, length=1)
    """
    found = _NOT_CSET39.search(value)
    return Fault("invalid_cset39_character", found.start(), 1) if found else None


def cset64(value: str) -> Fault | None:
    """Base64url (RFC 4648 section 5) with padding that is either complete for 3 or absent.

    >>> cset64("12==")
    Fault(code='invalid_cset64_padding', start=2, length=2)
    """
    body = value.rstrip("=")
    pads = len(value) - len(body)
    if pads > 2 or (pads and len(value) % 3):
        return Fault("invalid_cset64_padding", len(body), pads)
    found = _NOT_CSET64.search(body)
    return Fault("invalid_cset64_character", found.start(), 1) if found else None


def pcenc(value: str) -> Fault | None:
    """Every ``%`` begins a percent-encoded octet.

    >>> pcenc("ABC%2")
    Fault(code='invalid_percent_sequence', start=3, length=2)
    """
    found = _BAD_PERCENT.search(value)
    if not found:
        return None
    return Fault("invalid_percent_sequence", found.start(), min(3, len(value) - found.start()))


def hasnondigit(value: str) -> Fault | None:
    """At least one character is not a digit.

    >>> hasnondigit("12")
    Fault(code='requires_non_digit_character', start=0, length=2)
    """
    return None if _NOT_DIGIT.search(value) else whole("requires_non_digit_character", value)


def hyphen(value: str) -> Fault | None:
    """One or more hyphens, and nothing else.

    >>> hyphen("-1")
    Fault(code='not_hyphen', start=0, length=2)
    """
    return None if value and not value.strip("-") else whole("not_hyphen", value)


def importeridx(value: str) -> Fault | None:
    """Importer index: one letter, digit, ``-`` or ``_``.

    >>> importeridx("=")
    Fault(code='invalid_import_idx_character', start=0, length=1)
    """
    if len(value) != 1:
        return whole("importer_idx_must_be_one_character", value)
    return Fault("invalid_import_idx_character", 0, 1) if _NOT_CSET64.match(value) else None
