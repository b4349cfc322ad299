"""Places that may hold bars: many edges, all in one direction.

The structure tensor is summed over square cells; neighbouring cells of like direction grow
together to regions. Blur weakens the edges of bars but leaves their direction, so this finds
symbols long after their bars have run together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.ean.templates import Floats
from scanner.profile import Corners, Gray

_MOST_PIXELS = 1_300_000  # beyond, the picture is reduced by whole numbers
_CELLS = 64  # along the longer side
_LEAST_CELL = 6  # pixels
_COHERENCE = 0.6
_LEAST_EDGE = 1.5  # grey levels per pixel, root mean square of a cell
_FAINTEST = 0.06  # of the strongest cells' energy
_LIKE = math.cos(2 * math.radians(14))  # neighbours' directions, doubled
_LEAST_CELLS = 6
_LEAST_WEIGHT = 0.12  # of the strongest region's
_LEAST_LENGTH = 50  # pixels: half a pixel per module is not readable


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle whose left and right edges lie along the bars; ``weight`` sums their edges."""

    polygon: Corners
    weight: float


def regions(gray: Gray, count: int) -> list[Region]:
    """At most ``count`` places, strongest first."""
    factor = math.ceil(math.sqrt(gray.size / _MOST_PIXELS))
    picture = _reduced(gray, factor)
    size = max(_LEAST_CELL, round(max(picture.shape) / _CELLS))
    if min(picture.shape) < 3 * size:
        return []
    energy, real, imaginary = _tensor(picture, size)
    strength = np.hypot(real, imaginary)
    floor = max(float(np.percentile(energy, 98)) * _FAINTEST, _LEAST_EDGE**2)
    active = (strength > _COHERENCE * energy) & (energy > floor)
    unit = np.exp(1j * np.arctan2(imaginary, real))
    found = [
        region
        for cells in _grown(active, unit)
        if (region := _region(cells, unit, energy, size, factor)) is not None
    ]
    found.sort(key=lambda region: -region.weight)
    return [item for item in found[:count] if item.weight >= _LEAST_WEIGHT * found[0].weight]


def _reduced(gray: Gray, factor: int) -> Floats:
    if factor == 1:
        return gray.astype(np.float32)
    height, width = (side // factor * factor for side in gray.shape)
    blocks = gray[:height, :width].reshape(height // factor, factor, width // factor, factor)
    mean: Floats = blocks.mean(axis=(1, 3), dtype=np.float32)
    return mean


def _tensor(picture: Floats, size: int) -> tuple[Floats, Floats, Floats]:
    """Edge energy of each cell, and its anisotropy as a doubled-angle vector."""
    rows = np.arange(1, picture.shape[0] - 1, 1 if picture.size < 200_000 else 2)
    above, here, below = picture[rows - 1], picture[rows], picture[rows + 1]
    smooth = (3 * above + 10 * here + 3 * below) / 32
    rise = below - above
    across = smooth[:, 2:] - smooth[:, :-2]
    down = (3 * rise[:, 2:] + 10 * rise[:, 1:-1] + 3 * rise[:, :-2]) / 32
    row_starts = np.searchsorted(rows, np.arange(1, picture.shape[0] - size, size))
    column_starts = np.arange(0, across.shape[1] - size + 1, size)

    def summed(values: Floats) -> Floats:
        cells = np.add.reduceat(np.add.reduceat(values, column_starts, axis=1), row_starts, axis=0)
        per_pixel = cells / (size * size * len(rows) / picture.shape[0])
        padded = np.pad(per_pixel, 1, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
        mean: Floats = windows.mean(axis=(2, 3))
        return mean

    xx, yy, xy = across * across, down * down, across * down
    return summed(xx + yy), summed(xx - yy), summed(2 * xy)


def _grown(
    active: NDArray[np.bool_], unit: NDArray[np.complexfloating[Any]]
) -> Iterator[list[tuple[int, int]]]:
    """Groups of neighbouring active cells whose directions differ little from each other."""
    waiting = {(int(i), int(j)) for i, j in np.argwhere(active)}
    directions = unit.tolist()
    while waiting:
        seed = waiting.pop()
        group, open_cells = [seed], [seed]
        while open_cells:
            i, j = open_cells.pop()
            own = directions[i][j].conjugate()
            for cell in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                if cell in waiting and (directions[cell[0]][cell[1]] * own).real > _LIKE:
                    waiting.remove(cell)
                    group.append(cell)
                    open_cells.append(cell)
        if len(group) >= _LEAST_CELLS:
            yield group


def _region(
    cells: list[tuple[int, int]],
    unit: NDArray[np.complexfloating[Any]],
    energy: Floats,
    size: int,
    factor: int,
) -> Region | None:
    index = np.array(cells)
    weights = energy[index[:, 0], index[:, 1]]
    mean = complex((unit[index[:, 0], index[:, 1]] * weights).sum())
    angle = math.atan2(mean.imag, mean.real) / 2
    across = np.array([math.cos(angle), math.sin(angle)])
    along = np.array([-across[1], across[0]])
    points = (index[:, ::-1] + 0.5) * size + 1.0
    u, v = points @ across, points @ along
    left, right = np.percentile(u, (1, 99)) + np.array([-0.5, 0.5]) * size
    top, bottom = np.percentile(v, (4, 96)) + np.array([-0.5, 0.5]) * size
    if (right - left) * factor < _LEAST_LENGTH:
        return None
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    polygon = [tuple(float(value) * factor for value in x * across + y * along) for x, y in corners]
    return Region([(x, y) for x, y in polygon], float(weights.sum()))
