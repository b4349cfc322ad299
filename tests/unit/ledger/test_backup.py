"""Backups: of one moment, checked before use, never over anything, and never signing a fork."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from ledger import backup, checkpoint, redaction, restored
from ledger.audit import audit
from ledger.errors import ForkError, FormatError, LedgerError, MissingError, SignatureError
from ledger.note import Signer
from ledger.restore import restore
from ledger.schema import ledger_item, metadata
from tests.ledger_lab import NOW, Lab


@pytest.fixture
def world(lab: Lab) -> Lab:
    lab.add_key("s")
    lab.append("s", b"one", b"two", "ba Đồng".encode())
    lab.integrate()
    lab.append("s", b"after the checkpoint")
    return lab


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / f"log{backup.SUFFIX}"


def rows(lab: Lab) -> dict[str, list[tuple[object, ...]]]:
    with lab.engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
            if table.name != "ledger_restored"
        }


def restored_lab(file: Path, tmp_path: Path, tiles: Path, name: str = "restored") -> Lab:
    url = f"sqlite:///{tmp_path / f'{name}.db'}"
    restore(file, url, NOW)
    return Lab(url, tiles)


def test_every_row_comes_back(world: Lab, file: Path, tmp_path: Path) -> None:
    manifest = backup.backup(world.engine, file, NOW)
    assert backup.verify(file) == manifest
    assert manifest.tables["ledger_entry"].rows == 3
    signed = checkpoint.verify(manifest.checkpoints[world.origin], world.signer.verifier)
    assert signed.size == 2
    again = restored_lab(file, tmp_path, world.tiles.folder)
    assert rows(again) == rows(world)
    again.engine.dispose()


@pytest.mark.postgres
def test_a_backup_of_one_database_fills_the_other(
    world: Lab, file: Path, postgres_database: str
) -> None:
    backup.backup(world.engine, file, NOW)
    with_server = world.engine.dialect.name == "postgresql"
    if with_server:
        with world.engine.begin() as connection:
            metadata.drop_all(connection)
        url = world.url
    else:
        url = postgres_database
    restore(file, url, NOW)
    again = Lab(url, world.tiles.folder)
    assert [len(found) for found in rows(again).values()] == [1, 3, 4, 0, 3]
    again.engine.dispose()


def test_the_backup_itself_can_be_audited(world: Lab, file: Path) -> None:
    backup.backup(world.engine, file, NOW)
    again = Lab(f"sqlite:///{file}", world.tiles.folder)
    assert audit(again.engine, origin=world.origin, verifier=world.signer.verifier).findings == []
    again.engine.dispose()


def test_it_is_one_moment_while_others_write(world: Lab, file: Path) -> None:
    """Each append adds an entry, a row of its stream and its items: none may be without others."""
    stop, faults = threading.Event(), []

    def write() -> None:
        try:
            while not stop.is_set():
                world.append("s", b"x", b"y")
        except LedgerError as fault:
            faults.append(fault)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backup.backup(world.engine, file.with_name(f"{n}.backup"), NOW) for n in range(5)]
    finally:
        stop.set()
        writer.join()
    assert faults == []
    sizes = [manifest.tables["ledger_entry"].rows for manifest in made]
    assert sizes == sorted(sizes) and sizes[-1] > sizes[0]
    for manifest in made:
        entries = manifest.tables["ledger_entry"].rows
        assert manifest.tables["ledger_stream"].rows == entries
        assert manifest.tables["ledger_item"].rows == 4 + 2 * (entries - 3)


def test_nothing_is_overwritten(world: Lab, file: Path, tmp_path: Path) -> None:
    backup.backup(world.engine, file, NOW)
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        backup.backup(world.engine, file, NOW)
    with pytest.raises((FileExistsError, LedgerError)):
        restore(file, world.url, NOW)
    assert file.read_bytes() == before
    assert [found.name for found in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger_item SET payload = x'00' WHERE position = 1",
        "DELETE FROM ledger_entry WHERE entry_index = 1",
        "INSERT INTO ledger_entry SELECT * FROM ledger_entry",
        "DROP TABLE ledger_stream",
        "CREATE TABLE more (a)",
        "UPDATE ledger_backup SET manifest = x'7b7d'",
        "DELETE FROM ledger_backup",
    ],
)
def test_a_changed_backup_is_refused(
    sqlite_lab: Lab, file: Path, tmp_path: Path, damage: str
) -> None:
    sqlite_lab.add_key("s")
    sqlite_lab.append("s", b"one", b"two")
    backup.backup(sqlite_lab.engine, file, NOW)
    with sqlite3.connect(file) as opened:
        opened.execute(damage)
    opened.close()
    target = tmp_path / "new.db"
    with pytest.raises((LedgerError, FormatError)):
        restore(file, f"sqlite:///{target}", NOW)
    assert not target.exists()


def test_what_is_no_backup_is_refused(tmp_path: Path, sqlite_lab: Lab) -> None:
    (tmp_path / "text").write_text("no database")
    with pytest.raises(MissingError):
        backup.verify(tmp_path / "none")
    for name in ("text", "log.db"):
        with pytest.raises(LedgerError):
            backup.verify(tmp_path / name)


def test_any_flipped_byte_is_harmless_or_found(sqlite_lab: Lab, file: Path) -> None:
    sqlite_lab.add_key("s")
    sqlite_lab.append("s", b"one")
    manifest = backup.backup(sqlite_lab.engine, file, NOW)
    data, found = file.read_bytes(), 0
    for at in range(0, len(data), 389):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        file.write_bytes(changed)
        try:
            assert backup.verify(file) == manifest  # a byte that no row depends on
        except LedgerError:
            found += 1
    assert found > 0


def test_a_failed_restore_leaves_nothing(world: Lab, file: Path, tmp_path: Path) -> None:
    backup.backup(world.engine, file, NOW)

    def fail(target: Connection, _source: Connection) -> None:
        metadata.create_all(target)
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        restore(file, f"sqlite:///{tmp_path / 'new.db'}", NOW, fail)
    assert not (tmp_path / "new.db").exists()
    assert not list(tmp_path.glob(".new*"))


@pytest.mark.parametrize("tiles_kept", [True, False])
def test_an_old_backup_signs_nothing_until_compared(
    world: Lab, file: Path, tmp_path: Path, tiles_kept: bool
) -> None:
    backup.backup(world.engine, file, NOW)
    world.append("s", b"later")
    world.integrate()
    seen = world.tiles.read("checkpoint")
    if not tiles_kept:
        shutil.rmtree(world.tiles.folder)
    again = restored_lab(file, tmp_path, world.tiles.folder)
    for _ in range(2):
        with pytest.raises(ForkError):
            again.recover()
        with pytest.raises(ForkError):
            again.integrate()
    with pytest.raises(ForkError, match="4 entries were shown to others, it has 3"):
        compare(again, seen)
    with pytest.raises(ForkError):
        again.integrate()
    again.engine.dispose()


def compare(lab: Lab, seen: bytes) -> checkpoint.Checkpoint:
    return restored.compare(
        lab.engine, origin=lab.origin, verifier=lab.signer.verifier, seen=seen, now=NOW
    )


def test_a_backup_that_is_not_behind_goes_on(world: Lab, file: Path, tmp_path: Path) -> None:
    """Its last checkpoint was signed after the backup, over entries that the backup has."""
    backup.backup(world.engine, file, NOW)
    world.integrate()
    again = restored_lab(file, tmp_path, world.tiles.folder)
    assert compare(again, world.tiles.read("checkpoint")).size == 3
    assert again.recover() == 3
    again.append("s", b"goes on")
    assert again.integrate().size == 4
    assert again.audit().findings == []
    again.engine.dispose()


def test_only_a_checkpoint_of_this_log_counts(world: Lab, file: Path, tmp_path: Path) -> None:
    backup.backup(world.engine, file, NOW)
    again = restored_lab(file, tmp_path, tmp_path / "others")
    other = Signer.generate(world.origin)
    stranger = checkpoint.sign(checkpoint.Checkpoint(world.origin, 1, bytes(32)), other)
    with pytest.raises(SignatureError):
        compare(again, stranger)
    forged = checkpoint.sign(checkpoint.Checkpoint(world.origin, 1, bytes(32)), world.signer)
    with pytest.raises(ForkError, match="not those shown"):
        compare(again, forged)
    with pytest.raises(ForkError):
        again.integrate()
    again.engine.dispose()


def test_loss_is_accepted_only_in_so_many_words(world: Lab, file: Path, tmp_path: Path) -> None:
    old = world.tiles.read("checkpoint")
    world.integrate()
    backup.backup(world.engine, file, NOW)
    world.append("s", b"later")
    world.integrate()
    lost = world.tiles.read("checkpoint")
    again = restored_lab(file, tmp_path, tmp_path / "new tiles")

    def accept(note: bytes) -> None:
        restored.accept_loss(
            again.engine, origin=again.origin, verifier=again.signer.verifier, lost=note
        )

    with pytest.raises(ForkError):
        accept(old)
    accept(lost)
    assert again.integrate().size == 3
    again.engine.dispose()


def test_the_published_file_still_refuses_a_backup_whose_loss_was_accepted(
    world: Lab, file: Path, tmp_path: Path
) -> None:
    backup.backup(world.engine, file, NOW)
    world.append("s", b"later")
    world.integrate()
    again = restored_lab(file, tmp_path, world.tiles.folder)
    restored.accept_loss(
        again.engine,
        origin=again.origin,
        verifier=again.signer.verifier,
        lost=world.tiles.read("checkpoint"),
    )
    with pytest.raises(ForkError):
        again.integrate()
    again.engine.dispose()


def test_what_is_redacted_later_is_destroyed_in_the_backup(world: Lab, file: Path) -> None:
    backup.backup(world.engine, file, NOW)
    secret = "ba Đồng".encode()
    assert secret in file.read_bytes()
    with world.engine.begin() as connection:
        redaction.redact(
            connection,
            origin=world.origin,
            entry=1,
            positions=[2],
            by="the operator",
            basis="an order of a court",
            key=world.operator,
            now=world.now(),
            operator=world.operator.public,
        )
    assert backup.redact(file, world.engine) == 1
    assert secret not in file.read_bytes()
    assert backup.redact(file, world.engine) == 0
    assert backup.verify(file).tables["ledger_item"].rows == 4
    with backup.reading(file) as opened:
        left = opened.scalars(select(func.count()).where(ledger_item.c.payload.is_(None)))
        assert left.one() == 1
