"""From a grey picture to symbols with evidence. Runs in the decoder process.

First look: zxing-cpp on the picture at about three megapixels, without the turns and inversions
that seldom give anything. What it finds is checked in the symbol's own crop, which costs a
fraction of a second look at the whole picture. Where texture like that of the codes found is left,
that is looked at too. Only where nothing was found do the rungs of :mod:`scanner.ladder` run,
until the budget of work or of time is spent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from PIL import Image, ImageOps

from scanner import evidence, geometry, texture
from scanner.closer import Place
from scanner.ladder import FULL_SIZE, RUNGS, Rung
from scanner.reading import Disagreement, Polygon, Symbol
from scanner.sighting import (
    CHECKED_LINEAR,
    FIRST,
    MATRIX,
    PROFILE,
    THOROUGH,
    ZXING,
    Sighting,
    by_zxing,
)
from scanner.treatment import enlarged

# Work that a picture may cost, in units of opening it and one look with zxing-cpp's defaults.
EFFORT = 6.0
BUDGET = 1.5  # seconds after which no further look is begun
_BOX_MARGIN = 0.15  # of a box's longer side, for quiet zones
_MOST_BOXES = 40
_LEAST_PIXELS_FOR_TWO = 150_000  # a smaller picture is a crop or a thumbnail of one code
_SEVERAL = 3  # codes found: there may be many, and small ones
# Found in a treated picture these count by themselves; others have no check character.
_TREATABLE = MATRIX | CHECKED_LINEAR | {"Code 39", "Codabar", "ITF"}

Result = Symbol | Disagreement


@dataclass(frozen=True, slots=True)
class Decoded:
    """Symbols, disagreements, the name of the look that gave them, and what was tried."""

    symbols: tuple[Symbol, ...]
    disagreements: tuple[Disagreement, ...]
    attempt: str
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Work:
    """What may still be spent on a picture, and what was tried."""

    stop: float  # on the monotonic clock
    effort: float  # in looks at the whole picture
    tried: list[str] = field(default_factory=list)

    def allows(self, rung: Rung, cost: float) -> bool:
        """Take the cost of a rung, if there is as much left."""
        if time.monotonic() > self.stop or cost > self.effort:
            return False
        self.effort -= cost
        self.tried.append(rung.name)
        return True


def decode(
    image: Image.Image,
    budget: float = BUDGET,
    *,
    finer: Callable[[], Image.Image] | None = None,
    factor: int = 1,
    effort: float = EFFORT,
) -> Decoded:
    """All symbols of an upright grey picture, placed in the photo.

    ``image`` is the photo reduced by ``factor``, ``finer`` gives it in full size. No look starts
    later than ``budget`` seconds or beyond ``effort``.
    """
    work = _Work(time.monotonic() + budget, effort)
    first = by_zxing(image, "plain", manner=FIRST)
    if first:
        results = _once(image, first)
        results += _beside(image, results, finer, factor)
        return _collected("plain", _scaled(results, factor), ("found in the first look",))
    if finer is not None and work.allows(FULL_SIZE, FULL_SIZE.price):
        results = _beside(image, [], finer, factor)
        if results:
            return _collected("busy places", _scaled(results, factor), _notes(work, "busy places"))
        large = finer()
        found = by_zxing(large, FULL_SIZE.name, manner=THOROUGH)
        if found:
            return _collected(FULL_SIZE.name, _once(large, found), _notes(work, FULL_SIZE.name))
    attempt, results = _searched(image, work, factor)
    return _collected(attempt, _scaled(results, factor), _notes(work, attempt))


def _notes(work: _Work, attempt: str) -> tuple[str, ...]:
    found = f"found in the look {attempt!r}" if attempt else "nothing certain found"
    spent = () if work.effort > 0 and time.monotonic() < work.stop else ("budget spent",)
    return (found, "tried: " + ", ".join(("plain", *work.tried)), *spent)


def _once(image: Image.Image, found: Sequence[Sighting]) -> list[Result]:
    """Each find weighed; a symbol seen in pieces counts once."""
    places: list[Place] = []
    for seen in found:
        raw = seen.symbol.raw
        if not any(place.holds(seen) and place.seen.symbol.raw == raw for place in places):
            places.append(Place(image, seen))
    return [place.weighed() for place in places]


def _beside(
    image: Image.Image,
    results: Sequence[Result],
    finer: Callable[[], Image.Image] | None,
    factor: int,
) -> list[Result]:
    """What lies where the picture is as busy as codes are, at full size where there is more of it.

    A crop is read where the whole picture is not: thresholds fit it, and it may be enlarged.
    """
    if image.width * image.height < _LEAST_PIXELS_FOR_TWO:
        return []
    least = texture.LARGE if finer is None and len(results) < _SEVERAL else texture.SMALL
    known = [result.polygon for result in results]
    boxes = texture.uncovered(image, known, least)[:_MOST_BOXES]
    if not boxes:
        return []
    source, scale = (image, 1) if finer is None else (finer(), factor)
    more: list[Result] = []
    for box in boxes:
        left, top, right, bottom = _with_margin(box, scale)
        crop = source.crop((left, top, min(right, source.width), min(bottom, source.height)))
        found = by_zxing(crop, "beside", manner=THOROUGH)
        if not found and finer is not None:
            found = by_zxing(crop, "beside, enlarged", enlarged(2), THOROUGH)
        for result in _once(crop, [seen for seen in found if _may_stand_alone(seen)]):
            placed = _placed(result, 1 / scale, (left / scale, top / scale))
            if not any(geometry.same_place(placed.polygon, o.polygon) for o in (*results, *more)):
                more.append(placed)
    return more


def _may_stand_alone(seen: Sighting) -> bool:
    """Whether a text in a crop is no part of another symbol: Code 128's bars can pass for ITF."""
    return not seen.is_linear or evidence.has_check(seen) or evidence.is_gtin14(seen.text)


