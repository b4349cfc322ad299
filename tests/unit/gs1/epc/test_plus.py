"""'+' and '++' EPCs built bit by bit from TDS 14.5 and 15.3: what decodes, and what must not."""

from typing import Any

import pytest

from gs1 import epc
from gs1.epc import Epc, Tag
from gs1.errors import EpcError

GTIN = "09506000134352"


def bits(value: int, width: int) -> str:
    return f"{value:0{width}b}"


def nibbles(digits: str) -> str:
    return "".join(bits(int(digit, 16), 4) for digit in digits)


def ascii7(text: str, length_bits: int = 5) -> str:
    """A text by method 4 of 14.5.6."""
    return "100" + bits(len(text), length_bits) + "".join(bits(ord(char), 7) for char in text)


def date(text: str) -> str:
    return bits(int(text[:2]), 7) + bits(int(text[2:4]), 4) + bits(int(text[4:]), 5)


def sgtin(tail: str = "", *, toggle: str = "1", header: int = 0xF7, gtin: str = GTIN) -> str:
    return bits(header, 8) + toggle + "011" + nibbles(gtin) + ascii7("S1") + tail


def read(text: str) -> Epc:
    padded = text + "0" * (-len(text) % 16)
    return epc.from_hex(f"{int(padded, 2):0{len(padded) // 4}X}")


