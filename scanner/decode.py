"""From a grey picture to symbols with evidence. Runs in the worker process.

First look: zxing-cpp on the picture as it is. What it finds is checked by zbar on the upright crop
of each symbol alone, which costs a fraction of a second look at the whole picture. Only where
nothing was found do the slower treatments run, until the time budget is spent.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import zxingcpp
from PIL import Image

from scanner import geometry, treatment, zbar
from scanner.reading import Disagreement, Polygon, Symbol, Tier
from scanner.sighting import CHECKED_LINEAR, MATRIX, ZXING, Sighting, by_zbar, by_zxing

# Fewer pixels per module than this and the bars are aliased: decoders then agree on wrong digits.
_ALIASED_BELOW = 2.5
_MODULES = {13: 95, 8: 67}  # by number of digits, GS1 General Specifications 5.2.1.2

_WORTH_REDUCING = 400  # pixels of the shorter side
# Larger pictures are reduced before they are treated: a dozen looks at each pixel take too long.
_MOST_TREATED_PIXELS = 6_000_000

_ZBAR_ALONE = (*zbar.SELF_CHECKING, "CODE39", "CODABAR")
_MATRIX_FORMATS = zxingcpp.BarcodeFormats(
    (zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode)
)
_FIXED, _GLOBAL = zxingcpp.Binarizer.FixedThreshold, zxingcpp.Binarizer.GlobalHistogram
# Found in a treated picture these count: sure codes by themselves, the others (which have no check
# character) only if both decoders read the same.
_TREATABLE = MATRIX | CHECKED_LINEAR | {"Code 39", "Codabar"}
_Look = Callable[[Image.Image], list[Sighting]]
# What recovers which photos was measured over 890 labelled ones, see docs/scanner.md.
_ATTEMPTS: tuple[tuple[str, _Look], ...] = (
    ("reduced", lambda image: by_zxing(image, treatment.reduced)),
    ("zbar", lambda image: by_zbar(image, _ZBAR_ALONE)),
    ("inverted", lambda image: by_zxing(image, treatment.inverted)),
    ("smoothed", lambda image: by_zxing(image, treatment.smoothed)),
    ("threshold", lambda image: by_zxing(image, binarizer=_FIXED)),
    ("stretched", lambda image: by_zxing(image, treatment.stretched)),
    ("turned", lambda image: by_zxing(image, treatment.turned(45))),
    ("enlarged", lambda image: by_zxing(image, treatment.enlarged(2))),
    ("sharpened", lambda image: by_zxing(image, treatment.sharpened, _GLOBAL)),
    ("sharpened, local", lambda image: by_zxing(image, treatment.sharpened)),
    ("averaged", lambda image: by_zxing(image, treatment.averaged)),
    ("zbar, enlarged", lambda image: by_zbar(image, _ZBAR_ALONE, treatment.enlarged(2))),
    ("zbar, turned", lambda image: by_zbar(image, _ZBAR_ALONE, treatment.turned(22))),
    ("enlarged more", lambda image: by_zxing(image, treatment.enlarged(3))),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Symbols, disagreements, and the name of the attempt that gave them."""

    symbols: tuple[Symbol, ...]
    disagreements: tuple[Disagreement, ...]
    attempt: str


def decode(image: Image.Image, budget: float = 1.5) -> Decoded:
    """All symbols of an upright grey picture; no attempt starts later than ``budget`` seconds."""
    stop = time.monotonic() + budget
    first = by_zxing(image)
    if first:
        first += _matrix_beside(image, first)
        return _collected("plain", [_weighed(image, seen) for seen in first])
    factor = math.ceil(math.sqrt(image.width * image.height / _MOST_TREATED_PIXELS))
    if factor <= 1:
        return _searched(image, stop)
    return _scaled(_searched(image.reduce(factor), stop), factor)


