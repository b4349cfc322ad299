"""From a grey photo to the report on each of its symbols. Runs in the decoder process."""

from __future__ import annotations

import cmath
import io
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from scanner.geometry import length
from scanner.profile import Corners, interpolated
from scanner.projection import Quad
from scanner.quality import card, crowded, light, linear, matrix, reference
from scanner.quality.grid import NoGrid
from scanner.quality.layout import Layout
from scanner.quality.light import Gray, Light
from scanner.quality.reed_solomon import Uncorrectable
from scanner.quality.report import (
    Card,
    Mark,
    Parameter,
    PhotoFacts,
    Picture,
    Pixel,
    Profile,
    SymbolQuality,
)
from scanner.reading import Symbol

MOST_SYMBOLS = 6
LEAST_PIXELS = 5.0  # per module; with fewer the camera, not the print, sets the modulation
_WIDEST_RISE = 0.7  # X from 10 to 90 % of an edge
_MOST_PERSPECTIVE = 0.08
_MOST_GLARE = 0.02
_DARK_GROUND = 0.45
_MOST_FALL = 0.25  # of light from the brightest quarter to the darkest
_CELL = 16  # samples a side of each sixteenth of a symbol that light is compared in
_HALO = 5  # pixels that a saturated area is wider than
_CLIPPED_GROUND = 250  # grey value from which a clipped ground cannot be told from glare

_MARGIN = 0.3  # of the longer side, shown and searched around a symbol
_SHOWN = (480, 900)  # pixels of the longer side of a picture, least and most
_MOST_MARKS = 400
_MOST_SAMPLES = 700  # of a profile that is told
_LOOKS = ((1.0, 0.0), (1.5, 0.0), (0.5, 0.0), (1.0, 7.0), (1.0, -20.0))  # zoom, degrees
_FINE = 20.0  # pixels per module beyond which a photo is reduced


@dataclass(frozen=True, slots=True)
class _View:
    """The part of the photo around a symbol, ``scale`` times as large, from ``left``, ``top``."""

    image: Image.Image
    left: int
    top: int
    scale: float

    def into(self, x: float, y: float) -> tuple[float, float]:
        """A place of the photo in the view: middles of pixels stay middles of pixels."""
        shift = (self.scale - 1) / 2
        return (x - self.left) * self.scale + shift, (y - self.top) * self.scale + shift

    def back(self, x: float, y: float) -> tuple[float, float]:
        """The place in the photo of a place in the view."""
        shift = (self.scale - 1) / 2
        return (x - shift) / self.scale + self.left, (y - shift) / self.scale + self.top

    def between(self, least: float, most: float) -> _View:
        """The same part with its longer side between ``least`` and ``most`` pixels."""
        longer = max(self.image.size)
        factor = min(max(longer, least), most) / longer
        if factor == 1.0:
            return self
        width, height = (max(1, round(side * factor)) for side in self.image.size)
        resized = self.image.resize((width, height), Image.Resampling.BICUBIC)
        return _View(resized, self.left, self.top, self.scale * factor)


def assess(
    image: Image.Image, symbols: Sequence[Symbol], told: Card | None = None, seconds: float = 2.5
) -> tuple[tuple[SymbolQuality, ...], bool]:
    """The quality of the largest symbols of an upright grey photo, and whether a card was used.

    The card is the one that was told, else a printed one among the symbols. No further symbol is
    measured after ``seconds``; it is then left out. Where nothing was read, symbols are looked for
    whose quiet zones are too short for a decoder.
    """
    stop, found = time.monotonic() + seconds, []
    gray = np.asarray(image)
    printed = None if told else card.scale(image, symbols)
    scale = light.scale(gray, told) if printed is None else printed
    judged = [item for item in symbols if not card.is_card(item)] or crowded.found(gray)
    for symbol in (_placed(item, gray) for item in judged[:MOST_SYMBOLS]):
        if time.monotonic() > stop:
            break
        found.append(_assessed(image, symbol, scale))
    return tuple(found), told is not None or printed is not None


def _placed(symbol: Symbol, gray: Gray) -> Symbol:
    """The symbol with a place where it has none: a decoder may tell a line along its bars."""
    if not reference.is_known(symbol.symbology) or length(symbol.polygon) >= _modules(symbol) / 2:
        return symbol
    return next((item for item in crowded.found(gray) if item.text == symbol.text), symbol)


def _assessed(image: Image.Image, symbol: Symbol, scale: Light) -> SymbolQuality:
    view = _view(image, symbol)
    shown = view.between(*_SHOWN)
    plain = _plain(shown, symbol)
    if reference.is_known(symbol.symbology):
        return _linear(plain, view, shown, symbol, scale)
    again = _read_again(view, symbol)
    if again is None:
        return plain
    barcode, corners = again
    facts = barcode.extra if isinstance(barcode.extra, dict) else {}
    layout = matrix.layout_of(str(barcode.symbology), facts)
    if layout is None:
        return plain
    try:
        measured = matrix.measure(scale[np.asarray(view.image)], corners, layout)
    except (Uncorrectable, NoGrid):
        return _undecoded(plain, view, list(corners), layout)
    return _matrix(plain, view, shown, measured)


