"""Treatments of a picture in which nothing was found at first: another size, contrast or turn.

Each gives the treated picture and the mapping of its coordinates back to the original. The order
and choice come from which treatments recover which labelled photos at what cost
(docs/scanner.md). numpy is loaded here: import this in the decoder process only.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from scanner import texture
from scanner.geometry import Mapping

Treated = tuple[Image.Image, Mapping]
Treatment = Callable[[Image.Image], Treated]

# Enlarging helps small pictures; large ones have pixels enough and would only cost time.
_MAX_ENLARGED_PIXELS = 4_000_000
_STRAIGHT = 20.0  # degrees that bars may lean: zxing-cpp reads them
_SHARPER = 2.5  # times the difference from the blurred picture
_EVENED_PAPER = 160  # grey level that the surroundings' mean becomes


def plain(image: Image.Image) -> Treated:
    """The picture as it is."""
    return image, lambda x, y: (x, y)


def enlarged(factor: float) -> Treatment:
    """Cubic enlargement, the less the larger the picture is already."""

    def treat(image: Image.Image) -> Treated:
        fitting = math.sqrt(_MAX_ENLARGED_PIXELS / (image.width * image.height))
        scale = max(1.0, min(factor, fitting))
        size = (round(image.width * scale), round(image.height * scale))
        return image.resize(size, Image.Resampling.BICUBIC), lambda x, y: (x / scale, y / scale)

    return treat


def reduced(image: Image.Image) -> Treated:
    """Half the size: takes out screen moiré, coarse print and noise."""
    return image.reduce(2), lambda x, y: (2 * x, 2 * y)


def inverted(image: Image.Image) -> Treated:
    """Light bars made dark: zxing-cpp turns matrix symbols over by itself, linear ones not."""
    return ImageOps.invert(image), lambda x, y: (x, y)


def averaged(image: Image.Image) -> Treated:
    """Four rows made one, then sharpened hard: deblurs upright bars without raising the noise."""
    wide = (image.width * 2, max(8, image.height // 4))
    sharp = image.resize(wide, Image.Resampling.BICUBIC).filter(ImageFilter.UnsharpMask(6, 400, 0))
    tall = ImageOps.autocontrast(sharp, 1).resize((wide[0], wide[1] * 4))
    rise = image.height / tall.height
    return tall, lambda x, y: (x / 2, y * rise)


def stretched(image: Image.Image) -> Treated:
    """Contrast stretched to the full range, the outer 2 % clipped."""
    return ImageOps.autocontrast(image, 2), lambda x, y: (x, y)


def sharpened(image: Image.Image) -> Treated:
    """Sharpened, then enlarged twice: takes back a little of the lens's blur.

    In this order it costs a third of sharpening the large picture and gains as much.
    """
    soft = image.filter(ImageFilter.GaussianBlur(1))
    return enlarged(2)(Image.blend(soft, image, _SHARPER))


def smoothed(radius: float) -> Treatment:
    """Blurred against sensor noise and halftone print, then stretched."""

    def treat(image: Image.Image) -> Treated:
        calm = image.filter(ImageFilter.GaussianBlur(radius))
        return ImageOps.autocontrast(calm, 1), lambda x, y: (x, y)

    return treat


def evened(image: Image.Image) -> Treated:
    """Each pixel relative to the mean of its surroundings: takes out shade and glare."""
    reach = max(8, min(image.size) // 8)
    ground = np.asarray(image.filter(ImageFilter.BoxBlur(reach)), np.float32)
    relative = np.asarray(image, np.float32) * (_EVENED_PAPER / np.maximum(ground, 1))
    even = np.clip(relative, 0, 255).astype(np.uint8)
    return Image.fromarray(even), lambda x, y: (x, y)


def straightened(image: Image.Image) -> Treated:
    """Turned so that the most code-like texture lies along the rows."""
    return turned(texture.direction(image))(image)


def straightened_and_evened(image: Image.Image) -> Treated:
    """Both; bars that almost stand upright are left so, those that almost lie turned by 90°."""
    degrees = texture.direction(image)
    if abs(degrees) < _STRAIGHT:
        return evened(image)
    if abs(degrees) <= 90 - _STRAIGHT:
        straight, back = turned(degrees)(image)
        return evened(straight)[0], back
    lying = image.transpose(Image.Transpose.ROTATE_90)
    return evened(lying)[0], lambda x, y: (image.width - y, x)


def turned(degrees: float) -> Treatment:
    """Rotated anticlockwise, grown to hold the whole picture."""

    def treat(image: Image.Image) -> Treated:
        out = image.rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        middle_in, middle_out = (image.width / 2, image.height / 2), (out.width / 2, out.height / 2)

        def back(x: float, y: float) -> tuple[float, float]:
            dx, dy = x - middle_out[0], y - middle_out[1]
            return cos * dx - sin * dy + middle_in[0], sin * dx + cos * dy + middle_in[1]

        return out, back

    return treat
