"""One profile to the most likely word and how much likelier it is than any other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scanner.ean import fit as fitting
from scanner.ean.fit import Fit
from scanner.ean.layout import Layout, transmitted
from scanner.ean.templates import RATE, Floats, Spread, bank, costs
from scanner.ean.trellis import Word, best_word, free_cost

_BLURS = (
    (0.45, Spread.BELL),
    (0.9, Spread.BELL),
    (1.0, Spread.DISK),
    (1.5, Spread.DISK),
)  # tried before the blur is known
_KEPT = 4  # places for each blur
GOOD = 0.04  # unexplained: no other place is tried
_STEPS = 5  # decodes; most need two or three
_HOPELESS_AFTER, _HOPELESS = 1, 0.3  # unexplained after so many steps: no symbol
_SETTLED = 0.8  # of the cost before: no further step
_LEAST_NOISE = 0.03  # share of the contrast: no camera's bars are truer than this


@dataclass(frozen=True, slots=True)
class Decode:
    """A word read from a profile.

    ``margin`` is the logarithm of the likelihood ratio to the second best word, with the noise
    that the best one leaves; ``unexplained`` the share of the profile's variance that it leaves.
    ``start`` and ``end`` are samples of the profile, start > end where it was read backwards.
    """

    text: str
    layout: Layout
    margin: float
    unexplained: float
    start: float
    end: float
    blur: float
    spread: Spread
    gain: float


def read(
    tone: Floats,
    layout: Layout,
    starts: Floats,
    ends: Floats,
    bends: Floats,
    places: int,
    tries: int,
) -> Decode | None:
    """Decode a toned profile whose first and last edge are near ``starts`` and ``ends``.

    It is read forwards and backwards. ``places`` is how many are compared with all digits, and
    ``tries`` how many of these are looked at closely. None if there is no place to look at.
    """
    fits = fitting.coarse(tone, layout, starts, ends, bends, places)
    best: Decode | None = None
    for forward, fit in _likeliest(tone, layout, fits)[:tries]:
        if forward:
            decode = _refined(tone, layout, fit)
        else:
            decode = _turned(_refined(tone[::-1], layout, _reversed(fit, len(tone))), len(tone))
        if best is None or decode.unexplained < best.unexplained:
            best = decode
        if best.unexplained < GOOD:
            break
    return best


def _likeliest(tone: Floats, layout: Layout, fits: list[Fit]) -> list[tuple[bool, Fit]]:
    """Fits and directions of reading (whether forwards), best match of any digits first."""
    if not fits:
        return []
    raw = fitting.sampled(tone, layout, np.stack([fit.warp for fit in fits]))
    raw = np.concatenate([raw, raw[:, ::-1]])
    ranked: list[tuple[float, int, Fit]] = []
    for blur, spread in _BLURS:
        offset, contrast = fitting.typical_tone(layout, blur, spread)
        signals = fitting.evened(raw, layout, offset, contrast)
        cost = free_cost(costs(bank(layout, blur, 0.0, spread), signals)) * contrast[0] ** 2
        for index in np.argsort(cost)[:_KEPT].tolist():
            fit = fits[index % len(fits)]
            fit = replace(fit, offset=offset, contrast=contrast, blur=blur, spread=spread)
            ranked.append((float(cost[index]), index, fit))
    ranked.sort(key=lambda item: item[0])
    firsts = {index: (index < len(fits), fit) for _cost, index, fit in reversed(ranked)}
    order = dict.fromkeys(index for _cost, index, _fit in ranked)
    return [firsts[index] for index in order]


def _reversed(fit: Fit, samples: int) -> Fit:
    middle, half, bow, skew = fit.warp
    return replace(fit, warp=np.array([samples - 1 - middle, half, bow, skew]) * [1, 1, -1, 1])


def _turned(decode: Decode, samples: int) -> Decode:
    return replace(decode, start=samples - 1 - decode.start, end=samples - 1 - decode.end)


def _refined(tone: Floats, layout: Layout, fit: Fit) -> Decode:
    """Decode, fit everything to what was decoded, decode again, until nothing gets better."""
    row, cost = "", np.inf
    for turn in range(_STEPS):
        raw = fitting.sampled(tone, layout, fit.warp)
        signal = fitting.evened(raw, layout, fit.offset, fit.contrast)
        links = bank(layout, fit.blur, fit.gain, fit.spread)
        word = best_word(layout, [item[0] for item in costs(links, signal)])
        if row == layout.row(word.choices) and word.cost > _SETTLED * cost:
            break
        row, cost = layout.row(word.choices), word.cost
        if turn == _HOPELESS_AFTER and cost > _HOPELESS * signal.size * float(signal.var()):
            break
        for _ in range(2 if turn == 0 else 1):
            fit = fitting.improved(tone, layout, fit, row)
    return _weighed(layout, fit, word, signal)


def _weighed(layout: Layout, fit: Fit, word: Word, signal: Floats) -> Decode:
    count = signal.size
    noise = max(word.cost / count, _LEAST_NOISE**2)
    text = transmitted(layout, layout.variants[word.variant], word.digits)
    start, end = fit.ends
    return Decode(
        text,
        layout,
        (word.second - word.cost) / (2 * noise * RATE),
        word.cost / (count * float(signal.var()) + 1e-9),
        start,
        end,
        fit.blur,
        fit.spread,
        fit.gain,
    )
