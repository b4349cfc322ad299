"""QR Codes on cloth, bottles and creased paper, which zxing-cpp locates but cannot sample.

It reports such a symbol with its corners, version, error correction level and mask: it has found
three finder patterns and read the format information, which no chance texture has. From there on
the grid is bent: every border between a dark and a light module says how far it lies off, a
polynomial is fitted to that, and the modules are sampled again. What they show is drawn as a clean
symbol for zxing-cpp, whose error correction decides. numpy is loaded here: import this in the
decoder process only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from scanner.profile import Floats, Gray, interpolated
from scanner.projection import Quad, coefficients
from scanner.quality import qr_code

_PER = 6  # samples per module side
_DEGREES = (2, 2, 3)  # of the polynomial, by round; each round costs as much as the first
_MOST_VERSION = 20  # 97 modules: beyond, a photo seldom has the pixels, and a round takes 20 ms
_FARTHEST = 4  # modules: the threshold is midway between the extremes so far around
_MIDDLE = slice(1, _PER - 1)  # samples of a module that its neighbours do not blur into
_LEAST_STEP = 0.5  # of the median: fainter borders are not trusted
_QR_CODE = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))
_QUIET, _DOTS = 4, 3  # modules around the drawn symbol, pixels per module

_Modules = NDArray[np.bool_]
_Known = NDArray[np.int16]  # 1 dark, 0 light, -1 not known


@dataclass(frozen=True, slots=True)
class Plan:
    """What zxing-cpp tells of a QR Code that it located: as much as says where modules belong."""

    version: int
    level: str
    mask: int

    @property
    def side(self) -> int:
        """Modules along a side."""
        return 4 * self.version + 17


@dataclass(slots=True)
class _Grid:
    """Modules to pixels: a projective map, before which a polynomial bends the plane."""

    matrix: NDArray[np.float64]
    side: int
    degree: int
    across: Floats
    down: Floats

    def picture(self, gray: Gray) -> Floats:
        """The symbol made flat with one module around it, ``_PER`` samples to a module."""
        places = (np.arange((self.side + 2) * _PER, dtype=np.float32) + 0.5) / _PER - 1
        u, v = (part.astype(np.float32) for part in np.meshgrid(places, places))
        bend = _terms(self._unit(u), self._unit(v), self.degree)
        u, v = u + bend @ self.across, v + bend @ self.down
        (a, b, c), (d, e, f), (g, h, i) = self.matrix.astype(np.float32)
        w = g * u + h * v + i
        return interpolated(gray, (a * u + b * v + c) / w, (d * u + e * v + f) / w)

    def bend(self, picture: Floats, known: _Known, degree: int) -> bool:
        """Move by what the borders of ``known`` are off; False if too few of them are seen."""
        rise = (degree + 1) * (degree + 2) // 2 - len(self.across)
        self.degree = degree
        self.across, self.down = (np.pad(part, (0, rise)) for part in (self.across, self.down))
        for turned in (False, True):
            along, other, shift, sign = _borders(
                *((picture.T, known.T) if turned else (picture, known))
            )
            u, v = (other, along) if turned else (along, other)
            # Growth of the print moves both sides of dark modules outwards: no bend.
            system = np.column_stack([_terms(self._unit(u), self._unit(v), degree), sign])
            if len(shift) < 2 * system.shape[1]:
                return False
            change = _robust(system, shift)[:-1]
            if turned:
                self.down = self.down + change
            else:
                self.across = self.across + change
        return True

    def _unit(self, modules: Floats) -> Floats:
        """From -1 to 1 across the symbol, where powers stay tame."""
        unit: Floats = np.clip(modules * np.float32(2 / self.side) - 1, -1, 1)
        return unit


def read(gray: Gray, quad: Quad, plan: Plan) -> zxingcpp.Barcode | None:
    """The symbol with its corners in ``quad``, clockwise from its top left, or None."""
    if not 1 <= plan.version <= _MOST_VERSION:
        return None
    fixed = qr_code.layout(plan.version, plan.level, plan.mask).fixed
    try:
        inverse = np.array([*coefficients(quad, (plan.side, plan.side)), 1.0]).reshape(3, 3)
        matrix = np.linalg.inv(inverse)
    except (ZeroDivisionError, np.linalg.LinAlgError):
        return None
    nothing = np.zeros(1, np.float32)
    grid = _Grid(matrix, plan.side, 0, nothing, nothing)
    known = fixed
    for degree in (*_DEGREES, None):
        picture = grid.picture(gray)
        dark = _dark(picture)
        modules = np.where(fixed >= 0, fixed == 1, dark[1:-1, 1:-1])
        symbol = _decoded(modules)
        if symbol is not None or degree is None:
            return symbol
        if not grid.bend(picture, np.pad(known, 1, constant_values=0), degree):
            return None
        known = modules.astype(np.int16)
    return None


def _decoded(modules: _Modules) -> zxingcpp.Barcode | None:
    """What zxing-cpp reads in the drawn symbol."""
    drawn = np.pad(np.where(modules, 0, 255).astype(np.uint8), _QUIET, constant_values=255)
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(drawn.repeat(_DOTS, axis=0).repeat(_DOTS, axis=1)),
        formats=_QR_CODE,
        is_pure=True,
        try_rotate=False,
        try_invert=False,
        try_downscale=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return next((symbol for symbol in found if symbol.valid), None)


def _dark(picture: Floats) -> _Modules:
    """Which modules are darker than midway between the extremes around them."""
    count = len(picture) // _PER
    cells = picture.reshape(count, _PER, count, _PER)[:, _MIDDLE, :, _MIDDLE].mean(axis=(1, 3))
    around = np.pad(cells, _FARTHEST, mode="edge")
    lowest, highest = around, around
    for axis in (0, 1):  # the extremes of a square are those of its rows' extremes
        lowest = _windows(lowest, axis).min(axis=-1)
        highest = _windows(highest, axis).max(axis=-1)
    dark: _Modules = cells < (lowest + highest) / 2
    return dark


def _windows(values: Floats, axis: int) -> Floats:
    windows: Floats = np.lib.stride_tricks.sliding_window_view(values, 2 * _FARTHEST + 1, axis=axis)
    return windows


def _borders(picture: Floats, known: _Known) -> tuple[Floats, Floats, Floats, Floats]:
    """Known borders between neighbours in a row: place along and across it, how far off, and sign.

    A border is where half the step between the middles of both modules is reached; the sign is 1
    where dark comes first.
    """
    count = len(known)
    rows = picture.reshape(count, _PER, -1)[:, _PER // 2 - 1 : _PER // 2 + 1].mean(axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(rows, _PER, axis=1)
    windows = windows[:, _PER // 2 :: _PER][:, : count - 1]
    left, right = known[:, :-1], known[:, 1:]
    row, column = np.nonzero((left >= 0) & (right >= 0) & (left != right))
    window, dark_first = windows[row, column], left[row, column] == 1
    first, last = window[:, 0], window[:, -1]
    step = last - first
    rising = (window - ((first + last) / 2)[:, None]) * np.sign(step)[:, None]
    after = np.argmax(rising >= 0, axis=1)
    least = _LEAST_STEP * float(np.median(np.abs(step))) if len(step) else 0.0
    good = np.flatnonzero((after > 0) & ((step > 0) == dark_first) & (np.abs(step) > least))
    low, high = rising[good, after[good] - 1], rising[good, after[good]]
    shift = (after[good] - 0.5 + low / (low - high)) / _PER - 0.5
    along, across = column[good].astype(np.float32), (row[good] - 0.5).astype(np.float32)
    sign = np.where(dark_first[good], 1, -1).astype(np.float32)
    return along, across, shift.astype(np.float32), sign


def _terms(u: Floats, v: Floats, degree: int) -> Floats:
    """All products of powers up to a degree, lowest first, along a new last axis."""
    powers = [(n - k, k) for n in range(degree + 1) for k in range(n + 1)]
    return np.stack([u**a * v**b for a, b in powers], axis=-1)


def _robust(system: Floats, wanted: Floats) -> Floats:
    """Least squares without the outliers: modules taken for dark that are light."""
    kept = np.ones(len(wanted), bool)
    for _round in range(3):
        solution = np.linalg.lstsq(system[kept], wanted[kept], rcond=None)[0]
        off = np.abs(wanted - system @ solution)
        kept = off <= 2.5 * np.median(off[kept]) + 0.03
    return np.asarray(solution, np.float32)
