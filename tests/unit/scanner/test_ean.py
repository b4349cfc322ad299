"""The own EAN/UPC reader on symbols drawn by zxing-cpp and python-barcode, blurred by Pillow."""

from __future__ import annotations

import math
import random

import barcode.ean
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from scanner import ean
from scanner.ean import layout, templates, trellis

Corners = list[tuple[float, float]]
SHAPES = {"EAN13": layout.EAN13, "EAN8": layout.EAN8, "UPCE": layout.UPCE}
TEXTS = [
    ("EAN13", "9780441014989", "9780441014989"),
    ("EAN13", "8934563138165", "8934563138165"),
    ("EAN13", "0023942431015", "0023942431015"),
    ("EAN8", "96385074", "96385074"),
    ("UPCE", "01234565", "0012345000065"),
    ("UPCE", "04965802", "0049000006582"),
    ("UPCE", "16543214", "0165100004324"),
    ("UPCE", "01234531", "0012300000451"),
    ("UPCE", "01234543", "0012340000053"),
]


def drawn(kind: str, text: str) -> str:
    """The modules of a symbol as zxing-cpp draws them."""
    symbol = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    row = np.array(symbol.to_image(scale=1, add_quiet_zones=False, add_hrt=False))[0]
    return "".join("1" if value < 128 else "0" for value in row).strip("0")


def photo(
    row: str, module: float, *, degrees: float = 0, blur: float = 0, noise: float = 0, seed: int = 1
) -> tuple[NDArray[np.uint8], Corners]:
    """A symbol on a light ground, turned about its middle; blur in modules, noise in greys."""
    fine, length, height = 8, len(row) * module, 40 * module
    ground = Image.new("L", ((len(row) + 40) * fine, 80 * fine), 225)
    pen = ImageDraw.Draw(ground)
    for index, bit in enumerate(row):
        if bit == "1":
            left = (20 + index) * fine
            pen.rectangle((left, 20 * fine, left + fine - 1, 60 * fine), fill=30)
    turned = ground.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=225)
    size = (round(turned.width * module / fine), round(turned.height * module / fine))
    image = turned.resize(size, Image.Resampling.BOX)
    image = image.filter(ImageFilter.GaussianBlur(blur * module))
    values = np.asarray(image, float) + np.random.default_rng(seed).normal(0, noise, size[::-1])
    along = np.array([math.cos(math.radians(degrees)), -math.sin(math.radians(degrees))])
    down = np.array([-along[1], along[0]])
    middle = np.array(size) / 2
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = [middle + s * length / 2 * along + t * height / 2 * down for s, t in signs]
    return np.clip(values, 0, 255).astype(np.uint8), [(float(x), float(y)) for x, y in corners]


def with_check_digit(body: str) -> str:
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(body))
    return body + str(-total % 10)


@pytest.mark.parametrize(("kind", "text", "transmitted"), TEXTS)
def test_words_are_those_of_the_standard(kind: str, text: str, transmitted: str) -> None:
    shape, row = SHAPES[kind], drawn(kind, text)
    light = "0" * layout.QUIET
    signal = templates.blurred(
        [light + row + light], templates.places(shape) + layout.QUIET, 0.5, 0
    )
    links = templates.bank(shape, 0.5, 0, templates.Spread.BELL)
    word = trellis.best_word(shape, [cost[0] for cost in templates.costs(links, signal)])
    assert shape.row(word.choices) == row
    assert layout.transmitted(shape, shape.variants[word.variant], word.digits) == transmitted
    assert word.cost == pytest.approx(0, abs=1e-2)


def test_python_barcode_draws_the_same_words() -> None:
    row = barcode.ean.EuropeanArticleNumber13("893456313816").build()[0]
    gray, corners = photo(row, 3)
    assert ean.confirm(gray, corners, "8934563138165").verdict == "agrees"


