"""Closer looks at one symbol in its own crop, taken one by one until its text is proven.

The cheapest come first; each is taken only while the text is not proven. A symbol whose error
correction vouches for it needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import zxingcpp
from PIL import Image

from scanner import ean, evidence, geometry, zbar
from scanner.reading import Disagreement, Symbol
from scanner.sighting import MATRIX, PROFILE, RETAIL, ZXING, Sighting, by_zbar, by_zxing, manner_for
from scanner.treatment import Treatment, plain, straightened

_Look = Callable[[], list[Sighting]]
_LOCAL, _GLOBAL = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram


class Place:
    """A place in a picture where a symbol was seen, and every look taken at it.

    ``sightings`` are all looks, the first of which gives the place; ``profile`` is the text that
    the reflectance profile gave, if one was read.
    """

    def __init__(
        self, image: Image.Image, seen: Sighting, earlier: Sequence[Sighting] = ()
    ) -> None:
        self._image = image
        self.seen = seen
        self.sightings = [seen, *earlier]
        self.profile = ""
        self._left = self._looks()

    def holds(self, seen: Sighting) -> bool:
        """Whether another sighting is of the same symbol."""
        mine = self.seen.symbol.polygon
        return seen.group == self.seen.group and geometry.same_place(mine, seen.symbol.polygon)

    def add(self, seen: Sighting) -> None:
        """Take another sighting of the same symbol into account."""
        if seen.decoder == PROFILE:
            self.profile = seen.text
        else:
            self.sightings.append(seen)

    def weighed(self) -> Symbol | Disagreement:
        """The symbol with its tier, after as many closer looks as its proof needs."""
        while not evidence.is_proven(self.seen, self.sightings[1:], self.profile):
            look = next(self._left, None)
            if look is None:
                break
            self.sightings += [item for item in look() if item.group == self.seen.group]
        return evidence.weighed(self.sightings, self.profile)

    def _looks(self) -> Iterator[_Look]:
        group, kinds = self.seen.group, zbar.KINDS.get(self.seen.group, ())
        if group in MATRIX:
            if kinds:
                yield lambda: by_zbar(self._crop(1.0), "crop", kinds)
            return
        if self.seen.decoder == ZXING and kinds:
            yield lambda: by_zbar(self._crop(1.0), "crop", kinds)
        if self.seen.decoder != ZXING:  # which tells a box around the symbol, not its corners
            yield lambda: self._zxing("crop", 1.0, _LOCAL)
            yield lambda: self._zxing("crop, straightened", 1.0, _LOCAL, straightened)
        if group != RETAIL:
            yield lambda: self._zxing("crop, one threshold", 1.0, _GLOBAL)
            yield lambda: self._zxing("crop, enlarged", 2.0, _LOCAL)
        if kinds:
            yield lambda: by_zbar(self._crop(2.0), "crop, enlarged", kinds)
        if group == RETAIL:
            if self.seen.decoder != PROFILE:
                yield self._by_profile
            yield lambda: self._zxing("crop, enlarged", 2.0, _LOCAL)

    def _zxing(
        self, name: str, scale: float, binarizer: zxingcpp.Binarizer, treat: Treatment = plain
    ) -> list[Sighting]:
        manner = manner_for(self.seen.group, binarizer)
        return by_zxing(self._crop(scale), name, treat, manner)

    def _by_profile(self) -> list[Sighting]:
        """The own decode of the reflectance profile is a text, not a sighting."""
        gray = np.asarray(self._image)
        symbol = self.seen.symbol
        confirmation = ean.confirm(gray, symbol.polygon, self.seen.text, symbol.symbology)
        self.profile = confirmation.read
        return []

    def _crop(self, scale: float) -> Image.Image:
        stacked = "Stacked" in self.seen.symbol.symbology
        linear = self.seen.decoder == ZXING and self.seen.group not in MATRIX and not stacked
        return geometry.upright_crop(self._image, self.seen.symbol.polygon, scale, linear=linear)
