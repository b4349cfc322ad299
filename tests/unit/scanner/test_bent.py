"""QR Codes on bent ground: drawn by zxing-cpp, bent by the test, beyond what zxing-cpp samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from scanner import bent
from scanner.decode import decode
from scanner.profile import interpolated

TEXT = "https://example.com/01/09521234543213"
MODULE = 8  # pixels


def code(text: str = TEXT, level: str = "H") -> NDArray[np.uint8]:
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    return np.array(symbol.to_image(scale=MODULE, add_quiet_zones=True))


def bulged(picture: NDArray[np.uint8], modules: float) -> Image.Image:
    """The middle moved by so many modules to the left and up, the edges left in place."""
    y, x = np.indices(picture.shape, dtype=np.float32)
    right = modules * MODULE * np.sin(math.pi * y / picture.shape[0])
    down = modules * MODULE * np.sin(math.pi * x / picture.shape[1])
    moved = interpolated(picture, (x + right).astype(np.float32), (y + down).astype(np.float32))
    return Image.fromarray(moved.astype(np.uint8))


@pytest.mark.parametrize("modules", [1.5, 2.0, 2.5])
@pytest.mark.parametrize("quarters", [0, 1])
def test_a_bent_code_is_read_in_the_first_look(modules: float, quarters: int) -> None:
    image = bulged(code(), modules).rotate(90 * quarters)
    assert zxingcpp.read_barcodes(image) == []
    (symbol,) = decode(image).symbols
    assert (symbol.text, symbol.raw) == (TEXT, TEXT.encode())
    assert (symbol.symbology, symbol.symbology_identifier) == ("QR Code", "]Q1")
    assert symbol.variants[0] == "zxing-cpp: plain, bent"
    xs, ys = zip(*symbol.polygon, strict=True)
    quiet = 4 * MODULE
    assert min(*xs, *ys) == pytest.approx(quiet, abs=2.5 * MODULE)
    assert max(*xs, *ys) == pytest.approx(image.width - quiet, abs=2.5 * MODULE)


def test_its_error_correction_says_how_sure_it_is() -> None:
    picture = code()
    picture[:, 120:160] = 255  # five modules wide: a scratch through the data
    (symbol,) = decode(bulged(picture, 1.5)).symbols
    assert (symbol.text, symbol.tier) == (TEXT, "probable")


def test_nothing_is_made_of_other_modules() -> None:
    rng = np.random.default_rng(1)
    for version in (1, 2, 7, 20, 40):
        noise = rng.integers(0, 256, (400, 400), np.uint8)
        plan = bent.Plan(version, "H", 3)
        assert bent.read(noise, ((40, 40), (360, 40), (360, 360), (40, 360)), plan) is None
        assert bent.read(noise, ((40, 40), (40, 40), (40, 40), (40, 40)), plan) is None


def test_a_flat_code_needs_no_bending() -> None:
    picture = code(level="L")
    (flat,) = zxingcpp.read_barcodes(picture)
    assert isinstance(flat.extra, dict)
    plan = bent.Plan(int(flat.extra["Version"]), "L", int(flat.extra["DataMask"]))
    low, high = 4 * MODULE, picture.shape[0] - 4 * MODULE
    found = bent.read(picture, ((low, low), (high, low), (high, high), (low, high)), plan)
    assert found is not None
    assert found.text == TEXT