@pytest.mark.parametrize(
    ("tail", "link"),
    [
        ("", f"/01/{GTIN}/21/S1"),
        (nibbles("10") + ascii7("A/B"), f"/01/{GTIN}/10/A%2FB/21/S1"),
        (nibbles("17") + date("261231"), f"/01/{GTIN}/21/S1?17=261231"),
        (nibbles("17") + date("260200"), f"/01/{GTIN}/21/S1?17=260200"),
        (
            nibbles("10") + ascii7("L1") + nibbles("22") + ascii7("V1"),
            f"/01/{GTIN}/22/V1/10/L1/21/S1",
        ),
        (
            nibbles("10") + "000" + bits(5, 5) + bits(123, 17),
            f"/01/{GTIN}/10/00123/21/S1",
        ),
        (
            nibbles("10") + "001" + bits(3, 5) + nibbles("0AF"),
            f"/01/{GTIN}/10/0AF/21/S1",
        ),
        (
            nibbles("10") + "010" + bits(3, 5) + nibbles("0AF"),
            f"/01/{GTIN}/10/0af/21/S1",
        ),
        # Base 64: a is 26, _ is 63.
        (nibbles("10") + "011" + bits(2, 5) + bits(26, 6) + bits(63, 6), f"/01/{GTIN}/10/a_/21/S1"),
        # URN Code 40: (1600 A + 40 B + -) + 1 with A 1, B 2, hyphen 27.
        (nibbles("10") + "101" + bits(3, 5) + bits(1708, 16), f"/01/{GTIN}/10/AB-/21/S1"),
        (nibbles("3103") + bits(1250, 20), f"/01/{GTIN}/21/S1?3103=001250"),
        (nibbles("4330") + bits(1850, 20) + "1", f"/01/{GTIN}/21/S1?4330=001850-"),
        (nibbles("4330") + bits(1850, 20) + "0", f"/01/{GTIN}/21/S1?4330=001850"),
        (nibbles("4307") + bits(21, 6) + bits(13, 6), f"/01/{GTIN}/21/S1?4307=VN"),
        (nibbles("4321") + "1", f"/01/{GTIN}/21/S1?4321=1"),
        (nibbles("7258") + nibbles("13"), f"/01/{GTIN}/21/S1?7258=1%2F3"),
        (nibbles("7007") + "0" + date("260101"), f"/01/{GTIN}/21/S1?7007=260101"),
        (
            nibbles("7007") + "1" + date("260101") + date("260131"),
            f"/01/{GTIN}/21/S1?7007=260101260131",
        ),
        (
            nibbles("8008") + "00" + date("260115") + bits(14, 5),
            f"/01/{GTIN}/21/S1?8008=26011514",
        ),
        (
            nibbles("8008") + "10" + date("260115") + bits(14, 5) + bits(30, 6) + bits(59, 6),
            f"/01/{GTIN}/21/S1?8008=260115143059",
        ),
        (
            nibbles("7003") + date("260115") + bits(14, 5) + bits(30, 6),
            f"/01/{GTIN}/21/S1?7003=2601151430",
        ),
        (nibbles("7011") + "11" + date("260115"), f"/01/{GTIN}/21/S1?7011=260115"),
        (nibbles("30") + bits(2, 4) + bits(42, 7), f"/01/{GTIN}/21/S1?30=42"),
        (
            nibbles("00") + nibbles("095060001343520009"),
            f"/01/{GTIN}/21/S1?00=095060001343520009",
        ),
        (
            nibbles("3932") + bits(704, 10) + bits(4, 4) + bits(1500, 14),
            f"/01/{GTIN}/21/S1?3932=7041500",
        ),
    ],
)
def test_aidc_data_after_the_epc(tail: str, link: str) -> None:
    found = read(sgtin(tail))
    assert found.to_digital_link() == "https://id.gs1.org" + link
    again = epc.from_hex(found.to_hex())
    assert again.to_items() == found.to_items()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (sgtin()[:60], "epc_too_short"),
        (sgtin(nibbles("A0") + "1" * 8), "epc_ai"),
        (sgtin(nibbles("14") + "0" * 40 + "1"), "epc_ai"),
        (sgtin(nibbles("21") + ascii7("S2")), "epc_repeated_ai"),
        (sgtin(nibbles("17") + date("260230")), "epc_date"),
        (sgtin(nibbles("17") + date("261301")), "epc_date"),
        (sgtin(nibbles("17") + "1" * 16), "epc_date"),
        (sgtin(nibbles("7003") + date("260101") + bits(24, 5) + bits(0, 6)), "epc_time"),
        (sgtin(nibbles("10") + "110" + bits(2, 5) + "0" * 14), "epc_indicator"),
        (sgtin(nibbles("10") + "000" + bits(21, 5) + "0" * 70), "epc_overflow"),
        (sgtin(nibbles("10") + "000" + bits(1, 5) + "1010"), "epc_overflow"),
        (sgtin(nibbles("10") + "100" + bits(1, 5) + bits(32, 7)), "epc_character"),
        (sgtin(nibbles("10") + "101" + bits(1, 5) + bits(0, 16)), "epc_code40"),
        (sgtin(nibbles("10") + "101" + bits(1, 5) + bits(64001, 16)), "epc_code40"),
        (sgtin(nibbles("10") + "101" + bits(1, 5) + bits(1642, 16)), "epc_code40"),
        (sgtin(nibbles("10") + "101" + bits(3, 5) + bits(1641, 16)), "epc_code40"),
        (sgtin(nibbles("3103") + "1" * 20), "epc_overflow"),
        (sgtin(nibbles("4307") + "1" * 12), "epc_country"),
        (sgtin(nibbles("30") + bits(9, 4) + "0" * 30), "epc_overflow"),
        (sgtin("000001"), "data_after_epc"),
        (sgtin(gtin="0950600013435A"), "epc_nibble"),
        (sgtin(gtin="09506000134353"), "epc_key"),
        (bits(0xF7, 8) + "0011" + nibbles(GTIN) + "000" + bits(0, 5), "epc_key"),
        (bits(0xFB, 8) + "0011" + "0111" + date("260101") + nibbles(GTIN), "epc_date_type"),
        (bits(0xFA, 8) + "0011" + nibbles("9506000") + "1100" + "0" * 16, "epc_nibble"),
        (bits(0xFA, 8) + "0011" + nibbles("9" * 31 + "F"), "epc_overflow"),
        (sgtin("1" + bits(0, 6), header=0xFD), "epc_hostname"),
        (sgtin("1" + bits(2, 6) + bits(3, 7) + bits(1, 7), header=0xFD), "epc_hostname"),
        (sgtin("1" + bits(1, 6) + bits(0, 7) + bits(1, 7), header=0xFD), "epc_hostname"),
        (sgtin("1" + bits(1, 6) + bits(ord("/"), 7), header=0xFD), "epc_hostname"),
    ],
)
def test_bits_that_mean_nothing_are_refused(text: str, code: str) -> None:
    with pytest.raises(EpcError) as caught:
        read(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("host_bits", "host"),
    [
        # Code 40 of "A.B": 1600 * 1 + 40 * 28 + 2 + 1.
        ("0" + bits(3, 6) + bits(2723, 16), "a.b"),
        ("1" + bits(4, 6) + "0011110" + bits(ord("x"), 7) + "0000010" + bits(6, 7), "qr.x.com.br"),
        ("1" + bits(3, 6) + bits(ord("x"), 7) + "0000000" + "0110111", "x.de"),
        ("1" + bits(3, 6) + bits(ord("x"), 7) + "0000001" + bits(108, 7), "x.vn"),
        ("1" + bits(3, 6) + bits(ord("x"), 7) + "0000011" + "0000000", "x.tech"),
        ("1" + bits(2, 6) + bits(ord("X"), 7) + "1011011", "x.com"),
    ],
)
def test_host_names(host_bits: str, host: str) -> None:
    found = read(sgtin(host_bits + nibbles("17") + date("261231"), header=0xFD))
    assert found.tag is not None
    assert (found.tag.hostname, found.tag.name) == (host, "SGTIN++")
    assert found.to_digital_link() == f"https://{host}/01/{GTIN}/21/S1?17=261231"
    assert epc.from_hex(found.to_hex()).tag == found.tag


@pytest.mark.parametrize("host", ["", "a b.vn", "ví-dụ.vn", "x" * 80 + ".vn"])
def test_a_host_name_that_no_tag_holds(host: str) -> None:
    with pytest.raises(EpcError):
        Epc("sgtin", ("9506000", "013435", "S1")).to_hex("sgtin+", hostname=host)


