"""Data Matrix ECC 200 from known modules to data: the second reader of what is printed here.

zbar reads no Data Matrix, so labels are checked by this reader beside zxing-cpp. It shares nothing
with the encoder: it takes the colour of every module at its place on the printed page, asks for a
faultless finder pattern and Reed–Solomon code, and repairs nothing (ISO/IEC 16022).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scanner.encodation import message
from scanner.errors import SymbolError


@dataclass(frozen=True, slots=True)
class Size:
    """Table 7 of ISO/IEC 16022: data regions down and across, codewords of data and of error
    correction, interleaved blocks."""

    regions: tuple[int, int]
    data: int
    check: int
    blocks: int = 1


SIZES: dict[tuple[int, int], Size] = {
    (10, 10): Size((1, 1), 3, 5),
    (12, 12): Size((1, 1), 5, 7),
    (14, 14): Size((1, 1), 8, 10),
    (16, 16): Size((1, 1), 12, 12),
    (18, 18): Size((1, 1), 18, 14),
    (20, 20): Size((1, 1), 22, 18),
    (22, 22): Size((1, 1), 30, 20),
    (24, 24): Size((1, 1), 36, 24),
    (26, 26): Size((1, 1), 44, 28),
    (32, 32): Size((2, 2), 62, 36),
    (36, 36): Size((2, 2), 86, 42),
    (40, 40): Size((2, 2), 114, 48),
    (44, 44): Size((2, 2), 144, 56),
    (48, 48): Size((2, 2), 174, 68),
    (52, 52): Size((2, 2), 204, 84, 2),
    (64, 64): Size((4, 4), 280, 112, 2),
    (72, 72): Size((4, 4), 368, 144, 4),
    (80, 80): Size((4, 4), 456, 192, 4),
    (88, 88): Size((4, 4), 576, 224, 4),
    (96, 96): Size((4, 4), 696, 272, 4),
    (104, 104): Size((4, 4), 816, 336, 6),
    (120, 120): Size((6, 6), 1050, 408, 6),
    (132, 132): Size((6, 6), 1304, 496, 8),
    (8, 18): Size((1, 1), 5, 7),
    (8, 32): Size((1, 2), 10, 11),
    (12, 26): Size((1, 1), 16, 14),
    (12, 36): Size((1, 2), 22, 18),
    (16, 36): Size((1, 2), 32, 24),
    (16, 48): Size((1, 2), 49, 28),
}


def capacity(rows: int, columns: int) -> int:
    """Data codewords of a symbol; 0 for a size that this module does not know."""
    size = SIZES.get((rows, columns))
    return size.data if size else 0


def ascii_length(text: str) -> int:
    """Codewords of the text in ASCII encodation: one for FNC1, two digits or another character.

    >>> ascii_length("\\x1d0112A")
    4
    """
    count = at = 0
    while at < len(text):
        at += 2 if text[at : at + 2].isdigit() and len(text[at : at + 2]) == 2 else 1
        count += 1
    return count


def decode(rows: Sequence[str]) -> str:
    """The data of a symbol given by its modules, ``1`` dark; FNC1 in first position as GS.

    Raises :class:`SymbolError` unless every module is as the standard has it.
    """
    height, width = len(rows), len(rows[0])
    size = SIZES.get((height, width))
    if size is None:
        raise SymbolError(f"no Data Matrix symbol has {height} × {width} modules")
    codewords = _codewords(_mapping(rows, size), size)
    blocks = [codewords[at :: size.blocks] for at in range(size.blocks)]
    if not all(_is_codeword(block, size.check // size.blocks) for block in blocks):
        raise SymbolError("the error correction does not agree with the data")
    return message(codewords[: size.data])


def _mapping(rows: Sequence[str], size: Size) -> list[str]:
    """The modules without the finder and timing pattern around each region."""
    down, across = size.regions
    tall, wide = len(rows) // down, len(rows[0]) // across
    timing = "10" * (wide // 2)
    found = []
    for y, row in enumerate(rows):
        parts = [row[at : at + wide] for at in range(0, len(row), wide)]
        if y % tall == 0:
            right = all(part == timing for part in parts)
        elif y % tall == tall - 1:
            right = all(part == "1" * wide for part in parts)
        else:
            right = all(part[0] == "1" and part[-1] == str(y % tall % 2) for part in parts)
            found.append("".join([part[1:-1] for part in parts]))
        if not right:
            raise SymbolError("the finder pattern is damaged")
    return found


def _codewords(mapping: Sequence[str], size: Size) -> list[int]:
    places = _placement(len(mapping), len(mapping[0]))
    flat = "".join(mapping)
    return [
        int("".join([flat[at] for at in places[word]]), 2) for word in range(size.data + size.check)
    ]


# A codeword's shape around its last bit, and the four shapes that wrap around corners (annex F).
_UTAH = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
_Spots = list[tuple[int, int]]


@lru_cache(maxsize=32)
def _placement(rows: int, columns: int) -> list[list[int]]:
    """For each codeword the places of its bits in the mapping matrix (annex F)."""
    taken: set[tuple[int, int]] = set()
    places: list[list[int]] = []
    for spots in _shapes(rows, columns):
        if spots[-1] in taken:
            continue
        wrapped = [_wrapped(row, column, rows, columns) for row, column in spots]
        taken.update(wrapped)
        places.append([row * columns + column for row, column in wrapped])
    return places


def _shapes(rows: int, columns: int) -> Iterator[_Spots]:
    """Shapes of codewords along diagonals, up and down by turns, corners where they begin."""
    row, column = 4, 0
    while row < rows or column < columns:
        corner = _corner(row, column, rows, columns)
        if corner:
            yield corner
        while row >= 0 and column < columns:
            if row < rows and column >= 0:
                yield [(row + dy, column + dx) for dy, dx in _UTAH]
            row, column = row - 2, column + 2
        row, column = row + 1, column + 3
        while row < rows and column >= 0:
            if row >= 0 and column < columns:
                yield [(row + dy, column + dx) for dy, dx in _UTAH]
            row, column = row + 2, column - 2
        row, column = row + 3, column + 1


def _corner(row: int, column: int, rows: int, columns: int) -> _Spots | None:
    """The corner shape that begins at this place, by the shape of the matrix."""
    low, right = rows - 1, columns - 1
    edge = [(1, right), (2, right), (3, right)]
    if (row, column) == (rows, 0):
        return [(low, 0), (low, 1), (low, 2), (0, right - 1), (0, right), *edge]
    if (row, column) == (rows - 2, 0) and columns % 4:
        top = [(0, right - 3), (0, right - 2), (0, right - 1), (0, right), (1, right)]
        return [(low - 2, 0), (low - 1, 0), (low, 0), *top]
    if (row, column) == (rows - 2, 0) and columns % 8 == 4:
        return [(low - 2, 0), (low - 1, 0), (low, 0), (0, right - 1), (0, right), *edge]
    if (row, column) == (rows + 4, 2) and columns % 8 == 0:
        block = [(y, x) for y in (0, 1) for x in (right - 2, right - 1, right)]
        return [(low, 0), (low, right), *block]
    return None


def _wrapped(row: int, column: int, rows: int, columns: int) -> tuple[int, int]:
    if row < 0:
        row, column = row + rows, column + 4 - (rows + 4) % 8
    if column < 0:
        row, column = row + 4 - (columns + 4) % 8, column + columns
    return row, column


def _tables() -> tuple[np.ndarray, np.ndarray]:
    """Powers and logarithms in GF(256) modulo 301."""
    powers, logarithms = np.zeros(255, np.int64), np.zeros(256, np.int64)
    value = 1
    for exponent in range(255):
        powers[exponent], logarithms[value] = value, exponent
        value = value << 1 ^ (301 if value & 128 else 0)
    return powers, logarithms


_POWERS, _LOGARITHMS = _tables()


@lru_cache(maxsize=64)
def _exponents(length: int, check: int) -> np.ndarray:
    return np.outer(np.arange(1, check + 1), np.arange(length - 1, -1, -1))


def _is_codeword(block: Sequence[int], check: int) -> bool:
    """Whether the block is a word of the Reed–Solomon code: all its syndromes are zero."""
    words = np.array(block)
    terms = _POWERS[(_LOGARITHMS[words] + _exponents(len(block), check)) % 255]
    return not np.bitwise_xor.reduce(np.where(words == 0, 0, terms), axis=1).any()
