"""Issuing numbers under a GS1 Company Prefix: GTIN, GLN, SSCC and serials.

Nothing here stores what was issued: the caller keeps the last reference and asks for the next one.
"""

from __future__ import annotations

from typing import Protocol

from gs1.check_digit import check_digit
from gs1.errors import CapacityError, FormatError
from gs1.keys import Gln, Gtin, Sscc
from gs1.keys.key import DIGITS

#: Digits and capital letters of CSET 82 without vowels and Y, so that no words come up, and without
#: the look-alikes 0 O, 1 I L, 2 Z, 5 S, 8 B, V W U: 20 characters.
SERIAL_ALPHABET = "34679CDFGHJKMNPQRTVX"
#: 20 characters of 4.32 bits each hold more than 64 bits from 15 characters on.
SERIAL_LENGTH = 15
_LONGEST_SERIAL = 20
_CLAUSE_PREFIX = "GS1 General Specifications 1.4.4"
_CLAUSE_SERIAL = "GS1 General Specifications 3.5.1"


class Rng(Protocol):
    """Source of random integers: ``random.SystemRandom()``, or a seeded one in tests."""

    def randrange(self, stop: int, /) -> int:
        """A random integer from 0 to ``stop`` - 1."""


def gtin_capacity(company_prefix: str) -> int:
    """How many GTIN-13 a company prefix gives: 10 to the power of the digits left for items.

    >>> gtin_capacity("893601234")
    1000
    """
    return _capacity(company_prefix, 12)


def gln_capacity(company_prefix: str) -> int:
    """How many GLN a company prefix gives.

    >>> gln_capacity("8936012345")
    100
    """
    return _capacity(company_prefix, 12)


def sscc_capacity(company_prefix: str) -> int:
    """How many SSCC a company prefix gives: all extension digits and serial references.

    >>> sscc_capacity("893601234")
    100000000
    """
    return 10 * _capacity(company_prefix, 16)


def nth_gtin(company_prefix: str, reference: int) -> Gtin:
    """The GTIN-13 with this item reference; CapacityError from the capacity on.

    >>> str(nth_gtin("893601234", 7))
    '8936012340075'
    """
    return Gtin(_numbered(company_prefix, reference, 12, "item reference"))


def nth_gln(company_prefix: str, reference: int) -> Gln:
    """The GLN with this location reference; CapacityError from the capacity on.

    >>> str(nth_gln("893601234", 0))
    '8936012340006'
    """
    return Gln(_numbered(company_prefix, reference, 12, "location reference"))


def nth_sscc(company_prefix: str, number: int) -> Sscc:
    """SSCC number ``number`` of a company; the extension digit goes up when the rest is used up.

    >>> str(nth_sscc("893601234", 10**7))
    '189360123400000003'
    """
    per_digit = _capacity(company_prefix, 16)
    extension, reference = divmod(_required(number, 10 * per_digit, "serial reference"), per_digit)
    width = 16 - len(company_prefix)
    body = f"{extension}{company_prefix}{reference:0{width}}"
    return Sscc(body + check_digit(body))


def next_gtin(company_prefix: str, last: Gtin | None = None) -> Gtin:
    """The GTIN after ``last`` under a prefix, or the first one; CapacityError at the end.

    >>> str(next_gtin("893601234", nth_gtin("893601234", 7)))
    '8936012340082'
    """
    return nth_gtin(company_prefix, 0 if last is None else _after(company_prefix, last.as_gtin(13)))


def next_gln(company_prefix: str, last: Gln | None = None) -> Gln:
    """The GLN after ``last`` under a prefix, or the first one; CapacityError at the end.

    >>> str(next_gln("893601234"))
    '8936012340006'
    """
    return nth_gln(company_prefix, 0 if last is None else _after(company_prefix, last.value))


def next_sscc(company_prefix: str, last: Sscc | None = None) -> Sscc:
    """The SSCC after ``last`` under a prefix, or the first one; CapacityError at the end.

    >>> str(next_sscc("893601234"))
    '089360123400000006'
    """
    if last is None:
        return nth_sscc(company_prefix, 0)
    reference = _after(company_prefix, last.value[1:])
    per_digit = _capacity(company_prefix, 16)
    return nth_sscc(company_prefix, last.extension_digit * per_digit + reference)


def random_serial(rng: Rng, length: int = SERIAL_LENGTH) -> str:
    """A serial that cannot be guessed: ``length`` (15 to 20) characters of SERIAL_ALPHABET.

    At least 64 bits, if ``rng`` is a cryptographic source such as ``random.SystemRandom()``. The
    characters make no words and no pair that people or readers confuse. FormatError for a length
    that is too easy to guess or longer than AI (21) may be.

    >>> import random
    >>> len(random_serial(random.Random(1)))
    15
    """
    if not SERIAL_LENGTH <= length <= _LONGEST_SERIAL:
        raise FormatError(
            f"a random serial has {SERIAL_LENGTH} to {_LONGEST_SERIAL} characters",
            code="serial_length",
            ai="21",
            clause=_CLAUSE_SERIAL,
        )
    return "".join(SERIAL_ALPHABET[rng.randrange(len(SERIAL_ALPHABET))] for _ in range(length))


def sequential_serial(number: int, width: int = 1) -> str:
    """Serial ``number`` in decimal, filled with zeros to ``width`` (at most 20) digits.

    Anybody can guess it: use it where a serial only counts. CapacityError when it is too long.

    >>> sequential_serial(42, width=6)
    '000042'
    """
    if not 1 <= width <= _LONGEST_SERIAL:
        raise FormatError(
            "a serial has 1 to 20 digits", code="serial_length", ai="21", clause=_CLAUSE_SERIAL
        )
    limit = 10 ** (_LONGEST_SERIAL if width == 1 else width)
    return f"{_required(number, limit, 'serial'):0{width}}"


def _capacity(company_prefix: str, digits: int) -> int:
    if company_prefix.lstrip(DIGITS) or not 4 <= len(company_prefix) <= 12:
        raise FormatError(
            f"{company_prefix[:20]!a} is no GS1 Company Prefix of 4 to 12 digits",
            code="company_prefix_form",
            clause=_CLAUSE_PREFIX,
        )
    capacity: int = 10 ** (digits - len(company_prefix))
    return capacity


def _numbered(company_prefix: str, reference: int, digits: int, name: str) -> str:
    _required(reference, _capacity(company_prefix, digits), name)
    width = digits - len(company_prefix)
    body = company_prefix + (f"{reference:0{width}}" if width else "")
    return body + check_digit(body)


def _after(company_prefix: str, digits: str) -> int:
    """Reference that follows the one in ``digits``, a number with check digit."""
    reference = digits[len(company_prefix) : -1]
    if not digits.startswith(company_prefix):
        raise FormatError(
            f"{digits} is not under the prefix {company_prefix[:20]!a}",
            code="other_company_prefix",
            clause=_CLAUSE_PREFIX,
        )
    return int(reference or "0") + 1


def _required(number: int, limit: int, name: str) -> int:
    if number < 0:
        raise FormatError(
            f"a {name} is not negative", code="negative_reference", clause=_CLAUSE_PREFIX
        )
    if number >= limit:
        raise CapacityError(
            f"no {name} is left: all {limit} are used",
            code="capacity_exhausted",
            clause=_CLAUSE_PREFIX,
        )
    return number
