"""Where everything stands on a label, in millimetres.

Sizes follow the GS1 General Specifications (sections 4.14 HRI, 5.12.3 symbol sizes).
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from scanner import drawing
from scanner.drawing import MM_PER_INCH, Box, Page, Text
from scanner.errors import SymbolError
from scanner.symbols import SIZES, Kind, Pattern

_PADDING = 2.0  # mm of white around everything
_NAME, _BODY = 3.2, 2.4  # em in mm; the law asks for letters of at least 1.2 mm
_LEADING = 1.35
_TEXT_COLUMN = 40.0  # mm beside a matrix symbol
_GUARD = 5  # modules by which guard bars are longer (section 5.2.1.4)
_BEARER = 2  # X-dimensions, the least thickness of an ITF-14 bearer bar (section 5.3.2.4)
_LONGEST_GS1_128 = 165.0  # mm with quiet zones (section 5.4.2)


@dataclass(frozen=True, slots=True)
class Words:
    """What is printed beside a symbol: the name in bold, the details one per line."""

    name: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """The width of a pattern's column in mm, and the grid in mm that positions are set on."""

    column: float
    x: float
    grid: float | None

    def on_grid(self, value: float) -> float:
        """The next value that lies on the grid."""
        return value if self.grid is None else math.ceil(value / self.grid - 1e-9) * self.grid


def scale_of(pattern: Pattern, wanted: float | None, dpi: int | None) -> Scale:
    """The scale for an X-dimension in mm (None: the target of the standard).

    With ``dpi`` the columns are whole pixels. Raises :class:`SymbolError` outside the limits.
    """
    sizes = SIZES[pattern.kind]
    x = sizes.target if wanted is None else wanted
    if not sizes.least <= x <= sizes.most:
        raise SymbolError(
            f"an X-dimension of {x:g} mm; {pattern.kind} is printed with"
            f" {sizes.least:g} to {sizes.most:g} mm (General Specifications 5.12.3)"
        )
    if dpi is None:
        return Scale(x / pattern.units, x, None)
    if not 100 <= dpi <= 2400:
        raise SymbolError("a PNG label has 100 to 2400 dots per inch")
    dot = MM_PER_INCH / dpi
    step = dot * pattern.units
    dots = max(round(x / step), math.ceil(sizes.least / step - 1e-9))
    if dots * step > sizes.most + 1e-9:
        raise SymbolError(f"{dpi} dots per inch are too coarse for {pattern.kind}")
    return Scale(dots * dot, dots * step, dot)


def linear(words: Words, pattern: Pattern, scale: Scale) -> Page:
    """Name above; bars with their digits; lot, expiry and content below."""
    sizes = SIZES[pattern.kind]
    bars = pattern.width * scale.column
    symbol_width = bars + sum(sizes.quiet) * scale.x
    if pattern.kind == "gs1-128" and symbol_width > _LONGEST_GS1_128:
        raise SymbolError(f"a GS1-128 symbol of {symbol_width:.0f} mm; at most 165 mm are allowed")
    left = scale.on_grid(_PADDING + sizes.quiet[0] * scale.x)
    name = _wrapped(words.name, _NAME, symbol_width, bold=True)
    texts, y = _lines(name, _PADDING, _PADDING, _NAME, bold=True)
    top = scale.on_grid(y + (_BODY / 2 if name else 0))
    height = _height(pattern, scale)
    boxes = _bars(pattern, scale, left, top, height)
    hri, y = _hri(pattern, scale, left, top + height)
    below, y = _lines(_wrapped_details(words, symbol_width), _PADDING, y, _BODY)
    return Page(
        width=scale.on_grid(symbol_width + 2 * _PADDING),
        height=scale.on_grid(y + _PADDING),
        boxes=boxes,
        texts=(*texts, *hri, *below),
        title=_title(words, pattern),
    )


def matrix(words: Words, pattern: Pattern, scale: Scale) -> Page:
    """Symbol on the left, text beside it."""
    quiet = SIZES[pattern.kind].quiet[0] * scale.x
    left = top = scale.on_grid(_PADDING + quiet)
    symbol_right = left + pattern.width * scale.column + quiet
    symbol_bottom = top + len(pattern.rows) * scale.column + quiet
    column = symbol_right + _PADDING
    name = _wrapped(words.name, _NAME, _TEXT_COLUMN, bold=True)
    texts, y = _lines(name, column, _PADDING, _NAME, bold=True)
    hri = [part for line in pattern.hri for part in _wrapped(line, _BODY, _TEXT_COLUMN)]
    more, y = _lines(hri + _wrapped_details(words, _TEXT_COLUMN), column, y, _BODY)
    return Page(
        width=scale.on_grid(column + _TEXT_COLUMN + _PADDING),
        height=scale.on_grid(max(symbol_bottom, y) + _PADDING),
        boxes=_modules(pattern, scale, left, top),
        texts=(*texts, *more),
        title=_title(words, pattern),
    )


def _height(pattern: Pattern, scale: Scale) -> float:
    """Height of the bars: that of the standard, less where the bars are finer than its target."""
    sizes = SIZES[pattern.kind]
    return scale.on_grid((sizes.height or 0) * min(1.0, scale.x / sizes.target))


