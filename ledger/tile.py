"""Tiles and entry bundles: paths and content (C2SP tlog-tiles)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.codec import HASH_BYTES, MAX_SIZE, parse_decimal
from ledger.errors import FormatError, PathError, TooLargeError

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

MAX_LEVEL = 63
MAX_ENTRY = 65_535

_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?\Z",
    re.ASCII,
)


@dataclass(frozen=True, order=True)
class Tile:
    """Coordinates: level 0 … 63, or -1 for an entry bundle; index from 0; width 1 … 256."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Path below the log's prefix.

        >>> Tile(0, 1234067, 5).path
        'tile/0/x001/x234/067.p/5'
        """
        level = "entries" if self.level < 0 else str(self.level)
        suffix = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_format_index(self.index)}{suffix}"

    @property
    def full(self) -> Tile:
        """The full tile at the same place."""
        return Tile(self.level, self.index)


def _format_index(index: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def parse_path(path: str) -> Tile:
    """Coordinates of a path; every other spelling of the same tile is refused."""
    match = _PATH.match(path)
    if not match:
        raise PathError(f"not the path of a tile: {path[:120]!r}")
    level, width = match["level"], match["width"]
    try:
        tile = Tile(
            -1 if level == "entries" else parse_decimal(level),
            int(match["index"].replace("/", "").replace("x", "")),
            WIDTH if width is None else parse_decimal(width),
        )
    except FormatError as error:
        raise PathError(f"not the path of a tile: {path[:120]!r}") from error
    # A width of 256 in the suffix, or a leading x000, would be a second spelling.
    inside = tile.level <= MAX_LEVEL and tile.index <= MAX_SIZE and 0 < tile.width <= WIDTH
    if not inside or tile.path != path:
        raise PathError(f"not the path of a tile: {path[:120]!r}")
    return tile


def tiles_of(size: int) -> list[Tile]:
    """The rightmost tile of each level (the partial one, or none) and bundle for this tree size.

    >>> [tile.path for tile in tiles_of(70_000)]
    ['tile/entries/273.p/112', 'tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']
    """
    partial = []
    if size % WIDTH:
        partial.append(Tile(-1, size // WIDTH, size % WIDTH))
    level = 0
    while size:
        if size % WIDTH:
            partial.append(Tile(level, size // WIDTH, size % WIDTH))
        size //= WIDTH
        level += 1
    return partial


def format_hashes(hashes: Iterable[bytes]) -> bytes:
    """Content of a tile."""
    return b"".join(hashes)


def parse_hashes(data: bytes, width: int) -> list[bytes]:
    """Hashes of a tile of exactly this width."""
    if len(data) != width * HASH_BYTES:
        raise FormatError(f"a tile of {width} hashes has not {len(data)} bytes")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def format_entries(entries: Sequence[bytes]) -> bytes:
    """Content of an entry bundle: each entry after its length as big-endian uint16."""
    if any(len(entry) > MAX_ENTRY for entry in entries):
        raise TooLargeError(f"an entry may have at most {MAX_ENTRY} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entries(data: bytes, width: int) -> list[bytes]:
    """Entries of a bundle of exactly this width."""
    entries, at = [], 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise FormatError("an entry bundle ends inside an entry")
        entries.append(data[start:at])
    if len(entries) != width:
        raise FormatError(f"a bundle of {width} entries has {len(entries)}")
    return entries
