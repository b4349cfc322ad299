"""Labels of given size on sheets and rolls: places, files, read back, refusals."""

from __future__ import annotations

import datetime
import io
import math
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from scanner import readback
from scanner.drawing import Box, Page
from scanner.errors import SymbolError
from scanner.label import Label
from scanner.logistic import LogisticLabel
from scanner.readback import NotReadBack, check, unread
from scanner.sheet import TEMPLATES, Job, count_papers, draw_labels, papers, written
from scanner.symbols import Kind

DATE = datetime.date(2027, 12, 31)
MM = 25.4
PALLET = LogisticLabel(
    "(00)095212345432132004(02)09521234543213(37)24(15)271231(10)L2611A",
    "Cà phê rang mộc Suối Đá",
    ("Từ: Xưởng rang Suối Đá, Tây Ninh", "Đến: Kho Thủ Đức, TP Hồ Chí Minh"),
)


def label(number: int, kind: Kind = "gs1-datamatrix", hidden: str = "") -> Label:
    data = f"(01)09521234543213(17)271231(10)L2611A(21)S{number:04d}"
    if kind == "digital-link-qr":
        data = f"https://example.com/01/09521234543213/10/L2611A/21/S{number:04d}?17=271231"
    return Label(kind, data, "Cà phê rang mộc", "L2611A", DATE, "250 g", hidden=hidden)


def rasters(file: bytes, dpi: int) -> list[Image.Image]:
    with pypdfium2.PdfDocument(file) as document:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]


def read(image: Image.Image) -> set[str]:
    found = zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
    return {item.text for item in found}


def texts(pages: list[Page]) -> set[str]:
    return {mark.text for page in pages for mark in page.marks}


@pytest.mark.parametrize("template", ["a4-24", "a4-40", "a4-65"])
def test_a_full_sheet_blurred_and_tilted_at_200_dpi_reads_back_complete(template: str) -> None:
    job = Job(TEMPLATES[template])
    pages = draw_labels([label(number) for number in range(job.template.places)], job)
    (image,) = rasters(written(pages, job, "pdf"), 200)
    tilted = image.rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    blurred = tilted.filter(ImageFilter.GaussianBlur(0.8))
    assert read(blurred) == texts(pages)
    assert len(texts(pages)) == job.template.places


@pytest.mark.parametrize("name", ["a4-24", "a4-40", "a4-65"])
def test_sheets_are_those_that_the_names_say(name: str) -> None:
    """Every label lies on the paper, none over another, as many as the sheet is sold with."""
    template = TEMPLATES[name]
    assert template.places == int(name.rpartition("-")[2])
    corners = [template.corner(place) for place in range(template.places)]
    (width, height), paper = template.label, template.paper
    for x, y in corners:
        assert x >= 0 and y >= 0 and x + width <= paper[0] and y + height <= paper[1]
    for at, (x, y) in enumerate(corners):
        for u, v in corners[at + 1 :]:
            assert abs(x - u) >= width - 1e-9 or abs(y - v) >= height - 1e-9


def test_a_partly_used_sheet_starts_at_its_first_free_place() -> None:
    job = Job(TEMPLATES["a4-24"], start=23, copies=2)
    sheets = list(papers(draw_labels([label(1), label(2)], job), job))
    template = job.template
    assert [len(sheet.placed) for sheet in sheets] == [2, 2] and count_papers(2, job) == 2
    assert [(item.left, item.top) for item in sheets[0].placed] == [
        template.corner(22),
        template.corner(23),
    ]
    assert (sheets[1].placed[0].left, sheets[1].placed[0].top) == template.margin
    titles = [item.page.title[-5:] for sheet in sheets for item in sheet.placed]
    assert titles == ["S0001", "S0001", "S0002", "S0002"]


