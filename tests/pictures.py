"""Pictures for the scanner's tests, made with Pillow alone."""

from __future__ import annotations

import io
import struct
import zlib

from barcode.ean import EAN13
from PIL import Image

EAN = "9521234543213"


def ean_picture(digits: str = EAN, module: int = 3) -> Image.Image:
    """An EAN-13 symbol drawn from python-barcode's modules, with quiet zones."""
    (row,) = EAN13(digits).build()
    bars = Image.new("L", (len(row), 1), 255)
    bars.putdata([0 if column == "1" else 255 for column in row])
    image = Image.new("L", ((len(row) + 22) * module, 60 * module), 255)
    image.paste(
        bars.resize((len(row) * module, 50 * module), Image.Resampling.NEAREST),
        (11 * module, 5 * module),
    )
    return image


def as_bytes(image: Image.Image, image_format: str, **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises a size and holds almost nothing: what a decompression bomb looks like."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")
