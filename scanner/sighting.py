"""One decoder's word about one symbol, in the same form for both decoders."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import zxingcpp
from PIL import Image

from scanner import bent, ean, geometry, zbar
from scanner.reading import Point, Polygon, Symbol
from scanner.treatment import Treatment, plain

ZXING = "zxing-cpp"
PROFILE = "profile"  # the own decoder of EAN/UPC
RETAIL = "EAN/UPC"
# The message's code has redundancy enough that a text is no chance find: a mandatory check
# character (linear) or Reed–Solomon words (matrix).
CHECKED_LINEAR = frozenset({RETAIL, "Code 128", "Code 93", "DataBar"})
MATRIX = frozenset({"QR Code", "Data Matrix", "Aztec", "PDF417", "MaxiCode"})

# A Reed–Solomon code that has this share of its capacity unused has not been stretched to fit:
# each unused codeword makes a chance agreement 256 × less likely, twice.
_CONFIRMING_RESERVE = 0.5
_GS1_NAMES = {"]C1": "GS1-128", "]d2": "GS1 DataMatrix", "]Q3": "GS1 QR Code"}
_COMBINED = "]E3"  # an EAN/UPC symbol with its add-on in one message (ISO/IEC 15424)
_QR_CODE = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))
_ALL_FORMATS = zxingcpp.BarcodeFormats(())  # none named: all


@dataclass(frozen=True, slots=True)
class Manner:
    """How zxing-cpp looks: what it searches for, and how hard.

    Both ``rotated`` (bars along the rows) and ``inverted`` (light matrix codes) cost about a
    third of a look each, and seldom give anything: see docs/scanner.md.
    """

    rotated: bool = False
    inverted: bool = False
    downscaled: bool = True
    bent: bool = False  # take QR Codes that were located only for bent ones
    binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage
    formats: zxingcpp.BarcodeFormats = _ALL_FORMATS


QUICK = Manner()
FIRST = Manner(bent=True)
THOROUGH = Manner(rotated=True, inverted=True, bent=True)
_GROUP_FORMATS = {
    RETAIL: zxingcpp.BarcodeFormat.EANUPC,
    "Code 128": zxingcpp.BarcodeFormat.Code128,
    "Code 93": zxingcpp.BarcodeFormat.Code93,
    "Code 39": zxingcpp.BarcodeFormat.Code39,
    "Codabar": zxingcpp.BarcodeFormat.Codabar,
    "ITF": zxingcpp.BarcodeFormat.ITF,
    "DataBar": zxingcpp.BarcodeFormat.DataBar,
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A symbol as one decoder saw it; ``group`` is zxing-cpp's base symbology."""

    symbol: Symbol
    group: str
    decoder: str
    reserve: float  # unused share of the error correction; 0 for a symbology without

    @property
    def text(self) -> str:
        """The decoded text."""
        return self.symbol.text

    @property
    def is_linear(self) -> bool:
        """Whether there is no error-correcting code in it."""
        return self.group not in MATRIX

    @property
    def is_sure(self) -> bool:
        """Whether the symbol's own error correction vouches for the text."""
        return self.reserve >= _CONFIRMING_RESERVE


def live_decoders() -> tuple[str, ...]:
    """Names of the decoders that are live in this process."""
    return (ZXING, zbar.NAME) if zbar.available() else (ZXING,)


def manner_for(group: str, binarizer: zxingcpp.Binarizer) -> Manner:
    """The cheapest look for a symbol of one group that lies upright in its own crop."""
    kind = _GROUP_FORMATS.get(group)
    formats = _ALL_FORMATS if kind is None else zxingcpp.BarcodeFormats((kind,))
    return Manner(downscaled=False, binarizer=binarizer, formats=formats)


def by_zxing(
    image: Image.Image, look: str, treat: Treatment = plain, manner: Manner = QUICK
) -> list[Sighting]:
    """What zxing-cpp sees in the treated picture, placed in the untreated one."""
    treated, back = treat(image)
    found = zxingcpp.read_barcodes(
        treated,
        formats=manner.formats,
        try_rotate=manner.rotated,
        try_invert=manner.inverted,
        try_downscale=manner.downscaled,
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=manner.binarizer,
        ean_add_on_symbol=zxingcpp.EanAddOnSymbol.Read,
    )
    seen = [_from_zxing(item, look, back) for item in found if not _is_half(treated, item)]
    return seen if seen or not manner.bent else _by_bending(treated, look, back, manner)


