"""Growing a tree tile by tile: the state is the partial tiles on its right edge, no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ledger import merkle
from ledger.errors import StateError
from ledger.tile import WIDTH, Tile, format_entries, format_hashes

Written = tuple[Tile, bytes]
"""A tile or entry bundle and its content."""


@dataclass
class TileBuilder:
    """A tree of ``size`` leaves, as the hashes of its partial tiles and its last entries.

    Memory and time for the next entry do not depend on the size, but for its logarithm.
    """

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)

    @classmethod
    def resume(
        cls, size: int, root: bytes, read: Callable[[Tile], list[bytes]], entries: list[bytes]
    ) -> TileBuilder:
        """The builder of a known tree, from tiles that nobody needs to trust.

        They are believed only if they lead to ``root``. ``entries`` are those of the last,
        partial bundle.
        """
        levels: list[list[bytes]] = []
        above = size
        while above:
            width = above % WIDTH
            levels.append(read(Tile(len(levels), above // WIDTH, width)) if width else [])
            above //= WIDTH
        builder = cls(size, levels, entries)
        leaves = [merkle.leaf_hash(entry) for entry in entries]
        if builder.root() != root or leaves != (levels[0] if levels else []):
            raise StateError(f"the tiles are not those of the tree of {size} entries")
        return builder

    def add(self, entry: bytes, leaf: bytes | None = None) -> Iterator[Written]:
        """Take in the next entry and give the tiles and the bundle that it makes full.

        An auditor may give the leaf hash of an entry whose bytes are damaged.
        """
        index = self.size // WIDTH
        self.entries.append(entry)
        self.size += 1
        if len(self.entries) == WIDTH:
            yield Tile(-1, index), format_entries(self.entries)
            self.entries = []
        yield from self._add_hash(0, index, merkle.leaf_hash(entry) if leaf is None else leaf)

    def _add_hash(self, level: int, index: int, value: bytes) -> Iterator[Written]:
        if level == len(self.levels):
            self.levels.append([])
        hashes = self.levels[level]
        hashes.append(value)
        if len(hashes) == WIDTH:
            yield Tile(level, index), format_hashes(hashes)
            self.levels[level] = []
            yield from self._add_hash(level + 1, index // WIDTH, merkle.root(hashes))

    def partial(self) -> Iterator[Written]:
        """The partial tiles and the partial bundle at this size."""
        if self.entries:
            yield Tile(-1, self.size // WIDTH, len(self.entries)), format_entries(self.entries)
        index = self.size // WIDTH
        for level, hashes in enumerate(self.levels):
            if hashes:
                yield Tile(level, index, len(hashes)), format_hashes(hashes)
            index //= WIDTH

    def root(self) -> bytes:
        """Root hash at this size.

        On each level the complete subtrees are followed by what is left over below: split at a
        power of two, this is the tree of RFC 6962.
        """
        rest: list[bytes] = []
        for hashes in self.levels:
            row = [*hashes, *rest]
            rest = [merkle.root(row)] if row else []
        return rest[0] if rest else merkle.EMPTY_ROOT
