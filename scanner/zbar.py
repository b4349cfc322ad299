"""The second decoder: zbar through pyzbar, where the system library is installed.

zbar is a C library with a history of memory faults: strangers' photos meet it in the worker process
only; elsewhere (:mod:`scanner.readback`) it sees pictures that were drawn here.
Without it the scanner works with zxing-cpp alone and says so (:func:`scanner.doctor`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PIL import Image

try:
    from pyzbar import pyzbar
except (ImportError, OSError):  # pyzbar's own word for an absent library, and for a broken one
    pyzbar = None

NAME = "zbar"

# What zbar reads, by zxing-cpp's name of the symbology. UPC-E is left to EAN13 (zbar's UPCE off):
# then zbar reports such a symbol by its 13 digits, as zxing-cpp does.
KINDS = {
    "EAN/UPC": ("EAN13", "EAN8"),
    "ITF": ("I25",),
    "Code 128": ("CODE128",),
    "Code 39": ("CODE39",),
    "Code 93": ("CODE93",),
    "Codabar": ("CODABAR",),
    "DataBar": ("DATABAR", "DATABAR_EXP"),
    "QR Code": ("QRCODE",),
}
# Kinds with a check character or an error-correcting code, so that a text found by zbar alone is
# worth something: our name and the symbology identifier. pyzbar does not tell whether a symbol
# starts with FNC1, so Code 128 and QR Code stay without GS1 meaning here.
SELF_CHECKING = {
    "EAN13": ("EAN-13", "]E0"),
    "EAN8": ("EAN-8", "]E4"),
    "CODE128": ("Code 128", "]C0"),
    "DATABAR": ("DataBar Omni", "]e0"),
    "DATABAR_EXP": ("DataBar Expanded", "]e0"),
    "QRCODE": ("QR Code", "]Q1"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One symbol as zbar reports it: its bytes, zbar's name of its kind, its outline."""

    data: bytes
    kind: str
    polygon: tuple[tuple[int, int], ...]


def available() -> bool:
    """Whether the system library is there."""
    return pyzbar is not None


def read(image: Image.Image, kinds: Iterable[str]) -> list[Found]:
    """Symbols of the given kinds in a grey picture."""
    if pyzbar is None:
        return []
    found: list[Any] = pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol[kind] for kind in kinds])
    return [
        Found(item.data, item.type, tuple((point.x, point.y) for point in item.polygon))
        for item in found
        if item.polygon
    ]
