"""PDF of true size: vector modules on exact positions, embedded fonts, page boxes without bleed."""

from __future__ import annotations

import functools
import io
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from reportlab import rl_config
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from scanner.drawing import MM_PER_INCH, Box, Grid, Page, Text, pdf_font, text_width

_POINTS_PER_MM = 72 / MM_PER_INCH
# Compressed content as it is: its ASCII form is a quarter longer and slow to make.
rl_config.useA85 = 0
_EFFORT = 5  # of zlib: half the time of its default for a tenth more bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """A page set on a larger one, its top left at ``left`` and ``top`` mm."""

    page: Page
    left: float
    top: float


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet: pages set on it, and boxes of its own such as cut marks; sizes in mm."""

    width: float
    height: float
    placed: tuple[Placed, ...]
    boxes: tuple[Box, ...] = ()


def to_pdf(page: Page) -> bytes:
    """One page as a file of its size; the same page gives the same bytes."""
    return papers_to_pdf([Paper(page.width, page.height, (Placed(page, 0, 0),))], page.title)


def papers_to_pdf(papers: Iterable[Paper], title: str) -> bytes:
    """Sheets as one file; the same sheets give the same bytes."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    papers = list(papers)
    shared = _Shared(canvas, [item.page for paper in papers for item in paper.placed])
    for paper in papers:
        size = (paper.width * _POINTS_PER_MM, paper.height * _POINTS_PER_MM)
        canvas.setPageSize(size)
        # Nothing is printed up to the edge, so the trimmed page is the whole page.
        canvas.setCropBox((0, 0, *size))
        canvas.setTrimBox((0, 0, *size))
        canvas.scale(_POINTS_PER_MM, _POINTS_PER_MM)
        _fill(canvas, paper.boxes, 0, paper.height)
        lines = _Lines(canvas)
        for item in paper.placed:
            left, top = item.left, paper.height - item.top
            _fill(canvas, item.page.boxes, left, top)
            for grid in item.page.grids:
                canvas.addLiteral(_modules(grid, left, top))
            for text in shared.draw(item.page, left, top):
                lines.add(text, left, top)
        lines.draw()
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Shared:
    """Words that stand at the same place of several labels: written once, as forms."""

    def __init__(self, canvas: Canvas, pages: list[Page]) -> None:
        self._canvas = canvas
        counted = Counter([text for page in pages for text in page.texts])
        self._repeated = {text for text, count in counted.items() if count > 1}
        self._forms: dict[tuple[Text, ...], str] = {}
        for page in pages:
            self._form(tuple([text for text in page.texts if text in self._repeated]))

    def draw(self, page: Page, left: float, top: float) -> list[Text]:
        """Draw the page's shared words; give the others."""
        common = tuple([text for text in page.texts if text in self._repeated])
        if common:
            self._canvas.addLiteral(f"q 1 0 0 1 {left:.4f} {top:.4f} cm")
            self._canvas.doForm(self._forms[common])
            self._canvas.addLiteral("Q")
        return [text for text in page.texts if text not in self._repeated]

    def _form(self, texts: tuple[Text, ...]) -> None:
        if not texts or texts in self._forms:
            return
        self._forms[texts] = name = f"words{len(self._forms)}"
        reach = 1000.0  # mm; a form is clipped to its box, which is no size of anything
        self._canvas.beginForm(name, -reach, -reach, reach, reach)
        lines = _Lines(self._canvas)
        for text in texts:
            lines.add(text, 0, 0)
        lines.draw()
        self._canvas.endForm()


def _fill(canvas: Canvas, boxes: Iterable[Box], left: float, top: float) -> None:
    """Fill boxes as one path, so that no seam shows between neighbours."""
    parts = [
        f"{left + box.left:.4f} {top - box.top:.4f} {box.width:.4f} {-box.height:.4f} re"
        for box in boxes
    ]
    if parts:
        canvas.addLiteral("\n".join([*parts, "f"]))


def _modules(grid: Grid, left: float, top: float) -> str:
    """Modules as one path of whole numbers: the unit is a module, y runs downwards."""
    stride = len(grid.rows[0]) + 1
    flat = np.frombuffer(f"0{'0'.join(grid.rows)}0".encode(), np.uint8)
    edges = np.flatnonzero(flat[1:] != flat[:-1])  # where runs of dark modules begin and end
    starts = edges[::2]
    runs = starts * stride + edges[1::2] - starts
    rectangles = _Rectangles.of(stride)
    path = [rectangles[run] for run in runs.tolist()]
    x, y = left + grid.left, top - grid.top
    return f"q {grid.side:.5f} 0 0 {-grid.side:.5f} {x:.4f} {y:.4f} cm\n{''.join(path)}f Q"


class _Rectangles(dict[int, str]):
    """The operator for each run of modules in rows of ``stride`` columns, made once.

    A run is known by the number of its first module times ``stride``, plus its length.
    """

    def __init__(self, stride: int) -> None:
        super().__init__()
        self._stride = stride

    @classmethod
    @functools.lru_cache(maxsize=64)
    def of(cls, stride: int) -> _Rectangles:
        """The operators of a stride."""
        return cls(stride)

    def __missing__(self, run: int) -> str:
        start, length = divmod(run, self._stride)
        row, column = divmod(start, self._stride)
        self[run] = text = f"{column} {row} {length} 1 re\n"
        return text


class _Lines:
    """Lines of text on their way to a page or form; a font is named where it changes."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas, self._lines = canvas, canvas.beginText()
        self._font: tuple[bool, float] | None = None

    def add(self, text: Text, left: float, top: float) -> None:
        """Set a line of a page whose top left lies there."""
        x = left + text.x
        if text.anchor != "start":
            width = text_width(text.content, text.size, bold=text.bold)
            x -= width / 2 if text.anchor == "middle" else width
        if self._font != (text.bold, text.size):
            self._font = (text.bold, text.size)
            self._lines.setFont(pdf_font(bold=text.bold).fontName, text.size)
        self._lines.setTextOrigin(x, top - text.baseline)
        self._lines.textOut(text.content)

    def draw(self) -> None:
        """Put them there."""
        self._canvas.drawText(self._lines)


class _Flate(pdfdoc.PDFStreamFilterZCompress):  # type: ignore[misc]
    """reportlab's compression of streams with less effort."""

    def encode(self, text: str | bytes) -> bytes:
        return zlib.compress(text.encode() if isinstance(text, str) else text, _EFFORT)


pdfdoc.PDFZCompress = _Flate()
