"""Fixed pattern damage of Data Matrix (ISO/IEC 16022, annex M) and QR Code (ISO/IEC 18004).

Each segment of the fixed pattern is graded by the overlay of ISO/IEC 15415; the result is the
lowest segment or the grade of their mean, whichever is lower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from scanner.quality import data_matrix, qr_code
from scanner.quality.grading import Bands, banded, overlaid
from scanner.quality.layout import Layout, Modules

Grades = npt.NDArray[np.int_]  # whole grades of modules, quiet zone included

_AVERAGE: Bands = (4.0, 3.5, 3.0, 2.5)
# Share of damaged modules at grades 4, 3, 2, 1.
_SOLID: Bands = (0.0, 0.09, 0.13, 0.17)  # sides of the L and their quiet zones
_CLOCK: Bands = (0.10, 0.15, 0.20, 0.25)  # clock tracks and the solid areas beside them
_TRANSITIONS: Bands = (0.06, 0.08, 0.10, 0.12)
_FINDER_ERRORS: Bands = (0, 1, 2, 3)  # modules, not shares
_TIMING: Bands = (0.0, 0.07, 0.11, 0.14)
_ALIGNMENT: Bands = (0.0, 0.10, 0.20, 0.30)
_RUN, _MOST_IN_RUN = 5, 2  # more damaged modules among neighbours fail a track at once


def damage(layout: Layout, grades: Grades, dark: Modules) -> int:
    """The grade of the fixed pattern from the grades and colours of all modules."""
    if layout.kind == "data-matrix":
        segments = _data_matrix(layout.shape, grades, dark)
    else:
        segments = _qr_code(layout, grades)
    return min(*segments, banded(sum(segments) / len(segments), _AVERAGE))


def _data_matrix(shape: tuple[int, int], grades: Grades, dark: Modules) -> list[int]:
    """The two sides of the L, their quiet zones, and all clock tracks as one."""
    rows, columns = shape
    down, across = data_matrix.regions(rows, columns)
    height, width = rows // down, columns // across
    # Pieces of the outer sides, one a region, each with the quiet module before it.
    beside = [slice(1 + i * height, 1 + (i + 1) * height + 1) for i in range(down)]
    below = [slice(i * width, 1 + (i + 1) * width) for i in range(across)]
    sides = (
        [grades[1:-1, 1][i * height : (i + 1) * height] for i in range(down)],
        [grades[-2, 1:-1][i * width : (i + 1) * width] for i in range(across)],
        [grades[piece, 0] for piece in beside],
        [grades[-1, piece] for piece in below],
    )
    solid = [min(overlaid(piece.tolist(), [_SOLID]) for piece in pieces) for pieces in sides]
    tracks = [
        _track(grades[clock], grades[area], dark[clock], dark[area])
        for clock, area in _clocks(height, width, down, across)
    ]
    return [*solid, min(tracks)]


_Place = tuple[slice | int, slice | int]


def _clocks(height: int, width: int, down: int, across: int) -> Iterator[tuple[_Place, _Place]]:
    """Each region's clock tracks and the solid area next to each, outside of the region."""
    for i in range(down):
        for j in range(across):
            top, left = 1 + i * height, 1 + j * width
            right = left + width - 1
            yield (
                (top, slice(left, left + width)),
                (top - 1, slice(left, left + width)),
            )
            yield (
                (slice(top, top + height), right),
                (slice(top, top + height), right + 1),
            )


def _track(clock: Grades, area: Grades, clock_dark: Modules, area_dark: Modules) -> int:
    """A clock track and its solid area: transitions, damage, and no five neighbours spoilt."""
    ticks = int((clock_dark[1:] != clock_dark[:-1]).sum())
    stray = max(0, int((area_dark[1:] != area_dark[:-1]).sum()) - 1)
    transitions = banded(stray / ticks if ticks else 1.0, _TRANSITIONS)
    return min(transitions, _regular(clock, _CLOCK), _regular(area, _CLOCK))


def _regular(grades: Grades, bands: Bands) -> int:
    """The overlay of a line of modules, 0 at levels where too many neighbours are spoilt."""
    best = 0
    for level in (4, 3, 2, 1):
        spoilt = grades < level
        crowded = np.convolve(spoilt, np.ones(_RUN), "valid") if len(spoilt) >= _RUN else spoilt
        if crowded.max() <= _MOST_IN_RUN:
            best = max(best, min(level, banded(float(spoilt.mean()), bands)))
    return best


def _qr_code(layout: Layout, grades: Grades) -> list[int]:
    """Finder patterns with their surroundings, timing patterns, the alignment patterns."""
    size, quiet = layout.shape[0], layout.quiet
    fixed = np.pad(layout.fixed, quiet, constant_values=0) >= 0
    near, far = slice(0, quiet + 8), slice(quiet + size - 8, None)
    corners = [(near, near), (near, far), (far, near)]
    finders = [_counted(grades[corner][fixed[corner]].tolist()) for corner in corners]
    line, span = quiet + 6, slice(quiet + 8, quiet + size - 8)
    timing = [_regular(grades[line, span], _TIMING), _regular(grades[span, line], _TIMING)]
    centres = qr_code.alignment_centres((size - 17) // 4)
    alignment = [
        int(grade)
        for row, column in centres
        for grade in grades[
            quiet + row - 2 : quiet + row + 3, quiet + column - 2 : quiet + column + 3
        ].ravel()
    ]
    return [*finders, *timing, *([overlaid(alignment, [_ALIGNMENT])] if alignment else [])]


def _counted(grades: Sequence[int]) -> int:
    """The overlay with damaged modules counted, not as a share."""
    return max(
        min(level, banded(sum(grade < level for grade in grades), _FINDER_ERRORS))
        for level in (4, 3, 2, 1, 0)
    )
