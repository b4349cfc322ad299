"""Labels in three forms, each scanned back; sizes measured on the result."""

from __future__ import annotations

import datetime
import io
import itertools
import re
from xml.etree import ElementTree

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageOps

from scanner import drawing
from scanner.errors import SymbolError
from scanner.label import Form, Label, form_of, layout, render, render_symbol
from scanner.symbols import SIZES, Kind

MM = 25.4
DATE = datetime.date(2027, 12, 31)
LINK = "https://example.com/01/09521234543213/10/L1?17=271231"
LABELS = [
    (
        Label("ean-13", "9521234543213", "Cà phê rang xay Đắk Lắk", net_content="250 g"),
        "9521234543213",
    ),
    (Label("ean-8", "95212340", "Nước mắm"), "95212340"),
    (Label("upc-a", "012345678905", "Xoài"), "0012345678905"),
    (Label("itf-14", "19521234543210", "Thùng 24 gói"), "19521234543210"),
    (Label("gs1-128", "(01)09521234543213(10)L1", "Thùng", lot="L1"), "010952123454321310L1"),
    (
        Label("gs1-datamatrix", "(01)09521234543213(17)271231(10)L1(21)S1", "Cà phê", "L1", DATE),
        "01095212345432131727123110L1\x1d21S1",
    ),
    (Label("digital-link-qr", LINK, "Cà phê", "L1", DATE, "250 g"), LINK),
]
IDS = [label.kind for label, _text in LABELS]
every_label = pytest.mark.parametrize(("label", "text"), LABELS, ids=IDS)


LINEAR = ("ean-13", "ean-8", "upc-a", "itf-14", "gs1-128")


def any_dark(image: Image.Image, x: int) -> bool:
    return any(image.getpixel((x, y)) == 0 for y in range(image.height))


