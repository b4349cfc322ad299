"""A printed reference card: a Data Matrix that says how much light its two patches reflect.

Paper and toner differ, so whoever prints a card states their reflectances (measured, or those that
the maker of paper and toner tells). The patches lie at places known from the symbol's corners.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

import numpy as np
import zxingcpp
from PIL import Image

from scanner.drawing import Box, Grid, Page, Text
from scanner.errors import CardNotUsable
from scanner.profile import interpolated
from scanner.projection import Quad
from scanner.quality import grid, light
from scanner.quality.grid import NoGrid
from scanner.quality.light import Gray, Light
from scanner.reading import Symbol

_MESSAGE = re.compile(r"NGUON-CARD (\d\d) (\d\d)", re.ASCII)
_DATA_MATRIX = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.DataMatrix,))
_SIDE = 18  # modules of the symbol, each one millimetre
_PATCH = 14  # modules
_DARK, _LIGHT = _SIDE + 5, _SIDE + 5 + _PATCH + 5  # columns where the patches begin
_TOP = 2
_INNER = 0.25  # of a patch's side left out on each edge: blur, and the frame of the light one
_LEFT, _ABOVE = 12.0, 14.0  # mm to the symbol
_FRAME = 0.4  # mm
_WIDTH, _HEIGHT = 85.6, 54.0  # mm, ISO/IEC 7810 ID-1
_LOOK = 1000  # pixels of the longer side that a card is looked for in
_WORDS = {
    "vi": ("Thẻ chuẩn Nguồn", "Đặt cạnh mã, cùng ánh sáng, không bị lóa."),
    "en": ("Nguồn reference card", "Put it beside the code, in the same light, without glare."),
}


def page(light_percent: int, dark_percent: int, language: str = "vi") -> Page:
    """The card as a page in mm; raises :class:`CardNotUsable` for reflectances that cannot be."""
    if not 0 <= dark_percent < light_percent <= 99:
        raise CardNotUsable("per cent from 0 to 99, the light patch lighter than the dark one")
    text = f"NGUON-CARD {light_percent:02} {dark_percent:02}"
    title, words = _WORDS[language]
    patches = ((_LIGHT, light_percent), (_DARK, dark_percent))
    return Page(
        width=_WIDTH,
        height=_HEIGHT,
        boxes=(Box(_LEFT + _DARK, _ABOVE + _TOP, _PATCH, _PATCH), *_frame(_LEFT + _LIGHT)),
        texts=(
            Text(_LEFT, 9.0, 4.0, title, bold=True),
            *(
                Text(
                    _LEFT + at + _PATCH / 2,
                    _ABOVE + _TOP + _PATCH + 5,
                    3.2,
                    f"{share} %",
                    anchor="middle",
                )
                for at, share in patches
            ),
            Text(_LEFT, _HEIGHT - 8, 2.6, words),
        ),
        title=title,
        grids=(Grid(_LEFT, _ABOVE, 1.0, _rows(text)),),
    )


def _frame(left: float) -> tuple[Box, ...]:
    """A thin frame around the light patch, whose ground is the paper."""
    top, outer = _ABOVE + _TOP, _PATCH + 2 * _FRAME
    return (
        Box(left - _FRAME, top - _FRAME, outer, _FRAME),
        Box(left - _FRAME, top + _PATCH, outer, _FRAME),
        Box(left - _FRAME, top, _FRAME, _PATCH),
        Box(left + _PATCH, top, _FRAME, _PATCH),
    )


def _rows(text: str) -> tuple[str, ...]:
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    picture = cast("bytes", barcode.to_image(scale=1, add_quiet_zones=False))
    rows = cast("list[list[int]]", memoryview(picture).tolist())
    return tuple("".join("0" if value else "1" for value in row) for row in rows)


def is_card(symbol: Symbol) -> bool:
    """Whether a symbol is that of a card."""
    return _MESSAGE.fullmatch(symbol.text) is not None


def scale(image: Image.Image, symbols: Iterable[Symbol]) -> Light | None:
    """Reflectance of each grey value by the photo's first card; None without a card.

    Raises :class:`CardNotUsable` where its patches are cut off, overexposed or alike.
    """
    gray = np.asarray(image)
    read = [(symbol.text, symbol.polygon) for symbol in symbols if is_card(symbol)]
    for text, corners in read or _looked_for(image):
        message = _MESSAGE.fullmatch(text)
        if message:
            shares = (int(message[1]) / 100, int(message[2]) / 100)
            patches = (_seen(gray, corners, _LIGHT), _seen(gray, corners, _DARK))
            return light.between(*zip(patches, shares, strict=True))
    return None


def _looked_for(image: Image.Image) -> list[tuple[str, Quad]]:
    """Data Matrix symbols of a small copy: a reader may have stopped at the code to be judged."""
    factor = max(1, max(image.size) // _LOOK)
    found = []
    for barcode in zxingcpp.read_barcodes(image.reduce(factor), formats=_DATA_MATRIX):
        place = barcode.position
        points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        a, b, c, d = (((p.x + 0.5) * factor - 0.5, (p.y + 0.5) * factor - 0.5) for p in points)
        found.append((barcode.text, (a, b, c, d)))
    return found


def _seen(gray: Gray, corners: Quad, left: int) -> Gray:
    """Grey values of the inner part of the patch that begins at a column."""
    try:
        matrix = grid.from_corners(corners, _SIDE, _SIDE)
    except NoGrid:
        raise CardNotUsable("the card's symbol spans no area") from None
    inner = np.linspace(_INNER * _PATCH, (1 - _INNER) * _PATCH, 15)
    u, v = (part.ravel() for part in np.meshgrid(left + inner, _TOP + inner))
    points = matrix @ np.stack([u, v, np.ones_like(u)])
    x, y = (points[:2] / points[2]).astype(np.float32)
    height, width = gray.shape
    if x.min() < 0 or y.min() < 0 or x.max() > width - 1 or y.max() > height - 1:
        raise CardNotUsable("a patch of the card lies outside the photo")
    return np.rint(interpolated(gray, x, y)).astype(np.uint8)