def test_an_offset_moves_everything_and_cut_marks_stay_off_the_labels() -> None:
    job = Job(TEMPLATES["a4-24"], cut_marks=True)
    moved = replace(job, offset=(1.5, -0.5))
    pages = draw_labels([label(1)], job)
    (plain,), (shifted,) = papers(pages, job), papers(pages, moved)
    assert shifted.placed[0].left - plain.placed[0].left == pytest.approx(1.5)
    assert shifted.boxes[0].top - plain.boxes[0].top == pytest.approx(-0.5)
    left, top = job.template.margin
    right, bottom = (210 - left, top + 8 * 33.9)
    for box in plain.boxes:
        across = left < box.left + box.width / 2 < right
        down = top < box.top + box.height / 2 < bottom
        assert not (across and down)


@pytest.mark.parametrize(
    "settings",
    [
        {"start": 0},
        {"start": 25},
        {"copies": 0},
        {"copies": 10**9},
        {"offset": (11.0, 0.0)},
        {"offset": (0.0, math.nan)},
    ],
)
def test_a_job_outside_its_sheet_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(SymbolError):
        Job(TEMPLATES["a4-24"], **settings)  # type: ignore[arg-type]


def test_the_pdf_has_its_boxes_and_words() -> None:
    job = Job(TEMPLATES["roll-50x30"])
    file = written(draw_labels([label(7, hidden="23456789CDFG")], job), job, "pdf")
    with pypdfium2.PdfDocument(file) as document:
        page = document[0]
        assert page.get_size() == pytest.approx((50 / MM * 72, 30 / MM * 72), abs=0.01)
        assert page.get_trimbox() == page.get_cropbox() == page.get_mediabox()
        words = " ".join(page.get_textpage().get_text_bounded().split())
        page.close()
    for part in ("Cà phê rang mộc", "(21) S0007", "HSD: 31/12/2027", "Cào lớp phủ"):
        assert part in words
    assert "2345 6789 CDFG" in words


def test_bars_are_reduced_for_ink_that_spreads_and_still_read() -> None:
    job = Job(TEMPLATES["a4-24"])
    for kind, data in (("ean-13", "9521234543213"), ("gs1-datamatrix", "(01)09521234543213")):
        plain = Label(kind, data, "Cà phê", x_dimension=0.33)  # type: ignore[arg-type]
        (full,), (thin,) = (
            draw_labels([plain], job),
            draw_labels([replace(plain, reduction=0.05)], job),
        )
        assert ink(thin) < ink(full)
        narrow = min(box.width for box in thin.ink() if box.width > 0)
        assert narrow == pytest.approx(0.33 - 0.05)
        (image,) = rasters(written([thin], job, "pdf"), 600)
        assert read(image) == texts([full])
    with pytest.raises(SymbolError, match="vector"):
        draw_labels([replace(plain, reduction=0.05)], job, "png")


def ink(page: Page) -> float:
    return sum(box.width * box.height for box in page.ink())


def test_modules_drawn_in_keep_their_neighbours_joined() -> None:
    """A block of four dark modules stays one block, smaller by the reduction on each side."""
    from scanner.artwork import Scale, draw
    from scanner.symbols import Pattern

    pattern = Pattern("gs1-qr", ("0000", "0110", "0110", "0000"), (), "")
    page = draw(Page(9, 9, (), (), ""), pattern, Scale(1.0, 1.0, None, 0.2), 0, 0)
    assert ink(page) == pytest.approx(1.8 * 1.8)
    assert min(box.left for box in page.boxes) == pytest.approx(1.1)
    assert max(box.top + box.height for box in page.boxes) == pytest.approx(2.9)


def test_a_logistic_label_has_its_sscc_lowest() -> None:
    """GS1 Logistic Label Guideline: SSCC lowest, 31.75 mm bars of at least 0.495 mm."""
    job = Job(TEMPLATES["logistic-100x150"])
    (page,) = pages = draw_labels([PALLET], job)
    lowest = max(page.marks, key=lambda mark: mark.top)
    assert lowest.text == "00095212345432132004"
    assert all(mark.height >= 31.75 and mark.module >= 0.495 for mark in page.marks)
    check(pages)
    (image,) = rasters(written(pages, job, "pdf"), 200)
    assert read(image) == {
        "020952123454321315271231",
        "3724\x1d10L2611A",
        "00095212345432132004",
    }


