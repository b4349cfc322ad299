"""What is written is read back: any GTIN, any GS1 element string, any Digital Link."""

from __future__ import annotations

import io

import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner.drawing import Page
from scanner.label import Label, layout, render
from scanner.symbols import Kind, encode

# GS1 AI encodable character set 82 (General Specifications 7.11), without the escaped bracket.
CSET82 = "!\"%&'*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz()"
values = st.text(CSET82, min_size=1, max_size=20)
digits = st.text("0123456789", min_size=12, max_size=12)


def check_digit(body: str) -> str:
    """Modulo 10 with weights 3 and 1 from the right (General Specifications 7.9.1)."""
    total = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(reversed(body)))
    return str(-total % 10)


def scanned(kind: Kind, data: str) -> tuple[str, str]:
    with Image.open(io.BytesIO(render(Label(kind, data), "png", 150))) as image:
        (found,) = zxingcpp.read_barcodes(image.convert("L"), text_mode=zxingcpp.TextMode.Plain)
    return found.text, found.symbology_identifier


@settings(deadline=None, max_examples=60)
@given(digits)
def test_retail_symbols(body: str) -> None:
    gtin13 = body + check_digit(body)
    assert scanned("ean-13", gtin13) == (gtin13, "]E0")
    assert encode("itf-14", "0" + gtin13).text == "0" + gtin13
    gtin8 = body[:7] + check_digit(body[:7])
    assert scanned("ean-8", gtin8) == (gtin8, "]E4")
    gtin12 = body[:11] + check_digit(body[:11])
    assert scanned("upc-a", gtin12) == ("0" + gtin12, "]E0")


@settings(deadline=None, max_examples=60)
@given(digits)
def test_itf_14(body: str) -> None:
    gtin14 = "1" + body + check_digit("1" + body)
    assert scanned("itf-14", gtin14) == (gtin14, "]I1")


@settings(deadline=None, max_examples=80)
@given(values, values)
def test_element_strings(lot: str, serial: str) -> None:
    bracketed = "(01)09521234543213" + "".join(
        f"({ai})" + value.replace("(", "\\(") for ai, value in (("10", lot), ("21", serial))
    )
    raw = f"010952123454321310{lot}\x1d21{serial}"
    assert scanned("gs1-datamatrix", bracketed) == (raw, "]d2")
    if len(raw) <= 30:
        assert scanned("gs1-128", bracketed) == (raw, "]C1")


@settings(deadline=None, max_examples=40)
@given(st.text("ABCdef0123456789-_.", min_size=1, max_size=20))
def test_digital_links(serial: str) -> None:
    uri = f"https://example.com/01/09521234543213/21/{serial}"
    if serial.strip("."):  # a path segment of dots alone would be a relative path
        assert scanned("digital-link-qr", uri) == (uri, "]Q1")


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["ean-13", "gs1-datamatrix"]),
    st.text("Cà phê Đắk Lắk rang xay ượẫ 0123456789", max_size=120),
    st.integers(150, 1200),
)
def test_everything_lies_on_the_page(kind: Kind, name: str, dpi: int) -> None:
    data = "9521234543213" if kind == "ean-13" else "(01)09521234543213(21)ABC"
    page: Page = layout(Label(kind, data, name), dpi)
    for box in page.ink():
        assert box.left >= 0 and box.left + box.width <= page.width
        assert box.top >= 0 and box.top + box.height <= page.height
    for text in page.texts:
        assert 0 < text.baseline < page.height
