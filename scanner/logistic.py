"""The GS1 logistic label: free text, data in words, bar codes, the SSCC lowest.

After the GS1 Logistic Label Guideline: three blocks one below the other, data titles in words,
GS1-128 symbols of at least 0.495 mm and 31.75 mm, the symbol with the SSCC at the bottom.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gs1 import dictionary
from gs1.element_string import ElementString, Items
from gs1.errors import Gs1Error
from scanner.artwork import Scale, draw, extent, interpretation, scale_of
from scanner.drawing import Box, Page, Text, text_width
from scanner.errors import SymbolError
from scanner.label import Language
from scanner.symbols import Pattern, encode_elements
from scanner.typeset import LEADING, set_lines, wrapped

_PADDING = 3.0
_NAME, _LINE, _TITLE, _VALUE = 5.0, 3.1, 2.6, 3.6  # em in mm
_SIZES = (1.0, 0.85, 0.7)  # of all letters, the first that leaves room for the symbols
_HRI = 2.8
_RULE = 0.3  # mm, the line between blocks
_COLUMNS = 3
_GAP = 2.0  # mm between symbols
_X = 0.495  # mm, the least of a logistic label


@dataclass(frozen=True, slots=True)
class LogisticLabel:
    """``data``: a bracketed element string with an SSCC (00). ``name``: the product, the largest
    text. ``lines``: sender, receiver and whatever else people read, one per line.
    """

    data: str
    name: str = ""
    lines: tuple[str, ...] = ()
    language: Language = "vi"


def logistic(label: LogisticLabel, width: float, height: float, dpi: int | None = None) -> Page:
    """The label on a page of that size; raises :class:`SymbolError` where the data is wrong or
    does not fit."""
    try:
        elements = ElementString.parse_bracketed(label.data)
    except Gs1Error as error:
        raise SymbolError(str(error)) from error
    sscc = elements.get("00")
    if sscc is None:
        raise SymbolError("a logistic label needs an SSCC, AI (00)")
    rest = tuple(item for item in elements.items if item[0] != "00")
    symbols = [_symbol(part, dpi) for part in (*_parts(rest, width, dpi), (("00", sscc),))]
    empty = Page(width, height, (), (), f"SSCC {sscc}")
    page, top = _stacked(empty, symbols)
    for size in _SIZES:
        words = _words(empty, label, elements, size)
        if words.boxes[-1].top < top - _GAP:
            return replace(page, boxes=(*words.boxes, *page.boxes), texts=words.texts + page.texts)
    raise SymbolError(f"the label does not fit into {width:g} × {height:g} mm")


def _symbol(items: Items, dpi: int | None) -> tuple[Pattern, Scale]:
    pattern = encode_elements("gs1-128", ElementString(items))
    return pattern, scale_of(pattern, _X, dpi)


def _parts(items: Items, width: float, dpi: int | None) -> list[Items]:
    """The AIs in few symbols: those of fixed length first, each into the first that has room."""
    parts: list[Items] = []
    for item in sorted(items, key=lambda item: _is_variable(item[0])):
        for number, part in enumerate(parts):
            if _fits((*part, item), width, dpi):
                parts[number] = (*part, item)
                break
        else:
            parts.append((item,))
    return parts


def _is_variable(ai: str) -> bool:
    entry = dictionary.lookup(ai)
    return entry is None or entry.separator


def _fits(items: Items, width: float, dpi: int | None) -> bool:
    try:
        return extent(*_symbol(items, dpi)).across <= width
    except SymbolError:
        return False


def _words(page: Page, label: LogisticLabel, elements: ElementString, size: float) -> Page:
    """Free text, a rule, every element with its title, a rule."""
    wide = page.width - 2 * _PADDING
    name = wrapped(label.name, _NAME * size, wide, bold=True)
    free = [part for line in label.lines for part in wrapped(line, _LINE * size, wide)]
    texts, y = set_lines(name, _PADDING, _PADDING, _NAME * size, bold=True)
    more, y = set_lines(free, _PADDING, y, _LINE * size)
    first = Box(_PADDING, y + 1, wide, _RULE)
    cells, y = _cells(elements, label.language, (y + 1.5, wide, size))
    last = Box(_PADDING, y + 1, wide, _RULE)
    return replace(page, texts=(*texts, *more, *cells), boxes=(first, last))


def _cells(
    elements: ElementString, language: Language, place: tuple[float, float, float]
) -> tuple[list[Text], float]:
    """Title and value of each element in columns, and where they end.

    ``place``: top and width of the block, size of the letters. A value that is too long for its
    column takes a row; a title that is too long gives way to the short one of GS1.
    """
    y, wide, size = place
    title, value = _TITLE * size, _VALUE * size
    row, step = (title + value) * LEADING, wide / _COLUMNS
    found: list[Text] = []
    column = 0
    for ai, text in elements.items:
        names = [f"{dictionary.title(ai, lang)} ({ai})" for lang in (language, "en")]
        name = next((name for name in names if text_width(name, title) < step - 1), f"({ai})")
        broad = text_width(text, value, bold=True) > step - 1
        if column and broad:
            column, y = 0, y + row
        x = _PADDING + column * step
        found.append(Text(x, y + title, title, name))
        found.append(Text(x, y + title * LEADING + value, value, text, bold=True))
        column = 0 if broad else (column + 1) % _COLUMNS
        y += 0 if column else row
    return found, y + (row if column else 0)


def _stacked(page: Page, symbols: list[tuple[Pattern, Scale]]) -> tuple[Page, float]:
    """The symbols from the bottom up, the last one lowest, and where the highest begins."""
    top = page.height - _PADDING + _GAP
    for pattern, scale in reversed(symbols):
        size = extent(pattern, scale)
        if size.across > page.width:
            raise SymbolError(f"the symbol of {pattern.hri[0]} is wider than the label")
        left = scale.on_grid((page.width - size.across) / 2 + size.quiet[0] - (scale.grid or 0) / 2)
        digits, below = interpretation(pattern, scale, left, size.height, _HRI)
        top = scale.on_grid(top - _GAP - below - (scale.grid or 0))
        texts = tuple([text._replace(baseline=text.baseline + top) for text in digits])
        page = draw(replace(page, texts=(*page.texts, *texts)), pattern, scale, left, top)
    return page, top
