"""What a camera makes of modules: dark and light bars behind a Gaussian blur.

The blur's standard deviation and the bars' gain in width are in modules. Signals run from 0
(light) to 1 (dark) and are sampled ``RATE`` times per module.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.ean.layout import CELL, QUIET, Layout

Floats = NDArray[np.floating[Any]]

RATE = 4
_STEP = 0.05  # of blur and gain between banks
_REACH = 4.0  # standard deviations after which an edge is over
_TABLE = 256
_EDGE = np.array(
    [0.5 + 0.5 * math.erf(i / _TABLE / math.sqrt(2)) for i in range(-1536, 1537)], np.float32
)


def step(x: Floats) -> Floats:
    """The normal distribution function: a unit step behind a unit blur."""
    at = np.clip(x * _TABLE + 1536, 0, 3072).astype(np.int32)
    value: Floats = _EDGE[at]
    return value


def places(layout: Layout) -> Floats:
    """Where the samples of a symbol with its quiet zones lie, in modules from its first bar."""
    count = RATE * (layout.modules + 2 * QUIET)
    return (np.arange(count, dtype=np.float32) + 0.5) / RATE - QUIET


def blurred(rows: Sequence[str], at: Floats, blur: float, gain: float) -> Floats:
    """Signals of rows of modules (first module from 0 to 1) at the given places.

    Each row goes on as it begins and ends.
    """
    flat = np.frombuffer("".join(rows).encode(), np.uint8) - ord("0")
    bits = flat.reshape(len(rows), -1).astype(np.float32)
    steps = np.diff(bits, axis=1)
    edges = np.arange(1, bits.shape[1], dtype=np.float32)[:, None]
    darkens = step((at - edges + gain / 2) / blur)
    lightens = step((at - edges - gain / 2) / blur)
    signal: Floats = bits[:, :1] + np.maximum(steps, 0) @ darkens + np.minimum(steps, 0) @ lightens
    return signal


@dataclass(frozen=True, slots=True)
class Link:
    """Signals from the middle of one cell to the middle of the next, for all pairs of digits.

    ``first`` and ``last`` are the samples of the symbol that it covers. ``shape`` is the number
    of alternatives on the left and on the right; 1 at either end of the symbol. So short a piece
    depends on nothing but these two digits as long as the blur stays below one and a half modules.
    """

    first: int
    last: int
    shape: tuple[int, int]
    signals: Floats  # samples × pairs
    energies: Floats


def bank(layout: Layout, blur: float, gain: float) -> tuple[Link, ...]:
    """The links of a layout at a blur and a gain, to the nearest of a grid."""
    return _bank(layout, round(blur / _STEP), round(gain / _STEP))


@lru_cache(maxsize=96)
def _bank(layout: Layout, blur_steps: int, gain_steps: int) -> tuple[Link, ...]:
    blur, gain = max(1, blur_steps) * _STEP, gain_steps * _STEP
    links: list[Link] = []
    known: dict[tuple[object, ...], tuple[Floats, Floats]] = {}
    light = "0" * (QUIET + CELL)
    middles = [cell + CELL / 2 for cell in layout.cells]
    bounds = [-float(QUIET), *middles, layout.modules + float(QUIET)]
    sides = [(light,), *layout.alternatives, (light,)]
    for index, guard in enumerate(layout.guards):
        before, after = sides[index], sides[index + 1]
        first, last = (round((bound + QUIET) * RATE) for bound in bounds[index : index + 2])
        key = (before, guard, after)
        if key not in known:
            rows = [left + guard + right for left in before for right in after]
            # The rows begin with the whole left side, the samples in its middle.
            skipped = len(before[0]) - (QUIET if before[0] is light else CELL / 2)
            at = (np.arange(last - first, dtype=np.float32) + 0.5) / RATE + np.float32(skipped)
            signals = blurred(rows, at, blur, gain)
            known[key] = (np.ascontiguousarray(signals.T), np.square(signals).sum(axis=1))
        links.append(Link(first, last, (len(before), len(after)), *known[key]))
    return tuple(links)


def costs(links: Sequence[Link], signals: Floats) -> list[Floats]:
    """For each link and each of the signals (signals × samples): the squared distances.

    Entries are signals × left alternatives × right alternatives.
    """
    result = []
    for link in links:
        piece = signals[:, link.first : link.last]
        energy = np.square(piece).sum(axis=1)[:, None]
        cost = energy - 2 * (piece @ link.signals) + link.energies
        result.append(cost.reshape(-1, *link.shape))
    return result


def slopes(row: str, blur: float, gain: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Signal of a whole symbol with its quiet zones, and its derivatives.

    They are with respect to place, blur and gain, one value for each sample.
    """
    bits = np.array(list(map(int, row)), np.float32)
    edges = np.flatnonzero(np.diff(bits))
    signs = np.diff(bits)[edges]
    at = (np.arange(RATE * len(row), dtype=np.float32) + 0.5) / RATE
    distance = (at[:, None] - (edges + 1) + signs * (gain / 2)) / np.float32(blur)
    density = np.exp(-0.5 * np.square(distance)) / np.float32(blur * math.sqrt(2 * math.pi))
    slope = density @ signs
    return (
        bits[0] + step(distance) @ signs,
        slope,
        -(density * distance) @ signs,
        density.sum(axis=1) / 2,
    )
