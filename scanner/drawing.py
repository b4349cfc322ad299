"""A page of black boxes and text in millimetres, written as PNG, SVG or PDF."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from scanner.errors import SymbolError

MM_PER_INCH = 25.4
_POINTS_PER_MM = 72 / MM_PER_INCH
_FONTS = Path(__file__).with_name("fonts")
_FILES = {False: _FONTS / "BeVietnamPro-Regular.ttf", True: _FONTS / "BeVietnamPro-SemiBold.ttf"}
_NAMES = {False: "BeVietnamPro-Regular", True: "BeVietnamPro-SemiBold"}
_MEASURED_AT = 200  # pixels per em: fine enough to measure and cached once per weight

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """A black rectangle: left, top, width, height in mm from the top left of the page."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text: anchor point on its baseline in mm, size of the em in mm."""

    x: float
    baseline: float
    size: float
    content: str
    bold: bool = False
    anchor: Anchor = "start"


@dataclass(frozen=True, slots=True)
class Page:
    """What is printed, on white; sizes in mm."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]
    title: str


def text_width(content: str, size: float, *, bold: bool = False) -> float:
    """Width of a line in mm at the em ``size`` in mm."""
    return _measuring_font(bold).getlength(content) * size / _MEASURED_AT


def check_glyphs(content: str) -> None:
    """Raise :class:`SymbolError` for a character that the label font cannot print."""
    known = _pdf_font(bold=False).face.charToGlyph
    missing = [character for character in content if ord(character) not in known]
    if missing:
        raise SymbolError(f"the label font has no {missing[0]!r}")


def to_png(page: Page, dpi: int) -> bytes:
    """1-bit PNG; exact where the boxes lie on the pixel grid of ``dpi``."""
    scale = dpi / MM_PER_INCH
    image = Image.new("1", (round(page.width * scale), round(page.height * scale)), 1)
    draw = ImageDraw.Draw(image)
    for box in page.boxes:
        left, top = round(box.left * scale), round(box.top * scale)
        right = round((box.left + box.width) * scale)
        bottom = round((box.top + box.height) * scale)
        draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
    for text in page.texts:
        font = _font(text.bold, max(1, round(text.size * scale)))
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[text.anchor]
        position = (round(text.x * scale), round(text.baseline * scale))
        draw.text(position, text.content, fill=0, font=font, anchor=anchor)
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(dpi, dpi), optimize=True)
    return out.getvalue()


def to_svg(page: Page) -> bytes:
    """SVG in millimetres; all boxes are one path, so that no seam shows between modules."""
    path = "".join(
        f"M{_mm(box.left)} {_mm(box.top)}h{_mm(box.width)}v{_mm(box.height)}h-{_mm(box.width)}z"
        for box in page.boxes
    )
    size = f"{_mm(page.width)} {_mm(page.height)}"
    width, height = size.split()
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
        f' viewBox="0 0 {size}" role="img">',
        f"<title>{escape(page.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<path d="{path}" fill="#000" shape-rendering="crispEdges"/>',
        "<g font-family=\"'Be Vietnam Pro', 'Noto Sans', sans-serif\" fill=\"#000\">",
        *(_svg_text(text) for text in page.texts),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines).encode()


def to_pdf(page: Page) -> bytes:
    """PDF of the true size with embedded fonts; the same page gives the same bytes."""
    out = io.BytesIO()
    size = (page.width * _POINTS_PER_MM, page.height * _POINTS_PER_MM)
    canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(page.title)
    canvas.scale(_POINTS_PER_MM, _POINTS_PER_MM)
    path = canvas.beginPath()
    for box in page.boxes:
        path.rect(box.left, page.height - box.top - box.height, box.width, box.height)
    canvas.drawPath(path, stroke=0, fill=1)
    draw = {
        "start": canvas.drawString,
        "middle": canvas.drawCentredString,
        "end": canvas.drawRightString,
    }
    for text in page.texts:
        canvas.setFont(_pdf_font(bold=text.bold).fontName, text.size)
        draw[text.anchor](text.x, page.height - text.baseline, text.content)
    canvas.save()
    return out.getvalue()


def photo_font(pixels: int) -> ImageFont.FreeTypeFont:
    """The bold label font at an em of ``pixels``."""
    return _font(True, pixels)


def _svg_text(text: Text) -> str:
    weight = ' font-weight="600"' if text.bold else ""
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    return (
        f'<text x="{_mm(text.x)}" y="{_mm(text.baseline)}" font-size="{_mm(text.size)}"'
        f"{weight}{anchor}>{escape(text.content)}</text>"
    )


def _mm(value: float) -> str:
    """A length with micrometres, without trailing zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


@functools.lru_cache(maxsize=16)
def _font(bold: bool, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FILES[bold]), pixels, layout_engine=ImageFont.Layout.BASIC)


def _measuring_font(bold: bool) -> ImageFont.FreeTypeFont:
    return _font(bold, _MEASURED_AT)


@functools.lru_cache(maxsize=2)
def _pdf_font(*, bold: bool) -> TTFont:
    font = TTFont(_NAMES[bold], str(_FILES[bold]))
    pdfmetrics.registerFont(font)
    return font
