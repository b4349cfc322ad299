"""The most likely word and the next likely one, exactly, over all words of a symbology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scanner.ean.layout import LEFT, Layout
from scanner.ean.templates import Floats

_FAR = np.float32(1e9)
_PROMISING = 3  # variants looked at fully before the others


@dataclass(frozen=True, slots=True)
class Word:
    """The best word: its variant, digits, alternatives, cost, and the cost of the second best."""

    variant: int
    digits: str
    choices: tuple[int, ...]
    cost: float
    second: float


def free_cost(costs: Sequence[Floats]) -> Floats:
    """Least cost of any row of digits, consistent or not, for each signal."""
    best = costs[0][:, 0, :]
    for cost in costs[1:]:
        best = (best[:, :, None] + cost).min(axis=1)
    return best[:, 0]


@dataclass(frozen=True, slots=True)
class _Rules:
    """The variants of a layout as index arrays."""

    parities: NDArray[np.intp]  # variants × cells
    # Both below give places in a flat array of variants × digits × sums:
    shifts: NDArray[np.intp]  # cells × variants × digits × sums: the sum without the digit
    rests: NDArray[np.intp]  # variants × digits × sums: what the sum of the rest must be
    allowed: Floats  # variants × digits: cost of the last digit

    def only(self, kept: NDArray[np.intp]) -> _Rules:
        """The same for some variants, numbered anew."""
        moved = ((np.arange(len(kept)) - kept) * 100)[:, None, None]
        return _Rules(
            self.parities[kept],
            self.shifts[:, kept] + moved,
            self.rests[kept] + moved,
            self.allowed[kept],
        )


@lru_cache(maxsize=8)
def _rules(layout: Layout) -> _Rules:
    variants = layout.variants
    variant, digit, total = np.ogrid[: len(variants), :10, :10]
    base = (variant * 10 + digit) * 10
    weights = np.array([item.weights for item in variants]).T[:, :, None, None]
    totals = np.array([item.total for item in variants])[:, None, None]
    allowed = [[str(d) in item.last for d in range(10)] for item in variants]
    return _Rules(
        np.array([item.parities for item in variants]),
        base + (total - weights * digit) % 10,
        base + (totals - total) % 10,
        np.where(allowed, np.float32(0), _FAR),
    )


def best_word(layout: Layout, costs: Sequence[Floats]) -> Word:
    """Best word of one signal; ``costs`` are those of its links (left × right alternatives).

    Forward and backward sums over digit, variant and check sum give for each digit at each cell
    the cost of the best word that has it: so the second best word is the true one, or, where a
    variant left out for the cost of its digits alone comes next, is not better than stated.
    """
    rules = _rules(layout)
    bounds = _bounds(layout, rules, costs)
    order = np.argsort(bounds)
    for count in (_PROMISING, len(order)):
        kept = order[:count]
        word = _best_of(layout, rules.only(kept), costs)
        rest = float(bounds[order[count]]) if count < len(order) else float(_FAR)
        if word.cost <= rest:
            break
    return replace(word, variant=int(kept[word.variant]), second=min(word.second, rest))


def _bounds(layout: Layout, rules: _Rules, costs: Sequence[Floats]) -> Floats:
    """Least cost of each variant's words if no check digit were asked for."""
    best = costs[0][0].reshape(-1, 10)[rules.parities[:, 0]]
    for step in _steps(layout, rules, costs):
        best = (best[:, :, None] + step).min(axis=1)
    last = costs[-1][:, 0].reshape(-1, 10)[rules.parities[:, -1]]
    bounds: Floats = (best + last + rules.allowed).min(axis=1)
    return bounds


def _best_of(layout: Layout, rules: _Rules, costs: Sequence[Floats]) -> Word:
    steps = _steps(layout, rules, costs)
    forward = _forward(rules, costs[0][0], steps)
    backward = _backward(rules, costs[-1][:, 0], steps)
    rest = np.stack(backward).reshape(len(backward), -1)[:, rules.rests]
    return _chosen(layout, rules, (np.stack(forward) + rest).min(axis=3))


def _steps(layout: Layout, rules: _Rules, costs: Sequence[Floats]) -> list[Floats]:
    """Costs between neighbouring cells: variants × left digit × right digit."""
    steps = []
    for cell in range(1, len(layout.alternatives)):
        left, right = rules.parities[:, cell - 1], rules.parities[:, cell]
        sets = costs[cell].reshape(
            len(layout.alternatives[cell - 1]) // 10, 10, len(layout.alternatives[cell]) // 10, 10
        )
        steps.append(sets[left, :, right, :])
    return steps


def _forward(rules: _Rules, first: Floats, steps: Sequence[Floats]) -> list[Floats]:
    variants = len(rules.parities)
    sets = first.reshape(-1, 10)[rules.parities[:, 0]]
    start = np.full((variants, 10, 10), _FAR)
    start[:, :, 0] = sets
    sums = [start.ravel()[rules.shifts[0]]]
    for cell, step in enumerate(steps, 1):
        reached = (sums[-1][:, :, None, :] + step[..., None]).min(axis=1)
        sums.append(reached.ravel()[rules.shifts[cell]])
    return sums


def _backward(rules: _Rules, last: Floats, steps: Sequence[Floats]) -> list[Floats]:
    variants = len(rules.parities)
    sets = last.reshape(-1, 10)[rules.parities[:, -1]]
    end = np.full((variants, 10, 10), _FAR)
    end[:, :, 0] = sets + rules.allowed
    sums = [end]
    for cell in range(len(steps), 0, -1):
        added = sums[-1].ravel()[rules.shifts[cell]]
        turned = steps[cell - 1].transpose(0, 2, 1)[..., None]
        sums.append((turned + added[:, :, None]).min(axis=1))
    return sums[::-1]


def _chosen(layout: Layout, rules: _Rules, through: Floats) -> Word:
    by_variant = through[0].min(axis=1)
    variant = int(by_variant.argmin())
    digits = through[:, variant].argmin(axis=1)
    cost = float(by_variant[variant])
    by_variant[variant] = _FAR
    others = through.min(axis=1)
    others[np.arange(len(digits)), digits] = _FAR
    second = min(float(by_variant.min()), float(others.min()))
    choices = tuple(
        int(digit) + (10 * int(parity) if options is LEFT else 0)
        for digit, parity, options in zip(
            digits, rules.parities[variant], layout.alternatives, strict=True
        )
    )
    return Word(variant, "".join(map(str, digits)), choices, cost, second)
