"""Files that lie, refused from the header; and damaged photos, fed to a real decoder process."""

from __future__ import annotations

import io
import random
import struct
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

from PIL import Image

from bench.material.pictures import drawn
from scanner import DecoderPool, ScanError

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PDF")


def lies() -> Iterator[bytes]:
    """Files that must not be opened: bombs, foreign formats, cut and empty ones."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    bomb = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    yield b"\x89PNG\r\n\x1a\n" + bomb + b"\0\0\0\0IEND\xaeB`\x82"
    yield b""
    yield b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 10_000
    yield random.Random(1).randbytes(19_000_000)
    yield b"GIF89a" + b"\xff" * 18_000_000
    yield b"\xff\xd8" + b"\xff\xfe\0\x02" * 4_000_000
    yield b"\xff\xd8" + b"\xff" * 16_000_000
    yield b"II*\0\x08\0\0\0\xff\xff" + b"\0" * 4_000_000
    yield b"\0\0\0\x10ftypavif" + b"ispe\0\0\0\0" * 1_000_000
    yield bytes(25_000_000)
    yield _photos()[0][:-2000]


def refusal_seconds() -> list[float]:
    """Seconds until each file is refused by a running pool."""
    seconds = []
    with DecoderPool() as pool:
        pool.decoders()
        for photo in lies():
            started = time.thread_time()
            try:
                pool.read(photo)
            except ScanError:
                seconds.append(time.thread_time() - started)
            else:
                seconds.append(float("inf"))
    return seconds


def mutated(count: int, seed: int = 1) -> Iterator[bytes]:
    """Photos of every format with bytes changed, cut out, doubled, or the end missing."""
    rng, photos = random.Random(seed), _photos()
    for turn in range(count):
        photo = bytearray(photos[turn % len(photos)])
        for _ in range(rng.choice((1, 2, 8, 40))):
            at = rng.randrange(len(photo))
            if rng.random() < 0.4:
                at = min(at, rng.randrange(200))  # headers are where parsers break
            match rng.randrange(6):
                case 0 | 1:
                    photo[at] = rng.randrange(256)
                case 2:
                    photo[at] ^= 1 << rng.randrange(8)
                case 3:
                    photo[at : at + 4] = struct.pack(
                        ">I", rng.choice((0, 1, 0x7FFFFFFF, 2**32 - 1))
                    )
                case 4:
                    del photo[at : at + rng.randrange(1, 30)]
                case 5:
                    photo[at:at] = photo[at : at + rng.randrange(1, 30)]
            photo = photo or bytearray(b"\0")
        yield bytes(photo)


def feed(photos: Iterable[bytes]) -> Counter[str]:
    """What became of each photo: ``read``, the code of an error, or ``!`` and what got through."""
    tally: Counter[str] = Counter()
    with DecoderPool() as pool:
        for photo in photos:
            try:
                pool.read(photo, budget=0.2)
            except ScanError as error:
                tally[error.code] += 1
            except Exception as error:  # noqa: BLE001 - that none gets through is what is measured
                tally[f"!{type(error).__name__}"] += 1
            else:
                tally["read"] += 1
    return tally


def _photos() -> list[bytes]:
    page = Image.new("RGB", (220, 160), "white")
    page.paste(drawn("DataMatrix", "010952123454321310LOT1", 3).convert("RGB"), (5, 5))
    page.paste(drawn("EAN8", "95212340", 1).convert("RGB"), (120, 30))
    photos = []
    for name in _FORMATS:
        out = io.BytesIO()
        page.save(out, name)
        photos.append(out.getvalue())
    return photos
