"""Symbols as modules: what is printed dark, before any size or file format.

python-barcode writes the linear symbols, zxing-cpp the matrix symbols; neither checks GS1 data, so
:mod:`gs1` does that first. Clauses are those of the GS1 General Specifications.
"""

from __future__ import annotations

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

Kind = Literal["ean-13", "ean-8", "upc-a", "itf-14", "gs1-128", "gs1-datamatrix", "digital-link-qr"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FNC1 = "\xf1"  # python-barcode's name of the FNC1 character


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


# The symbol specification tables of section 5.12.3: EAN/UPC as on retail items, ITF-14 and GS1-128
# as on general distribution items (GS1-128 down to the 0.250 mm allowed where space is short),
# matrix symbols as beside linear ones at the point of sale (1.5 × their X-dimension), DataMatrix
# down to what direct printing on small packs allows.
SIZES: dict[Kind, Sizes] = {
    "ean-13": Sizes(0.264, 0.330, 0.660, (11, 7), 22.85),
    "ean-8": Sizes(0.264, 0.330, 0.660, (7, 7), 18.23),
    "upc-a": Sizes(0.264, 0.330, 0.660, (9, 9), 22.85),
    "itf-14": Sizes(0.495, 0.495, 1.016, (10, 10), 31.75),
    "gs1-128": Sizes(0.250, 0.495, 1.016, (10, 10), 31.75),
    "gs1-datamatrix": Sizes(0.255, 0.495, 0.990, (1, 1)),
    "digital-link-qr": Sizes(0.396, 0.495, 0.990, (4, 4)),
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """The modules of one symbol.

    ``rows`` holds ``1`` for dark, ``0`` for light and, in linear symbols, ``G`` for a dark module
    of a guard bar, which reaches further down. ``hri`` is the human readable interpretation.
    ``text`` is what a scanner transmits. ``units`` is how many columns make one X-dimension: two
    in ITF-14, whose wide bars measure 2.5 X.
    """

    kind: Kind
    rows: tuple[str, ...]
    hri: tuple[str, ...]
    text: str
    units: int = 1

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

    Data is a GTIN for EAN-13, EAN-8, UPC-A (of natural or 14-digit length) and ITF-14, a bracketed
    element string for GS1-128 and GS1 DataMatrix, a GS1 Digital Link URI for the QR Code.

    >>> encode("ean-8", "95212340").hri
    ('95212340',)
    """
    try:
        match kind:
            case "ean-13" | "ean-8" | "upc-a":
                return _retail(kind, Gtin.parse(data))
            case "itf-14":
                return _itf(Gtin.parse(data))
            case "gs1-128":
                return _gs1_128(ElementString.parse_bracketed(data))
            case "gs1-datamatrix":
                return _datamatrix(ElementString.parse_bracketed(data))
            case "digital-link-qr":
                return _qr(DigitalLink.parse(data))
    except Gs1Error as error:
        raise SymbolError(str(error)) from error


def _retail(kind: Kind, gtin: Gtin) -> Pattern:
    """EAN/UPC, section 5.2; a UPC-A symbol is the EAN-13 symbol of the digits after a zero."""
    if kind == "ean-8":
        digits = gtin.as_gtin(8)
        return Pattern(kind, tuple(EAN8_GUARD(digits).build()), (digits,), digits)
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
    return Pattern("gs1-128", tuple(rows), _element_lines(elements), raw)


def _datamatrix(elements: ElementString) -> Pattern:
    """GS1 DataMatrix, section 5.6: ECC 200, square, FNC1 first."""
    barcode = _create(
        elements.to_bracketed(), zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True
    )
    raw = elements.to_raw()
    # zxing-cpp reads brackets its own way: hold its word against ours.
    if barcode.bytes != raw.encode("ascii"):
        raise SymbolError("the encoder cannot write these characters")
    return Pattern("gs1-datamatrix", _matrix(barcode), _element_lines(elements), raw)


def _qr(link: DigitalLink) -> Pattern:
    """QR Code with a Digital Link URI, section 5.10: no FNC1, error correction level M."""
    barcode = _create(str(link), zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    hri = _element_lines(link.element_string)
    return Pattern("digital-link-qr", _matrix(barcode), hri, str(link))


def _element_lines(elements: ElementString) -> tuple[str, ...]:
    return tuple(lines(elements.items))


def _create(text: str, symbology: zxingcpp.BarcodeFormat, **options: object) -> zxingcpp.Barcode:
    try:
        return zxingcpp.create_barcode(text, symbology, **options)
    except (ValueError, RuntimeError) as error:
        raise SymbolError(f"the data does not fit into one symbol: {error}") from error


def _matrix(barcode: zxingcpp.Barcode) -> tuple[str, ...]:
    # zxing-cpp's picture is a two-dimensional buffer of bytes, 0 for dark; its stubs do not say so.
    picture = cast("bytes", barcode.to_image(scale=1, add_quiet_zones=False))
    rows = cast("list[list[int]]", memoryview(picture).tolist())
    return tuple("".join("0" if value else "1" for value in row) for row in rows)
