"""Sample photos: deterministic, readable as meant, and warped as the corners say."""

from __future__ import annotations

import io
import random

import pytest
import zxingcpp
from PIL import Image

from scanner import scene
from scanner.label import Label, render
from scanner.projection import coefficients


def picture(label: Label) -> Image.Image:
    with Image.open(io.BytesIO(render(label, "png"))) as image:
        image.load()
    return image


EAN = picture(Label("ean-13", "9521234543213", "Cà phê"))
DATAMATRIX = picture(Label("gs1-datamatrix", "(01)09521234543213(10)L1(21)S1", "Cà phê", "L1"))
QR = picture(Label("digital-link-qr", "https://example.com/01/09521234543213", "Cà phê"))


def scan(photo: bytes) -> set[str]:
    with Image.open(io.BytesIO(photo)) as image:
        return {
            barcode.symbology_identifier for barcode in zxingcpp.read_barcodes(image.convert("L"))
        }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("camera", [scene.STEADY, scene.CASUAL], ids=["steady", "casual"])
def test_readable_scenes(camera: scene.Camera, seed: int) -> None:
    labels, found = [([EAN, DATAMATRIX], {"]E0", "]d2"}), ([QR], {"]Q1"}), ([DATAMATRIX], {"]d2"})][
        seed % 3
    ]
    surface = list(scene.SURFACES)[seed % len(scene.SURFACES)]
    photo = scene.photograph(
        labels, rng=random.Random(seed), camera=camera, surface=surface, title="Cà phê Đắk Lắk"
    )
    assert scan(photo) == found


@pytest.mark.parametrize("seed", range(3))
def test_unreadable_scene(seed: int) -> None:
    photo = scene.photograph([EAN, QR], rng=random.Random(seed), camera=scene.UNREADABLE)
    assert scan(photo) == set()


def test_same_seed_same_bytes() -> None:
    one, same, other = (scene.photograph([QR], rng=random.Random(seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_photo_looks_like_one() -> None:
    """Portrait, in colour, uneven light: the corners of the photo differ in brightness."""
    with Image.open(io.BytesIO(scene.photograph([EAN], rng=random.Random(3)))) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (960, 1280))
        darkest, brightest = image.convert("L").resize((4, 4), Image.Resampling.BOX).getextrema()
        assert isinstance(brightest, int)
        assert brightest - darkest > 40


def test_projection_maps_corners_onto_corners() -> None:
    quad = ((10.0, 20.0), (210.0, 5.0), (190.0, 150.0), (30.0, 170.0))
    a, b, c, d, e, f, g, h = coefficients(quad, (400, 300))
    for (x, y), corner in zip(quad, ((0, 0), (400, 0), (400, 300), (0, 300)), strict=True):
        w = g * x + h * y + 1
        assert ((a * x + b * y + c) / w, (d * x + e * y + f) / w) == pytest.approx(corner, abs=1e-6)
