"""An own reader of EAN-13, UPC-A, UPC-E and EAN-8 for blurred, noisy and bent symbols.

Edges that have run together cannot be found one by one. So nothing is measured here: the profile
across the bars is compared with what a camera would make of every word of the symbology
(:mod:`scanner.ean.templates`), and the exact best and second best word are found
(:mod:`scanner.ean.trellis`). How much likelier the best is says whether to believe it.

``gray`` is a two-dimensional ``uint8`` array of reflectance. numpy is loaded here: import this in
the decoder process only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scanner import profile
from scanner.ean import fit, layout, locate, reader
from scanner.ean.layout import Layout
from scanner.ean.reader import GOOD, Decode
from scanner.profile import Bundle, Corners, Gray

__all__ = ["Confirmation", "Found", "confirm", "goes_on", "search"]

Verdict = Literal["agrees", "contradicts", "unreadable"]

# Logarithms of likelihood ratios, blur in modules: what wrong words reached over the labelled
# photos, with room to spare (docs/scanner.md).
_LEAST_MARGIN, _LEAST_MARGIN_ALONE, _MOST_UNEXPLAINED = 20.0, 30.0, 0.15
_LEAST_MARGIN_OF_SHORT, _MOST_UNEXPLAINED_OF_SHORT, _MOST_BLUR_OF_SHORT = 45.0, 0.1, 1.1

_LEAST_HEIGHT = 24.0  # pixels looked at where a decoder reports one scan line
_REGIONS = 4
_MOST_UNLIKE = 0.4  # unexplained in the whole height: parts of it are not looked at
_TRIES = 3  # places in a bundle that are looked at closely; the first is nearly always the one
_WHOLE, _MIDDLE = (0.2, 0.8), (0.35, 0.65)  # of the bars' height
_BESIDE = (1.0, 7.0)  # modules right of a UPC-E symbol: its quiet zone without the last bar's blur
_LEAST_STEPS = (
    0.15  # of the mean step between samples inside: a quiet zone has 0.03, faint bars more
)
_BENDS = np.array([-1.6, -0.8, 0, 0.8, 1.6], np.float32)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What an independent look at a place says of a text read there.

    ``read`` is what was read, empty if ``unreadable``; ``margin`` how much likelier (natural
    logarithm) it is than any other word.
    """

    verdict: Verdict
    read: str
    margin: float


@dataclass(frozen=True, slots=True)
class Found:
    """A symbol that was searched for and read: 13 digits, or 8 of an EAN-8."""

    text: str
    symbology: str  # "EAN-13", "EAN-8" or "UPC-E"
    polygon: Corners
    margin: float


_UNREADABLE = Confirmation("unreadable", "", 0.0)


def confirm(gray: Gray, polygon: Corners, text: str, symbology: str = "") -> Confirmation:
    """Whether a free decode of the bars in ``polygon`` gives ``text`` (12, 13 or 8 digits).

    ``symbology`` is what another decoder took them for: tried first, and alone if it fits well.
    """
    layouts = sorted(_layouts(text), key=lambda item: item.name != symbology)
    if not layouts:
        return _UNREADABLE
    aligned = profile.aligned(gray, polygon, _LEAST_HEIGHT)
    bundle = profile.bundle(gray, aligned, quiet=0.2)
    best: Decode | None = None
    for item in layouts:
        decode = _decode(bundle, item, 4.0, 4.0, 8, tries=1)
        if decode is not None and (best is None or decode.unexplained < best.unexplained):
            best = decode
        if best is not None and best.unexplained < GOOD and best.margin >= _LEAST_MARGIN:
            break
    if best is None or best.margin < _LEAST_MARGIN or best.unexplained > _MOST_UNEXPLAINED:
        return _UNREADABLE
    if best.text == _wanted(text):
        return Confirmation("agrees", best.text, best.margin)
    if _believed(best):
        return Confirmation("contradicts", best.text, best.margin)
    return _UNREADABLE


def goes_on(gray: Gray, polygon: Corners) -> bool:
    """Whether bars follow where a UPC-E symbol in ``polygon`` would have its right quiet zone.

    Then it is the left half of an EAN-13 symbol: the middle guard and the first bar of the digit
    after it look like the end of UPC-E, and the parities of its number system 1 are EAN-13's.
    """
    bundle = profile.bundle(
        gray, profile.aligned(gray, polygon, _LEAST_HEIGHT), lines=12, quiet=0.2
    )
    steps = np.abs(np.diff(profile.averaged(bundle.values)))
    module = (bundle.right - bundle.left) / layout.UPCE.modules
    first, last = (round(bundle.right + side * module) for side in _BESIDE)
    inside = steps[round(bundle.left) : round(bundle.right)]
    return bool(steps[first:last].mean() > _LEAST_STEPS * inside.mean())


