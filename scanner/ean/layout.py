"""EAN/UPC symbols as modules: GS1 General Specifications, sections 5.2.1 to 5.2.3.

A symbol is a row of modules, 1 for dark. Guards are fixed; between them stand cells of seven
modules with one digit each. What ties the cells together (which number sets follow each other, the
check digit) is a list of :class:`Variant`: one for each value that is carried by the parities.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

CELL = 7  # modules of a digit
QUIET = 3

# Number set A (here L), figure 5.2.1.2.1-1; B (G) is C reversed, C (R) is A with colours swapped.
_A = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
]
_C = [pattern.translate({48: "1", 49: "0"}) for pattern in _A]
_B = [pattern[::-1] for pattern in _C]
LEFT, RIGHT = (*_A, *_B), tuple(_C)  # alternatives of a cell left and right of the middle guard

# Number sets of the six left cells by first digit (EAN-13), or by check digit (UPC-E with number
# system 0; for 1 they are swapped), as 1 for set B.
_EAN13_PARITIES = [
    "000000",
    "001011",
    "001101",
    "001110",
    "010011",
    "011001",
    "011100",
    "010101",
    "010110",
    "011010",
]
_UPCE_PARITIES = [
    "111000",
    "110100",
    "110010",
    "110001",
    "101100",
    "100110",
    "100011",
    "101010",
    "101001",
    "100101",
]


@dataclass(frozen=True, slots=True)
class Variant:
    """Words that share their parities: the number sets, and what the check digit demands.

    The sum of digits times ``weights`` must be ``total`` modulo 10; the last digit must be one of
    ``last``. ``lead`` is what the parities say: first digit (EAN-13), number system and check
    digit (UPC-E).
    """

    lead: str
    parities: tuple[int, ...]
    weights: tuple[int, ...]
    total: int
    last: str = "0123456789"


@dataclass(frozen=True, eq=False)
class Layout:
    """A symbology: ``guards`` before, between and after its cells, in order; empty where none."""

    name: str
    guards: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...]
    variants: tuple[Variant, ...]

    @cached_property
    def cells(self) -> tuple[int, ...]:
        """First module of each cell."""
        starts, at = [], 0
        for guard in self.guards[:-1]:
            at += len(guard)
            starts.append(at)
            at += CELL
        return tuple(starts)

    @cached_property
    def modules(self) -> int:
        """Modules of the symbol without quiet zones."""
        return sum(map(len, self.guards)) + CELL * len(self.alternatives)

    @cached_property
    def fixed_edges(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Edges that every word has: their module, and 1 where it gets dark, -1 where light."""
        known = ["0" * QUIET]
        for guard, choices in zip(self.guards, (*self.alternatives, None), strict=True):
            known.append(guard)
            if choices is not None:
                known.append(choices[0][0] + "?" * (CELL - 2) + choices[0][-1])
        row = "".join(known) + "0" * QUIET
        edges = [i for i in range(1, len(row)) if {row[i - 1], row[i]} == {"0", "1"}]
        signs = [1.0 if row[i] == "1" else -1.0 for i in edges]
        return np.array(edges, np.float32) - QUIET, np.array(signs, np.float32)

    def row(self, choices: tuple[int, ...]) -> str:
        """Modules of the symbol whose cells show these alternatives."""
        cells = [items[i] for items, i in zip(self.alternatives, choices, strict=True)]
        return "".join(g + c for g, c in zip(self.guards, (*cells, ""), strict=True))


def _ean(name: str, digits: int, variants: tuple[Variant, ...]) -> Layout:
    half = digits // 2
    inner = ("",) * (half - 1)
    guards = ("101", *inner, "01010", *inner, "101")
    return Layout(name, guards, (LEFT,) * half + (RIGHT,) * half, variants)


def _upce_variants() -> tuple[Variant, ...]:
    """Number system, check digit, and the four ways to leave out zeros (section 5.2.2.4.2).

    The weights are those of the digits' places in the UPC-A number.
    """
    ways = (
        ((1, 3, 3, 1, 3, 1), "012"),
        ((1, 3, 1, 1, 3, 0), "3"),
        ((1, 3, 1, 3, 3, 0), "4"),
        ((1, 3, 1, 3, 1, 3), "56789"),
    )
    return tuple(
        Variant(
            f"{system}{check}",
            tuple(int(parity) ^ system for parity in _UPCE_PARITIES[check]),
            weights,
            -(3 * system + check) % 10,
            last,
        )
        for system in (0, 1)
        for check in range(10)
        for weights, last in ways
    )


EAN13 = _ean(
    "EAN-13",
    12,
    tuple(
        Variant(str(first), (*map(int, parities), *(0,) * 6), (3, 1) * 6, -first % 10)
        for first, parities in enumerate(_EAN13_PARITIES)
    ),
)
EAN8 = _ean("EAN-8", 8, (Variant("", (0,) * 8, (3, 1) * 4, 0),))
UPCE = Layout("UPC-E", ("101", *("",) * 5, "010101"), (LEFT,) * 6, _upce_variants())
ALL = (EAN13, UPCE, EAN8)


def transmitted(layout: Layout, variant: Variant, digits: str) -> str:
    """What a scanner transmits: 13 digits, or 8 for EAN-8."""
    if layout is UPCE:
        return "0" + variant.lead[0] + _expanded(digits) + variant.lead[1]
    return variant.lead + digits


def _expanded(digits: str) -> str:
    """The ten digits between number system and check digit of UPC-A."""
    last = digits[5]
    if last in "012":
        return digits[:2] + last + "0000" + digits[2:5]
    if last == "3":
        return digits[:3] + "00000" + digits[3:5]
    if last == "4":
        return digits[:4] + "00000" + digits[4]
    return digits[:5] + "0000" + last
