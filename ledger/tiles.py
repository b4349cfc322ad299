"""Tiles in a folder: derived from the entries, immutable, not trusted, rebuilt when lost.

Below the folder lie the files that clients fetch, under the paths of C2SP tlog-tiles.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from ledger import merkle, tile
from ledger.errors import FormatError, MissingError, StateError
from ledger.tile import WIDTH, Tile

CHECKPOINT = "checkpoint"
_KEPT_TILES = 256
"""About 35 kB each."""


class TileStore:
    """The public files of one log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The tiles used last stay in memory: those near the root serve every proof. Threads share
        # them, and a tile that is missing or malformed is looked for again.
        self._nodes = lru_cache(_KEPT_TILES)(self._read_nodes)

    def read(self, path: str) -> bytes:
        """Bytes of a public path: ``checkpoint`` or a tile path; no other name is opened.

        Raises :class:`~ledger.errors.PathError` or :class:`~ledger.errors.MissingError`.
        """
        name = CHECKPOINT if path == CHECKPOINT else tile.parse_path(path).path
        try:
            return (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise MissingError(f"no file {name}") from error

    def write(self, at: Tile, data: bytes) -> None:
        """Store a tile durably: after return it survives a power cut, before it is not seen.

        A full tile ends its partial versions: clients fall back on it (tlog-tiles).
        """
        self._put(at.path, data)
        if at.width == WIDTH:
            shutil.rmtree(self.folder / f"{at.path}.p", ignore_errors=True)

    def publish(self, note: bytes) -> None:
        """Replace the checkpoint that clients see."""
        self._put(CHECKPOINT, note)

    def _put(self, name: str, data: bytes) -> None:
        target = self.folder / name
        try:
            if target.read_bytes() == data:
                return
        except FileNotFoundError:
            self._make_folder(target.parent)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
                Path(file.name).replace(target)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        _sync_folder(target.parent)

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync_folder(folder.parent)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the only one, among all processes and clones that share the folder, to sign."""
        self._make_folder(self.folder)
        with (self.folder / ".lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def hashes(self, at: Tile) -> list[bytes]:
        """Hashes of a tile; a partial one may be cut from the full one that replaced it."""
        try:
            return tile.parse_hashes(self.read(at.path), at.width)
        except MissingError:
            return tile.parse_hashes(self.read(at.full.path), WIDTH)[: at.width]

    def subtree(self, size: int) -> merkle.Subtree:
        """Look-up of complete subtrees in the tree of ``size`` leaves; what it gives is unproven.

        Raises :class:`~ledger.errors.StateError` where a tile is missing or malformed.
        """

        def get(start: int, end: int) -> bytes:
            level, within = divmod((end - start).bit_length() - 1, 8)
            first = start >> 8 * level
            index, offset = divmod(first, WIDTH)
            width = min(WIDTH, (size >> 8 * level) - index * WIDTH)
            return self._nodes(Tile(level, index, width))[within][offset >> within]

        return get

    def _read_nodes(self, at: Tile) -> list[list[bytes]]:
        """Complete subtrees inside a tile, by height."""
        try:
            nodes = [self.hashes(at)]
        except (MissingError, FormatError) as error:
            raise StateError(f"the tile {at.path} is missing or malformed") from error
        while len(row := nodes[-1]) > 1:
            pairs = zip(row[::2], row[1::2], strict=False)
            nodes.append([merkle.node_hash(left, right) for left, right in pairs])
        return nodes

    def forget(self) -> None:
        """Drop the tiles kept in memory."""
        self._nodes.cache_clear()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