def _searched(image: Image.Image, stop: float) -> Decoded:
    """One treatment after the other, until one gives a symbol that can be believed."""
    unsure: list[Sighting] = []
    for attempt, look in _ATTEMPTS:
        if time.monotonic() > stop:
            break
        sightings = [seen for seen in look(image) if seen.group in _TREATABLE]
        settled = [_settled(seen, _looks(image, seen, unsure)) for seen in sightings]
        # A faint linear symbol may be seen in pieces: each text counts once.
        found = {symbol.text: symbol for symbol in settled if symbol is not None}
        if found:
            return _collected(attempt, list(found.values()))
        unsure += [seen for seen in sightings if seen.group in CHECKED_LINEAR]
    return _collected("all", _left_over(unsure))


def _scaled(decoded: Decoded, factor: int) -> Decoded:
    """The same with places in a picture that is ``factor`` times as large."""

    def larger(place: Polygon) -> Polygon:
        return geometry.mapped(place, lambda x, y: (x * factor, y * factor))

    return replace(
        decoded,
        symbols=tuple(replace(item, polygon=larger(item.polygon)) for item in decoded.symbols),
        disagreements=tuple(
            replace(item, polygon=larger(item.polygon)) for item in decoded.disagreements
        ),
    )


def _matrix_beside(image: Image.Image, first: list[Sighting]) -> list[Sighting]:
    """Matrix symbols at half size, where the first look found linear ones only.

    A pack often bears a small DataMatrix with the serial beside its EAN-13; this look costs less
    than a tenth of the first.
    """
    if any(seen.group in MATRIX for seen in first) or min(image.size) < _WORTH_REDUCING:
        return []
    return by_zxing(image, treatment.reduced, formats=_MATRIX_FORMATS)


def _collected(attempt: str, results: Sequence[Symbol | Disagreement]) -> Decoded:
    """Symbols largest first."""
    symbols = [result for result in results if isinstance(result, Symbol)]
    disagreements = (result for result in results if isinstance(result, Disagreement))
    ordered = sorted(symbols, key=lambda symbol: geometry.area(symbol.polygon), reverse=True)
    return Decoded(tuple(ordered), tuple(disagreements), attempt)


def _weighed(image: Image.Image, seen: Sighting) -> Symbol | Disagreement:
    """A find of the first look: believed unless closer looks give another text as often."""
    looks = _closer_looks(image, seen)
    if not _disputed([seen, *looks]):
        agreed = _agreed(seen, looks)
        unsupported = _is_aliased(seen.symbol) and not looks
        return replace(agreed, tier="probable") if unsupported else agreed
    looks += _enlarged_looks(image, seen)
    best = _majority([seen, *looks])
    if best is None:
        texts = sorted({(look.decoder, look.text) for look in (seen, *looks)})
        return Disagreement(seen.symbol.polygon, tuple(texts))
    return replace(_agreed(best, [seen, *looks]), tier="probable")


def _settled(seen: Sighting, looks: list[Sighting]) -> Symbol | None:
    """A find in a treated picture: a linear symbol needs two looks that give the same text."""
    if seen.group in MATRIX:
        best: Sighting | None = seen
    else:
        best = _majority([seen, *looks])
    if best is None:
        return None
    agreed = _agreed(best, [seen, *looks])
    if seen.group not in MATRIX | CHECKED_LINEAR and agreed.tier != "confirmed":
        return None
    sure = agreed.tier == "confirmed" and not _disputed([seen, *looks])
    return agreed if sure else replace(agreed, tier="probable")


def _majority(sightings: list[Sighting]) -> Sighting | None:
    """The text seen most often, if twice and oftener than others; in a dispute, by both decoders.

    One decoder repeats its own misreading on every copy of the picture, so its votes alone decide
    only where nothing speaks against them.
    """
    votes = Counter(sighting.text for sighting in sightings).most_common(2)
    text, most = votes[0]
    same = [sighting for sighting in sightings if sighting.text == text]
    one_sided = len({sighting.decoder for sighting in same}) < 2
    if most < 2 or (len(votes) > 1 and (votes[1][1] == most or one_sided)):
        return None
    return same[0]


