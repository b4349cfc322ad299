"""The report as a whole: through the decoder process, on the wire, with a card, as a command."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from scanner import CardNotUsable, DecoderPool, quality_report
from scanner.__main__ import main
from scanner.label import Label, render
from scanner.pdf import to_pdf
from scanner.quality import Card, Patch, QualityReport, report
from scanner.quality.card import page
from scanner.scene import CASUAL, STEADY, photograph
from scanner.symbols import Kind, encode
from tests import prints
from tests.pictures import as_bytes

CARD = Card(light=Patch((10, 10, 60, 60), 0.9), dark=Patch((90, 10, 60, 60), 0.1))


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(timeout=20) as found:
        yield found


def sheet(light: float = 0.9, ink: float = 0.1, exposure: float = 1.0) -> bytes:
    """An EAN-13 below the two patches of a card (0.9 and 0.1), as a PNG."""
    bars = prints.bars(prints.ean_modules(), light=light, ink=ink)
    top = np.full((80, bars.shape[1]), light)
    top[10:70, 10:70], top[10:70, 90:150] = 0.9, 0.1
    return as_bytes(prints.photo(np.concatenate([top, bars]) * exposure), "PNG")


def contrast(found: QualityReport) -> float:
    (symbol,) = found.symbols
    (number,) = (item.value for item in symbol.parameters if item.name == "symbol-contrast")
    assert number is not None
    return number


def test_a_report_names_its_method_and_never_a_standard_grade(pool: DecoderPool) -> None:
    found = pool.quality(sheet())
    (symbol,) = found.symbols
    assert (symbol.method, symbol.standard, symbol.text) == ("linear", "ISO/IEC 15416", prints.EAN)
    assert found.basis == "method, uncalibrated photo"
    assert not found.calibrated
    assert symbol.grade == 4.0
    assert symbol.photo is not None
    assert symbol.photo.pixels_per_module == pytest.approx(10, abs=0.1)
    assert symbol.photo.cautions == ()


def test_the_picture_shows_the_symbol_and_its_scan_lines(pool: DecoderPool) -> None:
    (symbol,) = pool.quality(sheet()).symbols
    assert symbol.picture is not None
    picture = Image.open(BytesIO(symbol.picture.data))
    assert picture.size == (symbol.picture.width, symbol.picture.height)
    assert [barcode.text for barcode in zxingcpp.read_barcodes(picture)] == [prints.EAN]
    rows = [line.line[0][1] for line in symbol.profiles]
    assert rows == sorted(rows)
    assert len(rows) == 10
    for profile in symbol.profiles:
        assert len(profile.reflectances) <= 1400
        assert len(profile.edges) == 60  # 59 elements
        for x, y in profile.line:
            assert -60 <= x <= picture.width + 60
            assert 0 <= y <= picture.height
        middle = profile.reflectances[int((profile.edges[0] + profile.edges[1]) / 2)]
        assert middle < profile.threshold


def test_a_card_gives_the_scale_that_exposure_takes(pool: DecoderPool) -> None:
    dim = sheet(light=0.8, ink=0.2, exposure=0.5)
    assert contrast(pool.quality(dim)) == pytest.approx(0.3, abs=0.01)
    assert "dark" in (pool.quality(dim).symbols[0].photo or report.PhotoFacts(*[0] * 6)).cautions
    found = pool.quality(dim, CARD)
    assert contrast(found) == pytest.approx(0.6, abs=0.01)
    assert found.calibrated
    assert found.basis == "method, indicative, calibrated by card"


@pytest.mark.parametrize(
    "card",
    [
        replace(CARD, dark=CARD.light),
        replace(CARD, dark=Patch((5000, 10, 60, 60), 0.1)),
        replace(CARD, dark=Patch((-5, 10, 60, 60), 0.1)),
        replace(CARD, dark=Patch((5, 10, 0, 60), 0.1)),
    ],
)
def test_a_card_that_is_not_there_is_refused(pool: DecoderPool, card: Card) -> None:
    with pytest.raises(CardNotUsable):
        pool.quality(sheet(), card)


def test_an_overexposed_patch_is_refused(pool: DecoderPool) -> None:
    with pytest.raises(CardNotUsable):
        pool.quality(sheet(exposure=1.2), CARD)


def with_printed_card(turn: float) -> bytes:
    """Paper of 85 %, ink of 4 % on the card; bars of 85 and 25 % below it; half exposed."""
    document = pypdfium2.PdfDocument(to_pdf(page(85, 4)))
    shown = np.asarray(document[0].render(scale=300 / 72).to_pil().convert("L")) / 255
    document.close()
    paper = 0.04 + shown * 0.81
    bars = prints.bars(prints.ean_modules(), light=0.85, ink=0.25)
    room = np.full((paper.shape[0], bars.shape[1]), 0.85)
    room[:, : paper.shape[1]] = paper
    photo = prints.photo(np.concatenate([room, bars]) * 0.5)
    ground = int(np.asarray(photo)[0, -1])
    return as_bytes(photo.rotate(turn, 3, expand=True, fillcolor=ground), "PNG")


@pytest.mark.parametrize("turn", [0, 8, 90, 180])
def test_a_printed_card_is_found_by_itself(pool: DecoderPool, turn: float) -> None:
    found = pool.quality(with_printed_card(turn))
    assert found.calibrated
    assert [symbol.text for symbol in found.symbols] == [
        prints.EAN
    ]  # the card is no print to judge
    assert contrast(found) == pytest.approx(0.6, abs=0.015)


def test_a_printed_card_that_is_cut_off_is_refused(pool: DecoderPool) -> None:
    whole = Image.open(BytesIO(with_printed_card(0)))
    with pytest.raises(CardNotUsable):
        pool.quality(as_bytes(whole.crop((0, 0, 700, whole.height)), "PNG"))


@pytest.mark.parametrize(("light", "dark"), [(4, 85), (50, 50), (100, 4), (85, -1)])
def test_cards_that_cannot_be_are_not_drawn(light: int, dark: int) -> None:
    with pytest.raises(CardNotUsable):
        page(light, dark)


def test_photos_with_nothing_and_with_what_is_not_measured(pool: DecoderPool) -> None:
    assert pool.quality(as_bytes(Image.new("L", (300, 200), 255), "PNG")).symbols == ()
    aztec = prints.printed(prints.modules("Aztec 123", zxingcpp.BarcodeFormat.Aztec))
    (symbol,) = pool.quality(as_bytes(prints.photo(aztec), "PNG")).symbols
    assert (symbol.method, symbol.grade, symbol.parameters) == ("none", None, ())
    assert symbol.picture is not None


@pytest.mark.parametrize("camera", [STEADY, CASUAL])
def test_a_sample_photo_is_measured_with_what_makes_it_doubtful(
    pool: DecoderPool, camera: object
) -> None:
    label = Label("gs1-datamatrix", "(01)09521234543213(17)271231(10)L1(21)S1", name="Cà phê")
    picture = Image.open(BytesIO(render(label, "png", 300)))
    assert camera in (STEADY, CASUAL)
    chosen = STEADY if camera is STEADY else CASUAL
    photo = photograph([picture], rng=random.Random(7), camera=chosen, size=(1440, 1080))
    found = pool.quality(photo)
    (symbol,) = found.symbols
    assert symbol.method == "matrix"
    decode, *_others = symbol.parameters
    assert decode.grade == 4.0
    assert symbol.photo is not None
    assert 2 < symbol.photo.pixels_per_module < 40
    assert 0 < symbol.photo.edge_spread < 1.5


def test_few_pixels_and_defocus_are_cautioned(pool: DecoderPool) -> None:
    small = Image.open(BytesIO(sheet())).resize((477, 144), Image.Resampling.BOX)
    (symbol,) = pool.quality(as_bytes(small, "PNG")).symbols
    assert symbol.photo is not None
    assert "few-pixels" in symbol.photo.cautions
    soft = prints.blurred(prints.bars(prints.ean_modules()), 4)
    (symbol,) = pool.quality(as_bytes(prints.photo(soft), "PNG")).symbols
    assert symbol.photo is not None
    assert "defocus" in symbol.photo.cautions


def test_a_matrix_symbol_that_is_not_decoded_tells_how_the_photo_is(pool: DecoderPool) -> None:
    dark = prints.modules("https://id.gs1.org/01/09520001000171", zxingcpp.BarcodeFormat.QRCode)
    print_ = prints.blurred(prints.printed(dark, 4, 5), 1.8)
    photo = prints.photo(print_)
    assert zxingcpp.read_barcodes(photo), "the decoder is to read what the method does not"
    (symbol,) = pool.quality(as_bytes(photo, "PNG")).symbols
    assert symbol.grade == 0
    assert symbol.photo is not None
    assert symbol.photo.pixels_per_module == pytest.approx(4, abs=0.3)
    assert "few-pixels" in symbol.photo.cautions


@pytest.mark.parametrize("symbology", ["linear", "matrix"])
def test_light_that_falls_off_is_put_down_to_the_photo(pool: DecoderPool, symbology: str) -> None:
    bars = prints.bars(prints.ean_modules())
    qr = prints.printed(prints.modules("Nguon", zxingcpp.BarcodeFormat.QRCode), 10, 5)
    print_ = bars if symbology == "linear" else qr
    for dimmest, expected in ((1.0, False), (0.85, False), (0.3, True)):
        shade = np.linspace(1, dimmest, print_.shape[1])
        (symbol,) = pool.quality(as_bytes(prints.photo(print_ * shade), "PNG")).symbols
        assert symbol.photo is not None
        assert ("uneven-light" in symbol.photo.cautions) == expected


@pytest.mark.parametrize("sides", [(12, 13), (13, 12), (12, 12)])
@pytest.mark.parametrize("kind", ["gs1-datamatrix", "digital-link-qr"])
def test_a_stretched_print_is_measured(
    pool: DecoderPool, kind: Kind, sides: tuple[int, int]
) -> None:
    """8 %, upright and sharp: zxing-cpp overlooks such a Data Matrix in the picture as it is."""
    linked = kind == "digital-link-qr"
    data = "(01)09521234543213(17)271231(10)L1(21)S1"
    rows = encode(kind, "https://id.gs1.org/01/09521234543213/10/L13" if linked else data).rows
    dark = np.array([[module == "1" for module in row] for row in rows])
    for light, ink in ((0.85, 0.04), (0.9, 0.1)):
        photo = prints.photo(prints.printed(dark, sides, 6, light=light, ink=ink))
        (symbol,) = pool.quality(as_bytes(photo, "PNG")).symbols
        values = {item.name: item.value for item in symbol.parameters}
        by_hand = abs(sides[0] - sides[1]) / (sum(sides) / 2)
        assert values["axial-nonuniformity"] == pytest.approx(by_hand, abs=0.004)
        assert values["unused-error-correction"] == 1.0


LINEAR = [
    (zxingcpp.BarcodeFormat.EAN13, "9521234543213"),
    (zxingcpp.BarcodeFormat.UPCA, "012345678905"),
    (zxingcpp.BarcodeFormat.EAN8, "95212340"),
    (zxingcpp.BarcodeFormat.Code128, "Nguon-2026"),
]


@pytest.mark.parametrize("turn", [0, 90, 180])
@pytest.mark.parametrize("room", [2, 4])
@pytest.mark.parametrize(("kind", "text"), LINEAR)
def test_a_quiet_zone_too_short_for_decoders_is_told(
    pool: DecoderPool, kind: zxingcpp.BarcodeFormat, text: str, room: int, turn: int
) -> None:
    """A dark box beside the bars, nearer than decoders allow: quiet zone 0, the rest as it is."""
    print_ = prints.bars(prints.modules(text, kind)[:1])
    edge = int(np.flatnonzero((print_ < 0.5).any(axis=0))[0])
    side = prints.SIDE
    print_[:, edge - (room + 5) * side : edge - room * side] = print_.min()
    (symbol,) = pool.quality(as_bytes(prints.photo(np.rot90(print_, turn // 90)), "PNG")).symbols
    grades = {item.name: item.grade for item in symbol.parameters if item.grade is not None}
    values = {item.name: item.value for item in symbol.parameters}
    assert symbol.text.lstrip("0") == text.lstrip("0")
    short = [name for name, grade in grades.items() if grade < 4]
    assert short in (["quiet-left"], ["quiet-right"])  # a turned symbol may be told either way
    assert values[short[0]] == pytest.approx(room, abs=0.1)


def test_bars_that_are_no_symbol_stay_unread(pool: DecoderPool) -> None:
    rng = np.random.default_rng(4)
    stripes = rng.integers(0, 2, (1, 120)).astype(bool)
    assert pool.quality(as_bytes(prints.photo(prints.bars(stripes)), "PNG")).symbols == ()


def cautions(pool: DecoderPool, photo: Image.Image) -> tuple[str, ...]:
    (symbol,) = pool.quality(as_bytes(photo, "PNG")).symbols
    assert symbol.photo is not None
    return symbol.photo.cautions


def test_glare_is_an_area_not_noise_or_the_halo_of_sharpening(pool: DecoderPool) -> None:
    light = prints.printed(
        prints.modules("NGUON 2026", zxingcpp.BarcodeFormat.DataMatrix), light=0.85
    )
    plain = prints.photo(light)
    assert cautions(pool, plain.filter(ImageFilter.UnsharpMask(2, 150, 0))) == ()
    noise = np.random.default_rng(1).normal(0, 12, light.shape)
    noisy = Image.fromarray(np.clip(np.asarray(plain) + noise, 0, 255).astype(np.uint8))
    assert cautions(pool, noisy) == ()
    shiny = plain.copy()
    middle, radius = plain.width / 2, plain.width / 16
    box = (middle - radius, middle - radius, middle + radius, middle + radius)
    ImageDraw.Draw(shiny).ellipse(box, fill=255)
    assert "glare" in cautions(pool, shiny)


@pytest.mark.parametrize(("fall", "told"), [(0.6, True), (0.1, False)])
def test_light_that_falls_across_a_symbol_is_told(
    pool: DecoderPool, fall: float, told: bool
) -> None:
    """Over the whole picture by ``fall``, over the symbol in its middle by more than half of it."""
    dark = prints.modules("https://id.gs1.org/01/09521234543213", zxingcpp.BarcodeFormat.QRCode)
    print_ = prints.printed(dark, quiet=6)
    falling = print_ * np.linspace(1, 1 - fall, print_.shape[1])
    for turn in (0, 1):
        assert (cautions(pool, prints.photo(np.rot90(falling, turn))) == ("uneven-light",)) is told


def test_a_report_survives_the_wire(pool: DecoderPool) -> None:
    found = pool.quality(sheet())
    wire, pictures = report.to_wire(found)
    assert report.from_wire(json.loads(json.dumps(wire)), pictures) == found


@pytest.mark.parametrize("fault", ["symbols", "method", "picture", "parameters", "blob"])
def test_a_malformed_answer_is_no_report(pool: DecoderPool, fault: str) -> None:
    wire, pictures = report.to_wire(pool.quality(sheet()))
    match fault:
        case "symbols":
            del wire["symbols"]
        case "method":
            wire["symbols"][0]["method"] = "guess"
        case "picture":
            wire["symbols"][0]["picture"]["data"] = "many"
        case "parameters":
            wire["symbols"][0]["parameters"] = [{"name": "decode"}]
        case _:
            pictures += b"more"
    with pytest.raises((KeyError, TypeError, ValueError)):
        report.from_wire(wire, pictures)


def test_the_function_uses_the_pool_it_is_given(pool: DecoderPool) -> None:
    assert quality_report(sheet(), pool).symbols[0].text == prints.EAN


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sheet.png"
    file.write_bytes(sheet(light=0.8, ink=0.2, exposure=0.5))
    patches = ["--light", "10,10,60,60=0.9", "--dark", "90,10,60,60=0.1"]
    assert main(["quality", str(file), "--json", *patches]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["basis"] == "method, indicative, calibrated by card"
    (symbol,) = told["symbols"]
    values = {item["name"]: item["value"] for item in symbol["parameters"]}
    assert values["symbol-contrast"] == pytest.approx(0.6, abs=0.01)
    assert len(symbol["scans"]) == 10
    assert main(["quality", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "uncalibrated" in shown
    assert "doubtful: dark" in shown
    assert main(["quality", str(file), *patches[:2]]) == 2
    assert "both" in capsys.readouterr().err


def test_the_command_writes_a_card(tmp_path: Path) -> None:
    file = tmp_path / "card.pdf"
    assert main(["card", str(file), "--light", "90", "--dark", "5", "--language", "en"]) == 0
    document = pypdfium2.PdfDocument(file)
    assert document[0].get_size() == pytest.approx((242.6, 153.1), abs=0.1)  # 85.6 × 54 mm
    photo = document[0].render(scale=4).to_pil()
    document.close()
    assert [barcode.text for barcode in zxingcpp.read_barcodes(photo)] == ["NGUON-CARD 90 05"]
    assert main(["card", str(file), "--light", "3"]) == 1


def test_the_command_tells_which_file_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "note.txt"
    file.write_text("no picture")
    assert main(["quality", str(file)]) == 1
    assert "note.txt: not-an-image" in capsys.readouterr().err
