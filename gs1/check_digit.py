"""Check digits and check character pairs (GS1 General Specifications 7.9).

The numeric check digit weighs the digits 3, 1, 3, 1 … from the right of the body. The alphanumeric
pair of a GMN or MUDI weighs every character by a prime and works modulo 1021.
"""

from __future__ import annotations

from gs1.errors import CheckDigitError, FormatError

_CLAUSE_DIGIT = "GS1 General Specifications 7.9.1"
_CLAUSE_PAIR = "GS1 General Specifications 7.9.5"

CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
PAIR_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIR_LONGEST = 97
_PAIR_MODULUS = 1021
_DIGIT_VALUES = bytes.maketrans(b"0123456789", bytes(range(10)))
_CSET82_VALUE = {char: value for value, char in enumerate(CSET82)}
_PRIMES = [n for n in range(2, 510) if all(n % d for d in range(2, int(n**0.5) + 1))]


def weighted_sum(digits: str) -> int:
    """Sum of ASCII digits that already include a check digit; a multiple of 10 when it is right.

    >>> weighted_sum("4006381333931")
    90
    """
    values = digits.encode("ascii").translate(_DIGIT_VALUES)
    # Every second digit from the right counts three times: once, and twice more.
    return sum(values) + 2 * sum(values[-2::-2])


def check_digit(body: str) -> str:
    """Check digit for ``body``, the digits before it.

    Raises FormatError when the body is empty or holds anything but ASCII digits.

    >>> check_digit("400638133393")
    '1'
    """
    _require_digits(body, minimum=1)
    return str(-weighted_sum(body + "0") % 10)


def verify(digits: str) -> None:
    """Raise CheckDigitError unless the last digit is the check digit of those before it.

    >>> verify("4006381333931")
    >>> verify("4006381333932")
    Traceback (most recent call last):
    ...
    gs1.errors.CheckDigitError: check digit is 2, expected 1
    """
    _require_digits(digits, minimum=2)
    total = weighted_sum(digits)
    if total % 10:
        expected = (int(digits[-1]) - total) % 10
        raise CheckDigitError(
            f"check digit is {digits[-1]}, expected {expected}",
            code="incorrect_check_digit",
            position=len(digits) - 1,
            clause=_CLAUSE_DIGIT,
            markup=f"{digits[:-1]}|{digits[-1]}|",
        )


def check_character_pair(body: str) -> str:
    """Check character pair for ``body``: up to 97 characters of CSET 82 (a GMN or MUDI has 23).

    >>> check_character_pair("1987654Ad4X4bL5ttr2310c")
    '2K'
    """
    if len(body) > _PAIR_LONGEST:
        raise FormatError(
            f"a check character pair covers up to {_PAIR_LONGEST} characters, not {len(body)}",
            code="check_pair_length",
            clause=_CLAUSE_PAIR,
        )
    total = 0
    # The rightmost character has the smallest prime.
    for position, char in enumerate(body):
        value = _CSET82_VALUE.get(char)
        if value is None:
            raise FormatError(
                f"{char!r} is not in CSET 82",
                code="invalid_cset82_character",
                position=position,
                clause="GS1 General Specifications 7.11",
            )
        total += value * _PRIMES[len(body) - 1 - position]
    total %= _PAIR_MODULUS
    return PAIR_ALPHABET[total >> 5] + PAIR_ALPHABET[total & 31]


def verify_pair(text: str) -> None:
    """Raise CheckDigitError unless ``text`` ends in the check character pair of its body.

    >>> verify_pair("1987654Ad4X4bL5ttr2310c2K")
    """
    body, pair = text[:-2], text[-2:]
    expected = check_character_pair(body)
    if pair != expected:
        raise CheckDigitError(
            f"check character pair is {pair!r}, expected {expected}",
            code="incorrect_check_pair",
            position=len(body),
            clause=_CLAUSE_PAIR,
            markup=f"{body}|{pair}|",
        )


def _require_digits(text: str, minimum: int) -> None:
    if len(text) < minimum or not (text.isascii() and text.isdigit()):
        raise FormatError(
            f"expected {minimum} or more ASCII digits, got {text[:40]!r}",
            code="non_digit_character",
            clause=_CLAUSE_DIGIT,
        )
