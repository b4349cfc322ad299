"""ZPL II for label printers: native symbols where they say the same, else the printer's dots.

A printer's own commands stay sharp and short, but its encoder may choose otherwise than ours. They
are used only where the symbol cannot come out larger than it was laid out; DataBar, rectangular
and GS1 QR symbols always go as dots. Words are always a bitmap (``^GF``): the fonts of most
printers lack Vietnamese letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from scanner.datamatrix import ascii_length, capacity
from scanner.drawing import MM_PER_INCH, Box, Grid, Mark, Page, picture
from scanner.errors import SymbolError

RESOLUTIONS = (203, 300, 600)  # dots per inch of print heads
_GS = "\x1d"
_MOST_MAGNIFICATION = 10  # width of a module in dots that ^BY and ^BQ take
_LARGEST_FORCED = 48  # columns of ^BX that every firmware lets one choose
_PLAIN = re.compile(r"[ -\]_-}]*")  # field data without ^ and ~, which begin commands
# Bytes that a QR Code of version 1, 2, … holds at level M (ISO/IEC 18004 table 7).
_QR_BYTES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)


def to_zpl(page: Page, dpi: int, copies: int = 1) -> bytes:
    """One label format for a printer of ``dpi``, for which the page must be laid out.

    Raises :class:`SymbolError` for a resolution that no print head has.
    """
    if dpi not in RESOLUTIONS:
        raise SymbolError(f"a label printer has {RESOLUTIONS} dots per inch, not {dpi}")
    scale = dpi / MM_PER_INCH
    native = {mark: command for mark in page.marks if (command := _native(mark, scale))}
    grids = tuple([grid for grid in page.grids if not any(_covers(m, grid) for m in native)])
    boxes = page.boxes
    for mark in native:
        boxes = tuple([part for box in boxes for part in _outside(box, mark)])
    lines = [
        "^XA",
        "^CI28",
        f"^PW{round(page.width * scale)}^LL{round(page.height * scale)}^LH0,0",
        *(
            f"^FO{round(mark.left * scale)},{round(mark.top * scale)}{command}^FS"
            for mark, command in native.items()
        ),
        *_graphic(replace(page, grids=grids, boxes=boxes), dpi),
        *([f"^PQ{copies}"] if copies > 1 else []),
        "^XZ",
        "",
    ]
    return "\n".join(lines).encode("ascii")


def _covers(mark: Mark, grid: Grid) -> bool:
    return (mark.left, mark.top) == (grid.left, grid.top)


def _outside(box: Box, mark: Mark) -> Iterator[Box]:
    """What of a box is not bars that the printer draws itself: a guard bar keeps its lower end."""
    bottom, end = box.top + box.height, mark.top + mark.height
    within = box.left >= mark.left - 1e-6 and box.left + box.width <= mark.left + mark.width + 1e-6
    if not within or box.top >= end - 1e-6 or bottom <= mark.top:
        yield box
    elif bottom > end + 1e-6:
        yield Box(box.left, end, box.width, bottom - end)


def _native(mark: Mark, scale: float) -> str | None:
    """The printer's command and field data for a symbol, or None where dots are safer."""
    write = _WRITERS.get(mark.kind)
    dots, height = round(mark.module * scale), round(mark.height * scale)
    if write is None or not _PLAIN.fullmatch(mark.text.replace(_GS, "")):
        return None
    # ^BX takes modules of any size, ^BY and ^BQ do not.
    if dots > _MOST_MAGNIFICATION and write is not _datamatrix:
        return None
    return write(mark, dots, height)


def _ean13(mark: Mark, dots: int, height: int) -> str:
    return f"^BY{dots}^BEN,{height},N,N^FD{mark.text[:12]}"


def _ean8(mark: Mark, dots: int, height: int) -> str:
    return f"^BY{dots}^B8N,{height},N,N^FD{mark.text[:7]}"


def _upca(mark: Mark, dots: int, height: int) -> str:
    return f"^BY{dots}^BUN,{height},N,N,N^FD{mark.text[1:12]}"


def _itf14(mark: Mark, dots: int, height: int) -> str | None:
    if dots % 2:
        return None  # wide bars of 2.5 X would not be whole dots
    return f"^BY{dots},2.5^B2N,{height},N,N,N^FD{mark.text}"


