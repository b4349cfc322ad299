"""Reading back what is about to be printed: every symbol of a label by two decoders.

The label is drawn in dots as a printer would, words and all, so that print in a quiet zone, a
module too small for the dots or a wrong encoder shows. zxing-cpp reads every symbol; the second
opinion is zbar for linear symbols and QR Codes, :mod:`scanner.datamatrix` for Data Matrix.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import zxingcpp
from PIL import Image

from scanner import datamatrix, zbar
from scanner.drawing import MM_PER_INCH, Mark, Page, picture
from scanner.errors import SymbolError

Decoder = Literal["zxing-cpp", "zbar", "module-reader"]

_Format = zxingcpp.BarcodeFormat
_LEAST_DOTS = 3  # per module: a scanner's camera sees more of it than a coarse printer sets
_TURNS = (0, 8, -20)  # degrees
_GS = "\x1d"
# How each kind is transmitted: zxing-cpp's name of it, the symbology identifier (ISO/IEC 15424).
_TRANSMITTED: dict[str, tuple[zxingcpp.BarcodeFormat, str]] = {
    "ean-13": (_Format.EANUPC, "]E0"),
    "ean-8": (_Format.EANUPC, "]E4"),
    "upc-a": (_Format.EANUPC, "]E0"),
    "itf-14": (_Format.ITF, "]I1"),
    "gs1-128": (_Format.Code128, "]C1"),
    "databar-expanded": (_Format.DataBarExp, "]e0"),
    "databar-expanded-stacked": (_Format.DataBarExpStk, "]e0"),
    "gs1-datamatrix": (_Format.DataMatrix, "]d2"),
    "gs1-datamatrix-rectangular": (_Format.DataMatrix, "]d2"),
    "digital-link-datamatrix": (_Format.DataMatrix, "]d1"),
    "gs1-qr": (_Format.QRCode, "]Q3"),
    "digital-link-qr": (_Format.QRCode, "]Q1"),
}
_ZBAR = {
    "ean-13": "EAN13",
    "ean-8": "EAN8",
    "upc-a": "EAN13",
    "itf-14": "I25",
    "gs1-128": "CODE128",
    "databar-expanded": "DATABAR_EXP",
    "gs1-qr": "QRCODE",
    "digital-link-qr": "QRCODE",
}


class NotReadBack(SymbolError):
    """A symbol on a label did not read as what it should say: the label must not be printed."""

    code = "label-not-read-back"


def check(pages: Iterable[Page], dpi: int = 300) -> None:
    """Read every symbol of the labels back; raises :class:`NotReadBack` naming the first that
    fails and the decoder."""
    for number, page in enumerate(pages, 1):
        failing = unread(page, dpi)
        if failing:
            mark, decoder = failing[0]
            raise NotReadBack(
                f"label {number} ({page.title}): {decoder} does not read its {mark.kind} symbol"
            )


def unread(page: Page, dpi: int = 300) -> list[tuple[Mark, Decoder]]:
    """The symbols that a decoder does not read as they should be, with that decoder."""
    finest = min((mark.module for mark in page.marks), default=1.0)
    dots = max(dpi, -(-_LEAST_DOTS * MM_PER_INCH // finest))
    image = picture(page, dots).convert("L")
    return [
        (mark, decoder)
        for mark in page.marks
        for decoder in decoders(mark)
        if not _READERS[decoder](image, mark, dots / MM_PER_INCH)
    ]


def decoders(mark: Mark) -> Sequence[Decoder]:
    """Who reads a symbol back here; zbar only where its library is installed.

    Two kinds of symbol have one decoder: DataBar Expanded Stacked, which zbar does not read, and
    DataBar Expanded with FNC1 inside, after which zbar misreads digits that follow letters.
    """
    if "datamatrix" in mark.kind:
        return ("zxing-cpp", "module-reader")
    misread = mark.kind == "databar-expanded" and _GS in mark.text
    if mark.kind in _ZBAR and not misread and zbar.available():
        return ("zxing-cpp", "zbar")
    return ("zxing-cpp",)


def _zxing(image: Image.Image, mark: Mark, scale: float) -> bool:
    """As it stands; a Data Matrix askew too, as zxing-cpp overlooks some that stand upright."""
    symbology, identifier = _TRANSMITTED[mark.kind]
    upright = _around(image, mark, scale)
    for turn in _TURNS if "datamatrix" in mark.kind else (0,):
        found = zxingcpp.read_barcodes(
            upright.rotate(turn, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
            if turn
            else upright,
            zxingcpp.BarcodeFormats([symbology]),
            text_mode=zxingcpp.TextMode.Plain,
            try_invert=False,
        )
        if (mark.text, identifier) in {(item.text, item.symbology_identifier) for item in found}:
            return True
    return False


def _zbar(image: Image.Image, mark: Mark, scale: float) -> bool:
    found = zbar.read(_around(image, mark, scale), [_ZBAR[mark.kind]])
    # zbar keeps the FNC1 in first position of some symbols; it is no part of the message.
    return mark.text in {item.data.decode("utf-8", "replace").lstrip(_GS) for item in found}


def _around(image: Image.Image, mark: Mark, scale: float) -> Image.Image:
    """The symbol and what stands around it, within its quiet zone and beyond."""
    border = 12 * mark.module
    box = (mark.left - border, mark.top - border)
    end = (mark.left + mark.width + border, mark.top + mark.height + border)
    return image.crop(
        (
            max(0, round(box[0] * scale)),
            max(0, round(box[1] * scale)),
            min(image.width, round(end[0] * scale)),
            min(image.height, round(end[1] * scale)),
        )
    )


def _modules(image: Image.Image, mark: Mark, scale: float) -> bool:
    """Sample the middle of every module, and ask for a light border one module wide."""
    columns, rows = round(mark.width / mark.module), round(mark.height / mark.module)
    x = ((mark.left + (np.arange(-1, columns + 1) + 0.5) * mark.module) * scale).astype(int)
    y = ((mark.top + (np.arange(-1, rows + 1) + 0.5) * mark.module) * scale).astype(int)
    pixels = np.asarray(image)
    if min(x[0], y[0]) < 0 or x[-1] >= image.width or y[-1] >= image.height:
        return False
    dark = pixels[np.ix_(y, x)] < 128
    if dark.sum() != dark[1:-1, 1:-1].sum():
        return False
    inner = dark[1:-1, 1:-1].astype(int).tolist()
    try:
        text = datamatrix.decode(["".join(map(str, row)) for row in inner])
    except SymbolError:
        return False
    linked = mark.kind == "digital-link-datamatrix"
    return text == (mark.text if linked else _GS + mark.text)


_READERS = {"zxing-cpp": _zxing, "zbar": _zbar, "module-reader": _modules}
