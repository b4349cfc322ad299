"""Printed labels: a symbol with its human readable interpretation and what a buyer reads.

The words on a label only name what the producer declares; none says that a product is genuine.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from typing import Literal, cast, get_args

from scanner import drawing, pdf, readback, zpl
from scanner.artwork import scale_of
from scanner.drawing import Page
from scanner.errors import SymbolError
from scanner.layout import Words, linear, matrix, symbol_alone
from scanner.symbols import Kind, Pattern, encode

Form = Literal["png", "svg", "pdf", "zpl"]
Language = Literal["vi", "en"]
#: Forms made of a printer's dots, which the modules must lie on.
DOTS: tuple[Form, ...] = ("png", "zpl")

_WORDS: dict[Language, tuple[str, str, str, str]] = {
    "vi": ("Số lô", "NSX", "HSD", "Định lượng"),
    "en": ("Lot", "Made", "Expiry", "Net content"),
}


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed. ``data`` is as in :func:`scanner.symbols.encode`.

    ``lot``, ``produced`` and ``expiry``, where given, must be those of the symbol if it has any.
    ``x_dimension`` is the module width in mm, None for the target of the standard. ``reduction``
    in mm makes bars and modules narrower for an ink that spreads (vector files only). ``hidden``
    is a one-time code printed in a field to be covered; only labels on a sheet have that field.
    """

    kind: Kind
    data: str
    name: str = ""
    lot: str = ""
    expiry: datetime.date | None = None
    net_content: str = ""
    x_dimension: float | None = None
    language: Language = "vi"
    produced: datetime.date | None = None
    reduction: float = 0.0
    hidden: str = ""


def render(label: Label, form: Form, dpi: int = 300) -> bytes:
    """The label as a file, once it was read back; ``dpi`` matters for PNG and ZPL.

    Raises :class:`SymbolError` for what cannot be printed, NotReadBack for what does not read.
    """
    return _checked(layout(label, dpi if form in DOTS else None), form, dpi)


def render_symbol(
    kind: Kind, data: str, form: Form, dpi: int = 300, x_dimension: float | None = None
) -> bytes:
    """The symbol and its quiet zone without any text, for a designer's own artwork."""
    pattern = encode(kind, data)
    scale = scale_of(pattern, x_dimension, dpi if form in DOTS else None)
    return _checked(symbol_alone(pattern, scale), form, dpi)


def _checked(page: Page, form: Form, dpi: int) -> bytes:
    readback.check([page], dpi)
    match form:
        case "png":
            return drawing.to_png(page, dpi)
        case "svg":
            return drawing.to_svg(page)
        case "pdf":
            return pdf.to_pdf(page)
        case "zpl":
            return zpl.to_zpl(page, dpi)


def form_of(name: str) -> Form:
    """The form that a file name asks for; raises :class:`SymbolError` for another ending."""
    ending = name.rpartition(".")[2].lower()
    for form in get_args(Form):
        if ending == form:
            return cast("Form", form)
    raise SymbolError(f"a label is written as {', '.join(get_args(Form))}, not as {ending!r}")


def layout(label: Label, dpi: int | None = None) -> Page:
    """The page; with ``dpi`` the modules are whole pixels within the limits of the standard."""
    if label.hidden:
        raise SymbolError("a hidden code is printed on labels of a sheet")
    pattern = pattern_of(label)
    scale = scale_of(pattern, label.x_dimension, dpi, label.reduction)
    place = linear if pattern.is_linear else matrix
    return place(Words(label.name, details(label)), pattern, scale)


def details(label: Label) -> tuple[str, ...]:
    """Lot, dates and content in words, those that are given."""
    lot, produced, expiry, net = _WORDS[label.language]
    form = "%d/%m/%Y" if label.language == "vi" else "%Y-%m-%d"
    found = []
    if label.lot:
        found.append(f"{lot}: {label.lot}")
    if label.produced is not None:
        found.append(f"{produced}: {label.produced:{form}}")
    if label.expiry is not None:
        found.append(f"{expiry}: {label.expiry:{form}}")
    if label.net_content:
        found.append(f"{net}: {label.net_content}")
    return tuple(found)


def pattern_of(label: Label) -> Pattern:
    """The symbol; raises :class:`SymbolError` where the words of the label contradict it."""
    pattern = encode(label.kind, label.data)
    elements = pattern.elements
    if elements is None:
        return pattern
    lot = elements.get("10")
    if label.lot and lot is not None and lot != label.lot:
        raise SymbolError(f"the label says lot {label.lot!r}, its symbol {lot!r}")
    _check_date("expiry", label.expiry, elements.get("17") or elements.get("15"))
    _check_date("production", label.produced, elements.get("11"))
    return pattern


def _check_date(name: str, date: datetime.date | None, coded: str | None) -> None:
    if date is not None and coded is not None and coded not in _coded(date):
        raise SymbolError(f"the label says {name} {date}, its symbol {coded} (YYMMDD)")


@functools.lru_cache(maxsize=64)  # labels of a series have the same dates
def _coded(date: datetime.date) -> tuple[str, ...]:
    """The forms of a date in a symbol; day 00 is the last of the month (section 3.4.7)."""
    is_last = (date + datetime.timedelta(days=1)).day == 1
    return (f"{date:%y%m%d}", f"{date:%y%m}00") if is_last else (f"{date:%y%m%d}",)
