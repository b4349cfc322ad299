"""Open a stranger's photo as an upright picture: first frame, no metadata, known mode.

Runs in the worker process only: from here on C decoders touch the bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from PIL import Image, PngImagePlugin

from scanner import errors, heif
from scanner.header import DEFAULT_LIMITS, FORMATS, HEIF, Limits, check_size, is_heif

# Compressed text that a PNG may hold: it is dropped, but Pillow unpacks it first.
PngImagePlugin.MAX_TEXT_MEMORY = 4 << 20
# Codes that can be read at all are read at this size: 12 megapixels become 3, 5 stay.
_MOST_COARSE_PIXELS = 5_000_000
_ORIENTATION = 0x0112  # EXIF tag
# EXIF 2.32, 4.6.4: how the stored picture lies, and the turn that sets it upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Coarse:
    """A photo at about three megapixels, as the first look wants it.

    ``gray`` is the upright photo reduced by ``factor``, ``width`` and ``height`` the upright
    photo's own size, ``finer`` gives it in full size (None where ``gray`` is that).
    """

    gray: Image.Image
    factor: int
    width: int
    height: int
    image_format: str
    finer: Callable[[], Image.Image] | None


def open_gray(data: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[Image.Image, str]:
    """Upright 8-bit grey picture and the name of its format; raises :class:`PhotoRefused`."""
    with _opened(data, limits) as image:
        if image.format == "JPEG" and image.mode == "RGB":
            image.draft("L", image.size)  # the luma plane alone: no colour conversion
        image.load()
        return _upright(_gray(image), image), _format_name(image)


def open_coarse(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Coarse:
    """Upright grey picture of at most five megapixels; a JPEG is not even decoded in full."""
    with _opened(data, limits) as image:
        width, height = image.size
        factor = _factor(width * height)
        if image.format in ("JPEG", "MPO") and image.mode in ("RGB", "L"):
            image.draft("L", (math.ceil(width / factor), math.ceil(height / factor)))
        left = factor if image.size == (width, height) else 1
        image.load()
        gray = _upright(_gray(image), image)
        finer = (lambda: open_gray(data, limits)[0]) if factor > 1 else None
        if (gray.width > gray.height) != (width > height):
            width, height = height, width
        name = _format_name(image)
        return Coarse(gray.reduce(left), factor, width, height, name, finer)


def _factor(pixels: int) -> int:
    """The power of two by which a photo is reduced for the first look."""
    factor = 1
    while pixels > _MOST_COARSE_PIXELS * factor**2:
        factor *= 2
    return factor


def preview(data: bytes, max_side: int, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Upright JPEG without metadata, its longer side at most ``max_side`` pixels."""
    with _opened(data, limits) as image:
        if image.format == "JPEG":
            # The inverse DCT of a smaller block is a cheap exact downscale by 2, 4 or 8.
            image.draft("RGB", (max_side, max_side))
        image.load()
        color = _color(image)
        color.thumbnail((max_side, max_side), Image.Resampling.BILINEAR)
        out = io.BytesIO()
        upright = _upright(color, image)
        upright.info.clear()  # a colour profile or comment would be written along
        upright.save(out, "JPEG", quality=80)
        return out.getvalue()


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    """The picture before its pixels are loaded, its size checked; Pillow's faults get our names."""
    try:
        with Image.open(io.BytesIO(data), formats=_formats(data)) as image:
            check_size(*image.size, limits)
            yield image
    except errors.ScanError:
        raise
    except Image.DecompressionBombError as error:
        raise errors.PhotoTooLarge("too many pixels") from error
    except MemoryError as error:
        raise errors.PhotoTooLarge("too large for the memory of the decoder") from error
    except Exception as error:
        # Pillow's plugins raise whatever their parsing trips over (OSError, SyntaxError,
        # struct.error, KeyError …): for a stranger's bytes each means the same.
        if "truncated" in str(error):
            raise errors.TruncatedPhoto("a part of the file is missing") from error
        raise errors.DamagedPhoto("the picture cannot be opened") from error


def _formats(data: bytes) -> tuple[str, ...]:
    """Pillow's formats, and HEIF for a file that is one where its extra is installed."""
    if not is_heif(data):
        return FORMATS
    heif.register()
    return (HEIF,)


def _format_name(image: Image.Image) -> str:
    return "JPEG" if image.format == "MPO" else str(image.format)


def _upright(pixels: Image.Image, loaded: Image.Image) -> Image.Image:
    """Turn by the Orientation tag of the loaded file (some formats clear it while loading)."""
    method = _UPRIGHT.get(loaded.getexif().get(_ORIENTATION, 1))
    return pixels if method is None else pixels.transpose(method)


def _gray(image: Image.Image) -> Image.Image:
    return image if image.mode == "L" else _color(image).convert("L")


def _color(image: Image.Image) -> Image.Image:
    """Any mode as RGB or L: deep modes scaled to 8 bits, transparency laid on white."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _eight_bits(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Deep grey: 16-bit samples divided by 257; others stretched from darkest to brightest."""
    wide = image.convert("F")
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65_535.0
    else:
        low, high = cast("tuple[float, float]", wide.getextrema())  # one band: one pair
    scale = 255.0 / ((high - low) or 1.0)
    return wide.point(lambda value: value * scale - low * scale).convert("L")
