"""Finding the one byte that was changed, from the hash of what stood there before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_BUDGET = 1 << 28
"""Bytes hashed at most for one search: about a quarter of a second."""


def repair(data: bytes, digest: bytes, prefix: bytes = b"") -> tuple[int, bytes] | None:
    """Offset of the one wrong byte and the sound bytes, such that SHA-256(prefix || …) is digest.

    None if more than one byte differs, or the data is too long to try: flipped bits are tried
    first, then every other value of every byte.
    """
    for within, values in ((8, _flips), (247, _others)):
        if within * len(data) * (len(data) // 2 + 64) > _BUDGET:
            return None
        start = hashlib.sha256(prefix)
        for at, byte in enumerate(data):
            rest = data[at + 1 :]
            for value in values(byte):
                tried = start.copy()
                tried.update(bytes([value]) + rest)
                if tried.digest() == digest:
                    return at, data[:at] + bytes([value]) + rest
            start.update(data[at : at + 1])
    return None


def _flips(byte: int) -> Iterator[int]:
    return (byte ^ 1 << bit for bit in range(8))


def _others(byte: int) -> Iterator[int]:
    return (value for value in range(256) if (value ^ byte).bit_count() > 1)


def first_difference(data: bytes, expected: bytes) -> int:
    """Offset of the first byte that differs, or where the shorter one ends."""
    pairs = enumerate(zip(data, expected, strict=False))
    shorter = min(len(data), len(expected))
    return next((at for at, (one, other) in pairs if one != other), shorter)
