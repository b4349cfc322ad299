"""Where the modules of a symbol lie along a profile, and how light, sharp and thick they are.

The warp from modules to samples is a cubic: a straight scale, perspective and the turn of a bottle.
It is found coarsely by the edges that every word has, then improved together with tone, blur and
gain by Gauss–Newton steps against the word that was decoded with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from scanner.ean.layout import QUIET, Layout
from scanner.ean.templates import RATE, Floats, Spread, blurred, places, slopes

_TONE_WINDOW = 14.0  # modules: has a wide bar and a wide space of nearly any word in it
_LEAST_CONTRAST = 6.0  # grey levels between dark and light; below is noise
_BLUR, _GAIN = (0.25, 1.5), (-0.5, 0.5)  # limits, in modules
_STARTING_BLUR = 0.6
# How far one step may reasonably move tone, warp (modules), blur and gain.
_TONE_SLACK, _WARP_SLACK, _BLUR_SLACK, _GAIN_SLACK = 0.5, 0.35, 0.25, 0.15
_ASSUMED_NOISE = 0.1
_LEAST_STRETCH = 0.2  # contrast of the tone within which a signal is still looked for
_SAMPLE, _SEED = 24, 1  # random words that show what blur does to the tone


@dataclass(frozen=True, slots=True)
class Fit:
    """How a symbol lies in a profile.

    ``warp`` holds the sample of the symbol's middle, half its length in samples, and two bends;
    ``offset`` and ``contrast`` are polynomials along the symbol.
    """

    warp: Floats
    offset: Floats
    contrast: Floats
    blur: float = _STARTING_BLUR
    gain: float = 0.0
    spread: Spread = Spread.BELL

    @property
    def ends(self) -> tuple[float, float]:
        """Samples of the first and the last edge of the symbol."""
        return float(self.warp[0] - self.warp[1]), float(self.warp[0] + self.warp[1])


def toned(profile: Floats, module: float) -> Floats:
    """The profile from 0 (light) to 1 (dark), whatever the light along it.

    ``module`` is the approximate width of a module in samples.
    """
    half = max(2, round(_TONE_WINDOW * module / 2))
    padded = np.pad(profile, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    light = _smooth(windows.max(axis=1), half)
    dark = _smooth(windows.min(axis=1), half)
    tone: Floats = (light - profile) / np.maximum(light - dark, _LEAST_CONTRAST)
    return tone


@lru_cache(maxsize=32)
def typical_tone(layout: Layout, blur: float, spread: Spread) -> tuple[Floats, Floats]:
    """Offset and contrast that :func:`toned` leaves in a symbol with this blur.

    Blurred bars reach neither black nor white, but are stretched to them there.
    """
    draw = np.random.default_rng(_SEED)
    picks = [[int(draw.integers(10)) for _ in layout.alternatives] for _ in range(_SAMPLE)]
    light = "0" * QUIET
    rows = [light + layout.row(tuple(pick)) + light for pick in picks]
    at = (np.arange(RATE * len(rows[0]), dtype=np.float32) + 0.5) / RATE
    signals = blurred(rows, at, blur, 0.0, spread)
    tones = np.stack([toned(255 * (1 - signal), RATE) for signal in signals])
    powers = np.tile(_powers(_along(layout)), (_SAMPLE, 1))
    columns = np.concatenate([powers, powers * signals.reshape(-1, 1)], axis=1)
    solution = np.linalg.lstsq(columns, tones.ravel(), rcond=None)[0]
    return solution[:3], solution[3:]


def _smooth(values: Floats, half: int) -> Floats:
    padded = np.pad(values, (half + 1, half), mode="edge")
    sums = np.cumsum(padded, dtype=np.float64)
    mean: Floats = ((sums[2 * half + 1 :] - sums[: -2 * half - 1]) / (2 * half + 1)).astype(
        np.float32
    )
    return mean


def coarse(
    tone: Floats, layout: Layout, starts: Floats, ends: Floats, bends: Floats, count: int
) -> list[Fit]:
    """The best places of the symbol by its fixed edges alone, best first, none next to another.

    ``starts`` and ``ends`` are samples of its first and last edge to be tried in all pairs,
    ``bends`` shifts of its middle in modules.
    """
    module = float(ends.mean() - starts.mean()) / layout.modules
    edges, signs = layout.fixed_edges
    share = edges / layout.modules
    length = ends[None, :] - starts[:, None]
    bow = 4 * share * (1 - share) * module
    at = starts[:, None, None, None] + length[:, :, None, None] * share
    at = at + bends[:, None] * bow
    scores = _rise(tone, module)[np.clip(at, 0, len(tone) - 1).astype(np.int32)] @ signs
    bend = scores.argmax(axis=2)
    best = scores.max(axis=2)
    fits = []
    for _ in range(count):
        i, j = np.unravel_index(int(best.argmax()), best.shape)
        if not np.isfinite(best[i, j]):
            break
        warp = [(starts[i] + ends[j]) / 2, length[i, j] / 2, bends[bend[i, j]] * module, 0.0]
        fits.append(Fit(np.array(warp, float), np.zeros(3), np.array([1.0, 0, 0])))
        best[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2] = -np.inf
    return fits


def _rise(tone: Floats, module: float) -> Floats:
    """How much darker the module after each sample is than the one before."""
    at = np.arange(len(tone), dtype=np.float32)
    rise: Floats = np.interp(at + module / 2, at, tone) - np.interp(at - module / 2, at, tone)
    return rise.astype(np.float32)


def _basis(along: Floats) -> Floats:
    """Shift, stretch and two bends that leave the ends in place; ``along`` is -1 to 1."""
    u = np.asarray(along, float)
    return np.stack([np.ones_like(u), u, 1 - u * u, u * (1 - u * u)], axis=1)


def _powers(along: Floats) -> Floats:
    return np.stack([np.ones_like(along), along, along * along], axis=1)


@lru_cache(maxsize=8)
def _along(layout: Layout) -> Floats:
    return places(layout) * (2.0 / layout.modules) - 1


def sampled(tone: Floats, layout: Layout, warps: Floats) -> Floats:
    """The tone where each warp has the symbol's samples; beyond the profile it counts as light."""
    at = np.atleast_2d(warps) @ _basis(_along(layout)).T
    raw: Floats = np.interp(at, np.arange(len(tone)), tone, left=0.0, right=0.0)
    return raw


