"""``python -m ledger`` as its operator uses it: backup, restore, compare, redact, rotate."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger import backup, log, shard
from ledger.cli import main
from ledger.cosignature import Ed25519Signer, MlDsaSigner
from ledger.errors import ForkError
from ledger.note import Signer
from ledger.policy import Policy
from ledger.witness.client import Witnesses
from ledger.witness.core import Witness
from ledger.witness.server import WitnessServer
from ledger.witness.state import State
from tests.ledger_lab import Lab

Output = pytest.CaptureFixture[str]


def run(*arguments: object) -> int:
    return main([str(one) for one in arguments])


@pytest.fixture
def world(sqlite_lab: Lab, tmp_path: Path) -> Lab:
    sqlite_lab.add_key("s")
    sqlite_lab.append("s", b"one", b"a person's name")
    sqlite_lab.integrate()
    (tmp_path / "log.key").write_text(f"{sqlite_lab.signer.format()}\n")
    return sqlite_lab


def test_backup_restore_compare(world: Lab, tmp_path: Path, capsys: Output) -> None:
    file, url = tmp_path / "one.backup", f"sqlite:///{tmp_path / 'new.db'}"
    assert run("backup", "--database", world.url, "--out", file) == 0
    assert run("backup", "--database", world.url, "--out", file) == 1
    assert run("restore", file, "--database", url) == 0
    assert run("restore", file, "--database", url) == 1
    again = Lab(url, world.tiles.folder)
    with pytest.raises(ForkError):
        again.integrate()
    seen = world.tiles.folder / "checkpoint"
    common = ("compare", "--database", url, "--key", world.vkey)
    assert run(*common, "--checkpoint", seen) == 0
    assert "may sign again" in capsys.readouterr().out
    again.append("s", b"goes on")
    assert again.integrate().size == 3
    again.engine.dispose()


def test_an_old_backup_is_refused_and_loss_is_said(
    world: Lab, tmp_path: Path, capsys: Output
) -> None:
    file, url = tmp_path / "one.backup", f"sqlite:///{tmp_path / 'new.db'}"
    run("backup", "--database", world.url, "--out", file)
    world.append("s", b"later")
    world.integrate()
    run("restore", file, "--database", url)
    seen = world.tiles.folder / "checkpoint"
    common = ("compare", "--database", url, "--key", world.vkey)
    assert run(*common, "--checkpoint", seen) == 1
    assert "too old" in capsys.readouterr().err
    assert run(*common, "--accept-loss", seen) == 0
    assert "given up" in capsys.readouterr().out


@pytest.mark.enable_socket
def test_a_witness_remembers_what_a_backup_forgot(
    world: Lab, tmp_path: Path, capsys: Output
) -> None:
    """A real witness on the network: the database, the tiles and the published file are all old."""
    signers = [Ed25519Signer.generate("witness.example"), MlDsaSigner.generate("witness.example")]
    vkeys = tuple(signer.verifier.format() for signer in signers)
    trusted = Policy.parse(f"log {world.vkey}\nquorum none\n".encode())
    state = State(tmp_path / "witness.db", vkeys)
    server = WitnessServer(
        ("127.0.0.1", 0), Witness(trusted, signers, state, now=lambda: datetime.now(UTC))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    policy = f"log {world.vkey}\nwitness w {vkeys[0]} {url}\nquorum w\n"
    asked = Witnesses(Policy.parse(policy.encode()))
    try:
        file, target = tmp_path / "old.backup", f"sqlite:///{tmp_path / 'new.db'}"
        run("backup", "--database", world.url, "--out", file)
        world.append("s", b"later")
        log.integrate(
            world.engine,
            origin=world.origin,
            signer=world.signer,
            now=world.now(),
            tiles=world.tiles,
            witnesses=asked,
        )
        run("restore", file, "--database", target)
        capsys.readouterr()
        found = run("compare", "--database", target, "--key", world.vkey, "--witness", url)
        assert (found, "too old" in capsys.readouterr().err) == (1, True)
        again = Lab(target, tmp_path / "new tiles")
        with pytest.raises(ForkError):
            again.integrate()
        again.engine.dispose()
        fresh = tmp_path / "fresh.backup"
        run("backup", "--database", world.url, "--out", fresh)
        newest = f"sqlite:///{tmp_path / 'newest.db'}"
        run("restore", fresh, "--database", newest)
        assert run("compare", "--database", newest, "--key", world.vkey, "--witness", url) == 0
    finally:
        asked.close()
        server.shutdown()
        server.server_close()
        thread.join()
        state.close()


def test_redact_orders_destroys_and_reaches_backups(
    world: Lab, tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "kept" / "one.backup"
    run("backup", "--database", world.url, "--out", file)
    common = ("redact", "--database", world.url, "--backups", file.parent)
    order = ("--entry", 1, "--position", 1, "--by", "a court", "--basis", "its order")
    assert run(*common, *order) == 2
    assert run(*common, *order, "--key-file", tmp_path / "log.key") == 0
    said = capsys.readouterr().out
    assert "a court, its order" in said and "1 items destroyed" in said
    for found in tmp_path.rglob("*"):
        assert not found.is_file() or b"a person's name" not in found.read_bytes(), found
    assert run(*common) == 0
    assert "0 items destroyed" in capsys.readouterr().out
    backup.verify(file)
    world.integrate()
    assert world.audit().findings == []


def test_close_continue_root(world: Lab, tmp_path: Path, capsys: Output) -> None:
    origin = "log.example/2027"
    other = Signer.generate(origin)
    (tmp_path / "next.key").write_text(f"{other.format()}\n")
    root = Lab(f"sqlite:///{tmp_path / 'root.db'}", tmp_path / "root tiles", "root.example")
    (tmp_path / "root.key").write_text(f"{root.create().signer.format()}\n")
    end = tmp_path / "end.json"
    closing = ("close", "--database", world.url, "--key-file", tmp_path / "log.key")
    tiles = ("--tiles", world.tiles.folder)
    for _ in range(2):
        assert run(*closing, *tiles, "--next", origin, "--out", end) == 0
    ended = shard.Ending.parse(end.read_bytes())
    assert ended.format() == end.read_bytes()
    beginning = ("continue", "--database", world.url, "--key-file", tmp_path / "next.key")
    more = ("--ending", end, "--predecessor", world.vkey, "--carry-keys")
    assert run(*beginning, *more) == 0
    assert "1 keys carried over" in capsys.readouterr().out
    with world.engine.connect() as connection:
        first = log.entry_at(connection, origin, 0)
    shard.verify_continuation(
        first, ended, predecessor=world.signer.verifier, successor=other.verifier
    )
    entering = ("root", "--database", root.url, "--key-file", tmp_path / "root.key")
    member = ("--member", world.vkey, "--source", world.tiles.folder)
    for said in ("entered at index 0", "known already"):
        assert run(*entering, *member) == 0
        assert said in capsys.readouterr().out
    root.engine.dispose()


def test_a_mistyped_folder_of_backups_destroys_nothing(
    world: Lab, tmp_path: Path, capsys: Output
) -> None:
    """Said before anything else: content would be left in backups that nobody looked at."""
    common = ("redact", "--database", world.url, "--key-file", tmp_path / "log.key")
    order = ("--entry", 1, "--position", 1, "--by", "A court", "--basis", "Its order")
    assert run(*common, *order, "--backups", tmp_path / "mistyped") == 3
    assert "mistyped" in capsys.readouterr().err
    with world.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT count(payload) FROM ledger_item").scalar_one()
    assert kept == 2