def test_the_shorter_form_of_a_host_name_is_written() -> None:
    # Ten letters: 4 groups of 16 bits in Code 40, 70 bits in 7-bit text.
    found = Epc("sgtin", ("9506000", "013435", "S1")).to_hex("sgtin+", hostname="QWRTZPSDFGHJ")
    decoded = epc.from_hex(found).tag
    assert decoded is not None
    assert decoded.hostname == "qwrtzpsdfghj"


@pytest.mark.parametrize(
    ("fields", "extra", "code"),
    [
        ({}, (("17", "26123"),), "epc_not_encodable"),
        ({}, (("17", "x61231"),), "epc_not_encodable"),
        ({}, (("17", "261301"),), "epc_not_encodable"),
        ({}, (("17", ""),), "epc_not_encodable"),
        ({}, (("10", "A" * 91),), "epc_not_encodable"),
        ({}, (("10", "A" * 21),), "epc_not_encodable"),
        ({}, (("10", "a b"),), "epc_not_encodable"),
        ({}, (("3103", "1250"),), "epc_not_encodable"),
        ({}, (("3103", "٠٠١٢٥٠"),), "epc_not_encodable"),
        ({}, (("4307", "vN"),), "epc_not_encodable"),
        ({}, (("8008", "2601"),), "epc_not_encodable"),
        ({}, (("14", "1"),), "epc_ai"),
        ({"filter_value": 8}, (), "epc_filter"),
        ({"coding": "sscc+"}, (), "epc_coding"),
        ({"coding": "sgtin-96"}, (("17", "261231"),), "epc_coding"),
        ({"coding": "dsgtin+"}, (), "epc_not_encodable"),
        ({"coding": "dsgtin+"}, (("10", "A"),), "epc_not_encodable"),
    ],
)
def test_data_that_no_tag_can_hold(fields: dict[str, Any], extra: Any, code: str) -> None:
    made = Epc("sgtin", ("9506000", "013435", "1"))
    with pytest.raises(EpcError) as caught:
        made.to_hex(**({"coding": "sgtin+"} | fields), extra=extra)
    assert caught.value.code == code


def test_a_dsgtin_holds_its_date_first() -> None:
    made = Epc("sgtin", ("9506000", "013435", "S1"))
    extra = (("15", "270101"), ("10", "L9"))
    found = epc.from_hex(made.to_hex("dsgtin+", extra=extra))
    assert found.tag == Tag("dsgtin+", 0, None, extra, toggle=True)
    assert found.to_digital_link() == f"https://id.gs1.org/01/{GTIN}/10/L9/21/S1?15=270101"


def test_a_gln_without_extension_is_written_with_the_extension_0() -> None:
    made = epc.from_items([("414", "9521141123454")], 7)
    assert made.to_urn() == "urn:epc:id:sgln:9521141.12345.0"
    for coding in ("sgln-96", "sgln-195", "sgln+"):
        assert epc.from_hex(made.to_hex(coding)).to_ai_items() == (("414", "9521141123454"),)


def test_a_plus_tag_tells_no_prefix_length() -> None:
    found = read(sgtin())
    assert found.company_prefix_length is None
    assert found.to_urn(7) == "urn:epc:id:sgtin:9506000.013435.S1"
    assert found.with_prefix_length(8).company_prefix_length == 8
    assert found.gs1_key() == GTIN
    with pytest.raises(EpcError):
        found.to_tag_uri()


def test_a_plus_tag_under_an_unknown_prefix_has_no_urn() -> None:
    found = read(sgtin(gtin="08930000000002"))
    with pytest.raises(EpcError) as caught:
        found.to_urn()
    assert caught.value.code == "company_prefix_unknown"


def test_a_plus_tag_can_be_written_in_a_fixed_coding() -> None:
    # Prefix 9521141 is in the table of company prefixes.
    found = epc.from_hex("F73795211411234538566CB0AFC4")
    assert found.to_tag_uri("sgtin-198", 3) == "urn:epc:tag:sgtin-198:3.9521141.712345.32a%2Fb"
    assert found.with_prefix_length().to_hex() == found.to_hex()


@pytest.mark.parametrize(
    ("text", "items", "urn"),
    [
        (
            bits(0xF1, 8) + "0000" + nibbles("09521141123454") + "000" + bits(0, 5),
            (("8003", "09521141123454"),),
            "urn:epc:idpat:grai:9521141.12345.*",
        ),
        (
            bits(0xF8, 8) + "0000" + nibbles("9521141678909") + bits(0, 4),
            (("255", "9521141678909"),),
            "urn:epc:idpat:sgcn:9521141.67890.*",
        ),
    ],
)
def test_a_key_without_serial_stands_for_its_class(text: str, items: Any, urn: str) -> None:
    found = read(text)
    assert found.to_ai_items() == items
    assert found.to_urn(7) == urn
    assert epc.from_hex(found.to_hex()) == found


def test_an_asset_number_of_digits_ends_with_a_terminator() -> None:
    # Header FA, toggle and filter 0, eleven digits, terminator F, one nibble of padding.
    assert Epc("giai", ("9521141", "5678")).to_hex("giai+") == "FA095211415678F0"
