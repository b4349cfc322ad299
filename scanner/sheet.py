"""Label sheets and rolls: templates, places, cut marks. Lengths in millimetres."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scanner import drawing, pdf, readback, zpl
from scanner.cell import fitted
from scanner.drawing import MM_PER_INCH, Box, Page, shifted
from scanner.errors import SymbolError
from scanner.label import DOTS, Form, Label
from scanner.logistic import LogisticLabel, logistic
from scanner.pdf import Paper, Placed

_MARK, _MARK_WIDTH = 3.0, 0.1  # mm, a cut mark's length and thickness
_PREVIEW_PIXELS = 900  # of a sheet's width on the screen
_MOST_COPIES = 10_000
_FARTHEST = 10.0  # mm that a printer's feed may be off

AnyLabel = Label | LogisticLabel


@dataclass(frozen=True, slots=True)
class Template:
    """Paper with labels in a grid: margins to the first, pitch from one to the next."""

    name: str
    paper: tuple[float, float]
    label: tuple[float, float]
    grid: tuple[int, int] = (1, 1)
    margin: tuple[float, float] = (0.0, 0.0)
    pitch: tuple[float, float] = (0.0, 0.0)

    @property
    def places(self) -> int:
        """Labels on one paper."""
        return self.grid[0] * self.grid[1]

    def corner(self, place: int) -> tuple[float, float]:
        """Left and top of a place, counted from 0 along the rows."""
        row, column = divmod(place, self.grid[0])
        return (
            self.margin[0] + column * self.pitch[0],
            self.margin[1] + row * self.pitch[1],
        )


_A4 = (210.0, 297.0)
# Measures of common die-cut sheets: 63.5 × 33.9, 45.7 × 25.4 and 38.1 × 21.2 mm.
TEMPLATES: dict[str, Template] = {
    template.name: template
    for template in (
        Template("a4-24", _A4, (63.5, 33.9), (3, 8), (7.25, 12.9), (66.0, 33.9)),
        Template("a4-40", _A4, (45.7, 25.4), (4, 10), (9.7, 21.5), (48.3, 25.4)),
        Template("a4-65", _A4, (38.1, 21.2), (5, 13), (4.75, 10.7), (40.6, 21.2)),
        Template("roll-50x30", (50.0, 30.0), (50.0, 30.0)),
        Template("logistic-100x150", (100.0, 150.0), (100.0, 150.0)),
        Template("logistic-148x210", (148.0, 210.0), (148.0, 210.0)),
    )
}


@dataclass(frozen=True, slots=True)
class Job:
    """How labels go to paper.

    ``start``: the first free place of a partly used sheet, from 1. ``copies`` of each label follow
    each other. ``offset`` moves everything right and down by what the printer is off. ``dpi``, for
    forms made of dots, is the printer's.
    """

    template: Template
    start: int = 1
    copies: int = 1
    cut_marks: bool = False
    offset: tuple[float, float] = (0.0, 0.0)
    dpi: int = 300
    title: str = "Labels"

    def __post_init__(self) -> None:
        if not 1 <= self.start <= self.template.places:
            raise SymbolError(f"{self.template.name} has places 1 to {self.template.places}")
        if not 1 <= self.copies <= _MOST_COPIES:
            raise SymbolError(f"1 to {_MOST_COPIES} copies are printed")
        if not all(abs(side) <= _FARTHEST for side in self.offset):
            raise SymbolError(f"a sheet is moved by at most {_FARTHEST:g} mm")


def draw_labels(labels: Sequence[AnyLabel], job: Job, form: Form = "pdf") -> list[Page]:
    """Each label on a page of the template's size; raises :class:`SymbolError` naming the label."""
    dpi = job.dpi if form in DOTS else None
    pages = []
    for number, label in enumerate(labels, 1):
        try:
            pages.append(_drawn(label, job, dpi))
        except SymbolError as error:
            raise SymbolError(f"label {number} ({label.data}): {error}") from error
    return pages


def _drawn(label: AnyLabel, job: Job, dpi: int | None) -> Page:
    if isinstance(label, LogisticLabel):
        return logistic(label, *job.template.label, dpi)
    return fitted(label, *job.template.label, dpi)


