"""What a picture's first bytes say: format and size, read before any decoder sees the file.

Trust: the bytes come from strangers. This is plain Python over slices, so that a decompression
bomb, a foreign format or a cut file is refused in the web process in microseconds, and the C
decoders only ever run in the worker process (which measures the opened picture once more).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from scanner import errors

_FOREIGN = (
    ("SVG", re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml|<!--|<!DOCTYPE\s+svg|<svg)", re.I)),
    ("JPEG XL", re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL ")),
    ("JPEG 2000", re.compile(rb"\xff\x4f\xff\x51|\x00\x00\x00\x0cjP  ")),
    ("ICO", re.compile(rb"\x00\x00[\x01\x02]\x00")),
    ("PSD", re.compile(rb"8BPS")),
    ("EPS", re.compile(rb"%!PS")),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted: ``max_bytes`` of file, ``max_pixels`` of picture (width × height)."""

    max_bytes: int = 20_000_000
    max_pixels: int = 40_000_000


DEFAULT_LIMITS = Limits()
#: Pixels of a picture's longer side. zxing-cpp takes 65,535, and small pictures are enlarged twice.
MOST_SIDE = 32_767


@dataclass(frozen=True, slots=True)
class Header:
    """Format (Pillow's name) and stored size in pixels, before any EXIF rotation.

    A PDF has no size in pixels before its pages are drawn: 1 × 1 stands for it.
    """

    image_format: str
    width: int
    height: int


def check_size(width: int, height: int, limits: Limits) -> None:
    """Raise :class:`PhotoTooLarge` or :class:`DamagedPhoto` for a size that is not opened."""
    if width < 1 or height < 1:
        raise errors.DamagedPhoto(f"the picture is {width} × {height} pixels")
    if width * height > limits.max_pixels:
        raise errors.PhotoTooLarge(
            f"{width} × {height} pixels; at most {limits.max_pixels / 1e6:g} megapixels are opened"
        )
    if max(width, height) > MOST_SIDE:
        raise errors.PhotoTooLarge(
            f"{width} × {height} pixels; a side has at most {MOST_SIDE} of them"
        )


