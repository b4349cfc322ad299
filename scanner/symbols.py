"""Symbols as modules: what is printed dark, before any size or file format.

python-barcode writes EAN/UPC, ITF-14 and GS1-128, zxing-cpp the others; neither checks GS1 data, so
:mod:`gs1` does that first. Clauses are those of the GS1 General Specifications.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast, get_args

import zxingcpp
from barcode.codex import Gs1_128
from barcode.ean import EAN8_GUARD, EAN13_GUARD
from barcode.itf import ITF

from gs1.digital_link import DigitalLink
from gs1.element_string import ElementString
from gs1.errors import Gs1Error
from gs1.hri import lines
from gs1.keys.gtin import Gtin
from scanner.errors import SymbolError

Kind = Literal[
    "ean-13",
    "ean-8",
    "upc-a",
    "itf-14",
    "gs1-128",
    "databar-expanded",
    "databar-expanded-stacked",
    "gs1-datamatrix",
    "gs1-datamatrix-rectangular",
    "gs1-qr",
    "digital-link-qr",
    "digital-link-datamatrix",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FNC1 = "\xf1"  # python-barcode's name of the FNC1 character
_RECTANGLES = range(25, 31)  # zxing-cpp's versions of Data Matrix from 8 × 18 to 16 × 48
_INK = b"1" + b"0" * 255  # dark for the grey value 0
_Format = zxingcpp.BarcodeFormat


@dataclass(frozen=True, slots=True)
class Sizes:
    """Limits in millimetres: X-dimension, and the least height of a linear symbol at ``target``.

    ``quiet`` is the quiet zone left and right (matrix symbols: on all sides) in modules.
    """

    least: float
    target: float
    most: float
    quiet: tuple[int, int]
    height: float | None = None


# The symbol specification tables of section 5.12.3: EAN/UPC and DataBar as on retail items, ITF-14
# and GS1-128 as on general distribution items (GS1-128 down to the 0.250 mm allowed where space is
# short), matrix symbols as beside linear ones at the point of sale (1.5 × their X-dimension),
# DataMatrix down to what direct printing on small packs allows. DataBar needs no quiet zone; one
# module keeps other print from touching it.
_DATAMATRIX = Sizes(0.255, 0.495, 0.990, (1, 1))
_QR = Sizes(0.396, 0.495, 0.990, (4, 4))
SIZES: dict[Kind, Sizes] = {
    "ean-13": Sizes(0.264, 0.330, 0.660, (11, 7), 22.85),
    "ean-8": Sizes(0.264, 0.330, 0.660, (7, 7), 18.23),
    "upc-a": Sizes(0.264, 0.330, 0.660, (9, 9), 22.85),
    "itf-14": Sizes(0.495, 0.495, 1.016, (10, 10), 31.75),
    "gs1-128": Sizes(0.250, 0.495, 1.016, (10, 10), 31.75),
    "databar-expanded": Sizes(0.264, 0.330, 0.660, (1, 1), 34 * 0.330),
    "databar-expanded-stacked": Sizes(0.264, 0.330, 0.660, (1, 1)),
    "gs1-datamatrix": _DATAMATRIX,
    "gs1-datamatrix-rectangular": _DATAMATRIX,
    "digital-link-datamatrix": _DATAMATRIX,
    "gs1-qr": _QR,
    "digital-link-qr": _QR,
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """The modules of one symbol.

    ``rows`` holds ``1`` for dark, ``0`` for light and, in linear symbols, ``G`` for a dark module
    of a guard bar, which reaches further down. ``hri`` is the human readable interpretation.
    ``text`` is what a scanner transmits. ``units`` is how many columns make one X-dimension: two
    in ITF-14, whose wide bars measure 2.5 X. ``elements`` are the AIs within, if there are any.
    """

    kind: Kind
    rows: tuple[str, ...]
    hri: tuple[str, ...]
    text: str
    units: int = 1
    elements: ElementString | None = None

    @property
    def is_linear(self) -> bool:
        """Whether the one row stands for bars of some height."""
        return len(self.rows) == 1

    @property
    def width(self) -> int:
        """Columns from first to last bar or module, without quiet zones."""
        return len(self.rows[0])


def encode(kind: Kind, data: str) -> Pattern:
    """The symbol of ``data``; raises :class:`SymbolError` for what that kind cannot carry.

    Data is a GTIN for EAN-13, EAN-8, UPC-A (of natural or 14-digit length) and ITF-14, a GS1
    Digital Link URI for the kinds named after it, a bracketed element string for all others.

    >>> encode("ean-8", "95212340").hri
    ('95212340',)
    """
    try:
        match kind:
            case "ean-13" | "ean-8" | "upc-a":
                return _retail(kind, Gtin.parse(data))
            case "itf-14":
                return _itf(Gtin.parse(data))
            case "digital-link-qr" | "digital-link-datamatrix":
                return _link(kind, DigitalLink.parse(data))
            case _:
                return encode_elements(kind, ElementString.parse_bracketed(data))
    except Gs1Error as error:
        raise SymbolError(str(error)) from error


def encode_elements(kind: Kind, elements: ElementString) -> Pattern:
    """The symbol of AIs that are checked already, or of a part of them on a unit of two symbols.

    Raises :class:`SymbolError` where they do not fit, or for a kind that holds no AIs.
    """
    if elements.composite is not None:
        raise SymbolError("composite symbols are not written")
    if kind == "gs1-128":
        return _gs1_128(elements)
    if kind not in _WRITERS:
        raise SymbolError(f"{kind} carries no element string")
    elements = _ordered(elements)
    barcode = _WRITERS[kind](elements.to_bracketed())
    raw = elements.to_raw()
    # zxing-cpp reads brackets its own way: hold its word against ours.
    if barcode.bytes != raw.encode("ascii"):
        raise SymbolError("the encoder cannot write these characters")
    rows = _rows(barcode)
    if kind == "databar-expanded":
        rows = rows[:1]
    return Pattern(kind, rows, _element_lines(elements), raw, elements=elements)


def _ordered(elements: ElementString) -> ElementString:
    """With AI (235) last: zxing-cpp takes it for one of fixed length and writes no FNC1 after it.

    The order of element strings in a symbol means nothing (section 7.8).
    """
    last = [item for item in elements.items if item[0] == "235"]
    if not last:
        return elements
    return ElementString((*[item for item in elements.items if item not in last], *last))


def _retail(kind: Kind, gtin: Gtin) -> Pattern:
    """EAN/UPC, section 5.2; a UPC-A symbol is the EAN-13 symbol of the digits after a zero."""
    if kind == "ean-8":
        digits = gtin.as_gtin(8)
        return Pattern(kind, tuple(EAN8_GUARD(digits).build()), (digits,), digits)
    if len(gtin.value) == 8:
        raise SymbolError(f"a GTIN-8 is carried by EAN-8, not by {kind} (section 5.2)")
    digits = gtin.as_gtin(12 if kind == "upc-a" else 13)
    row = EAN13_GUARD(digits.zfill(13)).build()[0]
    if kind == "upc-a":
        # The first and last digit's bars are as long as the guard bars (figure 5.2.2.1-2).
        row = row[:10].replace("1", "G") + row[10:85] + row[85:].replace("1", "G")
    return Pattern(kind, (row,), (digits,), digits.zfill(13))


def _itf(gtin: Gtin) -> Pattern:
    """ITF-14, section 5.3, wide to narrow 5 : 2 as the section asks."""
    digits = gtin.as_gtin(14)
    return Pattern("itf-14", tuple(ITF(digits).build()), (digits,), digits, units=2)


def _gs1_128(elements: ElementString) -> Pattern:
    """GS1-128, section 5.4: at most 48 characters and 165 mm."""
    raw = elements.to_raw()
    if len(raw) > 48:
        raise SymbolError(f"a GS1-128 symbol carries at most 48 characters, these are {len(raw)}")
    rows = Gs1_128(raw.replace("\x1d", _FNC1)).build()
    return Pattern("gs1-128", tuple(rows), _element_lines(elements), raw, elements=elements)


def _link(kind: Kind, link: DigitalLink) -> Pattern:
    """QR Code (level M) or Data Matrix with a Digital Link URI, section 5.10: without FNC1."""
    if kind == "digital-link-qr":
        barcode = _create(str(link), _Format.QRCode, ec_level="M")
    else:
        barcode = _create(str(link), _Format.DataMatrix, force_square=True)
    if barcode.bytes != str(link).encode():
        raise SymbolError("the encoder cannot write these characters")
    elements = link.element_string
    return Pattern(kind, _rows(barcode), _element_lines(elements), str(link), elements=elements)


def _square(text: str) -> zxingcpp.Barcode:
    """GS1 DataMatrix, section 5.6: ECC 200, FNC1 first."""
    return _create(text, _Format.DataMatrix, gs1=True, force_square=True)


def _rectangle(text: str) -> zxingcpp.Barcode:
    """The smallest rectangular GS1 DataMatrix that holds the text."""
    for version in _RECTANGLES:
        try:
            return _create(text, _Format.DataMatrix, gs1=True, version=version)
        except SymbolError as error:
            refused = error
    raise refused


def _databar(text: str) -> zxingcpp.Barcode:
    """GS1 DataBar Expanded, section 5.5; it holds AIs by nature and takes no option for them."""
    return _create(text, _Format.DataBarExp)


def _stacked(text: str) -> zxingcpp.Barcode:
    """GS1 DataBar Expanded Stacked, section 5.5: two segment pairs a row."""
    return _create(text, _Format.DataBarExpStk)


def _gs1_qr(text: str) -> zxingcpp.Barcode:
    """GS1 QR Code, section 5.7: FNC1 in first position, error correction level M."""
    return _create(text, _Format.QRCode, gs1=True, ec_level="M")


_WRITERS: dict[Kind, Callable[[str], zxingcpp.Barcode]] = {
    "databar-expanded": _databar,
    "databar-expanded-stacked": _stacked,
    "gs1-datamatrix": _square,
    "gs1-datamatrix-rectangular": _rectangle,
    "gs1-qr": _gs1_qr,
}


def _element_lines(elements: ElementString) -> tuple[str, ...]:
    return tuple(lines(elements.items))


def _create(text: str, symbology: zxingcpp.BarcodeFormat, **options: object) -> zxingcpp.Barcode:
    try:
        return zxingcpp.create_barcode(text, symbology, **options)
    except (ValueError, RuntimeError) as error:
        why = "does not fit into one symbol" if "too long" in str(error) else "cannot be written"
        raise SymbolError(f"the data {why}: {error}") from error


def _rows(barcode: zxingcpp.Barcode) -> tuple[str, ...]:
    picture = memoryview(cast("bytes", barcode.to_image(scale=1, add_quiet_zones=False)))
    _height, width = cast("tuple[int, int]", picture.shape)
    modules = picture.tobytes().translate(_INK).decode("ascii")
    return tuple([modules[at : at + width] for at in range(0, len(modules), width)])
