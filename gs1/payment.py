"""EMVCo merchant-presented payment codes, VietQR among them, told apart from product codes.

A payment sticker pasted over a product code is a common fraud, so it must be recognised and named.
The account is masked as it is read: the library keeps nothing that could pay or identify a person.
Clauses are those of the EMV QR Code Specification, Merchant-Presented Mode 1.1.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gs1.errors import CheckDigitError, FormatError

Scheme = Literal["vietqr", "vnpay", "emvco"]
#: Application identifiers of the account templates in use in Viet Nam.
SCHEMES: Mapping[str, Scheme] = {"A000000727": "vietqr", "A000000775": "vnpay"}
START = "000201"
_ACCOUNT_TEMPLATES = range(26, 52)
_LONGEST = 512


@dataclass(frozen=True, slots=True)
class PaymentQr:
    """A payment code whose structure and checksum are right.

    ``bank_bin`` is the six-digit number of the bank (NAPAS) and ``account`` the payee's account or
    card with all but its last three characters masked; both are None where the scheme is not
    VietQR. ``amount`` is the decimal text of the code; ``currency`` ISO 4217 numeric, ``country``
    ISO 3166 alpha-2. ``one_time``: made for a single payment (point of initiation 12).

    >>> found = PaymentQr.parse(
    ...     "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA"
    ...     "53037045802VN6304AE9F"
    ... )
    >>> found.scheme, found.bank_bin, found.account
    ('vietqr', '970416', '••••••859')
    """

    scheme: Scheme
    bank_bin: str | None
    account: str | None
    amount: str | None
    currency: str | None
    country: str | None
    one_time: bool

    @classmethod
    def parse(cls, text: str) -> PaymentQr:
        """Read a payment code.

        Raises FormatError where the fields do not fit, CheckDigitError where the CRC is wrong.
        """
        if not text.startswith(START) or len(text) > _LONGEST:
            raise FormatError(
                "a payment code begins with 000201",
                code="payment_start",
                position=0,
                clause="EMV QR Code 4.1",
            )
        fields = read_fields(text)
        _check_crc(text, fields)
        scheme, bank, account = _payee(fields)
        return cls(
            scheme,
            bank,
            account,
            fields.get("54"),
            fields.get("53"),
            fields.get("58"),
            fields.get("01") == "12",
        )


def read_fields(text: str, offset: int = 0) -> dict[str, str]:
    """Fields of one level: two digits of identifier, two of length, the value (section 3).

    ``offset`` is where ``text`` stands in the whole code.

    >>> read_fields("0002015303704")
    {'00': '01', '53': '704'}
    """
    fields: dict[str, str] = {}
    position = 0
    while position < len(text):
        head = text[position : position + 4]
        value = text[position + 4 : position + 4 + _length(head, offset + position)]
        if len(value) != int(head[2:]):
            raise _broken("a field runs past the end", "payment_length", offset + position)
        if fields.setdefault(head[:2], value) is not value:
            raise _broken(f"field {head[:2]} occurs twice", "payment_repeated", offset + position)
        position += 4 + len(value)
    return fields


def _length(head: str, position: int) -> int:
    if not (len(head) == 4 and head.isascii() and head.isdigit() and head[2:] != "00"):
        raise _broken("no identifier and length here", "payment_field", position)
    return int(head[2:])


def crc(text: str) -> str:
    """Checksum field of a code: CRC-16 of ISO/IEC 13239 over all text up to ``6304`` (4.7.3).

    >>> crc("00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA"
    ...     "53037045802VN6304")
    'AE9F'
    """
    return f"{binascii.crc_hqx(text.encode('utf-8', 'surrogatepass'), 0xFFFF):04X}"


def _check_crc(text: str, fields: Mapping[str, str]) -> None:
    if list(fields)[-1] != "63" or len(fields["63"]) != 4:
        raise _broken("the last field is not the checksum", "payment_no_crc", len(text))
    expected = crc(text[:-4])
    if fields["63"] != expected:
        raise CheckDigitError(
            f"the checksum is {fields['63']!a}, expected {expected}",
            code="payment_crc",
            position=len(text) - 4,
            clause="EMV QR Code 4.7.3",
        )


def _payee(fields: Mapping[str, str]) -> tuple[Scheme, str | None, str | None]:
    for template in _ACCOUNT_TEMPLATES:
        value = fields.get(str(template))
        if value is None:
            continue
        parts = read_fields(value)
        scheme = SCHEMES.get(parts.get("00", ""), "emvco")
        if scheme != "emvco":
            return scheme, *_bank_account(scheme, parts)
    return "emvco", None, None


def _bank_account(scheme: Scheme, parts: Mapping[str, str]) -> tuple[str | None, str | None]:
    if scheme != "vietqr":
        return None, None
    beneficiary = read_fields(parts.get("01", ""))
    bank, account = beneficiary.get("00"), beneficiary.get("01")
    if not bank or not (len(bank) == 6 and bank.isascii() and bank.isdigit()) or not account:
        raise _broken("no bank and account in the VietQR template", "vietqr_payee", 0)
    return bank, mask(account)


def mask(account: str) -> str:
    """An account of which only the last three characters can be read, and nothing of a short one.

    >>> mask("257678859")
    '••••••859'
    """
    shown = account[-3:] if len(account) > 5 else ""
    return "•" * (len(account) - len(shown)) + shown


def _broken(message: str, code: str, position: int) -> FormatError:
    return FormatError(message, code=code, position=position, clause="EMV QR Code 3")