def _disputed(sightings: list[Sighting]) -> bool:
    """Whether looks at one code with a check digit gave different characters.

    Matrix codes differ between decoders only in the guess of a character set (their error
    correction vouches for the bytes), and zbar knows neither Code 39's nor Code 128's extensions
    beyond ASCII.
    """
    first = sightings[0]
    comparable = first.group in CHECKED_LINEAR and first.text.isascii()
    return comparable and len({sighting.text for sighting in sightings}) > 1


def _left_over(unsure: list[Sighting]) -> list[Symbol | Disagreement]:
    """Finds without support: one text at a place is a probable symbol, several are none.

    A single look by zbar alone is worth nothing: it was wrong more often than right.
    """
    kept: list[Symbol] = []
    disputed: list[Disagreement] = []
    while unsure:
        seen = unsure[0]
        here = [other for other in unsure if _same_place(seen, other)]
        unsure = [other for other in unsure if other not in here]
        texts = sorted({(other.decoder, other.text) for other in here})
        if len({text for _decoder, text in texts}) > 1:
            disputed.append(Disagreement(seen.symbol.polygon, tuple(texts)))
        elif seen.decoder == ZXING and seen.text not in {found.text for found in kept}:
            kept.append(replace(seen.symbol, tier="probable"))
    return [*kept, *disputed]


def _agreed(seen: Sighting, looks: list[Sighting]) -> Symbol:
    """The symbol with all decoders that gave its text, in zxing-cpp's words where it is one."""
    same = [seen, *(look for look in looks if look.text == seen.text)]
    best = min(same, key=lambda look: look.decoder != ZXING).symbol
    decoders = tuple(sorted({look.decoder for look in same}, reverse=True))
    sure = len(decoders) > 1 or seen.is_sure
    tier: Tier = "confirmed" if sure else "probable"
    return replace(best, polygon=seen.symbol.polygon, decoders=decoders, tier=tier)


def _looks(image: Image.Image, seen: Sighting, earlier: list[Sighting]) -> list[Sighting]:
    return _closer_looks(image, seen) + [other for other in earlier if _same_place(seen, other)]


def _closer_looks(image: Image.Image, seen: Sighting) -> list[Sighting]:
    """What the other decoder (or the same one, for fine bars) reads in the symbol's own crop."""
    kinds = zbar.KINDS.get(seen.group, ())
    looks: list[Sighting] = []
    if seen.decoder == ZXING and kinds:
        looks += by_zbar(_crop(image, seen), kinds)
    if seen.decoder != ZXING or _is_aliased(seen.symbol):
        looks += by_zxing(_crop(image, seen, 3.0))
    return [look for look in looks if look.group == seen.group]


def _enlarged_looks(image: Image.Image, seen: Sighting) -> list[Sighting]:
    """Both decoders on the symbol's crop at twice the size, where the first looks disagree."""
    crop = _crop(image, seen, 2.0)
    looks = by_zxing(crop) + by_zbar(crop, zbar.KINDS.get(seen.group, ()))
    return [look for look in looks if look.group == seen.group]


def _crop(image: Image.Image, seen: Sighting, scale: float = 1.0) -> Image.Image:
    linear = seen.decoder == ZXING and seen.group not in MATRIX | {"DataBar"}  # may be stacked
    return geometry.upright_crop(image, seen.symbol.polygon, scale, linear=linear)


def _is_aliased(symbol: Symbol) -> bool:
    modules = _MODULES.get(len(symbol.text)) if symbol.symbology.startswith("EAN") else None
    return modules is not None and geometry.length(symbol.polygon) < _ALIASED_BELOW * modules


def _same_place(a: Sighting, b: Sighting) -> bool:
    return geometry.same_place(a.symbol.polygon, b.symbol.polygon)
