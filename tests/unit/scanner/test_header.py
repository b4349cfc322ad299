"""Format, size and limits from the first bytes, against what Pillow finds by opening the file."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from scanner import errors
from scanner.header import FORMATS, Limits, inspect
from tests.pictures import as_bytes, png_header

SIZES = [(1, 1), (7, 300), (641, 480)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("image_format", FORMATS)
def test_size_is_what_pillow_finds(image_format: str, size: tuple[int, int]) -> None:
    data = as_bytes(Image.new("RGB", size, "teal"), image_format)
    header = inspect(data)
    with Image.open(io.BytesIO(data)) as opened:
        assert (header.image_format, header.width, header.height) == (opened.format, *opened.size)


@pytest.mark.parametrize(
    ("image_format", "options", "mode"),
    [
        ("JPEG", {"progressive": True}, "RGB"),
        ("JPEG", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}, "L"),
        ("WEBP", {"lossless": True}, "RGB"),
        ("WEBP", {"lossless": True}, "RGBA"),
        ("WEBP", {"quality": 50}, "RGBA"),
        ("TIFF", {"compression": "tiff_lzw"}, "RGB"),
        ("PNG", {"interlace": 1}, "P"),
        ("GIF", {"save_all": True, "append_images": [Image.new("P", (30, 20), 1)]}, "P"),
    ],
)
def test_variants(image_format: str, options: dict[str, object], mode: str) -> None:
    header = inspect(as_bytes(Image.new(mode, (30, 20)), image_format, **options))
    assert (header.image_format, header.width, header.height) == (image_format, 30, 20)


def test_big_endian_tiff() -> None:
    entries = [struct.pack(">HHIHH", 256, 3, 1, 30, 0), struct.pack(">HHII", 257, 4, 1, 20)]
    data = b"MM\0*" + struct.pack(">IH", 8, len(entries)) + b"".join(entries) + b"\0\0\0\0"
    header = inspect(data)
    assert (header.width, header.height) == (30, 20)


def test_bitmap_with_negative_height_and_with_os2_header() -> None:
    top_down = b"BM" + bytes(12) + struct.pack("<Iii", 40, 30, -20)
    os2 = b"BM" + bytes(12) + struct.pack("<IHH", 12, 30, 20)
    for data in (top_down, os2):
        header = inspect(data)
        assert (header.width, header.height) == (30, 20)


def _huge(image_format: str) -> bytes:
    """A file of 20,000 × 10,000 pixels in its header alone."""
    wide, high = 20_000, 10_000
    return {
        "PNG": png_header(wide, high),
        "GIF": b"GIF89a" + struct.pack("<HH", wide, high) + bytes(10),
        "BMP": b"BM" + bytes(12) + struct.pack("<Iii", 40, wide, high),
        "TIFF": b"II*\0"
        + struct.pack("<IH", 8, 2)
        + struct.pack("<HHII", 256, 4, 1, wide)
        + struct.pack("<HHII", 257, 4, 1, high),
        "WEBP": b"RIFF\x20\0\0\0WEBPVP8X"
        + struct.pack("<II", 10, 0)
        + (wide - 1).to_bytes(3, "little")
        + (high - 1).to_bytes(3, "little")
        + bytes(12),
        "JPEG": b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x0b\x08"
        + struct.pack(">HH", high, wide)
        + b"\x01\x01\x11\0\xff\xda\0\x02\xff\xd9",
        "AVIF": b"\0\0\0\x14ftypavif"
        + bytes(8)
        + b"\0\0\0\x14ispe\0\0\0\0"
        + struct.pack(">II", wide, high),
    }[image_format]


@pytest.mark.parametrize("image_format", FORMATS)
def test_200_megapixels_are_refused_from_the_header(image_format: str) -> None:
    with pytest.raises(errors.PhotoTooLarge, match="20000 × 10000"):
        inspect(_huge(image_format))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", errors.EmptyPhoto),
        (b"hello", errors.NotAnImage),
        (b"\0" * 1000, errors.NotAnImage),
        (b'<?xml version="1.0"?><svg/>', errors.UnsupportedFormat),
        (b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>", errors.UnsupportedFormat),
        (b"<!-- x --><svg/>", errors.UnsupportedFormat),
        (b"\0\0\0\x18ftypheic\0\0\0\0", errors.DamagedPhoto),
        (b"\xff\xd8\xff", errors.TruncatedPhoto),
        (b"\xff\xd8\xff\xd9", errors.DamagedPhoto),
        (b"\xff\xd8\xff\xda\0\x02\xff\xd9", errors.DamagedPhoto),
        (png_header(0, 10), errors.DamagedPhoto),
        (b"RIFF\x10\0\0\0WEBPXXXX" + bytes(8), errors.DamagedPhoto),
        (b"II*\0\x08\0\0\0\0\0", errors.DamagedPhoto),
        (b"\0\0\0\x10ftypavif" + bytes(40), errors.DamagedPhoto),
    ],
)
def test_refused(data: bytes, error: type[errors.PhotoRefused]) -> None:
    with pytest.raises(error) as caught:
        inspect(data)
    assert errors.BY_CODE[caught.value.code] is error


def test_limits_count_to_the_last_byte_and_pixel() -> None:
    data = as_bytes(Image.new("L", (10, 10)), "PNG")
    inspect(data, Limits(len(data), 100))
    for limits in (Limits(len(data) - 1, 100), Limits(len(data), 99)):
        with pytest.raises(errors.PhotoTooLarge):
            inspect(data, limits)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_cut_file_is_refused_from_its_bytes(image_format: str) -> None:
    data = as_bytes(Image.effect_noise((90, 70), 50), image_format)
    for size in (len(data) // 4, len(data) // 2, len(data) - 20):
        with pytest.raises(errors.TruncatedPhoto):
            inspect(data[:size])


def test_a_side_longer_than_any_decoder_takes_is_refused() -> None:
    """zxing-cpp refuses more than 65,535 pixels a side; a small picture may be enlarged twice."""
    for size in ((32_768, 1), (1, 32_768), (40_000_000, 1)):
        with pytest.raises(errors.PhotoTooLarge, match="side"):
            inspect(png_header(*size))
    inspect(png_header(32_767, 1))


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    """Each scan costs a pass over all pixels: five kilobytes would keep a decoder busy for long."""
    data = as_bytes(Image.effect_noise((64, 64), 50), "JPEG", progressive=True)
    last = data[data.rfind(b"\xff\xda") : -2]
    inspect(data)
    inspect(data[:-2] + last * 20 + data[-2:])
    with pytest.raises(errors.DamagedPhoto, match="scans"):
        inspect(data[:-2] + last * 100 + data[-2:])


def test_a_tiff_directory_without_end_costs_no_time() -> None:
    side = struct.pack("<HHII", 256, 3, 1, 10) + struct.pack("<HHII", 257, 3, 1, 10)
    with pytest.raises(errors.DamagedPhoto, match="entries"):
        inspect(b"II*\0\x08\0\0\0" + struct.pack("<H", 0xFFFF) + side * 32_768)
