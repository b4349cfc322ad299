"""Reflectance of a photo's pixels: linear light, on the photo's own scale or that of a card.

Photos are encoded in sRGB (IEC 61966-2-1), whose values are not proportional to light; contrasts
and modulations are, so everything is measured in linear light. Without a card the sensor's full
scale counts as a reflectance of 1: a dark photo then looks like a print of low contrast, which
:attr:`scanner.quality.PhotoFacts.cautions` says.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanner.errors import CardNotUsable
from scanner.quality.report import Card, Patch

Light = npt.NDArray[np.float32]
Gray = npt.NDArray[np.uint8]

_ENCODED = np.arange(256, dtype=np.float32) / 255
LINEAR: Light = np.where(
    _ENCODED <= 0.04045, _ENCODED / 12.92, ((_ENCODED + 0.055) / 1.055) ** 2.4
).astype(np.float32)
SATURATED = 252  # grey values from here on are clipped highlights, JPEG ripple included
_MOST_SATURATED = 0.05  # share of a patch
_LEAST_STEP = 0.05  # of linear light between the patches of a card


def scale(gray: Gray, card: Card | None) -> Light:
    """Reflectance of each of the 256 grey values; raises :class:`CardNotUsable`."""
    if card is None:
        return LINEAR
    return between(
        (_cut(gray, card.light), card.light.reflectance),
        (_cut(gray, card.dark), card.dark.reflectance),
    )


def between(light: tuple[Gray, float], dark: tuple[Gray, float]) -> Light:
    """The scale through two patches, each the grey values seen and the reflectance known.

    Raises :class:`CardNotUsable` where one is overexposed or they look alike.
    """
    if any(np.mean(seen >= SATURATED) > _MOST_SATURATED for seen, _share in (light, dark)):
        raise CardNotUsable("a patch is overexposed")
    high, low = (float(LINEAR[seen].mean()) for seen, _share in (light, dark))
    if high - low < _LEAST_STEP:
        raise CardNotUsable("the two patches of the card do not differ enough")
    step = (light[1] - dark[1]) / (high - low)
    reflectances: Light = np.clip(dark[1] + (LINEAR - low) * step, 0, 1.2).astype(np.float32)
    return reflectances


def _cut(gray: Gray, patch: Patch) -> Gray:
    left, top, width, height = patch.box
    if min(left, top) < 0 or min(width, height) < 1:
        raise CardNotUsable("a patch needs a place inside the photo")
    cut = gray[top : top + height, left : left + width]
    if cut.shape != (height, width):
        raise CardNotUsable("a patch lies outside the photo")
    return cut
