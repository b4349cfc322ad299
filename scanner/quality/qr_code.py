"""The plan of a QR Code symbol (ISO/IEC 18004): function patterns, placement, masks, blocks."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scanner.quality.layout import NO_CODEWORD, UNFIXED, Grid, Layout
from scanner.quality.reed_solomon import QR_CODE

# Error correction codewords per block, and blocks, of versions 1 to 40 (table 9).
_CHECKS = {
    "L": "7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28 28 28 30 30 26 28 30"
    + " 30" * 13,
    "M": "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26 26" + " 28" * 19,
    "Q": "13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30 28 30 30 30 30 28"
    + " 30" * 14,
    "H": "17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28 30 24" + " 30" * 18,
}
_BLOCKS = {
    "L": "1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21"
    " 22 24 25",
    "M": "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37"
    " 38 40 43 45 47 49",
    "Q": "1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45 48"
    " 51 53 56 59 62 65 68",
    "H": "1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54 57"
    " 60 63 66 70 74 77 81",
}
# Error correction codewords that only guard against a wrong decode (table 9, p).
_RESERVED = {(1, "L"): 3, (1, "M"): 2, (1, "Q"): 1, (1, "H"): 1, (2, "L"): 2, (3, "L"): 1}
_FINDER = np.pad(np.pad(np.ones((3, 3), np.int16), 1), 1, constant_values=1)
_ALIGNMENT = np.pad(np.pad(np.ones((1, 1), np.int16), 1), 1, constant_values=1)
# Format and version information: meant by this symbol, but not the same in every symbol.
_INFORMATION = -2


@functools.lru_cache(maxsize=8)
def layout(version: int, level: str, mask: int) -> Layout:
    """The plan of a version with an error correction level and a data mask (0 to 7)."""
    fixed = _patterns(version)
    cells = list(_cells(fixed))
    blocks, checks = (
        int(_BLOCKS[level].split()[version - 1]),
        int(_CHECKS[level].split()[version - 1]),
    )
    total = len(cells) // 8
    codeword = np.full(fixed.shape, NO_CODEWORD, np.int16)
    bit = np.zeros(fixed.shape, np.int16)
    for place, cell in enumerate(cells[: total * 8]):
        codeword[cell], bit[cell] = place // 8, 7 - place % 8
    inverted = _mask(mask, fixed.shape[0]) & (fixed == UNFIXED)
    return Layout(
        kind="qr-code",
        fixed=np.where(fixed == _INFORMATION, UNFIXED, fixed).astype(np.int16),
        codeword=codeword,
        bit=bit,
        mask=inverted,
        blocks=_interleaved(total, blocks, checks),
        checks=checks,
        reserved=_RESERVED.get((version, level), 0),
        field=QR_CODE,
        quiet=4,
    )


def alignment_centres(version: int) -> list[tuple[int, int]]:
    """Rows and columns of the middles of the alignment patterns (annex E)."""
    if version == 1:
        return []
    count = version // 7 + 2
    # Even steps back from the last; version 32 is the one that the rule does not give.
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    last = 4 * version + 10
    places = [6, *sorted(last - step * i for i in range(count - 1))]
    corners = {(6, 6), (6, last), (last, 6)}
    return [(r, c) for r in places for c in places if (r, c) not in corners]


def _patterns(version: int) -> Grid:
    """Finder, timing and alignment patterns; -2 where format and version information stand."""
    size = 4 * version + 17
    fixed = np.full((size, size), UNFIXED, np.int16)
    fixed[6, :] = fixed[:, 6] = 1 - np.arange(size) % 2
    for row, column in alignment_centres(version):
        fixed[row - 2 : row + 3, column - 2 : column + 3] = _ALIGNMENT
    fixed[:9, :9] = fixed[:9, -8:] = fixed[-8:, :9] = _INFORMATION
    fixed[:8, :8] = fixed[:8, -8:] = fixed[-8:, :8] = 0
    fixed[:7, :7] = fixed[:7, -7:] = fixed[-7:, :7] = _FINDER
    fixed[6, 8] = fixed[8, 6] = fixed[-8, 8] = 1  # timing goes on, and the dark module
    if version >= 7:
        fixed[:6, -11:-8] = fixed[-11:-8, :6] = _INFORMATION
    return fixed


def _cells(fixed: Grid) -> Iterator[tuple[int, int]]:
    """Data modules in order: columns in pairs from the right, upwards and downwards in turn."""
    size = fixed.shape[0]
    pairs = [right for right in range(size - 1, 0, -2) if right > 6] + [5, 3, 1]
    for number, right in enumerate(pairs):
        rows = range(size) if number % 2 else range(size - 1, -1, -1)
        for row in rows:
            for column in (right, right - 1):
                if fixed[row, column] == UNFIXED:
                    yield row, column


def _mask(number: int, size: int) -> npt.NDArray[np.bool_]:
    """Where a data mask inverts (table 10)."""
    i, j = np.indices((size, size))
    conditions = (
        lambda: (i + j) % 2,
        lambda: i % 2,
        lambda: j % 3,
        lambda: (i + j) % 3,
        lambda: (i // 2 + j // 3) % 2,
        lambda: i * j % 2 + i * j % 3,
        lambda: (i * j % 2 + i * j % 3) % 2,
        lambda: ((i + j) % 2 + i * j % 3) % 2,
    )
    inverted: npt.NDArray[np.bool_] = conditions[number]() == 0
    return inverted


def _interleaved(total: int, blocks: int, checks: int) -> tuple[tuple[int, ...], ...]:
    """Codewords of each block: data interleaved, the longer blocks last; then the correction."""
    data = total - blocks * checks
    short, longer = divmod(data, blocks)
    found = []
    for number in range(blocks):
        places = list(range(number, short * blocks, blocks))
        if number >= blocks - longer:
            places.append(short * blocks + number - (blocks - longer))
        places += range(data + number, total, blocks)
        found.append(tuple(places))
    return tuple(found)