def inspect(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Header:
    """Format and size of a picture; raises :class:`PhotoRefused` before anything is decoded."""
    if not data:
        raise errors.EmptyPhoto("the file is empty")
    if len(data) > limits.max_bytes:
        raise errors.PhotoTooLarge(
            f"{len(data)} bytes; at most {limits.max_bytes / 1e6:g} MB are opened"
        )
    for image_format, magic, measure in (*_FORMATS, *_WITH_EXTRAS):
        if magic.match(data):
            header = Header(image_format, *_measured(measure, data))
            check_size(header.width, header.height, limits)
            return header
    for name, magic in _FOREIGN:
        if magic.match(data):
            raise errors.UnsupportedFormat(f"{name} pictures are not opened")
    raise errors.NotAnImage("the file is not a picture")


def _measured(measure: Callable[[bytes], tuple[int, int]], data: bytes) -> tuple[int, int]:
    try:
        return measure(data)
    except (struct.error, IndexError) as error:
        raise errors.TruncatedPhoto("the file ends inside its header") from error


_MOST_SEGMENTS = 10_000  # and fill bytes; a real photo has dozens, so that a liar costs no time
# A progressive JPEG has about ten scans; each costs a decoder a pass over the whole picture.
_MOST_SCANS = 64


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk the segments of ITU-T T.81 B.1.1 to the frame header, then look for the end marker."""
    at, size = 2, None
    for _ in range(_MOST_SEGMENTS):
        if data[at] != 0xFF:
            raise errors.DamagedPhoto("a JPEG segment does not start with a marker")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte (B.1.1.2)
            at += 1
            continue
        if marker == 0xD9:
            raise errors.DamagedPhoto("a JPEG without picture data")
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # stand-alone markers carry no length
            at += 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = (width, height)
        if marker == 0xDA:
            break
        at += 2 + max(2, *struct.unpack_from(">H", data, at + 2))
    else:
        raise errors.DamagedPhoto("a JPEG with more segments than any real one")
    if size is None:
        raise errors.DamagedPhoto("a JPEG without a frame header")
    # Entropy-coded data never contains FF D9 (a data FF is followed by 00), so the search is exact.
    if data.find(b"\xff\xd9", at) < 0:
        raise errors.TruncatedPhoto("the JPEG has no end marker: a part of the file is missing")
    if data.count(b"\xff\xda", at) > _MOST_SCANS:
        raise errors.DamagedPhoto("a JPEG with more scans than any real one")
    return size


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    if data.find(b"IEND", 33) < 0:
        raise errors.TruncatedPhoto("the PNG has no end chunk: a part of the file is missing")
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> tuple[int, int]:
    (header_size,) = struct.unpack_from("<I", data, 14)
    if header_size == 12:  # the OS/2 header holds 16-bit sizes
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return width, abs(height)  # a negative height means: stored top row first


def _webp(data: bytes) -> tuple[int, int]:
    """RFC 9649: the size stands in the first chunk, in one of three forms."""
    if len(data) < 8 + struct.unpack_from("<I", data, 4)[0]:
        raise errors.TruncatedPhoto("the WebP is shorter than it says")
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise errors.DamagedPhoto("the WebP has no picture chunk")
    return width, height


_MOST_ENTRIES = 1_000  # of a TIFF directory; the tags that exist are fewer


def _tiff(data: bytes) -> tuple[int, int]:
    """TIFF 6.0 section 2: ImageWidth (256) and ImageLength (257) of the first directory."""
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, at)
    if entries > _MOST_ENTRIES:
        raise errors.DamagedPhoto("a TIFF with more entries than any real one")
    sides = {}
    for entry in range(at + 2, at + 2 + 12 * entries, 12):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        if tag in (256, 257):
            (sides[tag],) = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, entry + 8)
    if len(sides) < 2:
        raise errors.DamagedPhoto("the TIFF does not say its size")
    return sides[256], sides[257]


def _heif(data: bytes) -> tuple[int, int]:
    """ISO/IEC 23008-12, 6.5.3: the largest ``ispe`` box is the picture (others: tiles, thumbs)."""
    (brands_end,) = struct.unpack_from(">I", data, 0)
    boxes = [box.end() for box in re.finditer(rb"ispe\0\0\0\0", data[brands_end:65_536])]
    sizes = [struct.unpack_from(">II", data, brands_end + box) for box in boxes]
    if not sizes:
        raise errors.DamagedPhoto("the picture does not say its size")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return width, height


_FORMATS: tuple[tuple[str, re.Pattern[bytes], Callable[[bytes], tuple[int, int]]], ...] = (
    ("JPEG", re.compile(rb"\xff\xd8\xff"), _jpeg),
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    ("WEBP", re.compile(rb"RIFF....WEBP", re.S), _webp),
    ("GIF", re.compile(rb"GIF8[79]a"), _gif),
    ("BMP", re.compile(rb"BM"), _bmp),
    ("TIFF", re.compile(rb"II\x2a\0|MM\0\x2a"), _tiff),
    ("AVIF", re.compile(rb"....ftyp(avif|avis)", re.S), _heif),
)

FORMATS = tuple(name for name, _magic, _measure in _FORMATS)

PDF, _PDF_MAGIC = "PDF", re.compile(rb"%PDF-")
HEIF, _HEIF_MAGIC = (
    "HEIF",
    re.compile(rb"....ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1)", re.S),
)
# Opened with an extra only, which the decoder process says where it is absent. A document's pages
# are measured there too, before they are drawn.
_WITH_EXTRAS: tuple[tuple[str, re.Pattern[bytes], Callable[[bytes], tuple[int, int]]], ...] = (
    (HEIF, _HEIF_MAGIC, _heif),
    (PDF, _PDF_MAGIC, lambda data: (1, 1)),
)


def is_pdf(data: bytes) -> bool:
    """Whether the first bytes say PDF."""
    return _PDF_MAGIC.match(data) is not None


def is_heif(data: bytes) -> bool:
    """Whether the first bytes say HEIF with HEVC (an iPhone's photo)."""
    return _HEIF_MAGIC.match(data) is not None


#: Endings of file names that are looked at in a folder (what is opened depends on the bytes).
SUFFIXES = (
    *(".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"),
    *(".heic", ".heif", ".pdf"),
)