def _by_bending(
    treated: Image.Image, look: str, back: geometry.Mapping, manner: Manner
) -> list[Sighting]:
    """A QR Code that zxing-cpp locates but cannot sample, sampled along a bent grid.

    A look of its own, at a tenth of the cost of one for all: told to report what it could not
    read, zxing-cpp reads fewer linear symbols.
    """
    located = zxingcpp.read_barcodes(
        treated,
        formats=_QR_CODE,
        try_rotate=False,
        try_invert=False,
        try_downscale=manner.downscaled,
        binarizer=manner.binarizer,
        return_errors=True,
    )
    for item in located:
        symbol = _bent(treated, item)
        if symbol is not None:
            return [_from_zxing(symbol, f"{look}, bent", back, item.position)]
    return []


def _is_half(image: Image.Image, found: zxingcpp.Barcode) -> bool:
    """Whether a UPC-E symbol of number system 1 is the left half of an EAN-13 symbol."""
    if found.format != zxingcpp.BarcodeFormat.UPCE or not found.text.startswith("01"):
        return False
    return ean.goes_on(np.asarray(image), _corners(found.position))


def _bent(image: Image.Image, located: zxingcpp.Barcode) -> zxingcpp.Barcode | None:
    """What the modules show, if version, level and mask are known."""
    facts = located.extra
    if str(located.symbology) != "QR Code" or not isinstance(facts, dict):
        return None
    version = str(facts.get("Version", ""))
    if not version.isdigit():  # Micro QR Code
        return None
    plan = bent.Plan(int(version), str(facts["ECLevel"]), int(facts["DataMask"]))
    return bent.read(np.asarray(image), _corners(located.position), plan)


def _corners(place: zxingcpp.Position) -> Polygon:
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    a, b, c, d = ((point.x, point.y) for point in corners)
    return (a, b, c, d)


def by_zbar(
    image: Image.Image, look: str, kinds: tuple[str, ...], treat: Treatment = plain
) -> list[Sighting]:
    """What zbar sees of the given kinds in the treated picture, placed in the untreated one."""
    treated, back = treat(image)
    return [_from_zbar(found, look, back) for found in zbar.read(treated, kinds)]


def by_profile(image: Image.Image) -> list[Sighting]:
    """What the own decoder sees where the picture most resembles bars."""
    return [
        _from_profile(found) for found in ean.search(np.asarray(image), budget=math.inf, quick=True)
    ]


def _from_profile(found: ean.Found) -> Sighting:
    a, b, c, d = ((round(x), round(y)) for x, y in found.polygon)
    symbol = Symbol(
        text=found.text,
        raw=found.text.encode(),
        symbology=found.symbology,
        symbology_identifier="]E4" if found.symbology == "EAN-8" else "]E0",
        polygon=(a, b, c, d),
        decoders=(PROFILE,),
        tier="probable",
        checks=("check-digit", PROFILE),
        variants=(f"{PROFILE}: search",),
    )
    return Sighting(symbol, RETAIL, PROFILE, 0.0)


def _from_zxing(
    barcode: zxingcpp.Barcode,
    look: str,
    back: geometry.Mapping,
    place: zxingcpp.Position | None = None,
) -> Sighting:
    identifier = str(barcode.symbology_identifier)
    group, extra = str(barcode.symbology), barcode.extra
    reserve = float(extra.get("UEC", 0.0)) if isinstance(extra, dict) else 0.0
    text, add_on = barcode.text, ""
    if identifier == _COMBINED:
        text, add_on = text[:13], text[13:]
    symbol = Symbol(
        text=text,
        raw=barcode.bytes,
        symbology=_GS1_NAMES.get(identifier, str(barcode.format)),
        symbology_identifier=identifier,
        polygon=geometry.mapped(_corners(place or barcode.position), back),
        decoders=(ZXING,),
        tier="probable",
        checks=_checks(group, identifier),
        variants=(f"{ZXING}: {look}",),
        add_on=add_on,
    )
    return Sighting(symbol, group, ZXING, reserve)


def _checks(group: str, identifier: str) -> tuple[str, ...]:
    if group in MATRIX:
        return ("error-correction",)
    return ("check-digit",) if group in CHECKED_LINEAR or identifier == "]I1" else ()


def _from_zbar(found: zbar.Found, look: str, back: geometry.Mapping) -> Sighting:
    kind = zbar.SELF_CHECKING.get(found.kind)
    name, identifier = kind if kind else (found.kind, "")
    outline: list[Point] = list(found.polygon)
    group = next(group for group, kinds in zbar.KINDS.items() if found.kind in kinds)
    symbol = Symbol(
        text=found.data.decode("utf-8", "replace"),
        raw=found.data,
        symbology=name,
        symbology_identifier=identifier,
        polygon=geometry.mapped(geometry.box_polygon(outline), back),
        decoders=(zbar.NAME,),
        tier="probable",
        checks=("error-correction",) if group in MATRIX else ("check-digit",),
        variants=(f"{zbar.NAME}: {look}",),
    )
    return Sighting(symbol, group, zbar.NAME, 0.0)
