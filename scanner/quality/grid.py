"""The grid of a matrix symbol in a photo: found to a fraction of a module, sampled, measured.

A decoder tells the corners to a pixel or two. Every border between a dark and a light module whose
place is known says how far off that is; a projective correction is fitted to all of them, together
with the print growth, which moves both sides of dark modules outwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanner.profile import interpolated
from scanner.projection import Quad, coefficients
from scanner.quality.light import Light

Matrix3 = npt.NDArray[np.float64]
Expected = npt.NDArray[np.int16]  # 1 dark, 0 light, -1 unknown; with one quiet module around

PER = 12  # samples per module side in the rectified picture
_ROUNDS = 2
_LEAST_DISTANCE = 0.2  # of the nearest to the farthest corner: no label is photographed flatter
_LEAST_BORDERS = 10  # along each axis; fewer do not hold a grid
_BAND = slice(PER * 3 // 10, PER - PER * 3 // 10)  # the rows of a module that its edges are read in


@dataclass(frozen=True, slots=True)
class Edges:
    """Borders along one axis: place in modules, displacement, and whether dark comes first."""

    u: Light
    v: Light
    shift: Light
    dark_first: npt.NDArray[np.bool_]
    rise: Light  # modules from 10 to 90 % at the steepest step


@dataclass(frozen=True, slots=True)
class Fit:
    """A grid in the photo.

    ``matrix`` maps modules to pixels; ``growth`` is by how much each side of a dark module stands
    out, across and down, in modules; ``residuals`` are what the projective grid leaves, in
    modules, for the borders ``across`` and ``down``.
    """

    matrix: Matrix3
    growth: tuple[float, float]
    across: Edges
    down: Edges
    residuals: tuple[Light, Light]

    def pixel(self, u: float, v: float) -> tuple[float, float]:
        """The photo's pixel of a place in modules."""
        x, y, w = self.matrix @ np.array([u, v, 1.0])
        return float(x / w), float(y / w)


class NoGrid(Exception):
    """Corners that span no area, or too few borders where the symbol should be."""


def from_corners(quad: Quad, rows: int, columns: int) -> Matrix3:
    """The projective map from modules to pixels with the symbol's corners in ``quad``.

    Raises :class:`NoGrid`.
    """
    try:
        inverse = np.array([*coefficients(quad, (columns, rows)), 1.0]).reshape(3, 3)
        matrix: Matrix3 = np.linalg.inv(inverse)
    except (ZeroDivisionError, np.linalg.LinAlgError):
        raise NoGrid from None
    ends = np.array([[0, columns, columns, 0], [0, 0, rows, rows], [1, 1, 1, 1]])
    distances = matrix[2] @ ends
    if distances.min() < _LEAST_DISTANCE * distances.max():
        raise NoGrid  # a quadrangle that no camera makes of a square
    return matrix


def rectified(light: Light, matrix: Matrix3, rows: int, columns: int, margin: int) -> Light:
    """The symbol with ``margin`` modules around it, each module ``PER`` samples wide."""
    u = (np.arange((columns + 2 * margin) * PER) + 0.5) / PER - margin
    v = (np.arange((rows + 2 * margin) * PER) + 0.5) / PER - margin
    w = matrix[2, 0] * u[None, :] + (matrix[2, 1] * v + matrix[2, 2])[:, None]
    x = (matrix[0, 0] * u[None, :] + (matrix[0, 1] * v + matrix[0, 2])[:, None]) / w
    y = (matrix[1, 0] * u[None, :] + (matrix[1, 1] * v + matrix[1, 2])[:, None]) / w
    return interpolated(light, x.astype(np.float32), y.astype(np.float32))


def centres(light: Light, matrix: Matrix3, u: Light, v: Light) -> Light:
    """Reflectance at the middles of some modules, given by their columns and rows."""
    points = matrix @ np.stack([u + 0.5, v + 0.5, np.ones_like(u)])
    x, y = (points[:2] / points[2]).astype(np.float32)
    return interpolated(light, x, y)


def sampled(picture: Light, share: float = 0.8, phase: tuple[int, int] = (0, 0)) -> Light:
    """Mean of each module in a round aperture of ``share`` of its side (ISO/IEC 15415: 80 %).

    ``phase`` moves the apertures by samples; modules cut off by that are left out.
    """
    down, right = phase
    moved = picture[down : down - PER or None, right : right - PER or None]
    if phase == (0, 0):
        moved = picture
    middle = (np.arange(PER) + 0.5) / PER - 0.5
    disc = (middle[:, None] ** 2 + middle[None, :] ** 2 <= (share / 2) ** 2).astype(np.float32)
    rows, columns = moved.shape[0] // PER, moved.shape[1] // PER
    cells = moved.reshape(rows, PER, columns, PER)
    means: Light = np.einsum("rycx,yx->rc", cells, disc / disc.sum(), optimize=True)
    return means


