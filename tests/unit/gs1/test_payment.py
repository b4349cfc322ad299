"""Payment codes against payloads that another project published, and their damaged forms."""

from __future__ import annotations

import pytest

from gs1.errors import CheckDigitError, FormatError
from gs1.payment import PaymentQr, crc, mask, read_fields
from tests import outside

PAYLOADS = (
    outside.path("domain/vietqr/payloads_from_npm_vietnam-qr-pay_MIT.txt")
    .read_text(encoding="ascii")
    .split("\n")
)
PAYLOADS = [line.strip() for line in PAYLOADS if line.strip()]
# 9-digit account 257678859 at bank 970416 (ACB), a transfer code without amount.
STATIC = PAYLOADS[1]


def test_the_payloads_are_there() -> None:
    assert len(PAYLOADS) == 8


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_published_payload_is_read(payload: str) -> None:
    found = PaymentQr.parse(payload)
    assert (found.currency, found.country) == ("704", "VN")
    assert found.scheme == ("vietqr" if "A000000727" in payload else "vnpay")


def test_bank_account_and_amount() -> None:
    found = PaymentQr.parse(STATIC)
    assert (found.bank_bin, found.amount, found.one_time) == ("970416", None, False)
    once = PaymentQr.parse(PAYLOADS[5])
    assert (once.bank_bin, once.amount, once.one_time) == ("970416", "1000", True)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_account_number_is_kept(payload: str) -> None:
    found = repr(PaymentQr.parse(payload))
    for secret in ("257678859", "99MM24011M34875080", "99ZP24009M07248267", "PSP12345678900000"):
        assert secret not in found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_any_one_changed_character_is_noticed(payload: str) -> None:
    for at in range(6, len(payload)):
        changed = payload[:at] + ("1" if payload[at] != "1" else "2") + payload[at + 1 :]
        with pytest.raises((CheckDigitError, FormatError)):
            PaymentQr.parse(changed)


def sealed(body: str) -> str:
    return f"{body}6304{crc(body + '6304')}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "payment_start"),
        ("000202", "payment_start"),
        ("000201" + "9" * 600, "payment_start"),
        ("000201", "payment_no_crc"),
        ("0002016304", "payment_length"),
        ("00020163031234", "payment_field"),
        ("0002016303123", "payment_no_crc"),
        ("0002010100", "payment_field"),
        ("00020163", "payment_field"),
        ("000201\u0665\u0663\u0660\u0663704", "payment_field"),
        ("000201000201", "payment_repeated"),
        ("00020153037045303704", "payment_repeated"),
        ("000201630400006304", "payment_length"),
        (sealed("0002013804AAAA"), "payment_field"),
        (sealed("00020138140010A000000727"), "vietqr_payee"),
        (sealed("00020138360010A000000727012200069704x6" + "01080123456"), "payment_length"),
        (sealed("00020138280010A00000072701100006970416"), "vietqr_payee"),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str) -> None:
    with pytest.raises(FormatError) as caught:
        PaymentQr.parse(text)
    assert (caught.value.code, bool(caught.value.clause)) == (code, True)


def test_a_bank_number_of_other_than_six_digits() -> None:
    beneficiary = "000697041x" + "01041234"
    template = f"0010A00000072701{len(beneficiary)}{beneficiary}"
    with pytest.raises(FormatError, match="VietQR"):
        PaymentQr.parse(sealed(f"00020138{len(template)}{template}"))


def test_another_countrys_scheme() -> None:
    template = "0014br.gov.bcb.pix0104abcd"
    found = PaymentQr.parse(sealed(f"00020126{len(template)}{template}5802BR"))
    assert (found.scheme, found.bank_bin, found.account) == ("emvco", None, None)


def test_a_wrong_checksum_says_the_right_one() -> None:
    with pytest.raises(CheckDigitError, match="expected AE9F"):
        PaymentQr.parse(STATIC[:-4] + "0000")


def test_the_checksum_of_the_published_check_value() -> None:
    # CRC-16/IBM-3740 of "123456789" is 0x29B1 (catalogue of parametrised CRC algorithms).
    assert crc("123456789") == "29B1"


def test_short_accounts_are_hidden_whole() -> None:
    assert [mask(text) for text in ("", "12345", "123456")] == ["", "•••••", "•••456"]


def test_fields_of_one_level() -> None:
    assert read_fields("") == {}
    assert read_fields("0003abc9901x") == {"00": "abc", "99": "x"}