def _with_margin(box: texture.Box, scale: int) -> texture.Box:
    left, top, right, bottom = box
    margin = round(_BOX_MARGIN * max(right - left, bottom - top))
    left, top = max(0, left - margin) * scale, max(0, top - margin) * scale
    return left, top, (right + margin) * scale, (bottom + margin) * scale


def _searched(image: Image.Image, work: _Work, factor: int) -> tuple[str, list[Result]]:
    """One rung after the other, until one gives a symbol that can be believed."""
    places: list[Place] = []
    for rung in RUNGS:
        if image.width * image.height < rung.least or not work.allows(
            rung, rung.cost(image) / factor**2
        ):
            continue
        found = [seen for seen in rung.look(image) if _may_be_treated(seen)]
        view = ImageOps.invert(image) if found and rung.is_negative else image
        for seen in found:
            _noted(view, places, seen)
        # A faint linear symbol may be seen in pieces: each text counts once.
        settled = [symbol for symbol in map(_settled, places) if symbol is not None]
        if settled:
            return rung.name, list({symbol.text: symbol for symbol in settled}.values())
    return "", _left_over(places)


def _may_be_treated(seen: Sighting) -> bool:
    """Whether a find in a treated picture counts.

    PDF417 has no codewords that only guard against a wrong decode: with all correction used up,
    damaged rows are "corrected" into nonsense.
    """
    return seen.group in _TREATABLE and (seen.group != "PDF417" or seen.reserve > 0)


def _noted(image: Image.Image, places: list[Place], seen: Sighting) -> None:
    """Add a sighting to its place; one in the same spot is no reason to look closer again."""
    for place in places:
        if place.holds(seen):
            place.add(seen)
            return
    places.append(Place(image, seen))


def _settled(place: Place) -> Symbol | None:
    """A find in treated pictures: a linear symbol needs two looks that give the same text.

    Without a check character it must be confirmed, and an ITF symbol hold a GTIN-14.
    """
    seen = place.seen
    if seen.group == "ITF" and not evidence.is_gtin14(seen.text):
        return None
    result = place.weighed()
    if isinstance(result, Disagreement):
        return None
    if result.tier == "confirmed" or not seen.is_linear or seen.decoder == PROFILE:
        return result
    # zbar's word alone was wrong more often than right where its bars would be too fine.
    other = ZXING in result.decoders or "profile" in result.checks
    believed = other or not evidence.is_faint(seen)
    twice = evidence.majority(place.sightings, place.profile) is not None
    return result if believed and twice and evidence.has_check(seen) else None


def _left_over(places: Sequence[Place]) -> list[Result]:
    """Finds without support: one text at a place is a probable symbol, several are none.

    A single look by zbar alone is worth nothing: it was wrong more often than right. Without a
    check character two looks must give the text.
    """
    results: dict[str, Result] = {}
    for place in places:
        if not evidence.has_check(place.seen) and len(place.sightings) < 2:
            continue
        result = evidence.weighed(place.sightings, place.profile)
        if isinstance(result, Disagreement):
            results[str(result.texts)] = result
        elif place.seen.decoder == ZXING and place.seen.group != "ITF":
            results.setdefault(result.text, result)
    return list(results.values())


def _scaled(results: Iterable[Result], factor: float) -> list[Result]:
    return [_placed(result, factor) for result in results]


def _placed(result: Result, factor: float, origin: tuple[float, float] = (0, 0)) -> Result:
    """The same in a picture that is ``factor`` times as large and begins before ``origin``."""
    x0, y0 = origin
    place = geometry.mapped(result.polygon, lambda x, y: (x * factor + x0, y * factor + y0))
    return replace(result, polygon=place)


def _collected(attempt: str, results: Sequence[Result], notes: tuple[str, ...]) -> Decoded:
    """Symbols largest first."""
    symbols = [result for result in results if isinstance(result, Symbol)]
    disagreements = (result for result in results if isinstance(result, Disagreement))
    ordered = sorted(symbols, key=_size, reverse=True)
    return Decoded(tuple(ordered), tuple(disagreements), attempt, notes)


def _size(symbol: Symbol) -> float:
    polygon: Polygon = symbol.polygon
    return geometry.area(polygon)
