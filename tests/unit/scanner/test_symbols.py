"""Symbols as modules, against another encoder and the figures of the General Specifications."""

from __future__ import annotations

import pytest
import zxingcpp

from scanner.artwork import scale_of
from scanner.drawing import picture
from scanner.errors import SymbolError
from scanner.layout import symbol_alone
from scanner.symbols import SIZES, Kind, encode

GS1 = "(01)09521234543213(10)ABC(21)12"
LINK = "https://example.com/01/09521234543213/10/ABC"


def modules(text: str, kind: zxingcpp.BarcodeFormat, **options: object) -> list[str]:
    picture = zxingcpp.create_barcode(text, kind, **options).to_image(add_quiet_zones=False)
    return ["".join("10"[value > 0] for value in row) for row in memoryview(picture).tolist()]


@pytest.mark.parametrize(
    ("kind", "data", "other"),
    [
        ("ean-13", "9521234543213", zxingcpp.BarcodeFormat.EAN13),
        ("ean-13", "4006381333931", zxingcpp.BarcodeFormat.EAN13),
        ("ean-8", "95212340", zxingcpp.BarcodeFormat.EAN8),
        ("upc-a", "012345678905", zxingcpp.BarcodeFormat.UPCA),
    ],
)
def test_retail_modules_are_those_of_another_encoder(
    kind: Kind, data: str, other: zxingcpp.BarcodeFormat
) -> None:
    (row,) = encode(kind, data).rows
    assert row.replace("G", "1") == modules(data, other)[0]


def test_gs1_128_is_as_short_as_another_encoder_makes_it() -> None:
    (row,) = encode("gs1-128", GS1).rows
    assert len(row) == len(modules(GS1, zxingcpp.BarcodeFormat.Code128, gs1=True)[0])


def test_itf_14_has_wide_bars_of_two_and_a_half() -> None:
    pattern = encode("itf-14", "19521234543210")
    # Section 5.3: start 4, 14 digits of 2 wide and 3 narrow elements each, stop wide and 2 narrow.
    assert pattern.width / pattern.units == 4 + 14 * (2 * 2.5 + 3) + 2.5 + 2


def test_guard_bars() -> None:
    (ean,) = encode("ean-13", "9521234543213").rows
    assert [at for at, module in enumerate(ean) if module == "G"] == [0, 2, 46, 48, 92, 94]
    (upc,) = encode("upc-a", "012345678905").rows
    assert "1" not in upc[:10] + upc[85:]
    assert set(upc[10:45]) == set("01")


def test_datamatrix_is_square() -> None:
    long = GS1 + "(240)" + "A" * 20
    for data in (GS1, long):
        rows = encode("gs1-datamatrix", data).rows
        assert {len(row) for row in rows} == {len(rows)}


@pytest.mark.parametrize(
    ("kind", "data", "text", "hri"),
    [
        ("ean-13", "09521234543213", "9521234543213", ("9521234543213",)),
        ("upc-a", "012345678905", "0012345678905", ("012345678905",)),
        ("itf-14", "9521234543213", "09521234543213", ("09521234543213",)),
        (
            "gs1-datamatrix",
            GS1,
            "010952123454321310ABC\x1d2112",
            ("(01) 09521234543213", "(10) ABC", "(21) 12"),
        ),
        ("digital-link-qr", LINK, LINK, ("(01) 09521234543213", "(10) ABC")),
    ],
)
def test_text_and_interpretation(kind: Kind, data: str, text: str, hri: tuple[str, ...]) -> None:
    pattern = encode(kind, data)
    assert (pattern.text, pattern.hri) == (text, hri)


@pytest.mark.parametrize("kind", ["gs1-datamatrix", "gs1-qr", "databar-expanded", "gs1-128"])
def test_a_third_partys_serial_is_parted_from_what_follows(kind: Kind) -> None:
    """AI (235) is of variable length: figure 7.8.5-2 does not list it, so FNC1 comes after it."""
    data = "(01)09521234543213(235)TPX9(10)ABC"
    (found,) = zxingcpp.read_barcodes(
        picture(symbol_alone(encode(kind, data), scale_of(encode(kind, data), None, 300)), 300),
        text_mode=zxingcpp.TextMode.Plain,
    )
    assert found.text.startswith("0109521234543213")
    assert sorted(found.text[16:].split("\x1d")) == ["10ABC", "235TPX9"]


def test_a_character_that_databar_lacks_is_named_as_the_reason() -> None:
    """A CPID may hold #, which the encodable characters of DataBar Expanded do not."""
    with pytest.raises(SymbolError, match="cannot be written"):
        encode("databar-expanded", "(8010)9521234A#1")
    assert encode("gs1-datamatrix", "(8010)9521234A#1").text == "80109521234A#1"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("ean-13", "9521234543214"),  # check digit
        ("ean-13", "19521234543210"),  # GTIN-14 with an indicator
        ("ean-13", "٩٥٢١٢٣٤٥٤٣٢١٣"),
        ("ean-13", "978-0-306-40615-7"),
        ("ean-8", "9521234543213"),
        ("ean-13", "95212340"),  # a GTIN-8 has a symbol of its own
        ("upc-a", "95212340"),
        ("itf-14", "123"),
        ("gs1-128", "hello"),
        ("gs1-128", "(01)09521234543214"),
        ("gs1-128", "(01)09521234543213(10)" + "A" * 20 + "(240)" + "B" * 20),
        ("gs1-datamatrix", "(17)271331"),
        ("gs1-datamatrix", ""),
        ("digital-link-qr", "https://example.com/about"),
        ("digital-link-qr", "javascript:alert(1)"),
        ("digital-link-qr", "https://example.com/01/09521234543213?x=" + "A" * 5000),
    ],
)
def test_refused(kind: Kind, data: str) -> None:
    with pytest.raises(SymbolError):
        encode(kind, data)


def test_sizes_are_in_order() -> None:
    for sizes in SIZES.values():
        assert sizes.least <= sizes.target <= sizes.most
