"""Auditing what a log publishes: its checkpoint, every tile, every entry bundle, from outside.

One pass over the bundles. The tree is grown anew from the entries; each tile is compared with what
the entries lead to, and the signed root decides in the end. Where an entry and its hash in the
tile disagree, the tile above tells which of the two is damaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from ledger import entry as entries
from ledger import merkle, tile
from ledger.builder import TileBuilder
from ledger.checkpoint import Checkpoint
from ledger.errors import FormatError, LedgerError, MissingError, RemoteError
from ledger.findings import Finding
from ledger.locate import first_difference
from ledger.replay import Replay
from ledger.salvage import salvage
from ledger.tile import WIDTH, Tile

_KEPT_TILES = 64


class Source(Protocol):
    """Public files of a log: a folder or an address."""

    def read(self, path: str) -> bytes:
        """Bytes of a public path; raises MissingError or RemoteError."""


class Published:
    """Tiles and bundles of the tree under one checkpoint, as they were published."""

    def __init__(self, source: Source, head: Checkpoint) -> None:
        self.source = source
        self.head = head
        self.hashes = lru_cache(_KEPT_TILES)(self._hashes)

    def width(self, level: int, index: int) -> int:
        """Width of a tile or bundle in this tree, 0 for one that does not exist."""
        have = (self.head.size >> 8 * max(level, 0)) - index * WIDTH
        return max(0, min(WIDTH, have))

    def read(self, at: Tile) -> bytes:
        """Bytes of a tile; the full one may have replaced a partial one (tlog-tiles)."""
        try:
            return self.source.read(at.path)
        except MissingError:
            if at.width == WIDTH:
                raise
            data = self.source.read(at.full.path)
            return data if at.level < 0 else data[: at.width * 32]

    def _hashes(self, level: int, index: int) -> list[bytes]:
        at = Tile(level, index, self.width(level, index))
        return tile.parse_hashes(self.read(at), at.width)

    def bundle(self, index: int) -> tuple[Tile, bytes]:
        """A bundle, full or cut to the width that it has in this tree."""
        at = Tile(-1, index, self.width(-1, index))
        try:
            return at, self.source.read(at.path)
        except MissingError:
            if at.width == WIDTH:
                raise
        return at.full, _cut(self.source.read(at.full.path), at.width)

    def subtree(self, start: int, end: int) -> bytes:
        """Hash of a complete subtree, for proofs."""
        level, within = divmod((end - start).bit_length() - 1, 8)
        index, offset = divmod(start >> 8 * level, WIDTH)
        return merkle.root(self.hashes(level, index)[offset : offset + (1 << within)])

    def vouches(self, index: int, leaves: list[bytes]) -> bool:
        """Whether the tiles above say that these are the leaves of bundle ``index``."""
        try:
            if len(leaves) == WIDTH:
                above, offset = divmod(index, WIDTH)
                if self.width(1, above) > offset:
                    return self.hashes(1, above)[offset] == merkle.root(leaves)
            return self._edge_root(leaves) == self.head.root
        except (MissingError, FormatError):
            return False

    def _edge_root(self, leaves: list[bytes]) -> bytes:
        levels = [leaves]
        for at in tile.tiles_of(self.head.size):
            if at.level > 0:
                levels += [[] for _ in range(at.level - len(levels))]
                levels.append(self.hashes(at.level, at.index))
        return TileBuilder(self.head.size, levels).root()


def _cut(data: bytes, width: int) -> bytes:
    """The first entries of a bundle."""
    at = 0
    for _ in range(width):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    return data[:at]


class PublicAudit:
    """The walk over all bundles from where ``builder`` and ``replay`` stand.

    Without ``replay``, entries are opaque and the tree alone is audited.
    """

    def __init__(self, published: Published, builder: TileBuilder, replay: Replay | None) -> None:
        self.published = published
        self.builder = builder
        self.replay = replay

    def run(self) -> Iterator[Finding | None]:
        """All findings, and None after each bundle."""
        size = self.published.head.size
        while self.builder.size < size:
            before = self.builder.size
            yield from self._bundle(before // WIDTH)
            yield None
            if self.builder.size == before:
                yield Finding("log", str(before), "nothing leads on from here", before)
                return
        for at, data in self.builder.partial():
            if at.level >= 0:
                yield from self._compare(at, data)
        if self.builder.root() != self.published.head.root:
            reason = "the entries do not lead to the root that was signed"
            yield Finding("checkpoint", str(size), reason)

    def _bundle(self, index: int) -> Iterator[Finding]:
        skip = self.builder.size - index * WIDTH
        hashes, found = self._leaves(index)
        yield from found
        try:
            at, data = self.published.bundle(index)
        except (MissingError, FormatError):
            at = Tile(-1, index, self.published.width(-1, index))
            yield Finding("tile", at.path, "the file is missing", index * WIDTH)
            at, data = at, b""
        try:
            bodies = tile.parse_entries(data, self.published.width(-1, index))
            leaves = [merkle.leaf_hash(body) for body in bodies]
        except FormatError as error:
            if hashes is None:
                yield Finding("tile", at.path, str(error), index * WIDTH)
                return
            yield from self._damaged(at, data, hashes, skip)
            return
        if hashes is not None and leaves != hashes:
            if self._entries_are_wrong(index, data, leaves, hashes):
                yield from self._damaged(at, data, hashes, skip)
                return
            yield self._wrong_tile(index, leaves, hashes)
        if skip and leaves[:skip] != self.builder.levels[0][:skip]:
            yield Finding("tile", at.path, "begins otherwise than when it was audited before")
        for body, leaf in list(zip(bodies, leaves, strict=True))[skip:]:
            yield from self._take(body, leaf)

    def _leaves(self, index: int) -> tuple[list[bytes] | None, list[Finding]]:
        at = Tile(0, index, self.published.width(0, index))
        try:
            return self.published.hashes(0, index), []
        except MissingError:
            return None, [Finding("tile", at.path, "the file is missing", index * WIDTH)]
        except FormatError as error:
            return None, [Finding("tile", at.path, str(error), index * WIDTH)]

    def _entries_are_wrong(
        self, index: int, data: bytes, leaves: list[bytes], hashes: list[bytes]
    ) -> bool:
        """Whether the tile is to be believed where it and the entries disagree."""
        if self.published.vouches(index, leaves):
            return False
        if self.published.vouches(index, hashes):
            return True
        # Nothing above is sound. Bytes that lead to a hash after one change were changed.
        return any(one.body and not one.sound for one in salvage(data, hashes))

    def _wrong_tile(self, index: int, leaves: list[bytes], hashes: list[bytes]) -> Finding:
        at = Tile(0, index, len(hashes))
        offset = first_difference(b"".join(hashes), b"".join(leaves))
        entry = index * WIDTH + offset // 32
        reason = f"the hash of entry {entry} is not that of the entry"
        return Finding("tile", at.path, reason, entry, offset=offset)

    def _damaged(self, at: Tile, data: bytes, hashes: list[bytes], skip: int) -> Iterator[Finding]:
        """Take in a bundle whose entries are not those of the tree, as far as they can be told."""
        salvaged = list(salvage(data, hashes))
        for position in range(len(hashes)):
            entry = at.index * WIDTH + position
            one = salvaged[position] if position < len(salvaged) else None
            if one is None or not one.sound:
                start = one.start if one else None
                offset = start if one is None or one.wrong is None else one.wrong
                stream = self._stream(one.body) if one and one.body else ""
                reason = _reason(start, one.wrong if one else None)
                yield Finding("tile", at.path, reason, entry, stream, offset)
            body = one.body if one else None
            if position < skip:
                continue
            if body is None:
                yield from self._skip(hashes[position])
            else:
                yield from self._take(body, hashes[position])

    def _stream(self, body: bytes) -> str:
        try:
            return entries.parse(body).statement.stream
        except LedgerError:
            return ""

    def _take(self, body: bytes, leaf: bytes) -> Iterator[Finding]:
        if self.replay is not None:
            yield from self.replay.take(body)
        yield from self._grow(body, leaf)

    def _skip(self, leaf: bytes) -> Iterator[Finding]:
        """Go on in the tree behind an entry that is lost; chains and keys cannot be followed."""
        if self.replay is not None:
            index = self.replay.size
            self.replay = None
            reason = "what the entries say is not replayed from here"
            yield Finding("log", str(index), reason, index)
        yield from self._grow(b"", leaf)

    def _grow(self, body: bytes, leaf: bytes) -> Iterator[Finding]:
        for at, data in self.builder.add(body, leaf):
            if at.level > 0:
                yield from self._compare(at, data)

    def _compare(self, at: Tile, data: bytes) -> Iterator[Finding]:
        try:
            stored = self.published.read(at)
        except MissingError:
            yield Finding("tile", at.path, "the file is missing")
            return
        if stored != data and at.level:
            offset = first_difference(stored, data)
            yield Finding("tile", at.path, "is not what the entries lead to", offset=offset)


def _reason(start: int | None, wrong: int | None) -> str:
    if start is None:
        return "the entry is not found, for the length of one before it is wrong"
    if wrong is None:
        return f"the entry at byte {start} does not have the hash in the tree"
    return "this byte was changed: with another one the entry has the hash in the tree"


def read_checkpoint(source: Source) -> bytes:
    """The published checkpoint; raises RemoteError where there is none."""
    try:
        return source.read("checkpoint")
    except MissingError as error:
        raise RemoteError("no checkpoint is published") from error


def prove_consistency(published: Published, old: Checkpoint) -> list[bytes]:
    """The proof, from the published tiles, that the tree of ``old`` begins this one; verified.

    Raises ProofError if it does not, MissingError or FormatError where tiles are damaged.
    """
    new = published.head
    if not old.size or old.size > new.size:
        merkle.verify_consistency(old.size, new.size, [], old.root, new.root)
    proof = merkle.prove_consistency(published.subtree, old.size, new.size)
    merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
    return proof
