"""Reading a damaged entry bundle with the leaf hashes that its entries must have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from ledger.locate import repair
from ledger.merkle import leaf_hash
from ledger.tile import MAX_ENTRY

_SEARCHED = 8192
"""Bytes behind a lost entry in which the next one is looked for."""


class Salvaged(NamedTuple):
    """One entry of a bundle: its bytes as they must be, or None where nothing leads to them.

    ``start`` is where the entry's length stands in the bundle; ``wrong`` is the offset, in the
    bundle, of the wrong byte, None if the entry is sound or the byte cannot be told.
    """

    body: bytes | None
    start: int
    sound: bool
    wrong: int | None = None


def salvage(data: bytes, leaves: Sequence[bytes]) -> Iterator[Salvaged]:
    """The entries of a bundle, each compared with its leaf hash; ends where the way is lost."""
    start = position = 0
    while position < len(leaves):
        one, end = _read(data, start, leaves[position])
        yield one
        position += 1
        if one.body is None:
            end, lost = _resume(data, start, end, leaves[position:])
            for _ in range(lost):
                yield Salvaged(None, start, False)
            position += lost
            if end < 0:
                return
        start = end


def _read(data: bytes, start: int, leaf: bytes) -> tuple[Salvaged, int]:
    """The entry whose length stands at ``start``, and where the next one should begin."""
    end = start + 2 + int.from_bytes(data[start : start + 2], "big")
    body = data[start + 2 : end]
    if end <= len(data) and leaf_hash(body) == leaf:
        return Salvaged(body, start, True), end
    length = _length(data[start + 2 :], leaf)
    if length is not None:
        # The bytes are there, but their length says otherwise.
        end = start + 2 + length
        high = data[start : start + 1] != length.to_bytes(2, "big")[:1]
        return Salvaged(data[start + 2 : end], start, False, start + (0 if high else 1)), end
    if end <= len(data) and (found := repair(body, leaf, b"\x00")):
        wrong, sound = found
        return Salvaged(sound, start, False, start + 2 + wrong), end
    return Salvaged(None, start, False), end


def _resume(data: bytes, start: int, end: int, leaves: Sequence[bytes]) -> tuple[int, int]:
    """Where a sound entry begins again, and how many are lost before it; -1 if none is found."""
    lost = {leaf: number for number, leaf in reversed(list(enumerate(leaves)))}
    for at in chain((end,), range(start + 1, min(start + _SEARCHED, len(data)))):
        stop = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if stop <= len(data) and (number := lost.get(leaf_hash(data[at + 2 : stop]))) is not None:
            return at, number
    return -1, 0


def _length(data: bytes, leaf: bytes) -> int | None:
    """How many of these bytes have the leaf hash."""
    running = hashlib.sha256(b"\x00")
    for length in range(min(len(data), MAX_ENTRY) + 1):
        if running.digest() == leaf:
            return length
        running.update(data[length : length + 1])
    return None
