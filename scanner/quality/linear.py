"""Print quality of linear symbols by the method of ISO/IEC 15416: ten scans across the bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scanner.profile import Bundle, Corners, Gray, aligned, bundle
from scanner.quality import elements, grading, reference
from scanner.quality.elements import Elements, NoBars
from scanner.quality.grading import interpolated
from scanner.quality.light import Light
from scanner.quality.reference import Decoded, Undecodable
from scanner.quality.report import Parameter

Vector = npt.NDArray[np.float64]

SCANS = 10
_BAND = (0.1, 0.9)  # the inspection band: the middle 80 % of the height of the bars
_APERTURE = 0.5  # X; at 0.33 mm near the 6 mil that GS1 asks for
_QUIET = 0.2  # share of the symbol's length looked at on either side
_ROWS = 96  # lines that the height of the bars is looked for with
_ALIKE = 0.75  # correlation with the middle line up to which a line crosses the same bars
_PARALLEL = 5  # lines that make up one scan's aperture
_SAMPLES_PER_X = 16
_LOOKED_AT = 12  # X on either side that belong to the profile: the widest quiet zone, and 1 X
_QUIET_TOLERANCE = 0.1  # X, the error of an edge
_LEAST_LENGTH = 8.0  # pixels; a decoder may tell a point
_RANKS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 1), (1, 2), (2, 2))
_FARTHEST = 0.05  # of the length: how far the decoder's ends may be from the outer edges


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One scan-reflectance profile; positions are samples, ``start`` and ``end`` photo pixels."""

    values: Light
    threshold: float
    edges: tuple[float, ...]
    decoded: Decoded | None
    defect: tuple[float, float] | None
    parameters: tuple[Parameter, ...]
    grade: float
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A linear symbol's grade, the mean of each parameter, its scans and its bars' outline."""

    grade: float
    parameters: tuple[Parameter, ...]
    scans: tuple[Scan, ...]
    corners: Corners
    x: float  # pixels; from the length of the symbol where no scan was decoded
    ground: float
    edge_spread: float


def measure(gray: Gray, scale: Light, polygon: Corners, symbology: str, text: str) -> Measured:
    """All parameters of a linear symbol that a decoder found in ``polygon``.

    ``scale`` gives the reflectance of each of the 256 grey values.
    """
    corners = _bars(gray, aligned(gray, polygon))
    length = max(float(np.hypot(*np.subtract(corners[1], corners[0]))), _LEAST_LENGTH)
    x = _x_guess(symbology, text, length)
    lines, raw = _lines(scale[gray], corners, x)
    scans = tuple(_scan(lines, number, x, (symbology, text)) for number in range(SCANS))
    good = [scan.decoded for scan in scans if scan.decoded is not None]
    density = (lines.right - lines.left) / length
    return Measured(
        grade=round(grading.mean(scan.grade for scan in scans), 1),
        parameters=tuple(_means(scans)),
        scans=scans,
        corners=corners,
        x=grading.mean(item.x for item in good) / density if good else x,
        ground=float(lines.values.max()),
        edge_spread=_edge_spread(scans, raw, x * density),
    )


def _bars(gray: Gray, polygon: Corners) -> Corners:
    """The outline grown or cut to where the same bars are seen, its scans at right angles to them.

    A decoder scans rows of the picture: of a turned symbol it tells an oblique band.
    """
    a, b, c, d = np.asarray(polygon, dtype=np.float64)
    down_left, down_right = _unit(d - a), _unit(c - b)
    down = _unit(down_left + down_right)
    middle, across = (a + b + c + d) / 4, np.array([down[1], -down[0]])
    left, right = _met(middle, across, a, down_left), _met(middle, across, b, down_right)
    reach = max(float(np.hypot(*(right - left))), 1.0)
    tall = (
        left - reach * down_left,
        right - reach * down_right,
        right + reach * down_right,
        left + reach * down_left,
    )
    seen = bundle(gray, [(float(x), float(y)) for x, y in tall], lines=_ROWS, quiet=0, span=(0, 1))
    alike = _likeness(seen)
    first = last = _ROWS // 2
    while first > 0 and alike[first - 1]:
        first -= 1
    while last < _ROWS - 1 and alike[last + 1]:
        last += 1
    a, b, c, d = tall
    top, bottom = first / (_ROWS - 1), last / (_ROWS - 1)
    corners = (a + top * (d - a), b + top * (c - b), b + bottom * (c - b), a + bottom * (d - a))
    return [(float(x), float(y)) for x, y in corners]


def _unit(vector: Vector) -> Vector:
    length: Vector = vector / max(float(np.hypot(*vector)), 1e-6)
    return length


def _met(start: Vector, along: Vector, point: Vector, direction: Vector) -> Vector:
    """Where a line from ``start`` meets the line through ``point``."""
    try:
        share = np.linalg.solve(np.stack([along, -direction], axis=1), point - start)[0]
    except np.linalg.LinAlgError:  # parallel: an outline without width
        share = 0.0
    met: Vector = start + share * along
    return met


def _likeness(seen: Bundle) -> npt.NDArray[np.bool_]:
    """Which lines lie in the picture and look like the middle ones."""
    middle = seen.values[_ROWS // 2 - 1 : _ROWS // 2 + 2].mean(axis=0)
    centred = seen.values - seen.values.mean(axis=1, keepdims=True)
    model = middle - middle.mean()
    swing, wanted = np.linalg.norm(centred, axis=1), np.linalg.norm(model)
    alike: npt.NDArray[np.bool_] = centred @ model >= _ALIKE * swing * wanted
    alike &= (swing >= 0.5 * wanted) & seen.inside.all(axis=1)
    return alike


def _x_guess(symbology: str, text: str, length: float) -> float:
    """Pixels per module before anything was decoded, for the aperture."""
    modules = {"EAN-8": 67, "ITF": 8 * len(text) + 9, "ITF-14": 8 * len(text) + 9}
    if symbology in ("Code 128", "GS1-128"):
        return length / (11 * (len(text) * 0.75 + 3) + 2)
    return length / modules.get(symbology, 95)


def _lines(light: Light, corners: Corners, x: float) -> tuple[Bundle, Light]:
    """Ten scans, each the mean over a round aperture of half a module; and the same unsmoothed."""
    height = float(np.hypot(*np.subtract(corners[3], corners[0])))
    first, last = _BAND
    radius = _APERTURE / 2
    density = min(3.0, max(1.0, _SAMPLES_PER_X / x))
    offsets = np.linspace(-0.8, 0.8, _PARALLEL) * radius
    chords = 2 * np.sqrt(radius**2 - offsets**2)
    total = None
    for offset, chord in zip(offsets * x / max(height, 1.0), chords, strict=True):
        span = (first + float(offset), last + float(offset))
        raw = bundle(light, corners, lines=SCANS, density=density, quiet=_QUIET, span=span)
        part = _boxed(raw.values, float(chord) * x * density) * (chord / chords.sum())
        total = part if total is None else total + part
        if offset == offsets[_PARALLEL // 2]:
            middle = raw
    smooth = np.asarray(total, np.float32)
    lines = Bundle(smooth, middle.inside, middle.left, middle.right, middle.starts, middle.ends)
    return lines, middle.values


def _boxed(values: Light, width: float) -> Light:
    """Rows averaged over ``width`` samples, which need not be whole."""
    if width <= 1:
        return values
    half = (width - 1) / 2
    whole = int(half)
    kernel = np.array([half - whole, *[1.0] * (2 * whole + 1), half - whole])
    reach = whole + 1
    padded = np.pad(values, ((0, 0), (reach, reach)), mode="edge")
    out: Light = np.stack(
        [np.convolve(row, kernel / kernel.sum(), "valid") for row in padded]
    ).astype(np.float32)
    return out


def _scan(lines: Bundle, number: int, x: float, said: tuple[str, str]) -> Scan:
    """One profile: its elements, the reference decode, and the grade of each parameter."""
    values = lines.values[number]
    span = lines.right - lines.left
    quiet = _LOOKED_AT * x * span / max(np.hypot(*np.subtract(*_ends(lines, number))), 1.0)
    start, end = lines.point(number, 0), lines.point(number, len(values) - 1)
    found, decoded = _elements(values, lines, quiet, said)
    if found is None:
        middle = float(values.min() + values.max()) / 2
        failed = (Parameter("decode", 0.0, "", 0.0),)
        return Scan(values, middle, (), None, None, failed, 0.0, start, end)
    parameters = tuple(_parameters(found, decoded, values, lines.inside[number]))
    worst = found.bounds[int(found.unevenness.argmax())] if found.unevenness.max() > 0 else None
    return Scan(
        values=values,
        threshold=found.threshold,
        edges=tuple(float(edge) for edge in found.edges),
        decoded=decoded,
        defect=worst,
        parameters=parameters,
        grade=min(item.grade for item in parameters if item.grade is not None),
        start=start,
        end=end,
    )


def _elements(
    values: Light, lines: Bundle, quiet: float, said: tuple[str, str]
) -> tuple[Elements | None, Decoded | None]:
    """The elements that decode; else those nearest to where the decoder saw the symbol's ends.

    Of a turned or blurred symbol a decoder's ends may be off by a bar or two.
    """
    nearest = None
    farthest = _FARTHEST * (lines.right - lines.left)
    for rank in _RANKS:
        try:
            found = elements.find(values, lines.left, lines.right, quiet, farthest, rank)
        except NoBars:
            continue
        nearest = nearest or found
        decoded = _decoded(said, np.diff(found.edges))
        if decoded is not None:
            return found, decoded
    return nearest, None


def _ends(lines: Bundle, number: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """The pixels of the symbol's outer edges on a scan."""
    return lines.point(number, lines.left), lines.point(number, lines.right)


