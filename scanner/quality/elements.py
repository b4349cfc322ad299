"""Bars and spaces of one scan-reflectance profile (ISO/IEC 15416): edges, contrasts, defects."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanner.quality.light import Light


class NoBars(Exception):
    """No bar crosses the global threshold near the ends of the symbol."""


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """What lies between the quiet zones, both included.

    ``edges`` are positions in samples. ``contrasts`` belong to the edges, ``unevenness`` (element
    reflectance non-uniformity) to the elements, of which the first and last are the quiet zones;
    ``bounds`` are their first and last samples.
    """

    darkest: float
    lightest: float
    threshold: float
    edges: npt.NDArray[np.float64]
    contrasts: Light
    unevenness: Light
    bounds: tuple[tuple[int, int], ...]

    @property
    def contrast(self) -> float:
        """Symbol contrast."""
        return self.lightest - self.darkest


def find(
    values: Light,
    left: float,
    right: float,
    quiet: float,
    farthest: float,
    rank: tuple[int, int] = (0, 0),
) -> Elements:
    """The elements of a symbol between samples ``left`` and ``right``.

    ``quiet`` samples on both sides belong to the profile; the outer edges lie at most ``farthest``
    samples from where the decoder saw them: the nearest ones, or those of a higher ``rank`` in
    distance. Raises :class:`NoBars`.
    """
    begin, end = max(0, int(left - quiet)), min(len(values), int(right + quiet) + 1)
    part = values[begin:end]
    darkest, lightest = float(part.min()), float(part.max())
    threshold = (darkest + lightest) / 2
    dark = values < threshold
    changes = np.flatnonzero(dark[1:] != dark[:-1])
    first = _near(changes[~dark[changes]], left, farthest, rank[0])
    last = _near(changes[dark[changes]], right, farthest, rank[1])
    crossings = changes[(changes >= first) & (changes <= last)]
    if len(crossings) < 2:
        raise NoBars
    bounds = _bounds(values, crossings, dark, int(quiet))
    places = np.array([_extreme(values, a, b, dark=i % 2 == 1) for i, (a, b) in enumerate(bounds)])
    heights = values[places]
    edges = [
        _crossing(values, int(at), int(places[i]), int(places[i + 1]))
        for i, at in enumerate(crossings)
    ]
    uneven = [_unevenness(values[a : b + 1], dark=i % 2 == 1) for i, (a, b) in enumerate(bounds)]
    return Elements(
        darkest=darkest,
        lightest=lightest,
        threshold=threshold,
        edges=np.asarray(edges),
        contrasts=np.abs(np.diff(heights)),
        unevenness=np.asarray(uneven, np.float32),
        bounds=tuple(bounds),
    )


def quiet_zones(
    values: Light, elements: Elements, inside: npt.NDArray[np.bool_]
) -> tuple[tuple[float, bool], tuple[float, bool]]:
    """Light samples before and after the bars, each with whether the picture ended there."""
    free = (values >= elements.threshold) & inside
    # The samples next to the outer bars that are light; an edge may lie a sample further.
    before, after = elements.bounds[0][1], elements.bounds[-1][0]
    lengths = []
    for run, room in ((free[before::-1], inside[before::-1]), (free[after:], inside[after:])):
        stop = int(np.argmin(run)) if not run.all() else len(run)
        lengths.append((stop, stop == len(run) or not room[stop]))
    (left, left_cut), (right, right_cut) = lengths
    ends = float(elements.edges[0]) - before, after - float(elements.edges[-1])
    return (left + ends[0], left_cut), (right + ends[1], right_cut)


def _near(places: npt.NDArray[np.int_], wanted: float, farthest: float, rank: int) -> int:
    """The place of a rank in distance from ``wanted``."""
    close = places[np.abs(places - wanted) <= farthest]
    if len(close) <= rank:
        raise NoBars
    return int(close[np.argsort(np.abs(close - wanted), kind="stable")[rank]])


def _bounds(
    values: Light, crossings: npt.NDArray[np.int_], dark: npt.NDArray[np.bool_], quiet: int
) -> list[tuple[int, int]]:
    """First and last samples of all elements; quiet zones end where something dark begins."""
    first, last = int(crossings[0]), int(crossings[-1])
    before = np.flatnonzero(dark[max(0, first - quiet) : first + 1])
    after = np.flatnonzero(dark[last + 1 : last + 1 + quiet])
    start = max(0, first - quiet) + (int(before[-1]) + 1 if len(before) else 0)
    stop = last + int(after[0]) if len(after) else min(len(values) - 1, last + quiet)
    middle = [(int(a) + 1, int(b)) for a, b in itertools.pairwise(crossings)]
    return [(start, first), *middle, (last + 1, max(stop, last + 1))]


def _extreme(values: Light, first: int, last: int, *, dark: bool) -> int:
    part = values[first : last + 1]
    return first + int(part.argmin() if dark else part.argmax())


def _crossing(values: Light, near: int, first: int, last: int) -> float:
    """Where the profile crosses the middle between two neighbouring elements' reflectances."""
    part = values[first : last + 1] - (values[first] + values[last]) / 2
    changes = np.flatnonzero((part[1:] >= 0) != (part[:-1] >= 0))
    at = int(changes[np.argmin(np.abs(changes + first - near))])
    low, high = float(part[at]), float(part[at + 1])
    return first + at + low / (low - high)


def _unevenness(values: Light, *, dark: bool) -> float:
    """From the darkest valley to the lightest peak inside an element; 0 with one extreme only."""
    shown = values if dark else -values
    shown = shown[np.concatenate([[True], shown[1:] != shown[:-1]])]
    peaks = shown[1:-1][(shown[1:-1] > shown[:-2]) & (shown[1:-1] > shown[2:])]
    return float(peaks.max() - shown.min()) if len(peaks) else 0.0
