"""Opening: upright, first frame, every mode, no metadata; Pillow's own faults get our names."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from scanner import errors
from scanner.header import FORMATS, Limits
from scanner.image import open_gray, preview
from tests.pictures import as_bytes, png_header

DARK, LIGHT = 20, 235


def quadrants(mode: str = "L") -> Image.Image:
    """40 × 20, dark only in the top left quarter."""
    image = Image.new("L", (40, 20), LIGHT)
    image.paste(DARK, (0, 0, 20, 10))
    return image.convert(mode)


def is_dark(image: Image.Image, x: int, y: int) -> bool:
    value = image.getpixel((x, y))
    assert isinstance(value, int)
    return value < 128


@pytest.mark.parametrize("image_format", FORMATS)
def test_every_format(image_format: str) -> None:
    gray, name = open_gray(as_bytes(quadrants("RGB"), image_format))
    assert (gray.mode, gray.size, name) == ("L", (40, 20), image_format)
    assert is_dark(gray, 5, 5)
    assert not is_dark(gray, 35, 5)
    assert not is_dark(gray, 5, 15)


# EXIF 2.32 table 6: where the dark top left quarter of the stored picture belongs.
@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        (1, "top left"),
        (2, "top right"),
        (3, "bottom right"),
        (4, "bottom left"),
        (5, "top left"),
        (6, "top right"),
        (7, "bottom right"),
        (8, "bottom left"),
        (9, "top left"),
    ],
)
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_orientation(image_format: str, orientation: int, corner: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    gray, _name = open_gray(as_bytes(quadrants("RGB"), image_format, exif=exif.tobytes()))
    assert gray.size == ((20, 40) if orientation in (5, 6, 7, 8) else (40, 20))
    x = 3 if "left" in corner else gray.width - 4
    y = 3 if "top" in corner else gray.height - 4
    assert is_dark(gray, x, y)
    assert not is_dark(gray, gray.width - 1 - x, gray.height - 1 - y)


@pytest.mark.parametrize(
    ("mode", "image_format"),
    [
        ("1", "PNG"),
        ("P", "GIF"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("RGBA", "PNG"),
        ("LA", "PNG"),
    ],
)
def test_modes(mode: str, image_format: str) -> None:
    gray, _name = open_gray(as_bytes(quadrants(mode), image_format))
    assert is_dark(gray, 5, 5)
    assert not is_dark(gray, 35, 15)


@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_grey(image_format: str) -> None:
    deep = Image.new("I;16", (4, 4), 40_000)
    gray, _name = open_gray(as_bytes(deep, image_format))
    value = gray.getpixel((1, 1))
    assert isinstance(value, int)
    assert abs(value - 40_000 / 257) <= 1


def test_transparency_lies_on_white() -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert open_gray(as_bytes(clear, "PNG"))[0].getpixel((1, 1)) == 255
    palette = Image.new("P", (4, 4), 0)
    assert open_gray(as_bytes(palette, "PNG", transparency=0))[0].getpixel((1, 1)) == 255


def test_first_frame_only() -> None:
    frames = [Image.new("L", (8, 8), 255), Image.new("L", (8, 8), 0)]
    data = as_bytes(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert open_gray(data)[0].getpixel((1, 1)) == 255


@pytest.mark.parametrize("image_format", ["GIF", "BMP", "TIFF", "AVIF"])
def test_cut_file_is_refused(image_format: str) -> None:
    data = as_bytes(Image.effect_noise((90, 70), 50).convert("RGB"), image_format)
    with pytest.raises(errors.PhotoRefused):
        open_gray(data[: len(data) * 2 // 3])


def test_the_opened_picture_is_measured_again() -> None:
    data = as_bytes(Image.new("L", (100, 100)), "PNG")
    with pytest.raises(errors.PhotoTooLarge):
        open_gray(data, Limits(max_pixels=9_999))
    with pytest.raises(errors.TruncatedPhoto):
        open_gray(png_header(50, 50))


def test_a_png_is_not_unpacked_for_its_text() -> None:
    """Ten megabytes of compressed text would be dropped anyway."""
    texts = PngInfo()
    for number in range(10):
        texts.add_text(f"k{number}", "A" * 1_000_000, zip=True)
    with pytest.raises(errors.DamagedPhoto):
        open_gray(as_bytes(Image.new("L", (9, 9)), "PNG", pnginfo=texts))
    few = PngInfo()
    few.add_text("k", "A" * 1_000_000, zip=True)
    open_gray(as_bytes(Image.new("L", (9, 9)), "PNG", pnginfo=few))


def test_damaged_content_is_refused() -> None:
    data = bytearray(as_bytes(Image.effect_noise((90, 70), 50), "PNG"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(errors.DamagedPhoto):
        open_gray(bytes(data))


def test_other_formats_are_not_opened_whatever_plugins_pillow_has() -> None:
    with pytest.raises(errors.DamagedPhoto):
        open_gray(as_bytes(quadrants("RGB"), "PPM"))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_preview_is_small_upright_and_bare(image_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret camera"
    photo = as_bytes(
        Image.new("RGB", (3000, 1000), "red"),
        image_format,
        exif=exif.tobytes(),
        icc_profile=b"profile",
    )
    small = preview(photo, 600)
    with Image.open(io.BytesIO(small)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (200, 600))
        assert not opened.getexif()
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Secret" not in small


def test_preview_never_enlarges() -> None:
    with Image.open(io.BytesIO(preview(as_bytes(quadrants("RGB"), "PNG"), 600))) as opened:
        assert opened.size == (40, 20)
