"""Linear symbols that no decoder reads because something dark stands in their quiet zone.

Decoders ask for five to seven modules of light on either side, so that the very fault that a print
report should name would leave it empty. Here the dark runs at either end of what looks like bars
are left out one after the other, and light put in their place, until a decoder reads the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image

from scanner.ean import locate
from scanner.profile import Bundle, Gray, aligned, averaged, bundle
from scanner.quality import reference
from scanner.reading import Symbol
from scanner.sighting import Manner, by_zxing

_REGIONS = 3
_LINES = 24
_BEYOND = 0.15  # of the region's length, looked at on either side
_MOST_CUT = 4  # dark runs left out at an end
_LEAST_BARS = 18
_ROWS = 24  # of the picture that a decoder gets, all alike
_LIGHT = 0.3  # of the length, put on either side
_FORMATS = zxingcpp.BarcodeFormats(
    (zxingcpp.BarcodeFormat.EANUPC, zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.ITF)
)
_MANNER = Manner(formats=_FORMATS)
_ITF_DIGITS = 14  # a cut ITF symbol of another length reads as a shorter one


def found(gray: Gray) -> list[Symbol]:
    """At most one symbol for each place that looks most like bars."""
    symbols = []
    for region in locate.regions(gray, _REGIONS):
        lines = bundle(gray, aligned(gray, region.polygon), lines=_LINES, quiet=_BEYOND)
        symbol = next(_read(lines), None)
        if symbol is not None:
            symbols.append(symbol)
    return symbols


def _read(lines: Bundle) -> Iterator[Symbol]:
    """What a decoder reads of parts of the profile, the longest part first.

    In grey, then in black and white at the middle of its tones, which a spot does not move.
    """
    values = averaged(lines.values)
    dark = values < (float(values.min()) + float(values.max())) / 2
    changes = np.flatnonzero(np.diff(np.pad(dark, 1).astype(np.int8)))
    starts, ends = changes[::2], changes[1::2]  # of dark runs
    cuts = sorted(itertools.product(range(_MOST_CUT + 1), repeat=2), key=sum)
    for (left, right), tones in itertools.product(cuts, (values, np.where(dark, 0, 255))):
        if len(starts) - left - right >= _LEAST_BARS:
            first, last = max(0, int(starts[left]) - 1), min(len(values), int(ends[-1 - right]) + 1)
            yield from _symbols(lines, tones[first:last], first)


def _symbols(
    lines: Bundle, part: npt.NDArray[np.floating | np.integer], first: int
) -> Iterator[Symbol]:
    light = round(_LIGHT * len(part))
    row = np.pad(np.clip(np.rint(part), 0, 255), light, constant_values=part.max())
    picture = Image.fromarray(np.tile(row.astype(np.uint8), (_ROWS, 1)))

    def back(x: float, y: float) -> tuple[float, float]:
        return lines.point(y / (_ROWS - 1) * (_LINES - 1), x - light + first)

    for seen in by_zxing(picture, "without its surroundings", lambda _: (picture, back), _MANNER):
        symbol = seen.symbol
        if symbol.symbology.startswith("ITF") and len(symbol.text) != _ITF_DIGITS:
            continue
        if reference.is_known(symbol.symbology):
            yield symbol
