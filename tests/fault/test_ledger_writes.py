"""Every write of the log, lost or kept but reported as failed: nothing half, nothing forked."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, func, select, update
from sqlalchemy.exc import OperationalError

from ledger import checkpoint, log
from ledger.append import log_head
from ledger.errors import ConflictError, ForkError, LedgerError, StateError
from ledger.merkle import range_hash
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_item, ledger_stream
from ledger.sequencer import last_checkpoint
from tests.ledger_faults import KEPT, LOST, Broken, faults
from tests.ledger_lab import Lab

MODES = [LOST, KEPT]


def prepare(lab: Lab) -> None:
    """A log whose next checkpoint fills tiles on two levels."""
    lab.add_key("s")
    lab.grow("s", 253)
    lab.integrate()
    lab.grow("s", 6)


def counts(lab: Lab) -> tuple[int, ...]:
    with lab.engine.connect() as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (ledger_entry, ledger_stream, ledger_item)
        )


def published(lab: Lab) -> checkpoint.Checkpoint:
    return checkpoint.verify(lab.tiles.read("checkpoint"), lab.signer.verifier)


def check_tiles(lab: Lab, head: checkpoint.Checkpoint) -> None:
    """Every entry under this checkpoint is proven by the files as they lie there."""
    lab.tiles.forget()
    get = lab.tiles.subtree(head.size)
    with lab.engine.connect() as connection:
        for index in range(head.size):
            body = log.entry_at(connection, lab.origin, index)
            assert get(index, index + 1) == hashlib.sha256(b"\0" + body).digest()
    assert range_hash(get, 0, head.size) == head.root


@pytest.mark.parametrize("mode", MODES)
def test_every_write_of_integrate(lab: Lab, mode: str) -> None:
    prepare(lab)
    start = lab.files()
    old = published(lab)
    with faults(lab, -1) as counted:
        new = lab.integrate()
    goal = lab.files()
    assert len(counted.names) >= 8
    assert counted.names[-3:] == ["INSERT INTO ledger_checkpoint", "commit", "publish"]
    for at, name in enumerate(counted.names):
        restore(lab, start, old.size)
        with faults(lab, at, mode), pytest.raises((Broken, LedgerError)):
            lab.integrate()
        # What clients see is one of the two signed states, whole.
        seen = published(lab)
        assert seen in (old, new)
        assert seen == old or (name, mode) == ("publish", KEPT)
        check_tiles(lab, seen)
        with lab.engine.connect() as connection:
            stored = last_checkpoint(connection, lab.origin)
        assert stored is not None
        if stored.size == new.size:
            check_tiles(lab, new)
        # It mends itself, to the same bytes.
        assert lab.integrate() == new
        assert lab.files() == goal
        assert not lab.audit().findings


def restore(lab: Lab, files: dict[str, bytes], size: int) -> None:
    """Back to the state before the second checkpoint, on disk and in the database."""
    shutil.rmtree(lab.tiles.folder)
    for path, data in files.items():
        file = lab.tiles.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    lab.tiles.forget()
    with lab.engine.begin() as connection:
        connection.execute(delete(ledger_checkpoint).where(ledger_checkpoint.c.size > size))


@pytest.mark.parametrize("mode", MODES)
def test_every_write_of_append(lab: Lab, mode: str) -> None:
    lab.add_key("s")
    lab.append("s", b"first")
    with faults(lab, -1) as counted:
        lab.append("s", b"counted")
    assert counted.names == [
        "INSERT INTO ledger_entry",
        "INSERT INTO ledger_stream",
        "INSERT INTO ledger_item",
        "commit",
    ]
    for at, name in enumerate(counted.names):
        before = counts(lab)
        with pytest.raises(Broken), faults(lab, at, mode):
            lab.append("s", b"event %d" % at)
        kept = (name, mode) == ("commit", KEPT)
        assert counts(lab) == tuple(n + kept for n in before)
        lab.append("s", b"next")
        assert not [f for f in lab.audit().findings if f.table != "tile"]


FULL = OSError(errno.ENOSPC, "No space left on device")


def fail(*_arguments: Any, **_names: Any) -> Any:
    raise FULL


@pytest.mark.parametrize(
    "target", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.mkdir", "os.fchmod"]
)
def test_a_full_disk_for_tiles_loses_nothing(
    sqlite_lab: Lab, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = sqlite_lab
    prepare(lab)
    old = published(lab)
    with monkeypatch.context() as patch:
        patch.setattr(target, fail)
        with pytest.raises(OSError, match="No space"):
            lab.integrate()
        assert published(lab) == old
        lab.append("s", b"accepted all the same")
        check_tiles(lab, old)
    assert lab.integrate().size == old.size + 7
    assert not lab.audit().findings


def test_a_full_database_refuses_and_recovers_by_itself(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    with lab.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(number: int) -> None:
        with lab.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {number}")

    lab.engine.dispose()
    accepted = 1
    limit(pages + 4)
    with pytest.raises(OperationalError, match="full"):
        for _ in range(100):
            lab.append("s", os.urandom(2000))
            accepted += 1
    assert accepted > 1
    with lab.engine.connect() as connection:
        assert log_head(connection, lab.origin)[0] == accepted
    assert not [f for f in lab.audit().findings if f.table != "tile"]
    limit(2**30)
    lab.append("s", b"goes on")
    assert lab.integrate().size == accepted + 1
    assert not lab.audit().findings


@pytest.mark.parametrize("mend", [Lab.recover, Lab.integrate])
def test_deleted_tiles_are_rebuilt_byte_for_byte(lab: Lab, mend: Callable[[Lab], Any]) -> None:
    lab.add_key("s")
    for step in (3, 250, 2, 300, 1, 7):
        lab.grow("s", step)
        lab.integrate()
    goal = lab.files()
    shutil.rmtree(lab.tiles.folder)
    lab.tiles.forget()
    if mend is Lab.integrate:
        lab.grow("s", 1)
        lab.integrate()
        assert {p: lab.files()[p] for p in goal if p != "checkpoint"} == {
            p: d for p, d in goal.items() if p != "checkpoint"
        }
    else:
        assert lab.recover() == 564
        assert lab.files() == goal


def test_damaged_tiles_are_mended(lab: Lab) -> None:
    prepare(lab)
    lab.integrate()
    goal = lab.files()
    for path, good in goal.items():
        (lab.tiles.folder / path).write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    lab.tiles.forget()
    lab.recover()
    assert lab.files() == goal


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_damaged_partial_tiles_do_not_enter_the_next_checkpoint(lab: Lab, damage: str) -> None:
    prepare(lab)
    for path, good in lab.files().items():
        if ".p/" in path:
            bad = good[:-1] if damage == "cut" else bytes([good[0] ^ 1]) + good[1:]
            (lab.tiles.folder / path).write_bytes(bad)
    head = lab.integrate()
    check_tiles(lab, head)
    assert not lab.audit().findings


def test_recover_refuses_entries_that_do_not_reproduce_the_checkpoint(lab: Lab) -> None:
    prepare(lab)
    lab.integrate()
    with lab.engine.begin() as connection:
        body = log.entry_at(connection, lab.origin, 9)
        connection.execute(
            update(ledger_entry)
            .where(ledger_entry.c.entry_index == 9)
            .values(body=body.replace(b"2026", b"2025", 1))
        )
    with pytest.raises(StateError, match="do not reproduce"):
        lab.recover()


def test_recover_refuses_a_checkpoint_row_that_was_not_signed(lab: Lab) -> None:
    prepare(lab)
    (lab.tiles.folder / "checkpoint").unlink()
    with lab.engine.begin() as connection:
        connection.execute(update(ledger_checkpoint).values(root=bytes(32)))
    with pytest.raises(StateError, match="not what was signed"):
        lab.recover()


def test_recover_of_a_log_without_checkpoint(lab: Lab) -> None:
    assert lab.recover() == 0
    lab.add_key("s")
    assert lab.recover() == 0


def clone(lab: Lab, folder: Path) -> Lab:
    """A copy of the database as it is now, which shares the public folder."""
    lab.engine.dispose()
    copy = folder / "clone.db"
    for suffix in ("", "-wal"):
        file = Path(lab.url.removeprefix("sqlite:///") + suffix)
        if file.exists():
            shutil.copy(file, f"{copy}{suffix}")
    return Lab(f"sqlite:///{copy}", lab.tiles.folder)


def test_a_cloned_instance_cannot_sign_a_fork(sqlite_lab: Lab, tmp_path: Path) -> None:
    lab = sqlite_lab
    prepare(lab)
    other = clone(lab, tmp_path)
    lab.append("s", b"history")
    other.append("s", b"another history")
    head, before = lab.integrate(), lab.files()
    with pytest.raises(ForkError):
        other.integrate()
    with pytest.raises(ForkError):
        other.recover()
    assert lab.files() == before
    assert published(lab) == head
    with other.engine.connect() as connection:
        stored = last_checkpoint(connection, other.origin)
    assert stored is not None and stored.size == 254
    other.engine.dispose()


def test_a_rolled_back_instance_cannot_sign_a_fork(sqlite_lab: Lab, tmp_path: Path) -> None:
    lab = sqlite_lab
    prepare(lab)
    backup = clone(lab, tmp_path)
    lab.integrate()
    lab.grow("s", 5)
    lab.integrate()
    for step in (0, 3, 20):
        if step:
            backup.grow("s", step)
        with pytest.raises(ForkError):
            backup.integrate()
    backup.engine.dispose()


def test_a_new_database_beside_old_public_files_is_refused(sqlite_lab: Lab, tmp_path: Path) -> None:
    prepare(sqlite_lab)
    empty = Lab(f"sqlite:///{tmp_path / 'empty.db'}", sqlite_lab.tiles.folder).create()
    for step in (Lab.integrate, Lab.recover):
        with pytest.raises(ForkError):
            step(empty)
    empty.engine.dispose()


def test_a_stale_view_of_the_last_checkpoint_loses_the_swap(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes without a shared folder: the database alone decides who signs."""
    prepare(lab)
    with lab.engine.connect() as connection:
        stale = last_checkpoint(connection, lab.origin)
    lab.integrate()
    lab.grow("s", 3)
    monkeypatch.setattr("ledger.sequencer.last_checkpoint", lambda *_: stale)
    monkeypatch.setattr("ledger.sequencer._check_published", lambda *_: None)
    before = published(lab)
    with pytest.raises(ConflictError):
        lab.integrate()
    assert published(lab) == before


def test_an_entry_missing_in_the_middle_stops_the_sequencer(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    prepare(lab)
    engine = create_engine(lab.url)
    with engine.begin() as connection:
        connection.execute(delete(ledger_entry).where(ledger_entry.c.entry_index == 255))
    engine.dispose()
    before = published(lab)
    with pytest.raises(StateError, match="entry 255 is missing"):
        lab.integrate()
    assert published(lab) == before
