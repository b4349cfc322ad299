"""Where everything stands on a label that is as large as its content needs, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.artwork import BEARER, GUARD, Scale, draw, extent, interpretation
from scanner.drawing import Page
from scanner.symbols import Pattern
from scanner.typeset import set_lines, wrapped

_PADDING = 2.0  # mm of white around everything
_NAME, _BODY = 3.2, 2.4  # em in mm; the law asks for letters of at least 1.2 mm
_TEXT_COLUMN = 40.0  # mm beside a matrix symbol


@dataclass(frozen=True, slots=True)
class Words:
    """What is printed beside a symbol: the name in bold, the details one per line."""

    name: str = ""
    details: tuple[str, ...] = ()


def linear(words: Words, pattern: Pattern, scale: Scale) -> Page:
    """Name above; bars with their digits; lot, expiry and content below."""
    size = extent(pattern, scale)
    left = scale.on_grid(_PADDING + size.quiet[0])
    name = wrapped(words.name, _NAME, size.across, bold=True)
    texts, y = set_lines(name, _PADDING, _PADDING, _NAME, bold=True)
    top = scale.on_grid(y + (_BODY / 2 if name else 0))
    hri, y = interpretation(pattern, scale, left, top + size.height)
    below, y = set_lines(_details(words, size.across), _PADDING, y, _BODY)
    page = Page(
        width=scale.on_grid(size.across + 2 * _PADDING),
        height=scale.on_grid(y + _PADDING),
        boxes=(),
        texts=(*texts, *hri, *below),
        title=title_of(words, pattern),
    )
    return draw(page, pattern, scale, left, top)


def matrix(words: Words, pattern: Pattern, scale: Scale) -> Page:
    """Symbol on the left, text beside it."""
    size = extent(pattern, scale)
    left = top = scale.on_grid(_PADDING + size.quiet[0])
    column = left + size.width + size.quiet[1] + _PADDING
    name = wrapped(words.name, _NAME, _TEXT_COLUMN, bold=True)
    texts, y = set_lines(name, column, _PADDING, _NAME, bold=True)
    hri = [part for line in pattern.hri for part in wrapped(line, _BODY, _TEXT_COLUMN)]
    more, y = set_lines(hri + _details(words, _TEXT_COLUMN), column, y, _BODY)
    page = Page(
        width=scale.on_grid(column + _TEXT_COLUMN + _PADDING),
        height=scale.on_grid(max(top + size.height + size.quiet[0], y) + _PADDING),
        boxes=(),
        texts=(*texts, *more),
        title=title_of(words, pattern),
    )
    return draw(page, pattern, scale, left, top)


def symbol_alone(pattern: Pattern, scale: Scale) -> Page:
    """The symbol within its quiet zone, without any text."""
    size = extent(pattern, scale)
    left = scale.on_grid(size.quiet[0])
    top = scale.on_grid(BEARER * scale.x) if pattern.is_linear else left
    below = GUARD * scale.x if pattern.is_linear else size.quiet[0]
    width = scale.on_grid(left + size.width + size.quiet[1])
    height = scale.on_grid(top + size.height + below)
    page = Page(width, height, (), (), " ".join(pattern.hri))
    return draw(page, pattern, scale, left, top)


def _details(words: Words, width: float) -> list[str]:
    return [part for line in words.details for part in wrapped(line, _BODY, width)]


def title_of(words: Words, pattern: Pattern) -> str:
    """The name and the interpretation: how a label is called in a file and in a complaint."""
    return " · ".join(part for part in (words.name, *pattern.hri) if part)
