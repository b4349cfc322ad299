"""Scan-reflectance profiles: grey values along lines laid across the bars of a symbol.

Everything works on a two-dimensional ``uint8`` array of reflectance (0 black, 255 white), with
points as (x, y) in pixels, the middle of the first pixel at (0, 0). numpy is loaded here, so this
module belongs into the decoder process.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Corners = Sequence[tuple[float, float]]  # top left, top right, bottom right, bottom left

_TENSOR_PIXELS = 12_000  # gradients beyond so many say nothing new about one direction
_LEAST_COHERENCE = 0.35  # bars; text has about 0.2, noise 0
_FARTHEST_TURN = math.radians(35)  # between outline and bars; more means: no bars in it
_SHEARS = 9


@dataclass(frozen=True, slots=True)
class Bundle:
    """Profiles along lines that cross a symbol from its left to its right edge.

    ``values`` is lines × samples, ``inside`` says which samples lie in the picture (outside, the
    nearest pixel is repeated). The symbol's edges lie at samples ``left`` and ``right``; what is
    before and after is the quiet zone. ``starts`` and ``ends`` are the first and last points of
    the lines in the picture.
    """

    values: Floats
    inside: NDArray[np.bool_]
    left: float
    right: float
    starts: Floats
    ends: Floats

    def point(self, line: float, sample: float) -> tuple[float, float]:
        """The picture's point at a sample of a line; both may lie between two."""
        share = sample / (self.values.shape[1] - 1)
        below = min(int(line), len(self.starts) - 1)
        above, part = min(below + 1, len(self.starts) - 1), line - int(line)
        start = self.starts[below] * (1 - part) + self.starts[above] * part
        end = self.ends[below] * (1 - part) + self.ends[above] * part
        x, y = start + share * (end - start)
        return float(x), float(y)


def interpolated(gray: Gray | Floats, x: Floats, y: Floats) -> Floats:
    """Bilinear values at points between pixels; outside the picture its nearest pixel's value."""
    height, width = gray.shape
    x = np.clip(x, 0, width - 1)
    y = np.clip(y, 0, height - 1)
    left = np.minimum(x.astype(np.int32), max(0, width - 2))
    top = np.minimum(y.astype(np.int32), max(0, height - 2))
    # As float32: with whole numbers of 32 bits numpy would go on in doubles, at twice the time.
    right_share, bottom_share = x - left.astype(np.float32), y - top.astype(np.float32)
    at = top * width + left
    pixels = np.ascontiguousarray(gray).ravel()
    step_x, step_y = int(width > 1), width * int(height > 1)
    upper = pixels[at] * (1 - right_share) + pixels[at + step_x] * right_share
    lower = pixels[at + step_y] * (1 - right_share) + pixels[at + step_y + step_x] * right_share
    mixed: Floats = (upper * (1 - bottom_share) + lower * bottom_share).astype(np.float32)
    return mixed


def line(gray: Gray, start: tuple[float, float], end: tuple[float, float], samples: int) -> Floats:
    """``samples`` values at equal distances from ``start`` to ``end``, both included."""
    share = np.linspace(0, 1, samples, dtype=np.float32)
    x = start[0] + share * np.float32(end[0] - start[0])
    y = start[1] + share * np.float32(end[1] - start[1])
    return interpolated(gray, x, y)


def bundle(
    gray: Gray | Floats,
    polygon: Corners,
    *,
    lines: int = 16,
    density: float = 1.5,
    quiet: float = 0.15,
    span: tuple[float, float] = (0.1, 0.9),
) -> Bundle:
    """Lines across the symbol in ``polygon``, evenly spread over the share ``span`` of its height.

    Each has ``density`` samples per pixel of the longer of top and bottom edge, and goes on by
    the share ``quiet`` of the symbol's length on either side.
    """
    top_left, top_right, bottom_right, bottom_left = np.asarray(polygon, dtype=np.float32)
    length = max(np.hypot(*(top_right - top_left)), np.hypot(*(bottom_right - bottom_left)), 1.0)
    down = np.linspace(*span, lines, dtype=np.float32)[:, None]
    left = top_left + down * (bottom_left - top_left)
    right = top_right + down * (bottom_right - top_right)
    starts, ends = left - quiet * (right - left), right + quiet * (right - left)
    samples = max(8, round(float(length) * (1 + 2 * quiet) * density))
    share = np.linspace(0, 1, samples, dtype=np.float32)
    x = starts[:, :1] + share * (ends - starts)[:, :1]
    y = starts[:, 1:] + share * (ends - starts)[:, 1:]
    height, width = gray.shape
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    edge = (samples - 1) * quiet / (1 + 2 * quiet)
    return Bundle(interpolated(gray, x, y), inside, edge, samples - 1 - edge, starts, ends)