def test_the_second_best_word_is_the_second_best() -> None:
    """Against all 10,000,000 EAN-8 words, by their digits' own distances without blur."""
    draw = np.random.default_rng(3)
    links = templates.bank(layout.EAN8, 0.05, 0, templates.Spread.BELL)
    count = templates.RATE * (layout.EAN8.modules + 2 * layout.QUIET)
    signal = draw.random((1, count)).astype(np.float32)
    costs = [cost[0] for cost in templates.costs(links, signal)]
    word = trellis.best_word(layout.EAN8, costs)
    # Without blur a cell's cost does not depend on its neighbours: costs are sums of cells' own.
    middles = (costs[0][0], costs[-1][:, 0])
    reach = {(digit, 3 * digit % 10): [float(middles[0][digit])] for digit in range(10)}
    for cell in range(1, 8):
        weight, step = (1 if cell % 2 else 3), costs[cell]
        grown: dict[tuple[int, int], list[float]] = {}
        for (before, total), best in reach.items():
            for digit in range(10):
                key = (digit, (total + weight * digit) % 10)
                grown.setdefault(key, []).extend(cost + float(step[before, digit]) for cost in best)
        reach = {key: sorted(values)[:2] for key, values in grown.items()}
    totals = sorted(
        cost + float(middles[-1][digit])
        for (digit, total), values in reach.items()
        if total == 0
        for cost in values
    )
    assert (word.cost, word.second) == pytest.approx(totals[:2], rel=1e-4)


@pytest.mark.parametrize(("kind", "text", "transmitted"), TEXTS)
@pytest.mark.parametrize(
    ("module", "degrees", "blur"), [(2, 0, 0.6), (2.6, 11, 0.5), (4, -35, 0.7)]
)
def test_confirm_agrees_with_what_is_printed(
    kind: str, text: str, transmitted: str, module: float, degrees: float, blur: float
) -> None:
    gray, corners = photo(drawn(kind, text), module, degrees=degrees, blur=blur, noise=4)
    answer = ean.confirm(gray, corners, transmitted)
    assert (answer.verdict, answer.read) == ("agrees", transmitted)


def test_confirm_contradicts_any_other_number() -> None:
    gray, corners = photo(drawn("EAN13", "8934563138165"), 2.5, blur=0.7, noise=5)
    draw = random.Random(2)
    for place in range(12):
        body = list("893456313816")
        body[place] = str((int(body[place]) + draw.randrange(1, 10)) % 10)
        answer = ean.confirm(gray, corners, with_check_digit("".join(body)))
        assert (answer.verdict, answer.read) == ("contradicts", "8934563138165")


def test_nearly_all_that_is_only_a_little_blurred_is_read() -> None:
    draw, unread = random.Random(7), []
    for _ in range(50):
        text = with_check_digit("".join(draw.choices("0123456789", k=12)))
        module, degrees, blur = draw.uniform(2, 5), draw.uniform(-180, 180), draw.uniform(0, 0.7)
        gray, corners = photo(drawn("EAN13", text), module, degrees=degrees, blur=blur, noise=2)
        answer = ean.confirm(gray, corners, text)
        assert answer.read in ("", text)
        unread += [] if answer.verdict == "agrees" else [(text, module, degrees, blur)]
    assert len(unread) <= 2, unread


@pytest.mark.parametrize("text", ["", "123", "12345678901234", "978044101498X", "٩٧٨٠٤٤١٠١٤٩٨٩"])
def test_what_is_no_retail_number_cannot_be_confirmed(text: str) -> None:
    gray, corners = photo(drawn("EAN13", "9780441014989"), 3)
    assert ean.confirm(gray, corners, text) == ean.Confirmation("unreadable", "", 0.0)


