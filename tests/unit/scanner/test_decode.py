"""Symbols, evidence tiers and places; the pictures are drawn by other libraries' encoders."""

from __future__ import annotations

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from scanner import decode as module
from scanner import zbar
from scanner.decode import decode
from scanner.reading import Polygon, Symbol, Tier
from scanner.sighting import ZXING, Sighting, live_decoders
from tests.pictures import EAN, ean_picture

needs_zbar = pytest.mark.skipif(not zbar.available(), reason="libzbar0 is not installed")


def drawn(
    text: str, kind: zxingcpp.BarcodeFormat, scale: int = 4, **options: object
) -> Image.Image:
    picture = memoryview(zxingcpp.create_barcode(text, kind, **options).to_image(scale=scale))
    image = Image.frombytes("L", (picture.shape[1], picture.shape[0]), picture.tobytes())
    page = Image.new("L", (image.width + 80, image.height + 60), 255)
    page.paste(image, (40, 30))
    return page


def only(image: Image.Image) -> Symbol:
    decoded = decode(image)
    assert decoded.disagreements == ()
    (symbol,) = decoded.symbols
    return symbol


@needs_zbar
def test_ean_is_confirmed_by_both() -> None:
    symbol = only(ean_picture())
    assert (symbol.text, symbol.raw) == (EAN, EAN.encode())
    assert (symbol.symbology, symbol.symbology_identifier) == ("EAN-13", "]E0")
    assert (symbol.tier, symbol.decoders) == ("confirmed", ("zxing-cpp", "zbar"))
    assert symbol.checks == ("check-digit",)


def test_without_zbar_a_linear_symbol_is_probable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zbar, "pyzbar", None)
    symbol = only(ean_picture())
    assert (symbol.tier, symbol.decoders) == ("probable", ("zxing-cpp",))
    assert live_decoders() == ("zxing-cpp",)


GS1 = "(01)09521234543213(10)ABC(21)12"
RAW = "010952123454321310ABC\x1d2112"


@pytest.mark.parametrize(
    ("kind", "name", "identifier"),
    [
        (zxingcpp.BarcodeFormat.DataMatrix, "GS1 DataMatrix", "]d2"),
        (zxingcpp.BarcodeFormat.QRCode, "GS1 QR Code", "]Q3"),
        (zxingcpp.BarcodeFormat.Code128, "GS1-128", "]C1"),
    ],
)
def test_fnc1_is_kept(kind: zxingcpp.BarcodeFormat, name: str, identifier: str) -> None:
    symbol = only(drawn(GS1, kind, gs1=True))
    assert (symbol.text, symbol.raw) == (RAW, RAW.encode())
    assert (symbol.symbology, symbol.symbology_identifier) == (name, identifier)
    assert symbol.is_gs1


def test_plain_data_matrix_carries_no_gs1_meaning() -> None:
    symbol = only(drawn("010952123454321310ABC", zxingcpp.BarcodeFormat.DataMatrix))
    assert (symbol.symbology, symbol.symbology_identifier) == ("Data Matrix", "]d1")
    assert not symbol.is_gs1


def test_vietnamese_text_in_a_qr_code() -> None:
    assert only(drawn("Cà phê Đắk Lắk", zxingcpp.BarcodeFormat.QRCode)).text == "Cà phê Đắk Lắk"


def test_corners_are_those_of_the_symbol() -> None:
    symbol = only(drawn("HELLO", zxingcpp.BarcodeFormat.DataMatrix, scale=6))
    (x1, y1), (x2, _), (_, y3), _ = symbol.polygon
    assert abs(x1 - 46) <= 6
    assert abs(y1 - 36) <= 6
    assert abs((x2 - x1) - (y3 - y1)) <= 2


@pytest.mark.parametrize("degrees", [90, 180, 270, 33])
def test_turned_pictures(degrees: int) -> None:
    turned = ean_picture().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert only(turned).text == EAN


def test_light_on_dark() -> None:
    assert only(ean_picture().point(lambda value: 255 - value)).text == EAN


def test_several_symbols_largest_first() -> None:
    small, large = ean_picture("4006381333931", 2), ean_picture(EAN, 4)
    page = Image.new("L", (large.width + 20, large.height + small.height + 60), 255)
    page.paste(small, (10, 0))
    page.paste(large, (10, small.height + 50))
    assert [symbol.text for symbol in decode(page).symbols] == [EAN, "4006381333931"]


def test_blurred_symbol_needs_a_treatment() -> None:
    blurred = ean_picture().filter(ImageFilter.GaussianBlur(1.7))
    assert not zxingcpp.read_barcodes(blurred), "too easy for this test"
    decoded = decode(blurred)
    assert [symbol.text for symbol in decoded.symbols] == [EAN]
    assert decoded.attempt != "plain"


def test_nothing_in_a_plain_or_noisy_picture() -> None:
    for image in (
        Image.new("L", (1, 1)),
        Image.new("L", (300, 200), 200),
        Image.effect_noise((300, 200), 90),
    ):
        decoded = decode(image)
        assert (decoded.symbols, decoded.disagreements) == ((), ())


PLACE: Polygon = ((10, 10), (200, 10), (200, 60), (10, 60))


def seen(text: str, decoder: str = ZXING, group: str = "EAN/UPC", reserve: float = 0.0) -> Sighting:
    tier: Tier = "probable"
    symbol = Symbol(text, text.encode(), "EAN-13", "]E0", PLACE, (decoder,), tier)
    return Sighting(symbol, group, decoder, reserve)


A, B = "9521234543213", "4006381333931"
ZBAR = zbar.NAME


@pytest.mark.parametrize(
    ("first", "looks", "expected"),
    [
        (seen(A), [], None),
        (seen(A), [seen(A)], (A, "probable")),
        (seen(A), [seen(A, ZBAR)], (A, "confirmed")),
        (seen(A), [seen(B)], None),
        (seen(A), [seen(A), seen(B, ZBAR)], None),  # one decoder against the other
        (seen(A), [seen(A, ZBAR), seen(B, ZBAR)], (A, "probable")),
        (seen(A), [seen(B), seen(B, ZBAR)], (B, "probable")),
        (seen(A), [seen(A, ZBAR), seen(B), seen(B, ZBAR)], None),
        (seen(A, group="QR Code"), [], (A, "probable")),
        (seen(A, group="QR Code", reserve=0.9), [], (A, "confirmed")),
        (seen(A, group="Code 39"), [seen(A, group="Code 39")], None),
        (seen(A, group="Code 39"), [seen(A, ZBAR, "Code 39")], (A, "confirmed")),
    ],
)
def test_evidence_in_a_treated_picture(
    first: Sighting, looks: list[Sighting], expected: tuple[str, str] | None
) -> None:
    symbol = module._settled(first, looks)
    assert (symbol and (symbol.text, symbol.tier)) == expected


def test_decoders_that_contradict_each_other_are_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lie = zbar.Found(B.encode(), "EAN13", ((40, 40), (300, 40), (300, 60), (40, 60)))
    monkeypatch.setattr(zbar, "read", lambda image, kinds: [lie])
    decoded = decode(ean_picture())
    assert decoded.symbols == ()
    (disagreement,) = decoded.disagreements
    assert dict(disagreement.texts) == {"zxing-cpp": A, "zbar": B}
