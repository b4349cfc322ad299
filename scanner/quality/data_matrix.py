"""The plan of a Data Matrix ECC 200 symbol (ISO/IEC 16022): sizes, alignment, module placement."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from scanner.quality.layout import NO_CODEWORD, UNFIXED, Layout
from scanner.quality.reed_solomon import DATA_MATRIX

# Rows, columns of a symbol: data codewords, error correction codewords, blocks (table 7).
_SIZES: dict[tuple[int, int], tuple[int, int, int]] = {
    (10, 10): (3, 5, 1),
    (12, 12): (5, 7, 1),
    (14, 14): (8, 10, 1),
    (16, 16): (12, 12, 1),
    (18, 18): (18, 14, 1),
    (20, 20): (22, 18, 1),
    (22, 22): (30, 20, 1),
    (24, 24): (36, 24, 1),
    (26, 26): (44, 28, 1),
    (32, 32): (62, 36, 1),
    (36, 36): (86, 42, 1),
    (40, 40): (114, 48, 1),
    (44, 44): (144, 56, 1),
    (48, 48): (174, 68, 1),
    (52, 52): (204, 84, 2),
    (64, 64): (280, 112, 2),
    (72, 72): (368, 144, 4),
    (80, 80): (456, 192, 4),
    (88, 88): (576, 224, 4),
    (96, 96): (696, 272, 4),
    (104, 104): (816, 336, 6),
    (120, 120): (1050, 408, 6),
    (132, 132): (1304, 496, 8),
    (144, 144): (1558, 620, 10),
    (8, 18): (5, 7, 1),
    (8, 32): (10, 11, 1),
    (12, 26): (16, 14, 1),
    (12, 36): (22, 18, 1),
    (16, 36): (32, 24, 1),
    (16, 48): (49, 28, 1),
}
_Cell = tuple[int, int]
# The eight modules of a symbol character relative to its last one, highest bit first (figure 5.1).
_UTAH = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
# The four shapes that characters take at the corners (annex F); negative counts from the far edge.
_CORNERS = (
    ((-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1)),
)


def regions(rows: int, columns: int) -> tuple[int, int]:
    """How many data regions a symbol has down and across."""
    if rows != columns:
        return 1, 2 if columns >= 32 else 1
    across = 1 if rows <= 26 else 2 if rows <= 52 else 4 if rows <= 104 else 6
    return across, across


def is_known(rows: int, columns: int) -> bool:
    """Whether this is a size of ISO/IEC 16022."""
    return (rows, columns) in _SIZES


@functools.lru_cache(maxsize=8)
def layout(rows: int, columns: int) -> Layout:
    """The plan of a size; ``KeyError`` for a size that does not exist."""
    data, checks, blocks = _SIZES[rows, columns]
    down, across = regions(rows, columns)
    height, width = rows // down, columns // across
    fixed = np.tile(_region(height, width), (down, across))
    open_cells = fixed == UNFIXED
    codeword = np.full((rows, columns), NO_CODEWORD, np.int16)
    bit = np.zeros((rows, columns), np.int16)
    mapped = (down * (height - 2), across * (width - 2))
    placed, bits = _placed(*mapped)
    codeword[open_cells], bit[open_cells] = placed.ravel(), bits.ravel()
    if placed[-1, -1] == NO_CODEWORD:  # an odd corner of two by two with a pattern of its own
        corner = fixed[open_cells].reshape(mapped)
        corner[-2:, -2:] = ((1, 0), (0, 1))
        fixed[open_cells] = corner.ravel()
    total = data + checks
    return Layout(
        kind="data-matrix",
        fixed=fixed,
        codeword=codeword,
        bit=bit,
        mask=np.zeros((rows, columns), bool),
        # In 144 × 144 the first block of the data is not the next one: correction begins anew.
        blocks=tuple(
            (*range(first, data, blocks), *range(data + first, total, blocks))
            for first in range(blocks)
        ),
        checks=checks // blocks,
        reserved=checks // blocks % 2,
        field=DATA_MATRIX,
        quiet=1,
    )


def _region(height: int, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """One data region in its border: solid left and bottom, alternating top and right."""
    region = np.full((height, width), UNFIXED, np.int16)
    region[0, :] = 1 - np.arange(width) % 2
    region[:, -1] = np.arange(height) % 2
    region[:, 0] = 1
    region[-1, :] = 1
    return region


def _placed(
    rows: int, columns: int
) -> tuple[
    np.ndarray[tuple[int, int], np.dtype[np.int16]], np.ndarray[tuple[int, int], np.dtype[np.int16]]
]:
    """Codeword and bit of each module of the mapping matrix (annex F)."""
    codeword = np.full((rows, columns), NO_CODEWORD, np.int16)
    bits = np.zeros((rows, columns), np.int16)
    number = 0
    for shape in _shapes(rows, columns):
        cells = list(shape)
        if codeword[cells[-1]] != NO_CODEWORD:
            continue
        for power, cell in zip(range(7, -1, -1), cells, strict=True):
            codeword[cell], bits[cell] = number, power
        number += 1
    return codeword, bits


def _shapes(rows: int, columns: int) -> Iterator[Iterator[_Cell]]:
    """The characters in their order: diagonal sweeps up and down, corners between them."""
    row, column = 4, 0
    while row < rows or column < columns:
        for number, at in enumerate(_corner_places(rows, columns)):
            if (row, column) == at:
                yield ((r % rows, c % columns) for r, c in _CORNERS[number])
        while True:
            if row < rows and column >= 0:
                yield _utah(row, column, rows, columns)
            row, column = row - 2, column + 2
            if row < 0 or column >= columns:
                break
        row, column = row + 1, column + 3
        while True:
            if row >= 0 and column < columns:
                yield _utah(row, column, rows, columns)
            row, column = row + 2, column - 2
            if row >= rows or column < 0:
                break
        row, column = row + 3, column + 1


def _corner_places(rows: int, columns: int) -> tuple[_Cell | None, ...]:
    """Where in the sweep each corner shape comes, None where the size has none."""
    return (
        (rows, 0),
        (rows - 2, 0) if columns % 4 else None,
        (rows - 2, 0) if columns % 8 == 4 else None,
        (rows + 4, 2) if columns % 8 == 0 else None,
    )


def _utah(row: int, column: int, rows: int, columns: int) -> Iterator[_Cell]:
    for down, right in _UTAH:
        r, c = row + down, column + right
        if r < 0:
            r, c = r + rows, c + 4 - (rows + 4) % 8
        if c < 0:
            r, c = r + 4 - (columns + 4) % 8, c + columns
        yield r, c
