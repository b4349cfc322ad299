"""Check digits, check character pairs, company prefixes and IBAN check characters."""

from __future__ import annotations

from collections.abc import Callable

from gs1 import check_digit
from gs1.linters.charset import csetnumeric
from gs1.linters.codes import iso3166alpha2
from gs1.linters.fault import Fault, whole

#: Answers whether digits begin with an allocated GS1 Company Prefix; None: the source is offline.
GcpLookup = Callable[[str], bool | None]

_GCP_MINIMUM = 4
_PAIR_LONGEST = 99
_IBAN_SHORTEST, _IBAN_LONGEST = 11, 34
_IBAN_VALUE = {
    char: str(value) for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}


def csum(value: str) -> Fault | None:
    """The last digit is the check digit (General Specifications 7.9.1).

    >>> csum("4006381333932")
    Fault(code='incorrect_check_digit', start=12, length=1)
    """
    if not (value.isdigit() and value.isascii()):
        return csetnumeric(value) or whole("too_short_for_check_digit", value)
    if check_digit.weighted_sum(value) % 10:
        return Fault("incorrect_check_digit", len(value) - 1, 1)
    return None


def csumalpha(value: str) -> Fault | None:
    """The last two characters are the check character pair (General Specifications 7.9.5).

    >>> csumalpha("1987654Ad4X4bL5ttr2310cXX")
    Fault(code='incorrect_check_pair', start=23, length=2)
    """
    if len(value) < 2:
        return whole("too_short_for_check_pair", value)
    if len(value) > _PAIR_LONGEST:
        return whole("too_long_for_check_pair_implementation", value)
    body, pair = value[:-2], value[-2:]
    bad = next((i for i, char in enumerate(body) if char not in check_digit.CSET82), None)
    if bad is not None:
        return Fault("invalid_cset82_character", bad, 1)
    if check_digit.check_character_pair(body) != pair:
        return Fault("incorrect_check_pair", len(body), 2)
    return None


def gcppos1(value: str, lookup: GcpLookup | None = None) -> Fault | None:
    """Begins with a GS1 Company Prefix: four digits at least, and allocated where we can ask.

    >>> gcppos1("12A4")
    Fault(code='invalid_gcp_prefix', start=2, length=1)
    """
    if len(value) < _GCP_MINIMUM:
        return whole("too_short_for_gcp", value)
    if fault := csetnumeric(value[:_GCP_MINIMUM]):
        return Fault("invalid_gcp_prefix", fault.start, 1)
    answer = lookup(value) if lookup else True
    if answer is None:
        return whole("gcp_datasource_offline", value)
    return None if answer else whole("invalid_gcp_prefix", value)


def gcppos2(value: str, lookup: GcpLookup | None = None) -> Fault | None:
    """Has a GS1 Company Prefix from its second character on, after an indicator digit.

    >>> gcppos2("I01AA")
    Fault(code='invalid_gcp_prefix', start=3, length=1)
    """
    if len(value) < 2:
        return whole("too_short_for_gcp", value)
    fault = gcppos1(value[1:], lookup)
    return Fault(fault.code, fault.start + 1, fault.length) if fault else None


def iban(value: str) -> Fault | None:
    """International Bank Account Number with correct check characters (ISO 13616, ISO 7064).

    >>> iban("GB82WEST12345698765432")
    >>> iban("GB83WEST12345698765432")
    Fault(code='incorrect_iban_checksum', start=2, length=2)
    """
    if len(value) < 4:
        return whole("iban_too_short", value)
    if iso3166alpha2(value[:2]):
        return Fault("illegal_iban_country_code", 0, 2)
    if len(value) > _IBAN_LONGEST:
        return whole("iban_too_long", value)
    if len(value) < _IBAN_SHORTEST:
        return whole("iban_too_short", value)
    digits = []
    # The country code and the check characters count last.
    for position in (*range(4, len(value)), 0, 1, 2, 3):
        digit = _IBAN_VALUE.get(value[position])
        if digit is None:
            return Fault("invalid_iban_character", position, 1)
        digits.append(digit)
    return None if int("".join(digits)) % 97 == 1 else Fault("incorrect_iban_checksum", 2, 2)
