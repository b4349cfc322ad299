"""The rungs that are climbed where the first look found nothing, in order, with their prices.

What each rung gains and costs was measured over labelled photos; docs/scanner.md has the table.
Prices are in units of opening a picture and one look with zxing-cpp's defaults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import zxingcpp
from PIL import Image

from scanner import texture, treatment, zbar
from scanner.sighting import QUICK, THOROUGH, Manner, Sighting, by_profile, by_zbar, by_zxing

_ONE = zxingcpp.Binarizer.GlobalHistogram
_FIXED = zxingcpp.Binarizer.FixedThreshold
_REPEATED = replace(THOROUGH, bent=False)  # bent QR Codes were looked for in other rungs
_EVENED = replace(THOROUGH, rotated=False, binarizer=_ONE)  # bars stand upright already
_UPRIGHT = 1.5  # degrees
_ZBAR_KINDS = (*zbar.SELF_CHECKING, "CODE39", "CODABAR")


@dataclass(frozen=True, slots=True)
class Rung:
    """One more look at a picture in which nothing was found yet."""

    name: str
    price: float
    look: Callable[[Image.Image], list[Sighting]]
    is_negative: bool = False  # what it finds is light on dark, and closer looks must know
    least: int = 0  # pixels of a picture that is worth the look
    fixed: int = 0  # pixels that a look costs as much as the part that does not shrink with them

    def cost(self, image: Image.Image) -> float:
        """The price for this picture, in looks at the same."""
        return self.price + self.fixed / (image.width * image.height)


def _zxing(name: str, price: float, treat: treatment.Treatment, manner: Manner = QUICK) -> Rung:
    return Rung(name, price, lambda image: by_zxing(image, name, treat, manner))


def _zbar(name: str, price: float, treat: treatment.Treatment) -> Rung:
    return Rung(name, price, lambda image: by_zbar(image, name, _ZBAR_KINDS, treat))


def _straightened(image: Image.Image) -> list[Sighting]:
    """Nothing where the bars stand upright already: that would be the first look again."""
    degrees = texture.direction(image)
    if abs(degrees) < _UPRIGHT:
        return []
    return by_zxing(image, "straightened", treatment.turned(degrees))


FULL_SIZE = _zxing("full size", 1.0, treatment.plain, THOROUGH)
RUNGS = (
    _zxing("reduced", 0.3, treatment.reduced, THOROUGH),
    Rung("straightened", 0.8, _straightened),
    replace(_zbar("zbar, reduced", 0.4, treatment.reduced), least=60_000),
    replace(_zxing("inverted", 0.3, treatment.inverted), is_negative=True),
    _zxing("averaged", 0.8, treatment.averaged),
    _zxing("evened", 0.9, treatment.straightened_and_evened, _EVENED),
    _zxing("stretched", 0.6, treatment.stretched, replace(_REPEATED, binarizer=_FIXED)),
    Rung("own search", 0.5, by_profile, fixed=290_000),
    replace(
        _zxing("smoothed", 0.7, treatment.smoothed(1.2), replace(_REPEATED, binarizer=_ONE)),
        least=60_000,
    ),
    _zbar("zbar", 0.9, treatment.plain),
    _zxing("sharpened", 1.0, treatment.sharpened),
)