def test_elements_too_long_for_one_symbol_take_another() -> None:
    """Section 5.4.2: 165 mm at most, which all elements beside the SSCC would pass here."""
    more = "(400)PO-1234(3302)001234(02)09521234543213(37)12(17)271231(10)L1"
    pallet = LogisticLabel(f"(00)095212345432132004{more}", "Cà phê")
    (page,) = draw_labels([pallet], Job(TEMPLATES["logistic-148x210"]))
    assert all(mark.width + 20 * mark.module <= 148 for mark in page.marks)
    found = sorted(part for mark in page.marks for part in mark.text.split("\x1d"))
    assert found == [
        "00095212345432132004",
        "10L1",
        "33020012340209521234543213172712313712",
        "400PO-1234",
    ]
    check([page])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("(01)09521234543213", "SSCC"),
        ("(02)09521234543213(37)24", "00"),
        ("(00)095212345432132005", "check digit"),
        ("(00)095212345432132004(37)24", "02"),
    ],
)
def test_a_wrong_logistic_label_is_refused(data: str, why: str) -> None:
    with pytest.raises(SymbolError, match=why):
        draw_labels([LogisticLabel(data)], Job(TEMPLATES["logistic-100x150"]))


def test_a_refusal_names_the_label() -> None:
    job = Job(TEMPLATES["a4-65"])
    bad = replace(label(2), data="(01)09521234543214")
    with pytest.raises(SymbolError, match=r"label 2 \(\(01\)09521234543214\).*check digit"):
        draw_labels([label(1), bad], job)
    with pytest.raises(SymbolError, match=r"label 1 .* does not fit"):
        draw_labels([Label("itf-14", "19521234543210", "Thùng")], job)


@pytest.mark.parametrize("kind", ["gs1-datamatrix", "digital-link-qr", "gs1-128"])
def test_a_label_that_does_not_read_is_named_with_its_decoder(kind: Kind) -> None:
    """A line through the symbol, as a clogged print head leaves it."""
    template = replace(TEMPLATES["a4-24"], label=(105.0, 48.0))
    one = label(1, kind) if kind != "gs1-128" else Label(kind, "(01)09521234543213", "Cà phê")
    (page,) = draw_labels([one], Job(template))
    assert unread(page) == []
    (mark,) = page.marks
    scratch = Box(mark.left - 1, mark.top, mark.width + 2, mark.height * 0.45)
    if kind == "gs1-128":
        scratch = Box(mark.left + 10 * mark.module, mark.top, 9 * mark.module, mark.height)
    spoilt = replace(page, boxes=(*page.boxes, scratch))
    assert {decoder for _, decoder in unread(spoilt)} == set(readback.decoders(mark))
    with pytest.raises(NotReadBack, match=r"label 2 \(.*zxing-cpp does not read"):
        check([page, spoilt])


def test_print_in_the_quiet_zone_of_a_datamatrix_is_found() -> None:
    (page,) = draw_labels([label(1)], Job(TEMPLATES["a4-24"]))
    (mark,) = page.marks
    speck = Box(mark.left + mark.width, mark.top, mark.module, mark.module)
    assert {d for _, d in unread(replace(page, boxes=(*page.boxes, speck)))} >= {"module-reader"}


def test_png_and_svg_show_the_first_sheet() -> None:
    job = Job(TEMPLATES["a4-24"], dpi=200)
    pages = draw_labels([label(number) for number in range(30)], job, "png")
    with Image.open(io.BytesIO(written(pages, job, "png"))) as image:
        assert image.size == (round(210 / MM * 200), round(297 / MM * 200))
        assert read(image.convert("L")) == texts(pages[:24])
    assert b'width="210mm" height="297mm"' in written(pages, job, "svg")