def averaged(values: Floats, farthest: float = 4.0) -> Floats:
    """One profile out of a bundle's: the mean of the lines after the skew between them is removed.

    The skew tried is at most ``farthest`` samples between the middle and the outermost lines; the
    best is where the mean keeps most of its edges. Lines that differ most from the others
    (a scratch, a reflection) are left out.
    """
    if len(values) < 3:
        mean: Floats = values.mean(axis=0)
        return mean
    shears = np.linspace(-farthest, farthest, _SHEARS, dtype=np.float32)
    thinned = values[:: max(1, len(values) // 6)]
    sharpness = np.square(np.diff(_sheared(thinned, shears).mean(axis=1))).sum(axis=1)
    best = _sheared(values, np.array([_peak(shears, sharpness)], dtype=np.float32))[0]
    distance = np.abs(best - best.mean(axis=0)).mean(axis=1)
    kept = best[distance <= 1.5 * np.median(distance) + 1e-3]
    profile: Floats = kept.mean(axis=0)
    return profile


def _sheared(values: Floats, shears: Floats) -> Floats:
    """For each shear, the lines shifted by their distance from the middle one.

    The outermost lines move by the shear, in samples.
    """
    lines, samples = values.shape
    shift = shears[:, None, None] * np.linspace(-1, 1, lines, dtype=np.float32)[:, None]
    at = np.clip(np.arange(samples, dtype=np.float32) + shift, 0, samples - 1.001)
    below = at.astype(np.int32)
    part = at - below
    below += np.arange(lines, dtype=np.int32)[:, None] * samples
    flat = values.ravel()
    lower = flat[below]
    shifted: Floats = lower + part * (flat[below + 1] - lower)
    return shifted


def _peak(places: Floats, heights: Floats) -> float:
    """Where a parabola through the highest of equally spaced points and its neighbours peaks."""
    top = int(heights.argmax())
    if top in (0, len(heights) - 1):
        return float(places[top])
    before, peak, after = heights[top - 1 : top + 2]
    bend = before - 2 * peak + after
    offset = 0.0 if bend == 0 else 0.5 * (before - after) / bend
    return float(places[top] + offset * (places[1] - places[0]))


def across_bars(gray: Gray, polygon: Corners) -> tuple[float, float]:
    """Direction across the bars inside ``polygon`` and how coherent it is.

    The direction is an angle in radians from the x axis towards the y axis, in the half circle
    around the polygon's own direction from left to right; the coherence is 0 for no direction
    and 1 for straight parallel edges only (eigenvalues of the structure tensor).
    """
    corners = np.asarray(polygon, dtype=np.float32)
    height, width = gray.shape
    left, top = (max(0, math.floor(v)) for v in corners.min(axis=0))
    right, bottom = (math.ceil(v) + 1 for v in corners.max(axis=0))
    crop = gray[top : min(bottom, height), left : min(right, width)].astype(np.float32)
    own = _direction(corners)
    if min(crop.shape) < 3:
        return own, 0.0
    step = max(1, crop.size // _TENSOR_PIXELS)
    rows = np.arange(1, crop.shape[0] - 1, step)
    # Scharr's weights: plain differences would give directions up to 2° off.
    above, here, below = crop[rows - 1], crop[rows], crop[rows + 1]
    smooth = 3 * above + 10 * here + 3 * below
    step_down = below - above
    across = smooth[:, 2:] - smooth[:, :-2]
    down = 3 * step_down[:, 2:] + 10 * step_down[:, 1:-1] + 3 * step_down[:, :-2]
    x = np.arange(left + 1, left + crop.shape[1] - 1, dtype=np.float32)
    within = _within(corners, x[None, :], (top + rows.astype(np.float32))[:, None])
    across, down = across[within], down[within]
    xx, yy, xy = (float(np.dot(a, b)) for a, b in ((across, across), (down, down), (across, down)))
    angle = 0.5 * math.atan2(2 * xy, xx - yy)
    angle += math.pi * round((own - angle) / math.pi)
    coherence = math.hypot(xx - yy, 2 * xy) / (xx + yy) if xx + yy > 0 else 0.0
    return angle, coherence


def aligned(gray: Gray, polygon: Corners, least_height: float = 0.0) -> Corners:
    """The polygon with its left and right edges laid along the bars found inside.

    Middle line, length and height are kept (the height at least ``least_height`` pixels), so an
    outline that is off by a rotation or a shear becomes one whose lines from left to right differ
    in noise only. Both halves are looked at separately: in perspective their bars converge. Where
    no coherent bars are seen, the polygon is given back with its own edges.
    """
    corners = np.asarray(polygon, dtype=np.float32)
    top_left, top_right, bottom_right, bottom_left = corners
    left, right = (top_left + bottom_left) / 2, (top_right + bottom_right) / 2
    top, bottom = (top_left + top_right) / 2, (bottom_left + bottom_right) / 2
    own = _direction(corners)
    halves = (
        (top_left, top, bottom, bottom_left),
        (top, top_right, bottom_right, bottom),
    )
    angles = [_bar_angle(gray, half, own) for half in halves]
    # The halves' own directions hold at their middles: go on to the edges.
    middle, spread = (angles[0] + angles[1]) / 2, angles[1] - angles[0]
    height = max(float(np.hypot(*(bottom - top))), least_height)
    moved = []
    for point, angle in ((left, middle - spread), (right, middle + spread)):
        half_edge = height / 2 * np.array([-math.sin(angle), math.cos(angle)])
        moved.append((point - half_edge, point + half_edge))
    (a, d), (b, c) = moved
    return [(float(x), float(y)) for x, y in (a, b, c, d)]


def _bar_angle(gray: Gray, polygon: Sequence[Floats], own: float) -> float:
    points = [(float(x), float(y)) for x, y in polygon]
    angle, coherence = across_bars(gray, points)
    turn = abs((angle - own + math.pi / 2) % math.pi - math.pi / 2)
    return angle if coherence >= _LEAST_COHERENCE and turn <= _FARTHEST_TURN else own


def _direction(corners: Floats) -> float:
    x, y = corners[1] + corners[2] - corners[0] - corners[3]
    return math.atan2(y, x)


def _within(corners: Floats, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Which points lie in a convex polygon: on the same side of each edge."""
    following = np.roll(corners, -1, axis=0)
    sides = np.stack(
        [
            (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            for (ax, ay), (bx, by) in zip(corners, following, strict=True)
        ]
    )
    inside: NDArray[np.bool_] = np.all(sides >= 0, axis=0) | np.all(sides <= 0, axis=0)
    return inside