def _modules(pattern: Pattern, scale: Scale, left: float, top: float) -> tuple[Box, ...]:
    """A box for each run of dark modules of a matrix symbol."""
    side = scale.column
    return tuple(
        Box(left + start * side, top + number * side, length * side, side)
        for number, row in enumerate(pattern.rows)
        for start, length in _runs(row)
    )


def _bars(
    pattern: Pattern, scale: Scale, left: float, top: float, height: float
) -> tuple[Box, ...]:
    guard = _GUARD * scale.x
    boxes = [
        Box(
            left + start * scale.column,
            top,
            length * scale.column,
            height + (guard if pattern.rows[0][start] == "G" else 0),
        )
        for start, length in _runs(pattern.rows[0])
    ]
    if pattern.kind == "itf-14":
        thickness = _BEARER * scale.x
        quiet_left, quiet_right = SIZES["itf-14"].quiet
        whole = pattern.width * scale.column + (quiet_left + quiet_right) * scale.x
        start = left - quiet_left * scale.x
        boxes.append(Box(start, top - thickness, whole, thickness))
        boxes.append(Box(start, top + height, whole, thickness))
    return tuple(boxes)


def _runs(row: str) -> list[tuple[int, int]]:
    """Start and length of each run of equal dark modules."""
    runs: list[tuple[int, int]] = []
    for at, module in enumerate(row):
        if module == "0":
            continue
        if at and row[at - 1] == module:
            start, length = runs[-1]
            runs[-1] = (start, length + 1)
        else:
            runs.append((at, 1))
    return runs


# Where the digits of EAN/UPC symbols stand: slice of the digits, middle in modules from the first
# bar (figures 5.2.2-1 to 5.2.2-3 of the General Specifications).
_DIGIT_GROUPS: dict[Kind, tuple[tuple[slice, float], ...]] = {
    "ean-13": ((slice(0, 1), -7), (slice(1, 7), 24.5), (slice(7, 13), 70.5)),
    "ean-8": ((slice(0, 4), 17), (slice(4, 8), 50)),
    "upc-a": ((slice(0, 1), -6), (slice(1, 6), 27.5), (slice(6, 11), 67.5), (slice(11, 12), 101)),
}


def _hri(pattern: Pattern, scale: Scale, left: float, bottom: float) -> tuple[list[Text], float]:
    """The interpretation under the bars, and where the next line may start."""
    groups = _DIGIT_GROUPS.get(pattern.kind)
    if groups is not None:
        size = 9.5 * scale.x
        baseline = bottom + 8 * scale.x
        digits = pattern.hri[0]
        texts = [
            Text(left + middle * scale.x, baseline, size, digits[part], anchor="middle")
            for part, middle in groups
        ]
        return texts, baseline + 1.5 * scale.x
    bearer = _BEARER * scale.x if pattern.kind == "itf-14" else 0.0
    width = pattern.width * scale.column
    content = " ".join(pattern.hri)
    size = max(_BODY, min(3.2, 3.2 * width / max(1e-9, drawing.text_width(content, 3.2))))
    parts = _wrapped(content, size, width)
    texts, y = _lines(parts, left + width / 2, bottom + bearer + 0.8, size, anchor="middle")
    return texts, y


def _wrapped_details(words: Words, width: float) -> list[str]:
    return [part for line in words.details for part in _wrapped(line, _BODY, width)]


def _lines(
    lines: list[str],
    x: float,
    top: float,
    size: float,
    *,
    bold: bool = False,
    anchor: drawing.Anchor = "start",
) -> tuple[list[Text], float]:
    """Lines of text from ``top`` downwards, and the height where they end."""
    texts = [
        Text(x, top + size * (1 + number * _LEADING), size, line, bold, anchor)
        for number, line in enumerate(lines)
    ]
    return texts, top + size * _LEADING * len(lines)


def _wrapped(content: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Lines no wider than ``width`` mm, broken at spaces, within a word only where it must be."""
    content = " ".join(unicodedata.normalize("NFC", content).split())
    drawing.check_glyphs(content)
    lines: list[str] = []
    line = ""
    for word in content.split(" "):
        longer = f"{line} {word}".strip()
        if drawing.text_width(longer, size, bold=bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while drawing.text_width(line, size, bold=bold) > width and len(line) > 1:
            fitting = _fitting(line, size, width, bold=bold)
            lines.append(line[:fitting])
            line = line[fitting:]
    return [*lines, line] if line else lines


def _fitting(word: str, size: float, width: float, *, bold: bool) -> int:
    """How many characters of a too long word fit, at least one."""
    count = len(word)
    while count > 1 and drawing.text_width(word[:count], size, bold=bold) > width:
        count -= 1
    return count


def _title(words: Words, pattern: Pattern) -> str:
    return " · ".join(part for part in (words.name, *pattern.hri) if part)


def symbol_alone(pattern: Pattern, scale: Scale) -> Page:
    """The symbol within its quiet zone, without any text."""
    sizes = SIZES[pattern.kind]
    left = scale.on_grid(sizes.quiet[0] * scale.x)
    width = scale.on_grid(left + pattern.width * scale.column + sizes.quiet[1] * scale.x)
    title = " ".join(pattern.hri)
    if pattern.is_linear:
        top = scale.on_grid(_BEARER * scale.x)
        height = _height(pattern, scale)
        below = scale.on_grid(top + height + _GUARD * scale.x)
        return Page(width, below, _bars(pattern, scale, left, top, height), (), title)
    return Page(width, width, _modules(pattern, scale, left, left), (), title)