def scan(image: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(image.convert("L"), text_mode=zxingcpp.TextMode.Plain)
    return [barcode.text for barcode in found]


def from_pdf(data: bytes, dpi: int) -> Image.Image:
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        image: Image.Image = page.render(scale=dpi / 72).to_pil()
        page.close()
    return image


def from_svg(data: bytes, dpi: int) -> Image.Image:
    """Draw the one path of rectangles; every other element must be known too."""
    root = ElementTree.fromstring(data)
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names <= {"svg", "title", "rect", "path", "g", "text"}
    scale = dpi / MM
    width, height = (float(root.attrib[side].removesuffix("mm")) for side in ("width", "height"))
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width'][:-2]} {root.attrib['height'][:-2]}"
    image = Image.new("L", (round(width * scale), round(height * scale)), 255)
    draw = ImageDraw.Draw(image)
    path = root.find("{*}path")
    assert path is not None
    boxes = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-([\d.]+)z", path.attrib["d"])
    assert "".join("M{} {}h{}v{}h-{}z".format(*box) for box in boxes) == path.attrib["d"]
    for box in boxes:
        left, top, wide, high, back = (float(value) * scale for value in box)
        assert wide == back
        draw.rectangle((left, top, left + wide - 1, top + high - 1), fill=0)
    return image


@every_label
def test_png_scans(label: Label, text: str) -> None:
    with Image.open(io.BytesIO(render(label, "png"))) as image:
        assert image.mode == "1"
        assert round(image.info["dpi"][0]) == 300
        assert scan(image) == [text]


@every_label
def test_pdf_scans_and_has_its_true_size(label: Label, text: str) -> None:
    image = from_pdf(render(label, "pdf"), 300)
    assert scan(image) == [text]
    page = layout(label)
    assert abs(image.width - page.width / MM * 300) <= 1


@every_label
def test_svg_scans(label: Label, text: str) -> None:
    assert scan(from_svg(render(label, "svg"), 600)) == [text]


@every_label
def test_printed_words_are_in_the_pdf(label: Label, text: str) -> None:
    del text
    with pypdfium2.PdfDocument(render(label, "pdf")) as document:
        page = document[0]
        words = page.get_textpage().get_text_bounded()
        page.close()
    flat = " ".join(words.split())
    for part in filter(None, (label.name, label.lot, label.net_content)):
        assert part in flat
    if label.expiry:
        assert "HSD: 31/12/2027" in flat


@every_label
def test_symbol_alone_scans(label: Label, text: str) -> None:
    with Image.open(io.BytesIO(render_symbol(label.kind, label.data, "png"))) as image:
        assert scan(image) == [text]
    assert scan(from_pdf(render_symbol(label.kind, label.data, "pdf"), 300)) == [text]
    assert b"<text" not in render_symbol(label.kind, label.data, "svg")


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_same_label_same_bytes(form: Form) -> None:
    label = LABELS[5][0]
    assert render(label, form) == render(label, form)


@pytest.mark.parametrize("dpi", [203, 300, 600, 1200])
@every_label
def test_png_modules_are_whole_pixels_within_the_limits(label: Label, text: str, dpi: int) -> None:
    """Along the first row of the symbol every run is a multiple of the narrowest."""
    del text
    with Image.open(io.BytesIO(render_symbol(label.kind, label.data, "png", dpi))) as image:
        gray = image.convert("L")
    quiet_left = next(x for x in range(gray.width) if any_dark(gray, x))
    top = next(y for y in range(gray.height) if gray.getpixel((quiet_left, y)) == 0)
    y = gray.height // 3 if label.kind in LINEAR else top
    row = [gray.getpixel((x, y)) for x in range(gray.width)]
    runs = [len(list(group)) for _value, group in itertools.groupby(row)][1:-1]
    narrow = min(runs)
    sizes = SIZES[label.kind]
    assert sizes.least <= narrow / dpi * MM <= sizes.most
    wide = narrow * 5 / 2 if label.kind == "itf-14" else narrow
    assert all(run % narrow == 0 or run == wide for run in runs)
    assert row.index(0) >= sizes.quiet[0] * narrow


@every_label
def test_quiet_zones_are_clear(label: Label, text: str) -> None:
    """Nothing dark beside the symbol within its quiet zone, bearer bars and digits aside."""
    del text
    page = layout(label)
    sizes = SIZES[label.kind]
    symbol = [box for box in page.ink() if box.width < page.width / 2]
    left = min(box.left for box in symbol)
    right = max(box.left + box.width for box in symbol)
    assert left >= sizes.quiet[0] * sizes.target
    assert page.width - right >= sizes.quiet[1] * sizes.target
    if label.kind in ("gs1-datamatrix", "digital-link-qr"):
        assert all(line.x >= right + sizes.quiet[1] * sizes.target for line in page.texts)


@pytest.mark.parametrize(
    ("kind", "x"),
    [
        ("ean-13", 0.2639),
        ("ean-13", 0.661),
        ("itf-14", 0.4),
        ("gs1-datamatrix", 0.25),
        ("digital-link-qr", 0.3),
    ],
)
def test_module_size_outside_the_standard_is_refused(kind: Kind, x: float) -> None:
    data = next(label.data for label, _text in LABELS if label.kind == kind)
    with pytest.raises(SymbolError, match=r"5\.12\.3"):
        layout(Label(kind, data, x_dimension=x))


def test_height_follows_the_size() -> None:
    """Table 5.12.3.1: 18.28 mm at 0.264, 22.85 mm at 0.330."""
    for x, height in ((0.264, 18.28), (0.330, 22.85)):
        page = layout(Label("ean-13", "9521234543213", x_dimension=x))
        assert min(box.height for box in page.boxes) == pytest.approx(height, abs=0.01)


@pytest.mark.parametrize(
    "label",
    [
        Label("gs1-datamatrix", "(01)09521234543213(10)L1", lot="L2"),
        Label("gs1-datamatrix", "(01)09521234543213(17)271230", expiry=DATE),
        Label("digital-link-qr", LINK, lot="other"),
        Label("ean-13", "9521234543213", "名前"),
        Label("ean-13", "9521234543213", "a\x00b"),
    ],
)
def test_contradicting_or_unprintable_label_is_refused(label: Label) -> None:
    with pytest.raises(SymbolError):
        render(label, "svg")


def test_expiry_on_the_last_day_of_a_month_may_be_coded_without_day() -> None:
    render(Label("gs1-datamatrix", "(01)09521234543213(17)271200", expiry=DATE), "svg")
    with pytest.raises(SymbolError):
        early = datetime.date(2027, 12, 5)
        render(Label("gs1-datamatrix", "(01)09521234543213(17)271200", expiry=early), "svg")


def test_text_is_escaped_in_svg() -> None:
    svg = render(Label("ean-13", "9521234543213", 'A & B <script>"'), "svg").decode()
    assert "<script>" not in svg
    assert "A &amp; B &lt;script&gt;" in svg


def test_english_words() -> None:
    svg = render(
        Label("ean-8", "95212340", lot="L", expiry=DATE, net_content="1 l", language="en"), "svg"
    )
    for words in (b"Lot: L", b"Expiry: 2027-12-31", b"Net content: 1 l"):
        assert words in svg


def test_form_of_a_file_name() -> None:
    assert form_of("label.PDF") == "pdf"
    with pytest.raises(SymbolError):
        form_of("label.bmp")


def test_the_outer_digits_of_upc_a_are_small_and_five_modules_off() -> None:
    """General Specifications, UPC-A: at most four modules wide, five from the guard bars."""
    page = layout(Label("upc-a", "412345678903"))
    x = SIZES["upc-a"].target
    per_x = 20  # pixels
    picture = drawing.picture(page, per_x / x * MM).convert("L")
    bars = [
        round(edge / x * per_x) for box in page.boxes for edge in (box.left, box.left + box.width)
    ]
    bottom = round(max(box.top + box.height for box in page.boxes) / x * per_x)
    beside = (0, 0, min(bars), picture.height), (max(bars), 0, picture.width, picture.height)
    (left, top, right, low), (left_2, top_2, right_2, low_2) = (
        ImageOps.invert(picture.crop(box)).getbbox() or (0, 0, 0, 0) for box in beside
    )
    for width in (right - left, right_2 - left_2):
        assert 0 < width <= 4 * per_x
    assert 5 * per_x <= min(bars) - right < 5.6 * per_x
    assert 5 * per_x <= left_2 < 5.6 * per_x
    assert abs(low - low_2) <= 0.2 * per_x  # on one line
    assert low > bottom > min(top, top_2)


def test_a_long_gs1_128_is_drawn_within_165_mm() -> None:
    """48 characters, the most there are: 35 digits and letters to which no code set is kind."""
    data = "(01)09521234543213(10)aB1cD2eF3gH4iJ5kL6m(22)nO7p"
    for dpi in (None, 300):
        page = layout(Label("gs1-128", data), dpi)
        bars = page.marks[0]
        assert SIZES["gs1-128"].least <= bars.module < SIZES["gs1-128"].target
        assert bars.width + 20 * bars.module <= 165
    with pytest.raises(SymbolError, match="165 mm"):
        layout(Label("gs1-128", data, x_dimension=0.495))


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("kind", ["ean-8", "itf-14", "gs1-datamatrix", "digital-link-qr"])
def test_the_largest_size_is_drawn_in_whole_dots_below_it(kind: Kind, dpi: int) -> None:
    data = next(label.data for label, _text in LABELS if label.kind == kind)
    module = layout(Label(kind, data, x_dimension=SIZES[kind].most), dpi).marks[0].module
    dots = module / MM * dpi / (2 if kind == "itf-14" else 1)
    assert dots == pytest.approx(round(dots))
    assert SIZES[kind].most - (2 if kind == "itf-14" else 1) * MM / dpi < module
    assert module <= SIZES[kind].most + 1e-9


@pytest.mark.parametrize("x", [0.821, 0.949])
def test_a_good_datamatrix_of_any_size_is_given_out(x: float) -> None:
    """Sizes at which zxing-cpp overlooks the upright symbol in the dots that it is read back from,
    though it reads the file that is given out."""
    link = "https://example.com/abc/01/95288947596468?3644=877059"
    cases: tuple[tuple[Kind, str], ...] = (
        ("digital-link-datamatrix", link),
        ("gs1-datamatrix-rectangular", "(01)09521234543213(10)L135"),
    )
    for kind, data in cases:
        assert len(scan(from_pdf(render(Label(kind, data, x_dimension=x), "pdf"), 400))) == 1
