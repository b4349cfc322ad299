"""A label of given size: symbol, words and hidden-code field fitted into it, in millimetres.

The symbol is as large as the standard's target allows; it, then the letters, then the number of
lines shrink until all fits. What the law or the standard asks for is never left out: a label whose
least size does not fit is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from scanner.artwork import BEARER, GUARD, Scale, draw, extent, interpretation, scale_of
from scanner.drawing import MM_PER_INCH, Box, Page, Text, text_width
from scanner.errors import SymbolError
from scanner.label import Label, details, pattern_of
from scanner.layout import Words, title_of
from scanner.symbols import SIZES, Pattern
from scanner.typeset import LEADING, set_lines, shortened, wrapped

PADDING = 1.5  # mm of white at the edge of a label
_GAP = 1.2  # mm between symbol and words
_EMS = (2.4, 2.2, 2.0, 1.8)  # a capital of 1.8 mm measures the 1.2 mm that the law asks for
_NAME = 1.2  # times the em of the body
_LEAST_COLUMN = 14.0  # mm of words beside a symbol
_SEPARATOR = " · "
_FRAME = 0.15  # mm, the line around the hidden code
_COVER = {"vi": "Cào lớp phủ", "en": "Scratch here"}


@dataclass(frozen=True, slots=True)
class Room:
    """The rectangle that words may fill."""

    left: float
    top: float
    width: float
    height: float


def fitted(label: Label, width: float, height: float, dpi: int | None = None) -> Page:
    """The label on a page of exactly that size; with ``dpi`` its modules are whole dots.

    Raises :class:`SymbolError` where its data is wrong or does not fit.
    """
    pattern = pattern_of(label)
    place = _linear if pattern.is_linear else _matrix
    empty = Page(width, height, (), (), title_of(Words(label.name), pattern))
    for scale in _scales(label, pattern, dpi):
        page = place(empty, label, pattern, scale)
        if page is not None:
            return page
    raise SymbolError(f"the label does not fit into {width:g} × {height:g} mm")


def _scales(label: Label, pattern: Pattern, dpi: int | None) -> Iterator[Scale]:
    """From the wanted X-dimension, or from the target down to the least of the standard."""
    sizes = SIZES[pattern.kind]
    if label.x_dimension is not None:
        yield scale_of(pattern, label.x_dimension, dpi, label.reduction)
        return
    step = (sizes.target - sizes.least) / 6 if dpi is None else MM_PER_INCH / dpi * pattern.units
    x, before = sizes.target, 0.0
    while x >= sizes.least - 1e-9:
        scale = scale_of(pattern, max(x, sizes.least), dpi, label.reduction)
        if scale.x != before:
            yield scale
        before = scale.x
        x -= step or sizes.target


def _matrix(page: Page, label: Label, pattern: Pattern, scale: Scale) -> Page | None:
    """Symbol on the left in the middle of the height, words beside it."""
    size = extent(pattern, scale)
    quiet = size.quiet[0]
    left = scale.on_grid(PADDING + quiet)
    column = left + size.width + quiet + _GAP
    room = Room(column, PADDING, page.width - column - PADDING, page.height - 2 * PADDING)
    if size.height + 2 * quiet > room.height or room.width < _LEAST_COLUMN:
        return None
    words = _words(label, pattern.hri, room)
    if words is None:
        return None
    top = scale.on_grid((page.height - size.height) / 2 - (scale.grid or 0) / 2)
    return draw(_with(page, words), pattern, scale, left, top)


def _linear(page: Page, label: Label, pattern: Pattern, scale: Scale) -> Page | None:
    """Words above, the symbol with its digits at the bottom, in the middle of the width."""
    size = extent(pattern, scale)
    if size.across > page.width - 2 * PADDING:
        return None
    left = scale.on_grid((page.width - size.across) / 2 + size.quiet[0] - (scale.grid or 0) / 2)
    digits, below = interpretation(pattern, scale, left, size.height)
    bearer = BEARER * scale.x if pattern.kind == "itf-14" else 0.0
    deep = max(below, size.height + (bearer or GUARD * scale.x))
    top = scale.on_grid(page.height - PADDING - deep - (scale.grid or 0))
    room = Room(PADDING, PADDING, page.width - 2 * PADDING, top - bearer - PADDING)
    if room.height < 0:
        return None
    words = _words(label, (), room)
    if words is None:
        return None
    hri = tuple([text._replace(baseline=text.baseline + top) for text in digits])
    return draw(_with(page, words, hri), pattern, scale, left, top)


@dataclass(frozen=True, slots=True)
class _Set:
    """Words that fit: lines of text and the lines of the frame around the hidden code."""

    texts: tuple[Text, ...]
    boxes: tuple[Box, ...] = ()


def _with(page: Page, words: _Set, more: tuple[Text, ...] = ()) -> Page:
    return replace(page, texts=(*words.texts, *more), boxes=words.boxes)


def _words(label: Label, hri: tuple[str, ...], room: Room) -> _Set | None:
    """Name, interpretation, details and hidden code in a room; None where they do not fit.

    Where the interpretation says it, a detail in words may be left out, and the name shortened;
    the interpretation and the hidden code may not. Beside bars, where width is plenty and height
    is not, the details share their lines.
    """
    required = not hri
    told = details(label)
    if required and told:
        told = (_SEPARATOR.join(told),)
    for kept, limits in ((told, (3, 1)), ((), (2, 1))):
        if required and kept != told:
            break
        body = (*hri, *kept)
        for lines, em in product(limits, _may_fit(label, body, room)):
            found = _try(label, body, lines, em, room)
            if found is not None:
                return found
    return None


def _may_fit(label: Label, body: tuple[str, ...], room: Room) -> list[float]:
    """The ems at which the lines fit if each is filled to its end, below a name of one line.

    Spares a series of labels most of the breaking into lines that would not fit.
    """
    widths = [text_width(line, 1 / room.width) - 1e-9 for line in body]
    found = []
    for em in _EMS:
        lines = sum([math.ceil(wide * em) for wide in widths])
        cover = _cover_height(em) if label.hidden else 0.0
        if (lines + bool(label.name) * _NAME) * em * LEADING + cover <= room.height:
            found.append(em)
    return found


def _try(label: Label, body: tuple[str, ...], most: int, em: float, room: Room) -> _Set | None:
    cover = _cover_height(em) if label.hidden else 0.0
    name = wrapped(label.name, em * _NAME, room.width, bold=True)
    name = shortened(name, most, em * _NAME, room.width)
    lines = [part for line in body for part in wrapped(line, em, room.width)]
    tall = (len(name) * _NAME + len(lines)) * em * LEADING + cover
    if tall > room.height:
        return None
    texts, y = set_lines(name, room.left, room.top, em * _NAME, bold=True)
    more, y = set_lines(lines, room.left, y, em)
    if not label.hidden:
        return _Set((*texts, *more))
    framed = _cover(label, em, room, y)
    return framed and _Set((*texts, *more, *framed.texts), framed.boxes)


def _cover_height(em: float) -> float:
    return em * (LEADING + 2.2)


def _cover(label: Label, em: float, room: Room, y: float) -> _Set | None:
    """The hidden code in groups of four within a frame, and what to do with the layer over it."""
    code = " ".join(label.hidden[at : at + 4] for at in range(0, len(label.hidden), 4))
    wide = text_width(code, em, bold=True) + em
    if wide > room.width:
        return None
    top, tall = y + em * (LEADING + 0.2), em * 1.8
    caption = Text(room.left, y + em, em, _COVER[label.language])
    text = Text(room.left + em / 2, top + em * 1.25, em, code, bold=True)
    return _Set((caption, text), _frame(room.left, top, wide, tall))


def _frame(left: float, top: float, width: float, height: float) -> tuple[Box, ...]:
    return (
        Box(left, top, width, _FRAME),
        Box(left, top + height - _FRAME, width, _FRAME),
        Box(left, top, _FRAME, height),
        Box(left + width - _FRAME, top, _FRAME, height),
    )