def _gs1_128(mark: Mark, dots: int, height: int) -> str | None:
    """Code 128 in mode N: code sets and FNC1 chosen here, so that the length is known."""
    data, characters = _code_sets(mark.text)
    # Start, data, check character of 11 modules each, stop of 13.
    if 11 * (characters + 2) + 13 != round(mark.width / mark.module):
        return None
    return f"^BY{dots}^BCN,{height},N,N,N,N^FD{data}"


def _code_sets(text: str) -> tuple[str, int]:
    """Field data with the invocations of code sets, and the symbol characters it takes.

    >>> _code_sets("0112AB")
    ('>;>80112>6AB', 6)
    """
    found, count, at, pairs = [">;>8"], 1, 0, True
    while at < len(text):
        digits = re.compile("[0-9]*").match(text, at)
        run = len(digits.group()) if digits else 0
        if text[at] == _GS:
            found.append(">8")
        elif pairs and run >= 2:
            found.append(text[at : at + 2])
            at += 1
        elif pairs:
            found.append(">6")
            pairs, at = False, at - 1
        elif run >= 4 and run % 2 == 0:
            found.append(">5")
            pairs, at = True, at - 1
        else:
            found.append(">0" if text[at] == ">" else text[at])
        at, count = at + 1, count + 1
    return "".join(found), count


def _datamatrix(mark: Mark, dots: int, height: int) -> str | None:
    del height
    side = round(mark.width / mark.module)
    linked = mark.kind == "digital-link-datamatrix"
    text = mark.text if linked else _GS + mark.text
    # Were the printer to use nothing but ASCII encodation, the data must fit all the same.
    if side > _LARGEST_FORCED or ascii_length(text) > capacity(side, side):
        return None
    data = text.replace("_", "__").replace(_GS, "_1")
    return f"^BXN,{dots},200,{side},{side},,_^FD{data}"


def _qr(mark: Mark, dots: int, height: int) -> str | None:
    del height
    version = (round(mark.width / mark.module) - 17) // 4
    if version > len(_QR_BYTES) or len(mark.text) > _QR_BYTES[version - 1]:
        return None
    # ^BQ sets the symbol lower by the bar height of ^BY: the least possible, 1 dot.
    return f"^BY{dots},2,1^BQN,2,{dots}^FDMA,{mark.text}"


_WRITERS: dict[str, Callable[[Mark, int, int], str | None]] = {
    "ean-13": _ean13,
    "ean-8": _ean8,
    "upc-a": _upca,
    "itf-14": _itf14,
    "gs1-128": _gs1_128,
    "gs1-datamatrix": _datamatrix,
    "digital-link-datamatrix": _datamatrix,
    "digital-link-qr": _qr,
}


def _graphic(page: Page, dpi: int) -> Iterator[str]:
    """What is dark as ``^GFA`` with ZPL's compression: runs, equal rows, blank ends of rows."""
    dark: NDArray[np.bool_] = np.invert(np.asarray(picture(page, dpi)))
    down, across = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not len(down):
        return
    left, top = int(across[0]), int(down[0])
    packed_rows = np.packbits(dark[top : down[-1] + 1, left : across[-1] + 1], axis=1)
    stride = packed_rows.shape[1]
    rows = [row.tobytes().hex().upper() for row in packed_rows]
    total = stride * len(rows)
    packed = [
        ":" if number and row == rows[number - 1] else _packed(row)
        for number, row in enumerate(rows)
    ]
    yield f"^FO{left},{top}^GFA,{total},{total},{stride},{''.join(packed)}^FS"


def _packed(row: str) -> str:
    """One row of hexadecimal digits; a comma stands for zeros up to its end."""
    filled = row.rstrip("0")
    runs = "".join(_run(digit, len(list(group))) for digit, group in groupby(filled))
    return runs if len(filled) == len(row) else runs + ","


def _run(digit: str, count: int) -> str:
    """A repeated digit: ``g`` to ``z`` for 20 to 400, ``G`` to ``Y`` for 1 to 19.

    >>> _run("F", 45)
    'hKF'
    """
    found = ""
    while count > 419:
        found, count = f"{found}z{digit}", count - 400
    if count == 1:
        return found + digit
    twenties, ones = divmod(count, 20)
    found += chr(ord("f") + twenties) if twenties else ""
    found += chr(ord("F") + ones) if ones else ""
    return found + digit
