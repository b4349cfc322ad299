"""What a photo gave: value objects, and their form on the wire between web and worker process.

The worker runs C decoders over strangers' bytes, so its answers are not trusted with more than
data: JSON in a fixed shape, never pickle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Point = tuple[int, int]
Polygon = tuple[Point, Point, Point, Point]
Tier = Literal["confirmed", "probable", "conflict"]
TIERS: tuple[Tier, ...] = get_args(Tier)


@dataclass(frozen=True, slots=True)
class Symbol:
    """One decoded symbol.

    ``text`` is the message with FNC1 separators as GS (U+001D), ``raw`` the bytes before any
    character set. ``symbology_identifier`` is the prefix of ISO/IEC 15424 (``]E0``, ``]d2``).
    ``polygon`` holds the corners top left, top right, bottom right, bottom left (as seen with the
    symbol upright) in pixels of the upright photo. ``tier`` says how good the evidence is, see
    docs/scanner.md; ``decoders`` names the decoders that gave this text, ``variants`` the looks
    in which they did, ``checks`` what speaks for the text beyond the decoder's word
    (``check-digit``, ``error-correction``, ``profile``). ``add_on`` holds the two or five digits
    beside an EAN/UPC symbol, ``page`` counts the pages of a document from 1.
    """

    text: str
    raw: bytes
    symbology: str
    symbology_identifier: str
    polygon: Polygon
    decoders: tuple[str, ...]
    tier: Tier
    checks: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    add_on: str = ""
    page: int = 1

    @property
    def is_gs1(self) -> bool:
        """Whether the symbol itself says that it carries a GS1 element string (FNC1 first)."""
        return self.symbology_identifier in ("]C1", "]d2", "]d5", "]Q3", "]Q4", "]e0", "]J1", "]z1")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Different texts were read at the same place: none may be believed (tier ``conflict``)."""

    polygon: Polygon
    texts: tuple[tuple[str, str], ...]  # (decoder, text), the likeliest first
    symbology: str = ""
    symbology_identifier: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """The symbols of one photo, largest first, and how they were found.

    ``width`` and ``height`` are pixels of the upright photo, ``attempt`` names the treatment of
    the picture that gave the symbols, ``decoders`` the decoders that were available,
    ``elapsed_ms`` the time inside the worker process, ``notes`` what was tried and which limit
    was met. ``preview`` is a JPEG without metadata.
    """

    symbols: tuple[Symbol, ...]
    disagreements: tuple[Disagreement, ...]
    width: int
    height: int
    image_format: str
    decoders: tuple[str, ...]
    attempt: str
    elapsed_ms: float
    preview: bytes | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


def to_wire(reading: Reading) -> dict[str, Any]:
    """JSON-ready form without the preview, which travels as bytes."""
    return {
        "symbols": [
            {
                "text": symbol.text,
                "raw": symbol.raw.hex(),
                "symbology": symbol.symbology,
                "symbology_identifier": symbol.symbology_identifier,
                "polygon": symbol.polygon,
                "decoders": symbol.decoders,
                "tier": symbol.tier,
                "checks": symbol.checks,
                "variants": symbol.variants,
                "add_on": symbol.add_on,
                "page": symbol.page,
            }
            for symbol in reading.symbols
        ],
        "disagreements": [
            {
                "polygon": item.polygon,
                "texts": item.texts,
                "symbology": item.symbology,
                "symbology_identifier": item.symbology_identifier,
                "page": item.page,
            }
            for item in reading.disagreements
        ],
        "width": reading.width,
        "height": reading.height,
        "image_format": reading.image_format,
        "decoders": reading.decoders,
        "attempt": reading.attempt,
        "elapsed_ms": reading.elapsed_ms,
        "notes": reading.notes,
    }


def from_wire(wire: dict[str, Any], preview: bytes | None) -> Reading:
    """The reading of an answer; ``KeyError``, ``TypeError`` or ``ValueError`` if malformed."""
    return Reading(
        symbols=tuple(_symbol(item) for item in wire["symbols"]),
        disagreements=tuple(_disagreement(item) for item in wire["disagreements"]),
        width=int(wire["width"]),
        height=int(wire["height"]),
        image_format=str(wire["image_format"]),
        decoders=_names(wire["decoders"]),
        attempt=str(wire["attempt"]),
        elapsed_ms=float(wire["elapsed_ms"]),
        preview=preview,
        notes=_names(wire["notes"]),
    )


def _symbol(wire: dict[str, Any]) -> Symbol:
    tier = wire["tier"]
    if tier not in TIERS:
        raise ValueError(f"unknown tier {tier!r}")
    return Symbol(
        text=str(wire["text"]),
        raw=bytes.fromhex(wire["raw"]),
        symbology=str(wire["symbology"]),
        symbology_identifier=str(wire["symbology_identifier"]),
        polygon=_polygon(wire["polygon"]),
        decoders=_names(wire["decoders"]),
        tier=tier,
        checks=_names(wire["checks"]),
        variants=_names(wire["variants"]),
        add_on=str(wire["add_on"]),
        page=int(wire["page"]),
    )


def _disagreement(wire: dict[str, Any]) -> Disagreement:
    return Disagreement(
        _polygon(wire["polygon"]),
        tuple((str(decoder), str(text)) for decoder, text in wire["texts"]),
        str(wire["symbology"]),
        str(wire["symbology_identifier"]),
        int(wire["page"]),
    )


def _names(items: list[Any]) -> tuple[str, ...]:
    return tuple(str(item) for item in items)


def _polygon(corners: list[list[int]]) -> Polygon:
    a, b, c, d = ((int(x), int(y)) for x, y in corners)
    return (a, b, c, d)
