"""Reading through a real decoder process."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PIL import Image

import scanner
from scanner import DecoderPool, Limits, errors
from tests.pictures import EAN, as_bytes, ean_picture, png_header


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(timeout=60) as pool:
        yield pool


def test_read_gives_symbols_and_size(pool: DecoderPool) -> None:
    picture = ean_picture()
    reading = scanner.read(as_bytes(picture, "JPEG"), pool)
    assert [symbol.text for symbol in reading.symbols] == [EAN]
    assert (reading.width, reading.height) == picture.size
    assert (reading.image_format, reading.attempt, reading.preview) == ("JPEG", "plain", None)
    assert reading.decoders == scanner.live_decoders(pool)


def test_preview_comes_along_or_alone(pool: DecoderPool) -> None:
    photo = as_bytes(Image.new("RGB", (900, 300), "navy"), "PNG")
    along = scanner.read(photo, pool, preview=300).preview
    assert along is not None
    for small in (along, scanner.preview(photo, pool, max_side=300)):
        with Image.open(io.BytesIO(small)) as opened:
            assert opened.size == (300, 100)


@pytest.mark.parametrize(
    ("photo", "error"),
    [
        (b"", errors.EmptyPhoto),
        (b"<svg/>", errors.UnsupportedFormat),
        (png_header(20_000, 10_000), errors.PhotoTooLarge),
        (b"\xff\xd8\xff" + bytes(25_000_000), errors.PhotoTooLarge),
    ],
)
def test_refused_without_a_decoder_process(photo: bytes, error: type[errors.ScanError]) -> None:
    with DecoderPool(command=["/nonexistent"]) as pool, pytest.raises(error):
        pool.read(photo)


def test_the_workers_refusal_keeps_its_name(pool: DecoderPool) -> None:
    with pytest.raises(errors.TruncatedPhoto):
        pool.read(png_header(50, 50))


def test_limits_reach_the_worker() -> None:
    with DecoderPool(limits=Limits(max_pixels=100)) as pool, pytest.raises(errors.PhotoTooLarge):
        pool.preview(as_bytes(Image.new("L", (11, 10)), "BMP"))


def test_doctor_names_every_decoder(pool: DecoderPool) -> None:
    report = scanner.doctor(pool)
    assert report["zxing-cpp"] == "live"
    assert (report["zbar"] == "live") == ("zbar" in scanner.live_decoders(pool))


def test_the_web_process_loads_no_picture_decoder() -> None:
    code = (
        "import sys, scanner; print([m for m in ('PIL', 'zxingcpp', 'pyzbar') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
