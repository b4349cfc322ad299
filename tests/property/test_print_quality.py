"""Whatever a decoder says about a symbol's place, measuring gives grades and no fault."""

from __future__ import annotations

import functools

import numpy as np
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner.quality import data_matrix, matrix
from scanner.quality.assess import assess
from scanner.quality.grid import NoGrid
from scanner.quality.light import LINEAR
from scanner.quality.reed_solomon import Uncorrectable
from scanner.reading import Symbol
from tests import prints

TEXTS = {
    "EAN-13": prints.EAN,
    "EAN-8": "95212340",
    "UPC-A": "0012345678905",
    "Code 128": "ABC",
    "ITF": "09521234543213",
    "Data Matrix": "ABC",
    "Codabar": "A1A",
}


@functools.cache
def photos() -> tuple[Image.Image, ...]:
    noise = np.random.default_rng(15416).integers(0, 256, (120, 200), dtype=np.uint8)
    square = prints.modules("ABC", zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    return (
        prints.photo(prints.bars(prints.ean_modules())).resize((400, 100)),
        prints.photo(prints.printed(square, 4, 4)),
        Image.fromarray(noise),
        Image.new("L", (1, 1), 0),
        Image.new("L", (60, 40), 255),
    )


points = st.tuples(st.integers(-50, 450), st.integers(-50, 150))


@settings(max_examples=60, deadline=None)
@given(
    photo=st.integers(0, 4),
    kind=st.sampled_from(sorted(TEXTS)),
    corners=st.tuples(points, points, points, points) | points.map(lambda p: (p, p, p, p)),
)
@example(photo=3, kind="Data Matrix", corners=((0, 0), (0, 0), (0, 0), (0, 0)))
def test_any_place_is_measured_or_said_to_be_none(
    photo: int, kind: str, corners: tuple[tuple[int, int], ...]
) -> None:
    a, b, c, d = corners
    text = TEXTS[kind]
    symbol = Symbol(
        text=text,
        raw=text.encode(),
        symbology=kind,
        symbology_identifier="]X0",
        polygon=(a, b, c, d),
        decoders=("zxing-cpp",),
        tier="confirmed",
    )
    (found,), calibrated = assess(photos()[photo], [symbol])
    assert not calibrated
    assert found.picture is not None
    assert found.grade is None or 0 <= found.grade <= 4
    for item in found.parameters:
        assert item.grade is None or 0 <= item.grade <= 4
        assert item.value is None or np.isfinite(item.value)


@settings(max_examples=40, deadline=None)
@given(photo=st.integers(0, 4), corners=st.tuples(points, points, points, points))
def test_any_four_corners_are_measured_or_refused(
    photo: int, corners: tuple[tuple[int, int], ...]
) -> None:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    light = LINEAR[np.asarray(photos()[photo])]
    try:
        found = matrix.measure(light, (a, b, c, d), data_matrix.layout(10, 10))
    except (NoGrid, Uncorrectable):
        return
    assert 0 <= found.grade <= 4
