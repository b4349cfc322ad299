"""Corners of symbols: where they lie, how they map between pictures, the upright crop of one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from PIL import Image

from scanner.reading import Point, Polygon

Mapping = Callable[[float, float], tuple[float, float]]

# Room left around a symbol in its crop, as a share of its longer side: the widest quiet zone of a
# linear symbol is 11 of 95 modules (EAN-13), of a matrix symbol 4 of 21 (QR Code, version 1).
_MARGIN = 0.2
# Height kept of a linear symbol, whose rows all say the same: share of its length, pixels.
_BAND, _LEAST_ROWS, _MOST_ROWS = 0.24, 20, 32
_MAX_CROP_PIXELS = 250_000
_UPRIGHT = 4.0  # degrees that bars may lean without harm
_SHORT_SIDE = 12  # pixels: a shorter side's direction is chance


def box_polygon(points: Iterable[Point]) -> Polygon:
    """The bounding box of an outline as corners."""
    left, top, right, bottom = _bounds(points)
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def mapped(polygon: Polygon, mapping: Mapping) -> Polygon:
    """The corners in another picture's coordinates, rounded to pixels."""
    a, b, c, d = ((round(x), round(y)) for x, y in (mapping(*corner) for corner in polygon))
    return (a, b, c, d)


def same_place(a: Iterable[Point], b: Iterable[Point]) -> bool:
    """Whether the middle of one outline lies within the bounding box of the other."""
    first, second = _bounds(a), _bounds(b)
    return _holds(first, _middle(second)) or _holds(second, _middle(first))


def area(polygon: Polygon) -> float:
    """Area in square pixels (shoelace formula)."""
    pairs = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def length(polygon: Polygon) -> float:
    """Length in pixels across the bars of a linear symbol: its top edge."""
    return math.dist(polygon[0], polygon[1])


def height(polygon: Polygon) -> float:
    """Height in pixels of what was read of a linear symbol: its shorter side edge."""
    return min(math.dist(polygon[0], polygon[3]), math.dist(polygon[1], polygon[2]))


def upright_crop(
    image: Image.Image, polygon: Polygon, scale: float = 1.0, *, linear: bool = False
) -> Image.Image:
    """The symbol and its quiet zone, turned upright and freed of perspective.

    The symbol's middle is the middle of the crop. ``scale`` enlarges, as far as the crop stays
    small enough to be looked at quickly; what lies outside the picture is white. Of a ``linear``
    symbol, whose rows all say the same, only the middle is kept. A symbol that stands almost
    upright is cut out as it is, which costs a tenth of turning it.
    """
    top_left, top_right, bottom_right, bottom_left = polygon
    width = max(8.0, (math.dist(top_left, top_right) + math.dist(bottom_left, bottom_right)) / 2)
    height = max(4.0, (math.dist(top_left, bottom_left) + math.dist(top_right, bottom_right)) / 2)
    across = down = _MARGIN * max(width, height)
    if linear:
        down = (
            max(_LEAST_ROWS, min(_MOST_ROWS, _BAND * width)) / 2 - height / 2
        )  # negative: cut off
    full_width, full_height = width + 2 * across, height + 2 * down
    scale = min(scale, math.sqrt(_MAX_CROP_PIXELS / (full_width * full_height)))
    size = (max(1, round(full_width * scale)), max(1, round(full_height * scale)))
    if tilt(polygon) <= _UPRIGHT:
        x, y = _middle(_bounds(polygon))
        box = (x - full_width / 2, y - full_height / 2, x + full_width / 2, y + full_height / 2)
        crop = image.crop((round(box[0]), round(box[1]), round(box[2]), round(box[3])))
        return crop if scale == 1 else crop.resize(size, Image.Resampling.BICUBIC)
    quad = _corners_around(polygon, -across / width, -down / height)
    kernel = Image.Resampling.BILINEAR if scale <= 1 else Image.Resampling.BICUBIC
    return image.transform(size, Image.Transform.QUAD, quad, kernel, fillcolor=255)


def tilt(polygon: Polygon) -> float:
    """Largest angle in degrees between an edge and the direction it has in an upright symbol."""
    top_left, top_right, bottom_right, bottom_left = polygon
    edges = [(top_left, top_right), (bottom_left, bottom_right)]
    angles = [math.atan2(y2 - y1, x2 - x1) for (x1, y1), (x2, y2) in edges]
    sides = [(top_left, bottom_left), (top_right, bottom_right)]
    if all(math.dist(*side) > _SHORT_SIDE for side in sides):
        angles += [math.atan2(x1 - x2, y2 - y1) for (x1, y1), (x2, y2) in sides]
    return math.degrees(max(abs(angle) for angle in angles))


def _corners_around(polygon: Polygon, left: float, top: float) -> list[float]:
    """The corners at the shares ``left`` and ``top`` before the symbol, and as far behind it."""

    def corner(u: float, v: float) -> tuple[float, float]:
        weights = ((1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v)
        return (
            sum(w * x for w, (x, _y) in zip(weights, polygon, strict=True)),
            sum(w * y for w, (_x, y) in zip(weights, polygon, strict=True)),
        )

    # Pillow wants the corners in the order top left, bottom left, bottom right, top right.
    shares = ((left, top), (left, 1 - top), (1 - left, 1 - top), (1 - left, top))
    return [value for u, v in shares for value in corner(u, v)]


def _bounds(points: Iterable[Point]) -> tuple[int, int, int, int]:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _middle(box: tuple[int, int, int, int]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _holds(box: tuple[int, int, int, int], point: tuple[float, float]) -> bool:
    return box[0] - 1 <= point[0] <= box[2] + 1 and box[1] - 1 <= point[1] <= box[3] + 1
