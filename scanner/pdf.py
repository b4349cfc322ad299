"""PDF of true size: vector modules on exact positions, embedded fonts, page boxes without bleed."""

from __future__ import annotations

import functools
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from scanner.drawing import MM_PER_INCH, Box, Grid, Page, Text, pdf_font, text_width

_POINTS_PER_MM = 72 / MM_PER_INCH
_DARK = re.compile("1+")
# Compressed content as it is: its ASCII form is a quarter longer and slow to make.
rl_config.useA85 = 0


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
        lines = canvas.beginText()
        for item in paper.placed:
            left, top = item.left, paper.height - item.top
            _fill(canvas, item.page.boxes, left, top)
            for grid in item.page.grids:
                canvas.addLiteral(_modules(grid, left, top))
            for text in shared.draw(item.page, left, top):
                _set(lines, text, left, top)
        canvas.drawText(lines)
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
        lines = self._canvas.beginText()
        for text in texts:
            _set(lines, text, 0, 0)
        self._canvas.drawText(lines)
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
    rectangles = _Rectangles.of(stride)
    path = [rectangles[run.span()] for run in _DARK.finditer("0".join(grid.rows))]
    x, y = left + grid.left, top - grid.top
    return f"q {grid.side:.5f} 0 0 {-grid.side:.5f} {x:.4f} {y:.4f} cm\n{''.join(path)}f Q"


class _Rectangles(dict[tuple[int, int], str]):
    """The operator for each run of modules in rows of ``stride`` columns, made once."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self._stride = stride

    @classmethod
    @functools.lru_cache(maxsize=64)
    def of(cls, stride: int) -> _Rectangles:
        """The operators of a stride."""
        return cls(stride)

    def __missing__(self, run: tuple[int, int]) -> str:
        start, end = run
        row, column = divmod(start, self._stride)
        self[run] = text = f"{column} {row} {end - start} 1 re\n"
        return text


def _set(lines: PDFTextObject, text: Text, left: float, top: float) -> None:
    x = left + text.x
    if text.anchor != "start":
        width = text_width(text.content, text.size, bold=text.bold)
        x -= width / 2 if text.anchor == "middle" else width
    lines.setFont(pdf_font(bold=text.bold).fontName, text.size)
    lines.setTextOrigin(x, top - text.baseline)
    lines.textOut(text.content)