def _linear(
    plain: SymbolQuality, view: _View, shown: _View, symbol: Symbol, scale: Light
) -> SymbolQuality:
    gray = np.asarray(view.image)
    corners = [view.into(x, y) for x, y in symbol.polygon]
    measured = linear.measure(gray, scale, corners, symbol.symbology, symbol.text)
    module = measured.x / view.scale
    return replace(
        plain,
        method="linear",
        grade=measured.grade,
        parameters=measured.parameters,
        profiles=tuple(_profile(scan, view, shown) for scan in measured.scans),
        outline=tuple(shown.into(*view.back(*corner)) for corner in measured.corners),
        photo=_facts(gray, measured.corners, module, measured.edge_spread, measured.ground),
    )


def _profile(scan: linear.Scan, view: _View, shown: _View) -> Profile:
    """A scan as it is told: at most some hundred samples, its line in the shown picture."""
    step = max(1, math.ceil(len(scan.values) / _MOST_SAMPLES))
    return Profile(
        line=(shown.into(*view.back(*scan.start)), shown.into(*view.back(*scan.end))),
        reflectances=tuple(round(float(value), 3) for value in scan.values[::step]),
        threshold=scan.threshold,
        edges=tuple(round(edge / step, 2) for edge in scan.edges),
        defect=(scan.defect[0] / step, scan.defect[1] / step) if scan.defect else None,
        parameters=scan.parameters,
        grade=scan.grade,
    )


def _matrix(
    plain: SymbolQuality, view: _View, shown: _View, measured: matrix.Measured
) -> SymbolQuality:
    rows, columns = measured.shape

    def placed(u: float, v: float) -> Pixel:
        return shown.into(*view.back(*measured.fit.pixel(u, v)))

    marks = [
        Mark(
            "wrong" if measured.wrong[row, column] else "faint",
            (
                placed(column, row),
                placed(column + 1, row),
                placed(column + 1, row + 1),
                placed(column, row + 1),
            ),
        )
        for row, column in np.argwhere(measured.wrong | measured.faint)[:_MOST_MARKS].tolist()
    ]
    ends = ((0, 0), (columns, 0), (columns, rows), (0, rows))
    corners = [measured.fit.pixel(u, v) for u, v in ends]
    module = _longest(corners) / max(rows, columns) / view.scale
    return replace(
        plain,
        method="matrix",
        grade=measured.grade,
        parameters=measured.parameters,
        marks=tuple(marks),
        outline=tuple(placed(u, v) for u, v in ends),
        photo=_facts(
            np.asarray(view.image), corners, module, measured.edge_spread, measured.ground
        ),
    )


def _longest(corners: Corners) -> float:
    """The longest side of a quadrangle, in pixels."""
    return max(math.dist(corners[i], corners[(i + 1) % 4]) for i in range(4))


def _undecoded(
    plain: SymbolQuality, view: _View, corners: Corners, layout: Layout
) -> SymbolQuality:
    """A matrix symbol that the own sampling does not decode: the photo may be the reason."""
    gray = np.asarray(view.image)
    module = _longest(corners) / max(layout.shape) / view.scale
    ground = float(np.quantile(light.LINEAR[gray], 0.95))
    return replace(
        plain,
        method="matrix",
        grade=0.0,
        parameters=(Parameter("decode", 0.0, "", 0.0),),
        photo=_facts(gray, corners, module, 0.0, ground),
    )


def _facts(
    gray: Gray, corners: Corners, module: float, edge_spread: float, ground: float
) -> PhotoFacts:
    """What the photo is like at a symbol, and what of it makes the grades doubtful."""
    a, b, c, d = corners
    pairs = ((math.dist(a, b), math.dist(d, c)), (math.dist(a, d), math.dist(b, c)))
    perspective = max(max(pair) / max(min(pair), 1e-6) for pair in pairs) - 1
    glare = _glare(gray, corners)
    found = {
        "few-pixels": module < LEAST_PIXELS,
        "defocus": edge_spread > _WIDEST_RISE,
        "tilt": perspective > _MOST_PERSPECTIVE,
        "glare": glare > _MOST_GLARE,
        "dark": ground < _DARK_GROUND,
        "uneven-light": _falling_light(gray, corners) > _MOST_FALL,
    }
    return PhotoFacts(
        pixels_per_module=module,
        edge_spread=edge_spread,
        rotation=math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])),
        perspective=perspective,
        glare=glare,
        ground=ground,
        cautions=tuple(name for name, applies in found.items() if applies),
    )


