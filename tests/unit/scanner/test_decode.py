"""Symbols, evidence tiers and places; the pictures are drawn by other libraries' encoders."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from scanner import ean, zbar
from scanner.decode import decode
from scanner.reading import Symbol
from scanner.sighting import live_decoders
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


def test_without_zbar_the_profile_confirms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zbar, "pyzbar", None)
    symbol = only(ean_picture())
    assert (symbol.tier, symbol.decoders) == ("confirmed", ("zxing-cpp",))
    assert symbol.checks == ("check-digit", "profile")
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


def test_decoders_that_contradict_each_other_are_settled_by_the_profile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zbar, "read", lie("4006381333931"))
    symbol = only(ean_picture())
    assert (symbol.text, symbol.tier) == (EAN, "probable")


def test_a_contradiction_that_nothing_settles_is_a_conflict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zbar, "read", lie("4006381333931"))
    monkeypatch.setattr(ean, "confirm", lambda *_: ean.Confirmation("unreadable", "", 0.0))
    decoded = decode(ean_picture())
    assert decoded.symbols == ()
    (disagreement,) = decoded.disagreements
    assert {text for _decoder, text in disagreement.texts} == {EAN, "4006381333931"}


def lie(digits: str) -> Callable[[Image.Image, object], list[zbar.Found]]:
    """A second decoder that sees the same wrong digits everywhere."""
    outline = ((40, 40), (300, 40), (300, 60), (40, 60))
    return lambda image, kinds: [zbar.Found(digits.encode(), "EAN13", outline)]


def test_codes_lying_across_each_other_are_all_found() -> None:
    upright, lying = ean_picture(EAN, 3), ean_picture("4006381333931", 3).rotate(90, expand=True)
    page = Image.new("L", (upright.width + lying.width + 60, lying.height + 20), 255)
    page.paste(upright, (10, 10))
    page.paste(lying, (upright.width + 40, 10))
    assert {symbol.text for symbol in decode(page).symbols} == {EAN, "4006381333931"}


def test_places_are_those_of_the_photo_at_full_size() -> None:
    photo = drawn("HELLO", zxingcpp.BarcodeFormat.DataMatrix, scale=12)
    (symbol,) = decode(photo.reduce(2), finer=lambda: photo, factor=2).symbols
    (x1, y1), (x2, _), _, _ = symbol.polygon
    assert abs(x1 - 52) <= 12
    assert abs(y1 - 42) <= 12
    assert abs((x2 - x1) - (photo.width - 104)) <= 24


def test_a_code_too_fine_for_the_reduced_picture_is_read_at_full_size() -> None:
    photo = drawn("HELLO", zxingcpp.BarcodeFormat.DataMatrix, scale=3)
    tiny = photo.reduce(4)
    assert decode(tiny).symbols == ()
    (symbol,) = decode(tiny, finer=lambda: photo, factor=4).symbols
    assert symbol.text == "HELLO"


def test_a_work_budget_ends_the_search() -> None:
    noise = Image.effect_noise((300, 200), 90)
    assert "budget spent" in decode(noise, 0.0).notes
    tried = {effort: decode(noise, 60.0, effort=effort).notes[1] for effort in (0.3, 8.0)}
    assert len(tried[0.3]) < len(tried[8.0])


def half_faint(contrast: float) -> Image.Image:
    """An EAN-13 symbol whose right half has this share of the left half's contrast."""
    symbol = zxingcpp.create_barcode("9780441014989", zxingcpp.BarcodeFormat.EAN13)
    picture = memoryview(symbol.to_image(scale=1))
    row = picture.tobytes()[: picture.shape[1]]
    dark = [value < 128 for value in row]
    middle = dark.index(True) + 51
    faint = [contrast if column >= middle else 1.0 for column in range(len(dark))]
    values = [round(200 - 160 * share * bar) for bar, share in zip(dark, faint, strict=True)]
    line = Image.frombytes("L", (len(row), 1), bytes(values))
    return line.resize((3 * len(row), 60), Image.Resampling.NEAREST)


@pytest.mark.parametrize("contrast", [0.05, 0.1, 0.15, 0.2])
def test_half_an_ean13_is_no_confirmed_upc_e(contrast: float) -> None:
    image = half_faint(contrast)
    (alone,) = zxingcpp.read_barcodes(image)
    assert alone.format == zxingcpp.BarcodeFormat.UPCE
    assert not any(symbol.tier == "confirmed" for symbol in decode(image).symbols)
    if contrast >= 0.2:
        assert decode(image).symbols == ()
