"""Printed labels: a symbol with its human readable interpretation and what a buyer reads.

Sizes follow the GS1 General Specifications (sections 4.14 HRI, 5.12.3 symbol sizes). The words on
a label only name what the producer declares; none of them says that a product is genuine.
"""

from __future__ import annotations

import datetime
import math
import unicodedata
from dataclasses import dataclass
from typing import Literal, cast, get_args

from gs1.digital_link import DigitalLink
from gs1.element_string import ElementString
from scanner import drawing
from scanner.drawing import MM_PER_INCH, Box, Page, Text
from scanner.errors import SymbolError
from scanner.symbols import SIZES, Kind, Pattern, encode

Form = Literal["png", "svg", "pdf"]
Language = Literal["vi", "en"]

_WORDS: dict[Language, tuple[str, str, str]] = {
    "vi": ("Số lô", "HSD", "Định lượng"),
    "en": ("Lot", "Expiry", "Net content"),
}
_PADDING = 2.0  # mm of white around everything
_NAME, _BODY = 3.2, 2.4  # em in mm; the law asks for letters of at least 1.2 mm
_LEADING = 1.35
_TEXT_COLUMN = 40.0  # mm beside a matrix symbol
_GUARD = 5  # modules by which guard bars are longer (section 5.2.1.4)
_BEARER = 2  # X-dimensions, the least thickness of an ITF-14 bearer bar (section 5.3.2.4)
_LONGEST_GS1_128 = 165.0  # mm with quiet zones (section 5.4.2)


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed. ``data`` is as in :func:`scanner.symbols.encode`.

    ``lot`` and ``expiry``, where given, must be those of the symbol if the symbol has any.
    ``x_dimension`` is the module width in mm, None for the target of the standard.
    """

    kind: Kind
    data: str
    name: str = ""
    lot: str = ""
    expiry: datetime.date | None = None
    net_content: str = ""
    x_dimension: float | None = None
    language: Language = "vi"


@dataclass(frozen=True, slots=True)
class _Scale:
    """The width of a pattern's column in mm, and the grid in mm that positions are set on."""

    column: float
    x: float
    grid: float | None

    def on_grid(self, value: float) -> float:
        return value if self.grid is None else math.ceil(value / self.grid - 1e-9) * self.grid


def render(label: Label, form: Form, dpi: int = 300) -> bytes:
    """The label as a file; ``dpi`` matters for PNG only. Raises :class:`SymbolError`."""
    match form:
        case "png":
            return drawing.to_png(layout(label, dpi), dpi)
        case "svg":
            return drawing.to_svg(layout(label))
        case "pdf":
            return drawing.to_pdf(layout(label))


def form_of(name: str) -> Form:
    """The form that a file name asks for; raises :class:`SymbolError` for another ending."""
    ending = name.rpartition(".")[2].lower()
    for form in get_args(Form):
        if ending == form:
            return cast("Form", form)
    raise SymbolError(f"a label is written as {', '.join(get_args(Form))}, not as {ending!r}")


def layout(label: Label, dpi: int | None = None) -> Page:
    """The page; with ``dpi`` the modules are whole pixels within the limits of the standard."""
    pattern = encode(label.kind, label.data)
    _check_agreement(label)
    scale = _scale(pattern, label.x_dimension, dpi)
    return (_linear if pattern.is_linear else _matrix)(label, pattern, scale)


def _scale(pattern: Pattern, wanted: float | None, dpi: int | None) -> _Scale:
    sizes = SIZES[pattern.kind]
    x = sizes.target if wanted is None else wanted
    if not sizes.least <= x <= sizes.most:
        raise SymbolError(
            f"an X-dimension of {x:g} mm; {pattern.kind} is printed with"
            f" {sizes.least:g} to {sizes.most:g} mm (General Specifications 5.12.3)"
        )
    if dpi is None:
        return _Scale(x / pattern.units, x, None)
    if not 100 <= dpi <= 2400:
        raise SymbolError("a PNG label has 100 to 2400 dots per inch")
    dot = MM_PER_INCH / dpi
    step = dot * pattern.units
    dots = max(round(x / step), math.ceil(sizes.least / step - 1e-9))
    if dots * step > sizes.most + 1e-9:
        raise SymbolError(f"{dpi} dots per inch are too coarse for {pattern.kind}")
    return _Scale(dots * dot, dots * step, dot)