def _falling_light(gray: Gray, corners: Corners) -> float:
    """By what share the light of a symbol's dimmest sixteenth is less than its brightest."""
    shares = (np.arange(4 * _CELL) + 0.5) / (4 * _CELL)
    v, u = np.meshgrid(shares, shares, indexing="ij")
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    x, y = (
        ((1 - v) * ((1 - u) * p + u * q) + v * ((1 - u) * s + u * r)).astype(np.float32)
        for p, q, r, s in zip(a, b, c, d, strict=True)
    )
    seen = interpolated(light.LINEAR[gray], x, y).reshape(4, _CELL, 4, _CELL)
    grounds = np.quantile(seen, 0.9, axis=(1, 3))
    return float(1 - grounds.min() / max(float(grounds.max()), 1e-6))


def _glare(gray: Gray, corners: Corners) -> float:
    """Share of saturated areas in a symbol whose light parts are not saturated as a whole.

    Single pixels and thin lines do not count: noise, and the halo of a camera that sharpens.
    """
    mask = Image.new("1", (gray.shape[1], gray.shape[0]))
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in corners], fill=1)
    inside = np.asarray(mask)
    pixels = gray[inside]
    if len(pixels) == 0:
        return 0.0
    middle = (int(pixels.min()) + int(pixels.max())) / 2
    if np.median(pixels[pixels >= middle]) >= _CLIPPED_GROUND:
        return 0.0
    saturated = Image.fromarray(gray).point(lambda value: 255 * (value >= light.SATURATED))
    areas = saturated.filter(ImageFilter.MinFilter(_HALO)).filter(ImageFilter.MaxFilter(_HALO))
    return float(np.mean(np.asarray(areas)[inside] > 0))


def _plain(shown: _View, symbol: Symbol) -> SymbolQuality:
    """A symbol before anything was measured: what it says, and its picture."""
    out = io.BytesIO()
    shown.image.save(out, "JPEG", quality=85)
    return SymbolQuality(
        symbology=symbol.symbology,
        symbology_identifier=symbol.symbology_identifier,
        text=symbol.text,
        polygon=symbol.polygon,
        method="none",
        grade=None,
        parameters=(),
        profiles=(),
        marks=(),
        outline=tuple(shown.into(x, y) for x, y in symbol.polygon),
        photo=None,
        picture=Picture(out.getvalue(), *shown.image.size),
    )


def _view(image: Image.Image, symbol: Symbol) -> _View:
    xs, ys = zip(*symbol.polygon, strict=True)
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    margin = round(_MARGIN * max(width, height)) + 8
    # The bars of a linear symbol may reach much further than the rows that a decoder looked at.
    down = margin + (width if height < width / 2 else 0)
    right = margin + (height if width < height / 2 else 0)
    left = min(max(0, min(xs) - right), image.width - 1)
    top = min(max(0, min(ys) - down), image.height - 1)
    end_x = max(left + 1, min(image.width, max(xs) + right))
    end_y = max(top + 1, min(image.height, max(ys) + down))
    box = (left, top, end_x, end_y)
    view = _View(image.crop(box), left, top, 1.0)
    most = _FINE * _modules(symbol) * max(view.image.size) / max(width, height, 1)
    return view.between(0, max(most, 1.0))


def _modules(symbol: Symbol) -> int:
    """About how many modules the longer side of a symbol has."""
    if reference.is_known(symbol.symbology):
        return 95 if symbol.symbology.startswith(("EAN", "UPC")) else 11 * len(symbol.text) + 35
    return 20 + 2 * math.isqrt(16 * len(symbol.raw))


def _read_again(view: _View, symbol: Symbol) -> tuple[zxingcpp.Barcode, Quad] | None:
    """The decoder's own word about the symbol in its view: version, mask, exact corners.

    zxing-cpp overlooks some sharp symbols that stand upright, so that it looks at copies too.
    """
    for zoom, turn in _LOOKS:
        size = [max(1, round(side * zoom)) for side in view.image.size]
        image = view.image if zoom == 1 else view.image.resize(size, Image.Resampling.BICUBIC)
        if turn:
            ground = int(np.quantile(np.asarray(image), 0.9))
            image = image.rotate(turn, Image.Resampling.BICUBIC, fillcolor=ground)
        for barcode in zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain):
            if barcode.bytes == symbol.raw:
                return barcode, _unturned(barcode.position, image, zoom, turn)
    return None


def _unturned(place: zxingcpp.Position, image: Image.Image, zoom: float, turn: float) -> Quad:
    """Corners in the view of a place in a copy of it, enlarged and turned about its middle."""
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    middle = complex(image.width - 1, image.height - 1) / 2
    back = cmath.rect(1, math.radians(turn))
    shift = (zoom - 1) / 2
    turned = [(complex(point.x, point.y) - middle) * back + middle for point in points]
    a, b, c, d = (((at.real - shift) / zoom, (at.imag - shift) / zoom) for at in turned)
    return (a, b, c, d)
