"""Printed symbols with known faults: arrays of reflectance, and the sRGB photo that shows them.

Modules come from python-barcode and zxing-cpp (whose writer is zint's), never from our encoders.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt
import zxingcpp
from barcode.ean import EAN13
from PIL import Image

Reflectance = npt.NDArray[np.float64]
Modules = npt.NDArray[np.bool_]

SIDE = 10  # pixels per module
EAN = "9521234543213"
LIGHT, DARK = 0.9, 0.1  # symbol contrast 0.8, threshold 0.5


def encoded(reflectance: Reflectance) -> npt.NDArray[np.uint8]:
    """8-bit sRGB values of linear light (IEC 61966-2-1)."""
    low = 12.92 * reflectance
    high = 1.055 * np.maximum(reflectance, 0) ** (1 / 2.4) - 0.055
    values = np.where(reflectance <= 0.0031308, low, high)
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def photo(reflectance: Reflectance) -> Image.Image:
    """The print seen by a perfect camera."""
    return Image.fromarray(encoded(reflectance))


def modules(text: str, symbology: zxingcpp.BarcodeFormat, **options: object) -> Modules:
    """The modules of a symbol, dark ones true, without a quiet zone."""
    barcode = zxingcpp.create_barcode(text, symbology, **options)
    picture = cast("bytes", barcode.to_image(scale=1, add_quiet_zones=False))
    return np.array(memoryview(picture).tolist()) == 0


def ean_modules(digits: str = EAN) -> Modules:
    """The 95 modules of an EAN-13."""
    (row,) = EAN13(digits).build()
    return np.array([[column == "1" for column in row]])


def printed(
    dark: Modules,
    side: int | tuple[int, int] = SIDE,
    quiet: int = 12,
    light: float = LIGHT,
    ink: float = DARK,
) -> Reflectance:
    """Modules of ``side`` pixels (across, down) with ``quiet`` light modules on every side."""
    across, down = (side, side) if isinstance(side, int) else side
    padded = np.pad(dark, quiet)
    return np.where(np.kron(padded, np.ones((down, across))) > 0, ink, light).astype(np.float64)


def bars(dark: Modules, height: int = 200, **options: float) -> Reflectance:
    """A linear symbol with bars of ``height`` pixels; columns as in :func:`printed`."""
    row = printed(dark, **options)[SIDE * 12 : SIDE * 12 + 1]  # type: ignore[arg-type]
    above = np.full((40, row.shape[1]), row[0, 0])
    return np.concatenate([above, np.repeat(row, height, axis=0), above])


def blurred(reflectance: Reflectance, sigma: float) -> Reflectance:
    """A lens out of focus: Gaussian blur of the light itself."""
    if sigma == 0:
        return reflectance
    reach = int(4 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(reflectance, reach, mode="edge")
    across = np.apply_along_axis(np.convolve, 1, padded, kernel, "valid")
    return np.apply_along_axis(np.convolve, 0, across, kernel, "valid")


def grown(reflectance: Reflectance, pixels: int, *, down: bool = True) -> Reflectance:
    """Ink spread: every dark area reaches ``pixels`` further on each side."""
    out = reflectance.copy()
    for shift in range(-pixels, pixels + 1):
        out = np.minimum(out, np.roll(reflectance, shift, axis=1))
    if down:
        middle = out.copy()
        for shift in range(-pixels, pixels + 1):
            out = np.minimum(out, np.roll(middle, shift, axis=0))
    return out