def _wanted(text: str) -> str:
    return text if len(text) == 8 else text.zfill(13)


def _layouts(text: str) -> list[Layout]:
    """Symbologies in which the text can be written."""
    if not (text.isascii() and text.isdigit()):
        return []
    match len(text):
        case 8:
            return [layout.EAN8]
        case 12 | 13:
            wanted = text.zfill(13)
            zeros = wanted[0] == "0" and wanted[1] in "01" and "0000" in wanted[3:12]
            return [layout.EAN13, layout.UPCE] if zeros else [layout.EAN13]
        case _:
            return []


def search(gray: Gray, budget: float, *, quick: bool = False) -> list[Found]:
    """Retail symbols anywhere in the picture; no new place is tried after ``budget`` seconds.

    ``quick`` looks for EAN-13 and UPC-A only, once across the middle of the one place that most
    resembles bars: a tenth of the cost finds most of what there is.
    """
    stop = time.monotonic() + budget
    found: list[Found] = []
    for region in locate.regions(gray, 1 if quick else _REGIONS):
        if time.monotonic() > stop:
            break
        symbol = _read_region(gray, region, quick)
        if symbol is not None:
            found.append(symbol)
    return found


def _read_region(gray: Gray, region: locate.Region, quick: bool) -> Found | None:
    polygon = profile.aligned(gray, region.polygon)
    for bundle, layouts in _bands(gray, polygon, quick):
        likeness = 1.0
        for item in layouts:
            outwards, inwards = 0.06 * item.modules, 0.32 * item.modules
            places, tries = (12, 1) if quick else (24, _TRIES)
            decode = _decode(bundle, item, outwards, inwards, places, tries)
            if decode is not None and _believed(decode):
                return Found(decode.text, item.name, _place(bundle, decode), decode.margin)
            if decode is not None:
                likeness = min(likeness, decode.unexplained)
        if likeness > _MOST_UNLIKE:
            break
    return None


def _believed(decode: Decode) -> bool:
    """Whether a word is so much likelier than all others that it must be what is printed.

    The short symbologies have few words to tell apart and fit into much that is no symbol.
    """
    if decode.layout is layout.EAN13:
        return decode.margin >= _LEAST_MARGIN_ALONE and decode.unexplained <= _MOST_UNEXPLAINED
    sharp = decode.blur <= _MOST_BLUR_OF_SHORT and decode.unexplained <= _MOST_UNEXPLAINED_OF_SHORT
    return sharp and decode.margin >= _LEAST_MARGIN_OF_SHORT


def _bands(
    gray: Gray, polygon: Corners, quick: bool
) -> Iterator[tuple[Bundle, tuple[Layout, ...]]]:
    """Bundles over the whole height for all symbologies, then over parts for the usual ones."""
    for span in (_MIDDLE,) if quick else (_WHOLE, (0.1, 0.4), _MIDDLE, (0.6, 0.9)):
        some = (layout.EAN13,) if quick else (layout.EAN13, layout.UPCE)
        layouts = layout.ALL if span == _WHOLE else some
        yield profile.bundle(gray, polygon, lines=12, quiet=0.2, span=span), layouts


def _decode(
    bundle: Bundle, item: Layout, outwards: float, inwards: float, places: int, tries: int
) -> Decode | None:
    """Decode a bundle whose edges are off by at most so many modules."""
    module = (bundle.right - bundle.left) / item.modules
    tone = fit.toned(profile.averaged(bundle.values), module)
    tone = np.where(bundle.inside.any(axis=0), tone, np.float32(0))
    steps = np.arange(-outwards, inwards + 0.01, 0.5, dtype=np.float32) * np.float32(module)
    starts, ends = bundle.left + steps, bundle.right - steps
    return reader.read(tone, item, starts, ends[::-1], _BENDS, places, tries)


def _place(bundle: Bundle, decode: Decode) -> Corners:
    """Corners of the symbol, upright as it is read."""
    last = len(bundle.values) - 1
    corners = [
        bundle.point(0, decode.start),
        bundle.point(0, decode.end),
        bundle.point(last, decode.end),
        bundle.point(last, decode.start),
    ]
    return corners if decode.start < decode.end else corners[::-1]
