"""Where a picture looks like a code, and which way its bars run, from grey-level gradients.

Computed on small arrays in a fraction of the time of one look with a decoder. numpy is loaded
here: import this in the decoder process only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from scanner.reading import Polygon

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels
_Floats = NDArray[np.float32]

_DIRECTION_PIXELS = 60_000  # more says nothing new about one direction
_CELL = 8  # pixels of the reduced picture
_NOISE = 1e3  # squared gradients of a cell that are nothing yet
_GRID = 96  # cells along the longer side
_LEAST_GRID_CELL = 8  # pixels
_BUSY = {3: 0.4, 5: 0.65}  # of the texture of the codes found, by least side
# Cells, of which one at either end is only the neighbour of a busy one.
SMALL = 3  # the least Data Matrix symbol on a sheet seen from afar
LARGE = 5  # one that fills a part of the picture; a line of print is less high
_AROUND = 0.15  # of a symbol's length belong to it: print in the quiet zone
_LEAST_BUSY = 12.0  # mean step between neighbours, in grey levels: bars, modules, small print


def direction(image: Image.Image) -> float:
    """Degrees by which to turn the picture anticlockwise so that bars stand upright.

    The structure tensor of each cell says how much its gradients agree; cells of bars count, text
    and clutter hardly.
    """
    factor = max(1, round(math.sqrt(image.width * image.height / _DIRECTION_PIXELS)))
    gray = np.asarray(image if factor == 1 else image.reduce(factor))
    if min(gray.shape) < _CELL + 2:
        return 0.0
    levels = gray.astype(np.int16)
    across = (levels[1:-1, 2:] - levels[1:-1, :-2]).astype(np.float32)
    down = (levels[2:, 1:-1] - levels[:-2, 1:-1]).astype(np.float32)
    xx, yy, xy = (_cells(part) for part in (across * across, down * down, across * down))
    coherent = (np.hypot(xx - yy, 2 * xy) / (xx + yy + _NOISE)) ** 2
    return math.degrees(
        0.5 * math.atan2(float((2 * xy * coherent).sum()), float(((xx - yy) * coherent).sum()))
    )


def _cells(values: _Floats) -> _Floats:
    """Sums over square cells: whole rows first, which is several times as fast as over blocks."""
    rows, columns = values.shape[0] // _CELL, values.shape[1] // _CELL
    strips = values[: rows * _CELL, : columns * _CELL].reshape(rows, _CELL, -1).sum(axis=1)
    summed: _Floats = np.add.reduceat(strips, np.arange(0, columns * _CELL, _CELL), axis=1)
    return summed


def uncovered(
    image: Image.Image, polygons: Sequence[Polygon], least_side: int = SMALL
) -> list[Box]:
    """Boxes outside the given codes whose texture is like theirs and that could hold another.

    Without codes: everything that is busy. ``least_side`` is the length in cells that a box must
    have both ways. Largest first.
    """
    cell = max(_LEAST_GRID_CELL, math.ceil(max(image.size) / _GRID))
    busy = _busyness(image, cell)
    covered = np.zeros(busy.shape, bool)
    inside = []
    for polygon in polygons:
        xs, ys = zip(*polygon, strict=True)
        rows = slice(max(0, min(ys) // cell), max(ys) // cell + 1)
        columns = slice(max(0, min(xs) // cell), max(xs) // cell + 1)
        inside.append(float(busy[rows, columns].mean()) if busy[rows, columns].size else 0.0)
        covered[
            max(0, rows.start - 1) : rows.stop + 1, max(0, columns.start - 1) : columns.stop + 1
        ] = True
    threshold = max(_LEAST_BUSY, _BUSY[least_side] * min(inside, default=0.0))
    mask = (busy >= threshold) & ~covered
    if mask.sum() < least_side**2:
        return []
    boxes = []
    for left, top, right, bottom, count in _components(mask):
        if min(right - left, bottom - top) >= least_side:
            box = (left * cell, top * cell, right * cell, bottom * cell)
            boxes.append((count, box))
    return [box for _count, box in sorted(boxes, reverse=True)]


def _busyness(image: Image.Image, cell: int) -> _Floats:
    """Mean step between neighbouring pixels in the busiest of each cell and those around it."""
    across = ImageChops.difference(image, ImageChops.offset(image, 1, 0)).reduce(cell)
    down = ImageChops.difference(image, ImageChops.offset(image, 0, 1)).reduce(cell)
    # A wide bar or space leaves a cell empty: its neighbours close the gap.
    steps = ImageChops.lighter(across, down).filter(ImageFilter.MaxFilter(3))
    return np.asarray(steps, np.float32)


def _components(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int, int, int, int]]:
    """Bounding box (right and bottom excluded) and size of each group of nearby cells."""
    left_over = {(int(y), int(x)) for y, x in zip(*np.nonzero(mask), strict=True)}
    while left_over:
        group, border = [], [left_over.pop()]
        while border:
            y, x = border.pop()
            group.append((y, x))
            near = [place for s in (1, -1, 2, -2) for place in ((y + s, x), (y, x + s))]
            border += [place for place in near if place in left_over]
            left_over.difference_update(near)
        ys, xs = zip(*group, strict=True)
        yield min(xs), min(ys), max(xs) + 1, max(ys) + 1, len(group)
