"""What a print-quality report says: value objects, and their form on the wire.

Built in the decoder process, read in the web process; importing this loads no picture library.
Lengths in modules are in X, reflectances and contrasts between 0 and 1.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast

from scanner.reading import Point, Polygon

Method = Literal["linear", "matrix", "none"]
Pixel = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch of known reflectance: left, top, width, height in pixels of the upright photo."""

    box: tuple[int, int, int, int]
    reflectance: float


@dataclass(frozen=True, slots=True)
class Card:
    """A light and a dark patch that give the photo a reflectance scale."""

    light: Patch
    dark: Patch


@dataclass(frozen=True, slots=True)
class Parameter:
    """One measured property of the print.

    ``grade`` is 4.0 (best) to 0.0, None for what is only told. ``thresholds`` are the values at
    which grades 4, 3, 2, 1 begin, or the one value of a parameter that passes or fails.
    ``value`` is None where it could not be measured.
    """

    name: str
    value: float | None
    unit: str
    grade: float | None = None
    thresholds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """One scan across the bars of a linear symbol.

    ``reflectances`` run from the left quiet zone to the right one, ``edges`` are positions in
    them, ``defect`` is the element (first and last position) with the largest non-uniformity.
    ``line`` lies in the symbol's picture.
    """

    line: tuple[Pixel, Pixel]
    reflectances: tuple[float, ...]
    threshold: float
    edges: tuple[float, ...]
    defect: tuple[float, float] | None
    parameters: tuple[Parameter, ...]
    grade: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A module of a matrix symbol that weakens it: its corners in the symbol's picture.

    ``wrong`` reads as the other colour, ``faint`` is of the right colour but near the threshold.
    """

    kind: Literal["wrong", "faint"]
    corners: tuple[Pixel, Pixel, Pixel, Pixel]


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What the photo, rather than the print, is like at this symbol.

    ``edge_spread``: 10–90 % rise of the sharpest edges in X; ``rotation``: degrees clockwise;
    ``perspective``: longer over shorter of two opposite sides, less 1; ``glare``: share of
    saturated areas in the symbol; ``ground``: reflectance of the light parts on the photo's own
    scale. ``cautions`` name what makes the grades doubtful: ``few-pixels``, ``defocus``, ``tilt``,
    ``glare``, ``dark``, ``uneven-light``.
    """

    pixels_per_module: float
    edge_spread: float
    rotation: float
    perspective: float
    glare: float
    ground: float
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """The part of the photo around a symbol as a JPEG without metadata."""

    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SymbolQuality:
    """The measurements of one symbol.

    ``grade`` is the indicative overall grade: the mean of the scan grades of a linear symbol, the
    lowest parameter of a matrix symbol, None where this symbology has no measurement here
    (``method`` ``none``). ``outline`` are the symbol's corners in its picture.
    """

    symbology: str
    symbology_identifier: str
    text: str
    polygon: Polygon
    method: Method
    grade: float | None
    parameters: tuple[Parameter, ...]
    profiles: tuple[Profile, ...]
    marks: tuple[Mark, ...]
    outline: tuple[Pixel, ...]
    photo: PhotoFacts | None
    picture: Picture | None

    @property
    def standard(self) -> str:
        """The standard whose method was followed; empty where none was."""
        return {"linear": "ISO/IEC 15416", "matrix": "ISO/IEC 15415", "none": ""}[self.method]


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The symbols of one photo, largest first; ``calibrated``: whether a card gave the scale."""

    symbols: tuple[SymbolQuality, ...]
    width: int
    height: int
    image_format: str
    calibrated: bool
    elapsed_ms: float

    @property
    def basis(self) -> str:
        """How far the grades may be trusted, in the words that go with each of them."""
        return (
            "method, indicative, calibrated by card"
            if self.calibrated
            else "method, uncalibrated photo"
        )


def to_wire(report: QualityReport) -> tuple[dict[str, Any], bytes]:
    """JSON-ready form, and the pictures one after the other."""
    wire, blobs = asdict(report), []
    for symbol in wire["symbols"]:
        if symbol["picture"] is not None:
            blobs.append(symbol["picture"]["data"])
            symbol["picture"]["data"] = len(blobs[-1])
    return wire, b"".join(blobs)


def card_to_wire(card: Card) -> list[Any]:
    """JSON-ready form of a card."""
    return [[*patch.box, patch.reflectance] for patch in (card.light, card.dark)]


def card_from_wire(wire: list[Any]) -> Card:
    """The card of a request."""
    light, dark = (Patch((x, y, width, height), share) for x, y, width, height, share in wire)
    return Card(light, dark)


def from_wire(wire: dict[str, Any], blob: bytes) -> QualityReport:
    """The report of an answer; ``KeyError``, ``TypeError`` or ``ValueError`` if malformed."""
    symbols, start = [], 0
    for item in wire["symbols"]:
        size = int(item["picture"]["data"]) if item["picture"] else 0
        symbols.append(_symbol(item, blob[start : start + size]))
        start += size
    if start != len(blob):
        raise ValueError("pictures of another length than announced")
    return QualityReport(
        symbols=tuple(symbols),
        width=int(wire["width"]),
        height=int(wire["height"]),
        image_format=str(wire["image_format"]),
        calibrated=bool(wire["calibrated"]),
        elapsed_ms=float(wire["elapsed_ms"]),
    )


def _symbol(wire: dict[str, Any], jpeg: bytes) -> SymbolQuality:
    method = wire["method"]
    if method not in ("linear", "matrix", "none"):
        raise ValueError(f"unknown method {method!r}")
    picture = wire["picture"]
    return SymbolQuality(
        symbology=str(wire["symbology"]),
        symbology_identifier=str(wire["symbology_identifier"]),
        text=str(wire["text"]),
        polygon=_corners(wire["polygon"]),
        method=cast("Method", method),
        grade=_optional(wire["grade"]),
        parameters=_parameters(wire["parameters"]),
        profiles=tuple(_profile(item) for item in wire["profiles"]),
        marks=tuple(_mark(item) for item in wire["marks"]),
        outline=tuple(_pixel(item) for item in wire["outline"]),
        photo=_photo(wire["photo"]) if wire["photo"] else None,
        picture=Picture(jpeg, int(picture["width"]), int(picture["height"])) if picture else None,
    )


def _profile(wire: dict[str, Any]) -> Profile:
    start, end = wire["line"]
    defect = wire["defect"]
    return Profile(
        line=(_pixel(start), _pixel(end)),
        reflectances=_numbers(wire["reflectances"]),
        threshold=float(wire["threshold"]),
        edges=_numbers(wire["edges"]),
        defect=(float(defect[0]), float(defect[1])) if defect else None,
        parameters=_parameters(wire["parameters"]),
        grade=float(wire["grade"]),
    )


def _mark(wire: dict[str, Any]) -> Mark:
    a, b, c, d = (_pixel(item) for item in wire["corners"])
    return Mark("wrong" if wire["kind"] == "wrong" else "faint", (a, b, c, d))


def _photo(wire: dict[str, Any]) -> PhotoFacts:
    return PhotoFacts(
        pixels_per_module=float(wire["pixels_per_module"]),
        edge_spread=float(wire["edge_spread"]),
        rotation=float(wire["rotation"]),
        perspective=float(wire["perspective"]),
        glare=float(wire["glare"]),
        ground=float(wire["ground"]),
        cautions=tuple(str(item) for item in wire["cautions"]),
    )


def _parameters(wire: list[Any]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name=str(item["name"]),
            value=_optional(item["value"]),
            unit=str(item["unit"]),
            grade=_optional(item["grade"]),
            thresholds=_numbers(item["thresholds"]),
        )
        for item in wire
    )


def _optional(value: Any) -> float | None:
    return None if value is None else float(value)


def _numbers(values: list[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _pixel(pair: list[Any]) -> Pixel:
    x, y = pair
    return (float(x), float(y))


def _corners(wire: list[Any]) -> Polygon:
    a, b, c, d = ((int(x), int(y)) for x, y in wire)
    corners: tuple[Point, Point, Point, Point] = (a, b, c, d)
    return corners