def extremes(picture: Light) -> tuple[float, float]:
    """Lowest and highest reflectance that the aperture sees anywhere in the picture."""
    steps = (0, PER // 2)
    seen = [sampled(picture, phase=(down, right)) for down in steps for right in steps]
    return min(float(s.min()) for s in seen), max(float(s.max()) for s in seen)


def fitted(light: Light, matrix: Matrix3, expected: Expected) -> Fit:
    """The grid corrected by all borders of ``expected``, which has one quiet module around.

    Raises :class:`NoGrid`.
    """
    rows, columns = expected.shape[0] - 2, expected.shape[1] - 2
    for _round in range(_ROUNDS):
        picture = rectified(light, matrix, rows, columns, 1)
        across, down = edges(picture, expected), edges(picture.T, expected.T)
        if min(len(across.shift), len(down.shift)) < _LEAST_BORDERS:
            raise NoGrid
        change, growth, residuals = _correction(across, down, rows, columns)
        fit = Fit(matrix, growth, across, down, residuals)
        matrix = matrix @ change
    return fit


def edges(picture: Light, expected: Expected) -> Edges:
    """Displacement of each known border between neighbours in a row, where half the step is.

    The step is that between the middles of both modules (as in ISO/IEC 15416 for elements).
    """
    rows, columns = expected.shape
    bands = picture.reshape(rows, PER, -1)[:, _BAND].mean(axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(bands, PER, axis=1)
    windows = windows[:, PER // 2 :: PER][:, : columns - 1]
    left, right = expected[:, :-1], expected[:, 1:]
    known = (left >= 0) & (right >= 0) & (left != right)
    row, column = np.nonzero(known)
    window, dark_first = windows[row, column], left[row, column] == 1
    first, last = window[:, :2].mean(axis=1), window[:, -2:].mean(axis=1)
    step = last - first
    rising = (window - ((first + last) / 2)[:, None]) * np.sign(step)[:, None]
    after = np.argmax(rising >= 0, axis=1)
    least = 0.5 * float(np.median(np.abs(step))) if len(step) else 0.0
    good = (after > 0) & ((step > 0) == dark_first) & (np.abs(step) > least)
    row, column, after, rising = row[good], column[good], after[good], rising[good]
    here = np.arange(len(after))
    low, high = rising[here, after - 1], rising[here, after]
    place = after - 1 + low / (low - high)
    steepest = np.diff(rising, axis=1).max(axis=1)
    return Edges(
        u=column.astype(np.float32),  # the border after a column of the padded grid
        v=(row - 0.5).astype(np.float32),
        shift=((place + 0.5) / PER - 0.5).astype(np.float32),
        dark_first=dark_first[good],
        rise=(0.8 * np.abs(step[good]) / (steepest * PER)).astype(np.float32),
    )


def _correction(
    across: Edges, down: Edges, rows: int, columns: int
) -> tuple[Matrix3, tuple[float, float], tuple[Light, Light]]:
    """Least squares for a small projective change and the growth; outliers are left out."""
    half = max(rows, columns) / 2
    parts = []
    for edge, along in ((across, True), (down, False)):
        place, other = edge.u, edge.v
        u, v = (place, other) if along else (other, place)
        x, y = (u - columns / 2) / half, (v - rows / 2) / half
        one, nil = np.ones_like(x), np.zeros_like(x)
        sign = np.where(edge.dark_first, 1.0, -1.0)
        own = x if along else y
        affine = (one, x, y, nil, nil, nil) if along else (nil, nil, nil, one, x, y)
        growth = (sign, nil) if along else (nil, sign)
        parts.append(np.stack([*affine, own * x, own * y, *growth], axis=1))
    system = np.concatenate(parts).astype(np.float64)
    wanted = np.concatenate([across.shift, down.shift]).astype(np.float64)
    solution = _robust(system, wanted)
    residuals = (wanted - system @ solution).astype(np.float32)
    a, b, c, d, e, f, g, h = solution[:8] / half
    small = np.array([[1 + b, c, a], [e, 1 + f, d], [-g, -h, 1.0]])
    to_unit = np.array(
        [[1 / half, 0, -columns / 2 / half], [0, 1 / half, -rows / 2 / half], [0, 0, 1]]
    )
    change: Matrix3 = np.linalg.inv(to_unit) @ small @ to_unit
    split = len(across.shift)
    growths = (float(solution[8]), float(solution[9]))
    return change, growths, (residuals[:split], residuals[split:])


def _robust(system: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]) -> Matrix3:
    solution = np.linalg.lstsq(system, wanted, rcond=None)[0]
    off = np.abs(wanted - system @ solution)
    kept = off <= 3 * np.median(off) + 0.02
    return np.asarray(np.linalg.lstsq(system[kept], wanted[kept], rcond=None)[0], np.float64)


def worst_shift(fit: Fit, rows: int, columns: int) -> float:
    """Grid non-uniformity: the largest distance of an intersection from the even grid, in modules.

    Each intersection's displacement is the mean of the borders within two modules of it, so that
    noise of single borders does not count.
    """
    shifts = []
    for edge, residual, along in zip(
        (fit.across, fit.down), fit.residuals, (True, False), strict=True
    ):
        u, v = (edge.u, edge.v) if along else (edge.v, edge.u)
        shifts.append(_smoothed(u, v, residual, rows, columns))
    distance = np.hypot(*shifts)
    return float(distance.max())


def _smoothed(u: Light, v: Light, values: Light, rows: int, columns: int) -> Light:
    """Mean of the values within two modules of each grid intersection, 0 where there are none."""
    total = np.zeros((rows + 5, columns + 5))
    count = np.zeros_like(total)
    at = (np.rint(v).astype(int) + 2, np.rint(u).astype(int) + 2)
    np.add.at(total, at, values)
    np.add.at(count, at, 1)
    sums = [
        np.lib.stride_tricks.sliding_window_view(part, (5, 5)).sum(axis=(2, 3))
        for part in (total, count)
    ]
    means: Light = np.where(sums[1] >= 4, sums[0] / np.maximum(sums[1], 1), 0).astype(np.float32)
    return means