def test_confirm_says_nothing_where_there_is_nothing() -> None:
    blank = np.full((120, 300), 200, np.uint8)
    place = [(20.0, 20.0), (280.0, 20.0), (280.0, 100.0), (20.0, 100.0)]
    assert ean.confirm(blank, place, "9780441014989").verdict == "unreadable"
    assert ean.confirm(blank[:1, :1], place, "9780441014989").verdict == "unreadable"
    beyond = [(x + 5000, y) for x, y in place]
    assert ean.confirm(blank, beyond, "9780441014989").verdict == "unreadable"


def test_bars_go_on_beside_half_an_ean13_but_not_beside_upc_e() -> None:
    whole = drawn("EAN13", "9780441014989")
    gray, (a, b, c, d) = photo(whole, 2.0, blur=0.4, noise=4)
    share = 51 / len(whole)  # UPC-E's modules
    half = [a, *((p[0] + share * (q[0] - p[0]), p[1]) for p, q in ((a, b), (d, c))), d]
    assert ean.goes_on(gray, half)
    gray, corners = photo(drawn("UPCE", "16543214"), 2.0, blur=0.4, noise=4)
    assert not ean.goes_on(gray, corners)


@pytest.mark.parametrize("degrees", [0, 90, 180, -25])
def test_search_finds_a_symbol_too_blurred_for_zxing(degrees: float) -> None:
    gray, corners = photo(drawn("EAN13", "9780441014989"), 2.2, degrees=degrees, blur=0.95, noise=1)
    assert zxingcpp.read_barcodes(gray) == []
    (found,) = ean.search(gray, budget=10)
    assert (found.text, found.symbology) == ("9780441014989", "EAN-13")
    assert [quick.text for quick in ean.search(gray, 10, quick=True)] == [found.text]
    for mine, true in zip(found.polygon[:2], corners[:2], strict=True):
        # The height is looked at in part only: compare along the symbol.
        across = np.subtract(corners[1], corners[0]) / math.dist(*corners[:2])
        assert np.dot(np.subtract(mine, true), across) == pytest.approx(0, abs=3)


def test_search_spends_no_time_it_does_not_have() -> None:
    gray, _corners = photo(drawn("EAN13", "9780441014989"), 3)
    assert ean.search(gray, budget=-1) == []


def matrix(kind: str) -> NDArray[np.uint8]:
    symbol = zxingcpp.create_barcode("8934563138165 " * 4, getattr(zxingcpp.BarcodeFormat, kind))
    return np.array(symbol.to_image(scale=4)).astype(np.uint8)


@pytest.mark.parametrize("kind", ["QRCode", "DataMatrix", "PDF417", "Code128", "Code39", "Aztec"])
def test_search_reads_no_other_symbology(kind: str) -> None:
    assert ean.search(matrix(kind), budget=10) == []


def test_search_reads_nothing_from_text_noise_or_stripes() -> None:
    page = Image.new("L", (500, 400), 240)
    pen = ImageDraw.Draw(page)
    for row in range(20):
        pen.text((10, 10 + 19 * row), "Il minimum illimitable 1111 HHHH |||| " * 2, fill=20)
    noise = np.random.default_rng(5).integers(0, 255, (300, 400)).astype(np.uint8)
    stripes = np.tile(np.repeat([20, 230], 3), 60).astype(np.uint8)[None].repeat(200, axis=0)
    assert [ean.search(item, 10) for item in (np.asarray(page), noise, stripes)] == [[], [], []]


@pytest.mark.parametrize("symbology", ["EAN-13", "UPC-E", ""])
@pytest.mark.parametrize(("kind", "printed"), [("EAN13", "0012345000065"), ("UPCE", "01234565")])
def test_a_number_with_two_spellings_is_confirmed_whatever_it_was_taken_for(
    symbology: str, kind: str, printed: str
) -> None:
    """UPC-E is the short spelling of some numbers: the bars decide which of the two they are."""
    gray, corners = photo(drawn(kind, printed), 2.5, blur=0.6, noise=4)
    found = ean.confirm(gray, corners, "0012345000065", symbology)
    assert (found.verdict, found.read) == ("agrees", "0012345000065")
