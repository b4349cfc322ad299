"""One profile to the most likely word and how much likelier it is than any other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scanner.ean import fit as fitting
from scanner.ean.fit import Fit
from scanner.ean.layout import Layout, transmitted
from scanner.ean.templates import RATE, Floats, bank, costs
from scanner.ean.trellis import best_word, free_cost

_BLURS = (0.45, 0.9)  # tried before the blur is known
_CANDIDATES = 24
_STEPS = 5  # decodes; most need two or three
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
    gain: float


def read(
    tone: Floats, layout: Layout, starts: Floats, ends: Floats, bends: Floats, *, turned: bool
) -> Decode | None:
    """Decode a toned profile whose first and last edge are near ``starts`` and ``ends``.

    ``turned`` reads it backwards as well.
    """
    fits = fitting.coarse(tone, layout, starts, ends, bends, _CANDIDATES)
    best = _best(tone, layout, fits, turned=turned)
    if best is None:
        return None
    forward, fit = best
    if not forward:
        tone, fit = tone[::-1].copy(), _reversed(fit, len(tone))
    return _refined(tone, layout, fit, forward=forward)


def _best(
    tone: Floats, layout: Layout, fits: list[Fit], *, turned: bool
) -> tuple[bool, Fit] | None:
    """The fit that some row of digits matches best, and whether forwards."""
    if not fits:
        return None
    signals = fitting.sampled(tone, layout, fits)
    if turned:
        signals = np.concatenate([signals, signals[:, ::-1]])
    by_blur = np.stack([free_cost(costs(bank(layout, blur, 0.0), signals)) for blur in _BLURS])
    blur, index = np.unravel_index(int(by_blur.argmin()), by_blur.shape)
    return bool(index < len(fits)), replace(fits[index % len(fits)], blur=_BLURS[blur])


def _reversed(fit: Fit, samples: int) -> Fit:
    middle, half, bow, skew = fit.warp
    warp = np.array([samples - 1 - middle, half, -bow, skew])
    return replace(fit, warp=warp)


def _refined(tone: Floats, layout: Layout, fit: Fit, *, forward: bool) -> Decode | None:
    row, cost = "", np.inf
    for _ in range(_STEPS):
        signal = fitting.sampled(tone, layout, [fit])
        links = bank(layout, fit.blur, fit.gain)
        word = best_word(layout, [item[0] for item in costs(links, signal)])
        settled = row == layout.row(word.choices) and word.cost > _SETTLED * cost
        if settled:
            break
        row, cost = layout.row(word.choices), word.cost
        for _ in range(2):
            fit = fitting.improved(tone, layout, fit, row)
    count = signal.size
    noise = max(word.cost / count, _LEAST_NOISE**2)
    text = transmitted(layout, layout.variants[word.variant], word.digits)
    start, end = fit.ends
    if not forward:
        start, end = len(tone) - 1 - start, len(tone) - 1 - end
    return Decode(
        text,
        layout,
        (word.second - word.cost) / (2 * noise * RATE),
        word.cost / (count * float(signal.var()) + 1e-9),
        start,
        end,
        fit.blur,
        fit.gain,
    )
