"""Print quality of Data Matrix and QR Code by the method of ISO/IEC 15415."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scanner.projection import Quad
from scanner.quality import data_matrix, fixed_pattern, grading, grid, qr_code
from scanner.quality.grading import LEVELS, banded, interpolated
from scanner.quality.grid import Fit, NoGrid
from scanner.quality.layout import UNFIXED, Layout, Modules
from scanner.quality.light import Light
from scanner.quality.reed_solomon import Uncorrectable
from scanner.quality.report import Parameter

_ALIKE = 0.85  # of the best likeness to the fixed pattern, up to which another order is tried


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A matrix symbol's grade, its parameters, its grid, and the modules that weaken it."""

    grade: float
    parameters: tuple[Parameter, ...]
    fit: Fit
    shape: tuple[int, int]
    wrong: Modules
    faint: Modules
    ground: float
    edge_spread: float


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The symbol as sampled: reflectances with the quiet zone, and what they should show."""

    layout: Layout
    fit: Fit
    values: Light
    expected: Modules  # with quiet zone
    darkest: float
    lightest: float

    @property
    def contrast(self) -> float:
        return self.lightest - self.darkest

    @property
    def threshold(self) -> float:
        return (self.lightest + self.darkest) / 2

    @property
    def modulation(self) -> Light:
        """Distance of each module from the threshold: 2 |R - GT| / SC."""
        span = max(self.contrast, 1e-6)
        out: Light = (2 * np.abs(self.values - self.threshold) / span).astype(np.float32)
        return out

    @property
    def wrong(self) -> Modules:
        out: Modules = (self.values < self.threshold) != self.expected
        return out

    def inner(self, modules: Modules) -> Modules:
        """Without the quiet zone."""
        quiet = self.layout.quiet
        return modules[quiet:-quiet, quiet:-quiet]


def layout_of(symbology: str, facts: dict[str, object]) -> Layout | None:
    """The plan of a symbol from what its decoder tells; None for kinds not measured here."""
    version = str(facts.get("Version", ""))
    if symbology == "Data Matrix":
        rows, _, columns = version.partition("x")
        if rows.isdigit() and columns.isdigit() and data_matrix.is_known(int(rows), int(columns)):
            return data_matrix.layout(int(rows), int(columns))
    level, mask = str(facts.get("ECLevel", "")), facts.get("DataMask")
    is_qr = symbology == "QR Code" and version.isdigit() and 1 <= int(version) <= 40
    if is_qr and level in ("L", "M", "Q", "H") and isinstance(mask, int) and 0 <= mask <= 7:
        return qr_code.layout(int(version), level, mask)
    return None


def measure(light: Light, quad: Quad, layout: Layout) -> Measured:
    """All parameters of a symbol whose corners a decoder found near ``quad``.

    Raises :class:`NoGrid` where there is no symbol and :class:`Uncorrectable` where the own
    sampling does not give its codewords.
    """
    seen = _decoded(light, quad, layout)
    parameters = tuple(_parameters(seen))
    grades = [item.grade for item in parameters if item.grade is not None]
    wrong, faint = (
        seen.inner(seen.wrong),
        seen.inner(seen.modulation < grading.MODULE_MODULATION[2]),
    )
    rises = np.concatenate([seen.fit.across.rise, seen.fit.down.rise])
    return Measured(
        grade=min(grades),
        parameters=parameters,
        fit=seen.fit,
        shape=layout.shape,
        wrong=wrong,
        faint=faint & ~wrong,
        ground=seen.lightest,
        edge_spread=float(np.median(rises)) if len(rises) else 0.0,
    )


def _decoded(light: Light, quad: Quad, layout: Layout) -> _Seen:
    """The symbol in the first likely order of its corners that gives codewords.

    The fixed pattern of QR Code and of a square Data Matrix is its own mirror image, so that
    pixels' fractions would decide which way round a symbol is read.
    """
    why: Exception = NoGrid()
    for corners, is_negative in _likely(light, quad, layout):
        # Light modules on dark ground: everything is measured on the negative.
        shown = (1 - light).astype(np.float32) if is_negative else light
        try:
            settled = _settled(shown, corners, layout)
            return _seen(shown, grid.from_corners(settled, *layout.shape), layout)
        except (NoGrid, Uncorrectable) as error:
            why = error
    raise why


def _likely(light: Light, quad: Quad, layout: Layout) -> list[tuple[Quad, bool]]:
    """The orders of the corners that show most of the fixed pattern, the decoder's own first where
    they are alike, and whether the symbol is a negative."""
    found = [(corners, _likeness(light, corners, layout)) for corners in _orders(quad)]
    most = max(abs(likeness) for _corners, likeness in found)
    close = [item for item in found if abs(item[1]) >= _ALIKE * most]
    close.sort(key=lambda item: -round(abs(item[1]), 1))
    return [(corners, likeness < 0) for corners, likeness in close]


def _likeness(light: Light, corners: Quad, layout: Layout) -> float:
    """Correlation of the fixed pattern with what is seen at its modules' middles."""
    rows, columns = np.nonzero(layout.fixed != UNFIXED)
    wanted = np.where(layout.fixed[rows, columns] == 1, -1.0, 1.0)
    matrix = grid.from_corners(corners, *layout.shape)
    seen = grid.centres(light, matrix, columns.astype(np.float32), rows.astype(np.float32))
    return float(np.mean((seen - seen.mean()) * (wanted - wanted.mean())) / (seen.std() + 1e-6))


