"""Printed labels: a symbol with its human readable interpretation and what a buyer reads.

The words on a label only name what the producer declares; none says that a product is genuine.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal, cast, get_args

from gs1.digital_link import DigitalLink
from gs1.element_string import ElementString
from scanner import drawing
from scanner.drawing import Page
from scanner.errors import SymbolError
from scanner.layout import Words, linear, matrix, scale_of, symbol_alone
from scanner.symbols import Kind, encode

Form = Literal["png", "svg", "pdf"]
Language = Literal["vi", "en"]

_WORDS: dict[Language, tuple[str, str, str]] = {
    "vi": ("Số lô", "HSD", "Định lượng"),
    "en": ("Lot", "Expiry", "Net content"),
}


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


def render(label: Label, form: Form, dpi: int = 300) -> bytes:
    """The label as a file; ``dpi`` matters for PNG only. Raises :class:`SymbolError`."""
    return _written(layout(label, dpi if form == "png" else None), form, dpi)


def render_symbol(
    kind: Kind, data: str, form: Form, dpi: int = 300, x_dimension: float | None = None
) -> bytes:
    """The symbol and its quiet zone without any text, for a designer's own artwork."""
    pattern = encode(kind, data)
    scale = scale_of(pattern, x_dimension, dpi if form == "png" else None)
    return _written(symbol_alone(pattern, scale), form, dpi)


def _written(page: Page, form: Form, dpi: int) -> bytes:
    match form:
        case "png":
            return drawing.to_png(page, dpi)
        case "svg":
            return drawing.to_svg(page)
        case "pdf":
            return drawing.to_pdf(page)


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
    scale = scale_of(pattern, label.x_dimension, dpi)
    place = linear if pattern.is_linear else matrix
    return place(Words(label.name, _details(label)), pattern, scale)


def _details(label: Label) -> tuple[str, ...]:
    lot, expiry, net = _WORDS[label.language]
    found = []
    if label.lot:
        found.append(f"{lot}: {label.lot}")
    if label.expiry is not None:
        form = "%d/%m/%Y" if label.language == "vi" else "%Y-%m-%d"
        found.append(f"{expiry}: {label.expiry:{form}}")
    if label.net_content:
        found.append(f"{net}: {label.net_content}")
    return tuple(found)


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