def _linear(label: Label, pattern: Pattern, scale: _Scale) -> Page:
    """Name above; bars with their digits; lot, expiry and content below."""
    sizes = SIZES[pattern.kind]
    bars = pattern.width * scale.column
    symbol_width = bars + sum(sizes.quiet) * scale.x
    if pattern.kind == "gs1-128" and symbol_width > _LONGEST_GS1_128:
        raise SymbolError(f"a GS1-128 symbol of {symbol_width:.0f} mm; at most 165 mm are allowed")
    left = scale.on_grid(_PADDING + sizes.quiet[0] * scale.x)
    name = _wrapped(label.name, _NAME, symbol_width, bold=True)
    texts, y = _lines(name, _PADDING, _PADDING, _NAME, bold=True)
    top = scale.on_grid(y + (_BODY / 2 if name else 0))
    height = scale.on_grid((sizes.height or 0) * min(1.0, scale.x / sizes.target))
    boxes = _bars(pattern, scale, left, top, height)
    hri, y = _hri(pattern, scale, left, top + height)
    below, y = _lines(_details(label, symbol_width), _PADDING, y, _BODY)
    return Page(
        width=scale.on_grid(symbol_width + 2 * _PADDING),
        height=scale.on_grid(y + _PADDING),
        boxes=boxes,
        texts=(*texts, *hri, *below),
        title=_title(label, pattern),
    )


def _matrix(label: Label, pattern: Pattern, scale: _Scale) -> Page:
    """Symbol on the left, text beside it."""
    quiet = SIZES[pattern.kind].quiet[0] * scale.x
    left = top = scale.on_grid(_PADDING + quiet)
    boxes = []
    for number, row in enumerate(pattern.rows):
        for start, length in _runs(row):
            boxes.append(
                Box(
                    left + start * scale.column,
                    top + number * scale.column,
                    length * scale.column,
                    scale.column,
                )
            )
    symbol_right = left + pattern.width * scale.column + quiet
    symbol_bottom = top + len(pattern.rows) * scale.column + quiet
    column = symbol_right + _PADDING
    name = _wrapped(label.name, _NAME, _TEXT_COLUMN, bold=True)
    texts, y = _lines(name, column, _PADDING, _NAME, bold=True)
    hri = [part for line in pattern.hri for part in _wrapped(line, _BODY, _TEXT_COLUMN)]
    more, y = _lines(hri + _details(label, _TEXT_COLUMN), column, y, _BODY)
    return Page(
        width=scale.on_grid(column + _TEXT_COLUMN + _PADDING),
        height=scale.on_grid(max(symbol_bottom, y) + _PADDING),
        boxes=tuple(boxes),
        texts=(*texts, *more),
        title=_title(label, pattern),
    )


def _bars(
    pattern: Pattern, scale: _Scale, left: float, top: float, height: float
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


def _hri(pattern: Pattern, scale: _Scale, left: float, bottom: float) -> tuple[list[Text], float]:
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


def _details(label: Label, width: float) -> list[str]:
    lot, expiry, net = _WORDS[label.language]
    found = []
    if label.lot:
        found.append(f"{lot}: {label.lot}")
    if label.expiry is not None:
        date = label.expiry
        form = f"{date:%d/%m/%Y}" if label.language == "vi" else f"{date:%Y-%m-%d}"
        found.append(f"{expiry}: {form}")
    if label.net_content:
        found.append(f"{net}: {label.net_content}")
    return [part for line in found for part in _wrapped(line, _BODY, width)]


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


def _title(label: Label, pattern: Pattern) -> str:
    return " · ".join(part for part in (label.name, *pattern.hri) if part)


def _check_agreement(label: Label) -> None:
    """What is printed in words must be what the symbol says."""
    elements = _elements(label)
    if elements is None:
        return
    lot = elements.get("10")
    if label.lot and lot is not None and lot != label.lot:
        raise SymbolError(f"the label says lot {label.lot!r}, its symbol {lot!r}")
    coded = elements.get("17") or elements.get("15")
    if label.expiry is not None and coded is not None and coded not in _coded(label.expiry):
        raise SymbolError(f"the label says expiry {label.expiry}, its symbol {coded} (YYMMDD)")


def _coded(date: datetime.date) -> tuple[str, ...]:
    """The forms of a date in a symbol; day 00 is the last of the month (section 3.4.7)."""
    is_last = (date + datetime.timedelta(days=1)).day == 1
    return (f"{date:%y%m%d}", f"{date:%y%m}00") if is_last else (f"{date:%y%m%d}",)


def _elements(label: Label) -> ElementString | None:
    if label.kind in ("gs1-128", "gs1-datamatrix"):
        return ElementString.parse_bracketed(label.data)
    if label.kind == "digital-link-qr":
        return DigitalLink.parse(label.data).element_string
    return None
