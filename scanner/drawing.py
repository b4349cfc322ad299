"""A page of black boxes, modules and text in millimetres, written as PNG or SVG.

PDF is written by :mod:`scanner.pdf`, ZPL by :mod:`scanner.zpl`.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from scanner.errors import SymbolError

MM_PER_INCH = 25.4
_FONTS = Path(__file__).with_name("fonts")
_FILES = {False: _FONTS / "BeVietnamPro-Regular.ttf", True: _FONTS / "BeVietnamPro-SemiBold.ttf"}
_NAMES = {False: "BeVietnamPro-Regular", True: "BeVietnamPro-SemiBold"}

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """A black rectangle: left, top, width, height in mm from the top left of the page."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Square modules of side ``side`` mm from the top left; ``rows`` of ``0`` light, ``1`` dark."""

    left: float
    top: float
    side: float
    rows: tuple[str, ...]

    def boxes(self) -> Iterator[Box]:
        """A box for each run of dark modules, over as many rows as are alike."""
        start = 0
        for number, row in enumerate(self.rows, 1):
            if number < len(self.rows) and self.rows[number] == row:
                continue
            top, height = self.top + start * self.side, (number - start) * self.side
            for at, length in runs(row):
                yield Box(self.left + at * self.side, top, length * self.side, height)
            start = number


@dataclass(frozen=True, slots=True)
class Mark:
    """A symbol on the page: what a scanner must transmit and where, without its quiet zone.

    ``kind`` is that of :mod:`scanner.symbols`; ``module`` the width of its X-dimension in mm.
    """

    kind: str
    text: str
    left: float
    top: float
    width: float
    height: float
    module: float


class Text(NamedTuple):
    """One line of text: anchor point on its baseline in mm, size of the em in mm.

    A tuple, since a series of labels compares hundreds of thousands of them.
    """

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
    grids: tuple[Grid, ...] = ()
    marks: tuple[Mark, ...] = ()

    def ink(self) -> Iterator[Box]:
        """Every black rectangle, those of the modules too."""
        yield from self.boxes
        for grid in self.grids:
            yield from grid.boxes()


def runs(row: str) -> list[tuple[int, int]]:
    """Start and length of each run of equal dark modules.

    >>> runs("0110G1")
    [(1, 2), (4, 1), (5, 1)]
    """
    found: list[tuple[int, int]] = []
    for at, module in enumerate(row):
        if module == "0":
            continue
        if at and row[at - 1] == module:
            start, length = found[-1]
            found[-1] = (start, length + 1)
        else:
            found.append((at, 1))
    return found


def shifted(page: Page, x: float, y: float) -> Page:
    """The page's content moved right by ``x`` and down by ``y`` mm; its size stays."""
    return replace(
        page,
        boxes=tuple(replace(box, left=box.left + x, top=box.top + y) for box in page.boxes),
        texts=tuple(t._replace(x=t.x + x, baseline=t.baseline + y) for t in page.texts),
        grids=tuple(replace(g, left=g.left + x, top=g.top + y) for g in page.grids),
        marks=tuple(replace(m, left=m.left + x, top=m.top + y) for m in page.marks),
    )


def text_width(content: str, size: float, *, bold: bool = False) -> float:
    """Width of a line in mm at the em ``size`` in mm."""
    return _width_in_ems(content, bold) * size


def fitting(content: str, size: float, width: float, *, bold: bool = False) -> int:
    """How many characters of a line are no wider together than ``width`` mm."""
    advances = _advances(bold)
    widths = accumulate([advances.get(character, 0.0) for character in content])
    return next((at for at, wide in enumerate(widths) if wide * size > width), len(content))


def check_glyphs(content: str) -> None:
    """Raise :class:`SymbolError` for a character that the label font cannot print."""
    known = _advances(False)
    for character in set(content):
        if character not in known:
            raise SymbolError(f"the label font has no {character!r}")


def picture(page: Page, dpi: float) -> Image.Image:
    """The page in pixels, 1-bit; exact where the boxes lie on the pixel grid of ``dpi``."""
    scale = dpi / MM_PER_INCH
    image = Image.new("1", (round(page.width * scale), round(page.height * scale)), 1)
    draw = ImageDraw.Draw(image)
    for box in page.ink():
        left, top = round(box.left * scale), round(box.top * scale)
        right = round((box.left + box.width) * scale)
        bottom = round((box.top + box.height) * scale)
        draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
    for text in page.texts:
        pixels = max(1, round(text.size * scale))
        line, left, top = _line(text.content, text.bold, pixels, text.anchor)
        image.paste(0, (round(text.x * scale) + left, round(text.baseline * scale) + top), line)
    return image


# Most lines of a series of labels are the same, and drawing letters takes longest.
@functools.lru_cache(maxsize=256)
def _line(content: str, bold: bool, pixels: int, anchor: Anchor) -> tuple[Image.Image, int, int]:
    """A line of text as a mask, and its corner right of and below the anchor point."""
    font = _font(bold, pixels)
    place = {"start": "ls", "middle": "ms", "end": "rs"}[anchor]
    left, top, right, bottom = map(round, font.getbbox(content, mode="1", anchor=place))
    mask = Image.new("1", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(mask).text((-left, -top), content, fill=1, font=font, anchor=place)
    return mask, left, top


def to_png(page: Page, dpi: int) -> bytes:
    """1-bit PNG at ``dpi``."""
    out = io.BytesIO()
    picture(page, dpi).save(out, "PNG", dpi=(dpi, dpi), optimize=True)
    return out.getvalue()


def to_svg(page: Page) -> bytes:
    """SVG in millimetres; all boxes are one path, so that no seam shows between modules."""
    path = "".join(
        f"M{_mm(box.left)} {_mm(box.top)}h{_mm(box.width)}v{_mm(box.height)}h-{_mm(box.width)}z"
        for box in page.ink()
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


@functools.lru_cache(maxsize=2)
def pdf_font(*, bold: bool) -> TTFont:
    """The label font as a PDF embeds it."""
    font = TTFont(_NAMES[bold], str(_FILES[bold]))
    pdfmetrics.registerFont(font)
    return font


@functools.lru_cache(maxsize=2)
def _advances(bold: bool) -> dict[str, float]:
    """Advance of each character that the font has, in ems."""
    face = pdf_font(bold=bold).face
    return {chr(code): face.charWidths[code] / 1000 for code in face.charToGlyph}


@functools.lru_cache(maxsize=4096)
def _width_in_ems(content: str, bold: bool) -> float:
    advances = _advances(bold)
    return sum([advances.get(character, 0.0) for character in content])
