"""What a camera makes of modules: dark and light bars behind a Gaussian blur.

The blur's standard deviation and the bars' gain in width are in modules. Signals run from 0
(light) to 1 (dark) and are sampled ``RATE`` times per module.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.ean.layout import CELL, QUIET, Layout

Floats = NDArray[np.floating[Any]]

RATE = 4
_STEP = 0.05  # of blur and gain between banks
_TABLE = 256  # entries for one standard deviation


class Spread(IntEnum):
    """What a point becomes: a bell (lens, pixel, ink) or a disk seen from the side (defocus)."""

    BELL = 0
    DISK = 1


def _spreads() -> tuple[Floats, Floats]:
    """Density and distribution of each spread with unit deviation, tabulated over its reach."""
    x = np.arange(-_REACH * _TABLE, _REACH * _TABLE + 1) / _TABLE
    bell = np.exp(-0.5 * x * x)
    # The image of a point out of focus is a disk; lens and pixel blur its edge a little.
    edge = np.exp(-0.5 * np.square(x / _DISK_EDGE))
    radius = 2 * math.sqrt(1 - _DISK_EDGE**2)
    disk = np.convolve(np.sqrt(np.maximum(radius**2 - x * x, 0)), edge, mode="same")
    density = np.stack([bell, disk])
    density /= density.sum(axis=1, keepdims=True) / _TABLE
    distribution = (np.cumsum(density, axis=1) - density / 2) / _TABLE
    return density.astype(np.float32), distribution.astype(np.float32)


_REACH = 6  # standard deviations after which an edge is over
_DISK_EDGE = 0.3  # of the disk's own standard deviation
_DENSITY, _STEP_UP = _spreads()


def _entry(x: Floats) -> NDArray[np.int32]:
    return np.clip(x * _TABLE + _REACH * _TABLE, 0, 2 * _REACH * _TABLE).astype(np.int32)


def _looked_up(table: Floats, entry: NDArray[np.int32]) -> Floats:
    """``table[entry]`` in half the time."""
    values: Floats = table.take(entry, mode="clip")
    return values


def places(layout: Layout) -> Floats:
    """Where the samples of a symbol with its quiet zones lie, in modules from its first bar."""
    count = RATE * (layout.modules + 2 * QUIET)
    return (np.arange(count, dtype=np.float32) + 0.5) / RATE - QUIET


def blurred(
    rows: Sequence[str], at: Floats, blur: float, gain: float, spread: Spread = Spread.BELL
) -> Floats:
    """Signals of rows of modules (first module from 0 to 1) at the given places.

    Each row goes on as it begins and ends.
    """
    flat = np.frombuffer("".join(rows).encode(), np.uint8) - ord("0")
    bits = flat.reshape(len(rows), -1).astype(np.float32)
    steps = np.diff(bits, axis=1)
    edges = np.arange(1, bits.shape[1], dtype=np.float32)[:, None]
    darkens = _looked_up(_STEP_UP[spread], _entry((at - edges + gain / 2) / blur))
    lightens = _looked_up(_STEP_UP[spread], _entry((at - edges - gain / 2) / blur))
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


def bank(layout: Layout, blur: float, gain: float, spread: Spread) -> tuple[Link, ...]:
    """The links of a layout at a blur and a gain, to the nearest of a grid."""
    return _bank(layout, round(blur / _STEP), round(gain / _STEP), spread)


@lru_cache(maxsize=96)
def _bank(layout: Layout, blur_steps: int, gain_steps: int, spread: Spread) -> tuple[Link, ...]:
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
            signals = blurred(rows, at, blur, gain, spread)
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


def slopes(
    row: str, blur: float, gain: float, spread: Spread
) -> tuple[Floats, Floats, Floats, Floats]:
    """Signal of a whole symbol with its quiet zones, and its derivatives.

    They are with respect to place, blur and gain, one value for each sample.
    """
    bits = np.array(list(map(int, row)), np.float32)
    edges = np.flatnonzero(np.diff(bits))
    signs = np.diff(bits)[edges]
    at = (np.arange(RATE * len(row), dtype=np.float32) + 0.5) / RATE
    distance = (at[:, None] - (edges + 1) + signs * (gain / 2)) / np.float32(blur)
    entry = _entry(distance)
    density = _looked_up(_DENSITY[spread], entry) / np.float32(blur)
    return (
        bits[0] + _looked_up(_STEP_UP[spread], entry) @ signs,
        density @ signs,
        -(density * distance) @ signs,
        density.sum(axis=1) / 2,
    )
