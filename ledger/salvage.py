"""Reading a damaged entry bundle with the leaf hashes that its entries must have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.locate import repair
from ledger.merkle import leaf_hash
from ledger.tile import MAX_ENTRY


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
    start = 0
    for leaf in leaves:
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        body = data[start + 2 : end]
        if end <= len(data) and leaf_hash(body) == leaf:
            yield Salvaged(body, start, True)
        elif (length := _length(data[start + 2 :], leaf)) is not None:
            # The bytes are there, but their length says otherwise.
            end = start + 2 + length
            high = data[start : start + 1] != length.to_bytes(2, "big")[:1]
            yield Salvaged(data[start + 2 : end], start, False, start + (0 if high else 1))
        elif end <= len(data):
            wrong, sound = repair(body, leaf, b"\x00") or (None, None)
            offset = None if wrong is None else start + 2 + wrong
            yield Salvaged(sound, start, False, offset)
        else:
            yield Salvaged(None, start, False)
            return
        start = end


def _length(data: bytes, leaf: bytes) -> int | None:
    """How many of these bytes have the leaf hash."""
    running = hashlib.sha256(b"\x00")
    for length in range(min(len(data), MAX_ENTRY) + 1):
        if running.digest() == leaf:
            return length
        running.update(data[length : length + 1])
    return None
