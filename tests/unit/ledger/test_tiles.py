import os
import stat
import threading
from pathlib import Path

import pytest

from ledger import log
from ledger.errors import LedgerError, MissingError, PathError, StateError
from ledger.tile import Tile
from ledger.tiles import TileStore
from tests.ledger_lab import Lab

HASHES = bytes(range(256)) * 32


@pytest.fixture
def store(tmp_path: Path) -> TileStore:
    return TileStore(tmp_path / "tiles")


def test_what_is_written_is_read_under_its_public_path(store: TileStore) -> None:
    store.write(Tile(0, 1234067), HASHES)
    store.publish(b"note")
    assert store.read("tile/0/x001/x234/067") == HASHES
    assert store.read("checkpoint") == b"note"
    assert (store.folder / "tile/0/x001/x234/067").read_bytes() == HASHES


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/passwd", ".lock", "checkpoint/", "tile/0/000/../../../secret", ""]
)
def test_no_other_file_is_opened(store: TileStore, path: str) -> None:
    store.write(Tile(0, 0), HASHES)
    (store.folder.parent / "secret").write_bytes(b"secret")
    with pytest.raises(PathError):
        store.read(path)


def test_a_missing_tile_says_so(store: TileStore) -> None:
    for path in ("checkpoint", "tile/0/000", "tile/0/000.p/1"):
        with pytest.raises(MissingError):
            store.read(path)
    store.write(Tile(0, 0), HASHES)
    with pytest.raises(MissingError):
        store.read("tile/0/000.p/1")


def test_files_are_readable_for_the_web_server(store: TileStore) -> None:
    store.write(Tile(0, 0), HASHES)
    assert stat.S_IMODE((store.folder / "tile/0/000").stat().st_mode) == 0o644


def test_the_same_content_is_not_written_twice(store: TileStore) -> None:
    store.write(Tile(0, 0), HASHES)
    before = (store.folder / "tile/0/000").stat()
    store.write(Tile(0, 0), HASHES)
    after = (store.folder / "tile/0/000").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_failed_write_leaves_what_was_there_and_nothing_else(
    store: TileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(Tile(0, 0), HASHES)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for at in (Tile(0, 0), Tile(0, 1)):
        with pytest.raises(OSError, match="No space"):
            store.write(at, HASHES[::-1])
    files = [file.name for file in store.folder.rglob("*") if file.is_file()]
    assert files == ["000"]
    assert store.read("tile/0/000") == HASHES


def test_a_partial_tile_is_cut_from_the_full_one_that_replaced_it(store: TileStore) -> None:
    store.write(Tile(0, 0, 2), HASHES[:64])
    assert store.hashes(Tile(0, 0, 2)) == [HASHES[:32], HASHES[32:64]]
    store.write(Tile(0, 0), HASHES)
    assert not (store.folder / "tile/0/000.p").exists()
    assert store.hashes(Tile(0, 0, 2)) == [HASHES[:32], HASHES[32:64]]


def test_damaged_tiles_never_give_a_proof(lab: Lab) -> None:
    lab.add_key("s")
    lab.grow("s", 300)
    lab.integrate()
    for path in ("tile/0/000", "tile/0/001.p/45", "tile/1/000.p/1"):
        file = lab.tiles.folder / path
        good = file.read_bytes()
        for damage in (good[:-1] + bytes([good[-1] ^ 1]), good[:-1], b""):
            file.write_bytes(damage)
            lab.tiles.forget()
            with lab.engine.connect() as connection, pytest.raises(StateError):
                for index in (0, 250, 299):
                    log.prove_entry(connection, lab.tiles, origin=lab.origin, index=index)
        file.unlink()
        lab.tiles.forget()
        with pytest.raises(LedgerError):
            [log.prove(lab.tiles, index, 301) for index in (0, 250, 299)]
        file.write_bytes(good)
        lab.tiles.forget()


def test_the_tiles_used_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.tiles._KEPT_TILES", 2)
    store = TileStore(tmp_path)
    for index in range(3):
        store.write(Tile(0, index), HASHES)
    read: list[int] = []
    hashes = store.hashes

    def count(at: Tile) -> list[bytes]:
        read.append(at.index)
        return hashes(at)

    monkeypatch.setattr(store, "hashes", count)
    get = store.subtree(768)
    for index in (0, 1, 0, 2, 0, 1):
        assert get(index * 256, index * 256 + 1) == HASHES[:32]
    assert read == [0, 1, 2, 1]
    store.forget()
    get(0, 1)
    assert read[-1] == 0


def test_only_one_signs_at_a_time(store: TileStore) -> None:
    order: list[str] = []
    inside = threading.Event()

    def other() -> None:
        inside.wait()
        with TileStore(store.folder).exclusive():
            order.append("second")

    thread = threading.Thread(target=other)
    thread.start()
    with store.exclusive():
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