def _decoded(said: tuple[str, str], widths: npt.NDArray[np.float64]) -> Decoded | None:
    try:
        return reference.decode(*said, [float(width) for width in widths])
    except Undecodable:
        return None


def _parameters(
    found: Elements, decoded: Decoded | None, values: Light, inside: npt.NDArray[np.bool_]
) -> Iterator[Parameter]:
    yield Parameter("decode", float(decoded is not None), "", 4.0 if decoded else 0.0)
    contrast, bands = found.contrast, grading.SYMBOL_CONTRAST
    yield Parameter("symbol-contrast", contrast, "%", interpolated(contrast, bands), bands)
    darkest = found.darkest / max(found.lightest, 1e-6)
    yield _passed("minimum-reflectance", darkest, darkest <= grading.MOST_DARK, grading.MOST_DARK)
    edge = float(found.contrasts.min())
    least = grading.LEAST_EDGE_CONTRAST
    yield _passed("edge-contrast", edge, edge >= least, least)
    bands = grading.EDGE_MODULATION
    yield _banded("modulation", edge / max(contrast, 1e-6), bands)
    uneven = float(found.unevenness.max()) / max(contrast, 1e-6)
    yield _banded("defects", uneven, grading.DEFECTS)
    if decoded is None:
        return
    yield _banded("decodability", max(0.0, decoded.decodability), grading.DECODABILITY)
    zones = elements.quiet_zones(values, found, inside)
    for side, (room, cut), wanted in zip(("left", "right"), zones, decoded.quiet, strict=True):
        width = room / decoded.x
        enough = width >= wanted - _QUIET_TOLERANCE
        grade = 4.0 if enough else None if cut else 0.0
        yield Parameter(f"quiet-{side}", min(width, 2 * wanted), "X", grade, (wanted,))
    yield Parameter("bar-growth", decoded.growth / decoded.x, "X")


