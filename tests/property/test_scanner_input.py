"""Strangers' bytes: whatever they are, the answer is a picture or a ScanError."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner import errors
from scanner.header import FORMATS, Limits, inspect
from scanner.image import open_gray, preview
from tests.pictures import as_bytes

LIMITS = Limits(max_bytes=100_000, max_pixels=1_000_000)
SAMPLES = {
    name: as_bytes(Image.effect_noise((40, 30), 60).convert("RGB"), name) for name in FORMATS
}
MAGIC = [data[:16] for data in SAMPLES.values()]


def take(data: bytes) -> None:
    try:
        header = inspect(data, LIMITS)
        assert header.width * header.height <= LIMITS.max_pixels
        gray, _name = open_gray(data, LIMITS)
        assert gray.mode == "L"
        assert gray.width * gray.height <= LIMITS.max_pixels
        preview(data, 64, LIMITS)
    except errors.ScanError as error:
        assert errors.BY_CODE[error.code] is type(error)


@given(st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    take(data)


@given(st.sampled_from(MAGIC), st.binary(max_size=400))
def test_random_bytes_after_a_good_start(magic: bytes, data: bytes) -> None:
    take(magic + data)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 4000) | st.none(),
)
def test_damaged_pictures(name: str, changes: list[tuple[int, int]], end: int | None) -> None:
    data = bytearray(SAMPLES[name])
    for at, value in changes:
        data[at % len(data)] = value
    take(bytes(data[:end]))
