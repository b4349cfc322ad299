"""Grades 4.0 to 0.0 from measured values: the bands of ISO/IEC 15416 and ISO/IEC 15415.

The thresholds of grades 4, 3, 2 and 1 are those of all editions. Between them ISO/IEC 15416:2016
and later interpolate to tenths; below the threshold of grade 1 the grade is 0 here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Bands = tuple[float, float, float, float]  # the values at which grades 4, 3, 2 and 1 begin

SYMBOL_CONTRAST: Bands = (0.70, 0.55, 0.40, 0.20)
EDGE_MODULATION: Bands = (0.70, 0.60, 0.50, 0.40)  # linear symbols
DEFECTS: Bands = (0.15, 0.20, 0.25, 0.30)
DECODABILITY: Bands = (0.62, 0.50, 0.37, 0.25)
UNUSED_CORRECTION: Bands = (0.62, 0.50, 0.37, 0.25)
MODULE_MODULATION: Bands = (0.50, 0.40, 0.30, 0.20)  # matrix symbols
AXIAL: Bands = (0.06, 0.08, 0.10, 0.12)
GRID: Bands = (0.38, 0.50, 0.63, 0.75)

LEAST_EDGE_CONTRAST = 0.15  # pass or fail
MOST_DARK = 0.5  # the darkest bar against the lightest space, pass or fail
LEVELS = (4, 3, 2, 1, 0)


def banded(value: float, bands: Bands) -> int:
    """The whole grade of a value; rising bands (defects) are met from below.

    >>> banded(0.55, SYMBOL_CONTRAST), banded(0.20, DEFECTS), banded(0.31, DEFECTS)
    (3, 3, 0)
    """
    falling = bands[0] > bands[-1]
    for grade, bound in zip(LEVELS, bands, strict=False):
        if value >= bound - 1e-9 if falling else value <= bound + 1e-9:
            return grade
    return 0


def interpolated(value: float, bands: Bands) -> float:
    """The grade in tenths, linear between the bands, rounded down as a threshold must be reached.

    >>> [interpolated(value, EDGE_MODULATION) for value in (0.7, 0.65, 0.59, 0.39)]
    [4.0, 3.5, 2.9, 0.0]
    """
    whole = banded(value, bands)
    if whole in (0, 4):
        return float(whole)
    lower, upper = bands[4 - whole], bands[3 - whole]
    share = (value - lower) / (upper - lower)
    return whole + math.floor(share * 10 + 1e-6) / 10


def overlaid(grades: Sequence[int], damage: Sequence[Bands]) -> int:
    """The parameter grade overlay of ISO/IEC 15415 over modules with whole ``grades``.

    At each level the modules below it count as errors; the share of errors has a grade of its own
    by ``damage``, and the level is worth the lower of both. The result is the best level.

    >>> overlaid([4] * 11 + [0], [(0.0, 0.09, 0.13, 0.17)])
    3
    """
    if not grades:
        return 4
    shares = {level: sum(grade < level for grade in grades) / len(grades) for level in LEVELS}
    return max(min(level, *(banded(shares[level], bands) for bands in damage)) for level in LEVELS)


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean; 0.0 of nothing."""
    found = list(values)
    return sum(found) / len(found) if found else 0.0
