"""Scan data in both directions, against the GS1 Syntax Engine."""

from __future__ import annotations

from typing import Any

import pytest

from gs1.element_string import GS, ElementString
from gs1.errors import CheckDigitError, FormatError, Gs1Error
from gs1.scan_data import ScanData, Symbology, to_scan_data
from tests import outside

Case = dict[str, Any]
READ = outside.load("gs1/engine_scan_data_to_data.json")["cases"]
WRITTEN = outside.load("gs1/engine_data_to_scan_data.json")["cases"]


@pytest.mark.parametrize("case", READ, ids=lambda case: ascii(case["input"][:40]))
def test_reading_as_the_engine_does(case: Case) -> None:
    if case["ok"]:
        scan = ScanData.parse(case["input"])
        assert (scan.symbology, scan.data) == (case["expect_symbology"], case["expect"])
        if scan.data.startswith(("http", "HTTP")):
            assert scan.element_string is not None
            assert scan.element_string.to_data() == case["engine_dl_element_string"]
        return
    with pytest.raises(Gs1Error) as caught:
        ScanData.parse(case["input"])
    assert caught.value.message == case["engine_err"]


@pytest.mark.parametrize("case", WRITTEN, ids=lambda c: f"{c['symbology']} {c['input'][:30]}")
def test_writing_as_the_engine_does(case: Case) -> None:
    if case["symbology"] == "NONE":
        assert "NONE" not in {symbology.value for symbology in Symbology}
        return
    symbology = Symbology(case["symbology"])
    if case["ok"]:
        written = to_scan_data(symbology, case["input"], add_check_digit=case["addCheckDigit"])
        assert written == case["expect"]
        return
    with pytest.raises(Gs1Error) as caught:
        to_scan_data(symbology, case["input"], add_check_digit=case["addCheckDigit"])
    if case["engine_err"]:
        assert caught.value.message == case["engine_err"]


@pytest.mark.parametrize("case", [case for case in WRITTEN if case["ok"]])
def test_what_is_written_can_be_read(case: Case) -> None:
    symbology = Symbology(case["symbology"])
    scan = ScanData.parse(case["expect"])
    if not scan.data.endswith("^"):
        # GS1-128 composites and all of GS1 DataBar are transmitted alike.
        again = to_scan_data(scan.symbology, scan.data)
        assert again == case["expect"] or scan.symbology is not symbology


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "gtin"),
        [
            ("]E09521234543213", "09521234543213"),
            ("]E4" + "96385074", "00000096385074"),
            ("]E3" + "9521234543213" + "12", "09521234543213"),
            ("]E3" + "9521234543213" + "12345", "09521234543213"),
            ("]I1" + "12345678901231", "12345678901231"),
        ],
    )
    def test_become_ai_01(self, text: str, gtin: str) -> None:
        assert ElementString.parse_scan(text).items == (("01", gtin),)
        assert ScanData.parse(text).element_string is None

    def test_with_a_2d_component(self) -> None:
        elements = ElementString.parse_scan(f"]E02112345678900|]e099AB{GS}98X")
        assert elements.items == (("01", "02112345678900"), ("99", "AB"), ("98", "X"))

    @pytest.mark.parametrize(
        "text",
        [
            "]E3" + "9521234543213",
            "]E3" + "9521234543213" + "123",
            "]I1" + "1" * 13,
            "]I1" + "1" * 15,
        ],
    )
    def test_of_a_wrong_length(self, text: str) -> None:
        with pytest.raises(FormatError):
            ScanData.parse(text)

    def test_with_a_wrong_check_digit(self) -> None:
        with pytest.raises(CheckDigitError) as caught:
            ScanData.parse("]I1" + "12345678901232")
        assert caught.value.position == 16

    def test_with_other_digits(self) -> None:
        with pytest.raises(FormatError, match="only contain digits"):
            ScanData.parse("]E4" + "٩٦٣٨٥٠٧٤")

    def test_a_caret_in_the_2d_component(self) -> None:
        with pytest.raises(FormatError, match="illegal"):
            ScanData.parse("]E402345673|]e099AB^98X")

    def test_itf_14_is_written(self) -> None:
        assert to_scan_data(Symbology.ITF_14, "12345678901231") == "]I112345678901231"


def test_a_message_without_elements() -> None:
    with pytest.raises(FormatError, match="no GS1 data"):
        ElementString.parse_scan("]Q1HELLO")


def test_a_gs_where_fnc1_stands_already() -> None:
    with pytest.raises(FormatError, match="No known AI"):
        ScanData.parse(f"]C1{GS}0109521234543213")


def test_a_digital_link_is_written_as_it_is() -> None:
    uri = "https://example.com/01/09521234543213"
    assert to_scan_data(Symbology.QR, uri) == f"]Q1{uri}"
    with pytest.raises(FormatError, match="element strings only"):
        to_scan_data(Symbology.GS1_128_CCA, uri)


def test_a_plain_linear_symbol_with_a_2d_component_is_no_gs1_128() -> None:
    with pytest.raises(FormatError, match="element strings only"):
        to_scan_data(Symbology.GS1_128_CCA, "PLAIN|^99ABC")


def test_plain_data_that_begins_with_gs_stays_plain() -> None:
    scan = ScanData.parse(f"]Q1{GS}10A")
    assert scan.element_string is None
    assert to_scan_data(Symbology.QR, scan.data) == f"]Q1{GS}10A"


def test_a_bar_within_element_strings_is_no_composite() -> None:
    with pytest.raises(Gs1Error) as caught:
        ScanData.parse("]C110A|B")
    assert caught.value.markup == "(10)A|||B"
    assert caught.value.position == 6


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("]C10109521234543214", 18),
        (f"]d210A{GS}0109521234543214", 22),
        ("]Q1https://example.com/01/09521234543214", 39),
        ("]E09521234543214", 15),
        ("]E02112345678900|]e099A^", 23),
        (f"]E02112345678900|]e099A{GS}99~", 26),
        ("]E0211234567890", 15),
    ],
)
def test_the_position_is_that_in_the_scan(text: str, position: int) -> None:
    with pytest.raises(Gs1Error) as caught:
        ScanData.parse(text)
    assert caught.value.position == position