def _settled(light: Light, corners: Quad, layout: Layout) -> Quad:
    """Each corner in turn moved to where more of the fixed pattern is seen, by up to 1.5 modules.

    A decoder finds three corners of a QR Code and reckons the fourth.
    """
    module = np.hypot(*np.subtract(corners[1], corners[0])) / layout.shape[1]
    best = _likeness(light, corners, layout)
    for reach in (1.0, 0.5):
        steps = [module * reach * share for share in (-1.0, -0.5, 0.0, 0.5, 1.0)]
        for number in (2, 0, 1, 3):
            x, y = corners[number]
            for right, down in itertools.product(steps, steps):
                moved = list(corners)
                moved[number] = (x + right, y + down)
                a, b, c, d = moved
                likeness = _likeness(light, (a, b, c, d), layout)
                if likeness > best + 1e-6:
                    best, corners = likeness, (a, b, c, d)
    return corners


def _orders(quad: Quad) -> Iterator[Quad]:
    """The four turns of a quadrangle, and the four of its mirror image."""
    a, b, c, d = quad
    for p, q, r, s in ((a, b, c, d), (a, d, c, b)):
        yield from ((p, q, r, s), (q, r, s, p), (r, s, p, q), (s, p, q, r))


def _seen(light: Light, matrix: grid.Matrix3, layout: Layout) -> _Seen:
    """Fit the grid to the fixed pattern, read the codewords, fit again to all modules."""
    rows, columns = layout.shape
    fixed = np.pad(layout.fixed, 1, constant_values=0)
    matrix = grid.fitted(light, matrix, fixed).matrix
    expected = layout.expected(_binary(light, matrix, layout))
    fit = grid.fitted(light, matrix, np.pad(expected.astype(np.int16), 1))
    picture = grid.rectified(light, fit.matrix, rows, columns, layout.quiet)
    darkest, lightest = grid.extremes(picture)
    values = grid.sampled(picture)
    quiet = layout.quiet
    return _Seen(layout, fit, values, np.pad(expected, quiet), darkest, lightest)


def _binary(light: Light, matrix: grid.Matrix3, layout: Layout) -> Modules:
    rows, columns = layout.shape
    picture = grid.rectified(light, matrix, rows, columns, layout.quiet)
    values, quiet = grid.sampled(picture), layout.quiet
    threshold = (float(values.min()) + float(values.max())) / 2
    modules: Modules = values[quiet:-quiet, quiet:-quiet] < threshold
    return modules


def _parameters(seen: _Seen) -> Iterator[Parameter]:
    contrast = seen.contrast
    bands = grading.SYMBOL_CONTRAST
    yield Parameter("decode", 1.0, "", 4.0)
    yield Parameter("symbol-contrast", contrast, "%", interpolated(contrast, bands), bands)
    grades = _module_grades(seen.modulation)
    yield _overlay("modulation", seen, grades)
    signed = np.where(seen.wrong, 0, grades)
    yield _overlay("reflectance-margin", seen, signed)
    dark: Modules = seen.values < seen.threshold
    damage = fixed_pattern.damage(seen.layout, signed, dark)
    yield Parameter("fixed-pattern", _fixed_share(seen), "%", float(damage))
    axial = _axial(seen)
    yield Parameter(
        "axial-nonuniformity", axial, "%", interpolated(axial, grading.AXIAL), grading.AXIAL
    )
    worst = grid.worst_shift(seen.fit, *seen.layout.shape)
    yield Parameter(
        "grid-nonuniformity", worst, "X", interpolated(worst, grading.GRID), grading.GRID
    )
    unused = seen.layout.unused_correction(seen.inner(seen.wrong))
    bands = grading.UNUSED_CORRECTION
    yield Parameter("unused-error-correction", unused, "%", interpolated(unused, bands), bands)
    for name, growth in zip(("growth-across", "growth-down"), seen.fit.growth, strict=True):
        yield Parameter(name, 2 * growth, "X")  # both sides of a dark module move out


def _module_grades(modulation: Light) -> fixed_pattern.Grades:
    """Whole grades of modules by their modulation."""
    bounds = np.array(grading.MODULE_MODULATION[::-1], np.float32) - 1e-6
    return np.searchsorted(bounds, modulation, side="right")


def _overlay(name: str, seen: _Seen, grades: fixed_pattern.Grades) -> Parameter:
    """Codewords below a level count as errors; the best of level and unused correction.

    Told as a value: the smallest modulation of a codeword's module (0 where one is wrong, for the
    reflectance margin).
    """
    layout, bands = seen.layout, grading.UNUSED_CORRECTION
    inner = grades[layout.quiet : -layout.quiet, layout.quiet : -layout.quiet]
    grade = max(
        min(level, banded(layout.unused_correction(inner < level), bands)) for level in LEVELS
    )
    held = np.pad(layout.codeword >= 0, layout.quiet)
    values = seen.modulation[held]
    if name == "reflectance-margin":
        values = np.where(seen.wrong[held], 0, values)
    return Parameter(name, float(values.min()), "%", float(grade), grading.MODULE_MODULATION)


def _fixed_share(seen: _Seen) -> float:
    """The share of modules of fixed pattern and quiet zone that show the wrong colour."""
    fixed = np.pad(seen.layout.fixed, seen.layout.quiet, constant_values=0) >= 0
    return float(seen.wrong[fixed].mean())


def _axial(seen: _Seen) -> float:
    """|X - Y| / mean of both, from the sides of the symbol in the photo."""
    rows, columns = seen.layout.shape
    corners = [seen.fit.pixel(u, v) for u, v in ((0, 0), (columns, 0), (columns, rows), (0, rows))]
    sides = [float(np.hypot(*np.subtract(corners[i], corners[(i + 1) % 4]))) for i in range(4)]
    x, y = (sides[0] + sides[2]) / 2 / columns, (sides[1] + sides[3]) / 2 / rows
    return abs(x - y) / ((x + y) / 2)