def papers(pages: Sequence[Page], job: Job) -> Iterator[Paper]:
    """Sheets with the labels on their places, in order."""
    template = job.template
    copies = [page for page in pages for _ in range(job.copies)]
    marks = _cut_marks(job) if job.cut_marks else ()
    at = 0
    first = job.start - 1
    while at < len(copies):
        here = copies[at : at + template.places - first]
        corners = map(template.corner, range(first, template.places))
        placed = tuple(
            Placed(page, x + job.offset[0], y + job.offset[1])
            for page, (x, y) in zip(here, corners, strict=False)
        )
        yield Paper(*template.paper, placed, marks)
        at += len(here)
        first = 0


def count_papers(labels: int, job: Job) -> int:
    """How many sheets so many labels take.

    >>> count_papers(65, Job(TEMPLATES["a4-65"], start=2))
    2
    """
    return -(-(labels * job.copies + job.start - 1) // job.template.places)


def written(pages: Sequence[Page], job: Job, form: Form) -> bytes:
    """The sheets as one file: PDF of all, ZPL of every label, PNG or SVG of the first sheet."""
    if form == "pdf":
        return pdf.papers_to_pdf(papers(pages, job), job.title)
    if form == "zpl":
        x, y = (round(side * job.dpi / MM_PER_INCH) * MM_PER_INCH / job.dpi for side in job.offset)
        return b"".join(zpl.to_zpl(shifted(page, x, y), job.dpi, job.copies) for page in pages)
    sheet = flat(next(papers(pages, job)), job.title)
    return drawing.to_png(sheet, job.dpi) if form == "png" else drawing.to_svg(sheet)


def printed(labels: Sequence[AnyLabel], job: Job, form: Form) -> bytes:
    """The file of labels that were all read back by two decoders.

    Raises :class:`SymbolError` naming the label that cannot be drawn or does not read.
    """
    pages = draw_labels(labels, job, form)
    readback.check(pages, job.dpi)
    return written(pages, job, form)


def preview(labels: Sequence[AnyLabel], job: Job) -> bytes:
    """The first sheet as a PNG for the screen, in greys: as printed, but not for a scanner."""
    first = draw_labels(labels[: -(-job.template.places // job.copies)], job)
    sheet = flat(next(papers(first, job)), job.title)
    dpi = _PREVIEW_PIXELS * MM_PER_INCH / sheet.width
    out = io.BytesIO()
    drawing.picture(sheet, 3 * dpi).convert("L").reduce(3).save(out, "PNG", optimize=True)
    return out.getvalue()


def flat(paper: Paper, title: str) -> Page:
    """A sheet as one page."""
    parts = [shifted(item.page, item.left, item.top) for item in paper.placed]
    return Page(
        paper.width,
        paper.height,
        (*paper.boxes, *(box for part in parts for box in part.boxes)),
        tuple(text for part in parts for text in part.texts),
        title,
        tuple(grid for part in parts for grid in part.grids),
        tuple(mark for part in parts for mark in part.marks),
    )


def _cut_marks(job: Job) -> tuple[Box, ...]:
    """Short lines outside the block of labels, where its edges and gaps are."""
    template = job.template
    (width, height), (columns, rows) = template.label, template.grid
    left, top = (margin + off for margin, off in zip(template.margin, job.offset, strict=True))
    xs = {left + at * template.pitch[0] + side for at in range(columns) for side in (0.0, width)}
    ys = {top + at * template.pitch[1] + side for at in range(rows) for side in (0.0, height)}
    half = _MARK_WIDTH / 2
    reach_x, reach_y = min(_MARK, min(xs)), min(_MARK, min(ys))
    boxes = []
    for x in sorted(xs):
        for y in (min(ys) - reach_y, max(ys)):
            boxes.append(Box(x - half, y, _MARK_WIDTH, reach_y))
    for y in sorted(ys):
        for x in (min(xs) - reach_x, max(xs)):
            boxes.append(Box(x, y - half, reach_x, _MARK_WIDTH))
    return tuple(box for box in boxes if box.width > 0 and box.height > 0)