def evened(raw: Floats, layout: Layout, offset: Floats, contrast: Floats) -> Floats:
    """The signal that was behind a sampled tone."""
    powers = _powers(_along(layout))
    signal = (raw - powers @ offset) / np.maximum(powers @ contrast, _LEAST_STRETCH)
    return signal.astype(np.float32)


def improved(tone: Floats, layout: Layout, fit: Fit, row: str) -> Fit:
    """One Gauss–Newton step of the whole fit towards the row of modules."""
    along = _along(layout)
    basis, powers = _basis(along), _powers(along)
    raw = sampled(tone, layout, fit.warp)[0]
    light = "0" * QUIET
    signal, slope, by_blur, by_gain = slopes(light + row + light, fit.blur, fit.gain, fit.spread)
    contrast = np.maximum(powers @ fit.contrast, _LEAST_STRETCH)[:, None]
    columns = np.concatenate(
        [
            powers,
            powers * signal[:, None],
            -contrast * slope[:, None] * basis,
            contrast * np.stack([by_blur, by_gain], axis=1),
        ],
        axis=1,
    )
    slack = np.array([_TONE_SLACK] * 6 + [_WARP_SLACK] * 4 + [_BLUR_SLACK, _GAIN_SLACK])
    start = np.concatenate([fit.offset, fit.contrast, np.zeros(6)])
    error = raw - columns @ start
    normal = columns.T @ columns + np.diag((_ASSUMED_NOISE / slack) ** 2)
    # The gain is held near none altogether, not only in one step: it could undo any word's widths.
    pull = np.zeros(len(slack))
    pull[-1] = -fit.gain * (_ASSUMED_NOISE / _GAIN_SLACK) ** 2
    moved = start + np.linalg.solve(normal, columns.T @ error + pull)
    module = 2 * fit.warp[1] / layout.modules
    return replace(
        fit,
        offset=moved[:3],
        contrast=moved[3:6],
        warp=fit.warp + np.clip(moved[6:10], -1.5, 1.5) * module,
        blur=float(np.clip(fit.blur + moved[10], *_BLUR)),
        gain=float(np.clip(fit.gain + moved[11], *_GAIN)),
    )