def _banded(name: str, value: float, bands: grading.Bands) -> Parameter:
    return Parameter(name, value, "%", interpolated(value, bands), bands)


def _passed(name: str, value: float, passes: bool, limit: float) -> Parameter:
    return Parameter(name, value, "%", 4.0 if passes else 0.0, (limit,))


def _means(scans: Sequence[Scan]) -> Iterator[Parameter]:
    """Each parameter as the mean over the scans that have it."""
    by_name: dict[str, list[Parameter]] = {}
    for scan in scans:
        for item in scan.parameters:
            by_name.setdefault(item.name, []).append(item)
    for items in by_name.values():
        grades = [item.grade for item in items if item.grade is not None]
        values = [item.value for item in items if item.value is not None]
        yield replace(
            items[0],
            value=grading.mean(values) if values else None,
            grade=round(grading.mean(grades), 1) if grades else None,
        )


def _edge_spread(scans: Sequence[Scan], raw: Light, x: float) -> float:
    """Median 10–90 % rise of the edges in X, from the steepest step at each of them.

    ``x`` is the width of a module in samples where a scan was not decoded: a photo out of focus
    must be told even so.
    """
    rises = []
    for scan, values in zip(scans, raw, strict=True):
        steps = np.abs(np.diff(values))
        height = float(values.max() - values.min())
        module = scan.decoded.x if scan.decoded else x
        reach = max(1, round(module / 2))
        for edge in scan.edges:
            at = int(edge)
            steepest = float(steps[max(0, at - reach) : at + reach + 1].max(initial=0))
            rises.append(0.8 * height / max(steepest, 1e-6) / module)
    return float(np.median(rises)) if rises else 0.0
