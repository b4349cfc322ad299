"""A symbol drawn to size: bars or modules, bearer bars, digits. Lengths in millimetres.

Sizes follow the GS1 General Specifications (sections 4.14 HRI, 5.12.3 symbol sizes).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.drawing import MM_PER_INCH, Anchor, Box, Grid, Mark, Page, Text, runs, text_width
from scanner.errors import SymbolError
from scanner.symbols import SIZES, Kind, Pattern, Sizes
from scanner.typeset import set_lines, wrapped

_HRI_LEAST, _HRI_MOST = 2.4, 3.2  # em in mm
GUARD = 5  # modules by which guard bars are longer (section 5.2.1.4)
BEARER = 2  # X-dimensions, the least thickness of an ITF-14 bearer bar (section 5.3.2.4)
_LONGEST_GS1_128 = 165.0  # mm with quiet zones (section 5.4.2)
# Logistic symbols keep their height when they are printed larger (table 5.12.3.2); retail symbols
# grow as a whole.
_FIXED_HEIGHT: tuple[Kind, ...] = ("itf-14", "gs1-128")


@dataclass(frozen=True, slots=True)
class Scale:
    """The width of a pattern's column in mm, and the grid in mm that positions are set on.

    ``reduction`` is what every dark run is made narrower by, because ink spreads.
    """

    column: float
    x: float
    grid: float | None
    reduction: float = 0.0

    def on_grid(self, value: float) -> float:
        """The next value that lies on the grid."""
        return value if self.grid is None else math.ceil(value / self.grid - 1e-9) * self.grid


def scale_of(
    pattern: Pattern, wanted: float | None, dpi: int | None, reduction: float = 0.0
) -> Scale:
    """The scale for an X-dimension in mm (None: the target of the standard, less where a GS1-128
    symbol would be too long with it).

    With ``dpi`` the columns are whole pixels. Raises :class:`SymbolError` outside the limits.
    """
    sizes = SIZES[pattern.kind]
    most = sizes.most if wanted is not None else _longest(pattern, sizes)
    x = min(sizes.target, most) if wanted is None else wanted
    if not sizes.least <= x <= sizes.most:
        raise SymbolError(
            f"an X-dimension of {x:g} mm; {pattern.kind} is printed with"
            f" {sizes.least:g} to {sizes.most:g} mm (General Specifications 5.12.3)"
        )
    if not 0 <= reduction <= x / 2:
        raise SymbolError("bars are reduced by at most half an X-dimension")
    if dpi is None:
        return Scale(x / pattern.units, x, None, reduction)
    if reduction:
        raise SymbolError("bars are reduced in vector files; a printer's dots cannot be split")
    if not 100 <= dpi <= 2400:
        raise SymbolError("a label of dots has 100 to 2400 of them per inch")
    dot = MM_PER_INCH / dpi
    step = dot * pattern.units
    dots = max(round(x / step), math.ceil(sizes.least / step - 1e-9))
    dots = min(dots, math.floor(most / step + 1e-9))
    if dots * step < sizes.least - 1e-9:
        raise SymbolError(f"{dpi} dots per inch are too coarse for {pattern.kind}")
    return Scale(dots * dot, dots * step, dot)


def _longest(pattern: Pattern, sizes: Sizes) -> float:
    """The X-dimension that the length of a symbol allows, between the limits of its kind."""
    if pattern.kind != "gs1-128":
        return sizes.most
    fitting = _LONGEST_GS1_128 / (pattern.width + sum(sizes.quiet))
    return min(sizes.most, max(sizes.least, fitting))


@dataclass(frozen=True, slots=True)
class Extent:
    """What a symbol takes: its quiet zone left and right (2D: all around), its width and height."""

    quiet: tuple[float, float]
    width: float
    height: float

    @property
    def across(self) -> float:
        """Width with the quiet zones."""
        return sum(self.quiet) + self.width


def extent(pattern: Pattern, scale: Scale) -> Extent:
    """The size of a symbol without digits; raises :class:`SymbolError` for a GS1-128 too long."""
    sizes = SIZES[pattern.kind]
    quiet = (sizes.quiet[0] * scale.x, sizes.quiet[1] * scale.x)
    width = pattern.width * scale.column
    if pattern.kind == "gs1-128" and sum(quiet) + width > _LONGEST_GS1_128 + 1e-6:
        across = sum(quiet) + width
        raise SymbolError(f"a GS1-128 symbol of {across:.0f} mm; at most 165 mm are allowed")
    if not pattern.is_linear:
        return Extent(quiet, width, len(pattern.rows) * scale.column)
    growth = scale.x / sizes.target
    factor = min(1.0, growth) if pattern.kind in _FIXED_HEIGHT else growth
    return Extent(quiet, width, scale.on_grid((sizes.height or 0) * factor))


def draw(
    page: Page, pattern: Pattern, scale: Scale, left: float, top: float, height: float | None = None
) -> Page:
    """The page with the symbol on it, its first module at ``left`` and ``top``."""
    size = extent(pattern, scale)
    tall = size.height if height is None else height
    mark = Mark(pattern.kind, pattern.text, left, top, size.width, tall, scale.x)
    boxes, grids = page.boxes, page.grids
    if pattern.is_linear:
        boxes = (*boxes, *_bars(pattern, scale, left, top, tall))
    elif scale.reduction:
        boxes = (*boxes, *_reduced(Grid(left, top, scale.column, pattern.rows), scale.reduction))
    else:
        grids = (*grids, Grid(left, top, scale.column, pattern.rows))
    return Page(page.width, page.height, boxes, page.texts, page.title, grids, (*page.marks, mark))


def _bars(pattern: Pattern, scale: Scale, left: float, top: float, height: float) -> Iterator[Box]:
    guard = GUARD * scale.x
    for start, length in runs(pattern.rows[0]):
        longer = guard if pattern.rows[0][start] == "G" else 0
        yield Box(
            left + start * scale.column + scale.reduction / 2,
            top,
            length * scale.column - scale.reduction,
            height + longer,
        )
    if pattern.kind == "itf-14":
        thickness = BEARER * scale.x
        size = extent(pattern, scale)
        edge = left - size.quiet[0]
        yield Box(edge, top - thickness, size.across, thickness)
        yield Box(edge, top + height, size.across, thickness)


def _reduced(grid: Grid, reduction: float) -> Iterator[Box]:
    """Modules drawn in by half the reduction wherever dark meets light.

    A row is three bands: what it shares with the row above, itself, what it shares with the next.
    """
    half = reduction / 2
    light = "0" * len(grid.rows[0])
    rows = (light, *grid.rows, light)
    for number, row in enumerate(grid.rows):
        top = grid.top + number * grid.side
        bands = (
            (_shared(row, rows[number]), top, half),
            (row, top + half, grid.side - reduction),
            (_shared(row, rows[number + 2]), top + grid.side - half, half),
        )
        for band, y, height in bands:
            for at, length in runs(band):
                left = grid.left + at * grid.side + half
                yield Box(left, y, length * grid.side - reduction, height)


def _shared(row: str, other: str) -> str:
    return "".join([min(pair) for pair in zip(row, other, strict=True)])


# Where the digits of EAN/UPC symbols stand: slice of the digits, place in modules from the first
# bar, what of the digits is there (figures 5.2.2-1 to 5.2.2-3 of the General Specifications). The
# outer digits of UPC-A end and begin five modules from the guards.
_DIGIT_GROUPS: dict[Kind, tuple[tuple[slice, float, Anchor], ...]] = {
    "ean-13": (
        (slice(0, 1), -7, "middle"),
        (slice(1, 7), 24.5, "middle"),
        (slice(7, 13), 70.5, "middle"),
    ),
    "ean-8": ((slice(0, 4), 17, "middle"), (slice(4, 8), 50, "middle")),
    "upc-a": (
        (slice(0, 1), -5, "end"),
        (slice(1, 6), 27.5, "middle"),
        (slice(6, 11), 67.5, "middle"),
        (slice(11, 12), 100, "start"),
    ),
}
_DIGIT, _OUTER_DIGIT = 9.5, 5.6  # em in modules; the outer digits of UPC-A are four wide at most


def interpretation(
    pattern: Pattern, scale: Scale, left: float, bottom: float, most: float = _HRI_MOST
) -> tuple[list[Text], float]:
    """The human readable interpretation under the bars, at most at the em ``most``, and where the
    next line may start."""
    groups = _DIGIT_GROUPS.get(pattern.kind)
    if groups is not None:
        baseline = bottom + 8 * scale.x
        digits = pattern.hri[0]
        texts = [
            Text(
                left + place * scale.x,
                baseline,
                (_DIGIT if anchor == "middle" else _OUTER_DIGIT) * scale.x,
                digits[part],
                anchor=anchor,
            )
            for part, place, anchor in groups
        ]
        return texts, baseline + 1.5 * scale.x
    bearer = BEARER * scale.x if pattern.kind == "itf-14" else 0.0
    width = pattern.width * scale.column
    content = " ".join(pattern.hri)
    fitting = _HRI_MOST * width / max(1e-9, text_width(content, _HRI_MOST))
    size = max(_HRI_LEAST, min(most, fitting))
    parts = wrapped(content, size, width)
    return set_lines(parts, left + width / 2, bottom + bearer + 0.8, size, anchor="middle")
