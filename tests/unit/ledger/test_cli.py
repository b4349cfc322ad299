import errno
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ledger import bundle, follow, log
from ledger.checkpoint import LogSigner
from ledger.cli import main
from ledger.cosignature import MlDsaSigner, parse_cosigners, parse_log_signer
from ledger.tiles import TileStore
from tests.ledger_lab import Lab

Output = pytest.CaptureFixture[str]


@pytest.fixture
def world(sqlite_lab: Lab) -> Lab:
    sqlite_lab.add_key("s")
    sqlite_lab.append("s", b"one", b"an event that is edited later")
    sqlite_lab.integrate()
    return sqlite_lab


def run(*arguments: object) -> int:
    return main([str(one) for one in arguments])


def test_keygen_writes_a_secret_for_its_owner_alone(tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "key"
    assert run("keygen", "log.example/a", "--out", file) == 0
    signer = parse_log_signer(file.read_text())
    assert capsys.readouterr().out.split() == [key.format() for key in signer.verifiers]
    assert [key.kind for key in signer.verifiers] == [b"\x01", b"\x06"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("keygen", "log.example/a", "--out", file) == 1
    assert parse_log_signer(file.read_text()).verifiers == signer.verifiers
    assert run("keygen", "a name", "--out", tmp_path / "other") == 1
    assert not (tmp_path / "other").exists()


def test_keygen_makes_the_keys_of_a_witness(tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "key"
    assert run("keygen", "w.example/a", "--out", file, "--witness") == 0
    keys = [key.verifier for key in parse_cosigners(file.read_text())]
    assert capsys.readouterr().out.split() == [key.format() for key in keys]
    assert [key.kind for key in keys] == [b"\x04", b"\x06"]


def test_verify_prints_each_step(world: Lab, tmp_path: Path, capsys: Output) -> None:
    with world.engine.connect() as connection:
        made = log.make_bundle(connection, world.tiles, origin=world.origin, index=1, position=1)
    file, key = tmp_path / "bundle.json", tmp_path / "log.vkey"
    file.write_bytes(bundle.dump(made))
    key.write_text(f"{world.vkey}\n")
    assert run("verify", file, "--key", world.vkey) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:11] for line in lines[:-1]] == [f"{n}. right   " for n in range(1, 9)]
    assert lines[-1] == "The bundle holds."
    assert run("verify", file, "--key", key) == 0
    capsys.readouterr()
    file.write_bytes(bundle.dump(made).replace(b'"position":1', b'"position":0'))
    assert run("verify", file, "--key", key) == 1
    out = capsys.readouterr().out
    assert "8. wrong" in out
    assert "does NOT hold" in out


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_verify_refuses_what_is_no_bundle(
    content: bytes, world: Lab, tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "bundle.json"
    file.write_bytes(content)
    assert run("verify", file, "--key", world.vkey) == 1
    assert "1. wrong" in capsys.readouterr().out


def test_files_that_are_missing_or_no_keys_are_said(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for key, code in (("none", 3), (tmp_path / "empty", 2), (tmp_path / "binary", 2), ("a+b", 2)):
        assert run("verify", tmp_path / "empty", "--key", key) == code
        told = capsys.readouterr()
        assert (told.out, told.err.count("\n")) == ("", 1)
        assert told.err.startswith("python -m ledger: ")
    assert run("audit", "--database", f"sqlite:///{tmp_path / 'no' / 'such.db'}") == 3
    assert run("audit", "--database", "nonsense://") == 2


@pytest.mark.parametrize("name", ["typed-wrong.db", "sqlite:///typed-wrong.db"])
@pytest.mark.parametrize(
    "command",
    [
        ("audit",),
        ("backup", "--out", "new.backup", "--database"),
        ("redact", "--database"),
        ("compare", "--key", "KEY", "--checkpoint", "none", "--database"),
    ],
)
def test_a_mistyped_database_is_not_made(
    command: tuple[str, ...],
    name: str,
    world: Lab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "none").touch()
    words = [world.vkey if word == "KEY" else word for word in command]
    assert run(*words, name) == 3
    assert capsys.readouterr().err == "python -m ledger: no file typed-wrong.db\n"
    assert [file.name for file in folder.iterdir()] == ["none"]


def test_a_database_may_be_named_by_its_path(world: Lab, tmp_path: Path) -> None:
    file = world.url.removeprefix("sqlite:///")
    assert run("audit", file) == 0
    assert run("backup", "--database", file, "--out", tmp_path / "b.backup") == 0


def test_a_locked_database_is_not_called_wrong(
    world: Lab, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """Another process holds it: nothing was read, so nothing is said of its rows."""
    monkeypatch.setattr("ledger.database.BUSY_MILLISECONDS", 50)
    world.engine.dispose()
    other = sqlite3.connect(world.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE held (x)")
    try:
        for more in ((), ("--origin", world.origin)):
            assert run("audit", "--database", world.url, *more) == 3
            told = capsys.readouterr()
            assert (told.out, told.err) == ("", "python -m ledger: database is locked\n")
    finally:
        other.close()


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "x"])
def test_a_rate_is_a_number_above_zero(rate: str, tmp_path: Path, capsys: Output) -> None:
    with pytest.raises(SystemExit) as ended:
        run("audit", tmp_path, "--rate", rate)
    assert ended.value.code == 2
    assert "--rate" in capsys.readouterr().err


def test_sigint_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: Output, tmp_path: Path
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.commands.keygen.generate_log_signer", interrupted)
    assert run("keygen", "log.example/a", "--out", tmp_path / "key") == 130
    assert capsys.readouterr().err == "python -m ledger: interrupted\n"


def test_each_key_of_the_log_is_checked_in_the_database(world: Lab, capsys: Output) -> None:
    """A bit of the ML-DSA-44 line, which an audit with the Ed25519 key alone cannot judge."""
    signer = LogSigner(world.signer, MlDsaSigner.generate(world.origin))
    world.append("s", b"three")
    log.integrate(
        world.engine, origin=world.origin, signer=signer, now=world.now(), tiles=world.tiles
    )
    keys = world.tiles.folder.parent / "keys"
    keys.write_text("".join(f"{key.format()}\n" for key in signer.verifiers))
    assert run("audit", "--database", world.url, "--key", keys) == 0
    with world.engine.begin() as connection:
        row = connection.exec_driver_sql(
            "SELECT size, note FROM ledger_checkpoint WHERE size = 3"
        ).one()
        text, _, lines = bytes(row.note).decode().partition("\n\n")
        changed = lines[:-9] + ("A" if lines[-9] != "A" else "B") + lines[-8:]
        note = f"{text}\n\n{changed}".encode()
        connection.exec_driver_sql("UPDATE ledger_checkpoint SET note = ? WHERE size = 3", (note,))
    capsys.readouterr()
    assert run("audit", "--database", world.url, "--key", keys) == 1
    assert "ledger_checkpoint 3: the signature of" in capsys.readouterr().out


def test_audit_of_a_sound_log(world: Lab, capsys: Output) -> None:
    common = ("audit", "--database", world.url)
    assert run(*common, "--key", world.vkey, "--tiles", world.tiles.folder) == 0
    out = capsys.readouterr().out
    assert "2 entries, 1 checkpoints, 2 items" in out
    assert "everything that was checked is right" in out
    assert "not checked" not in out
    assert run(*common) == 0
    assert capsys.readouterr().out.count("not checked") == 2
    assert run(*common, "--origin", "other.example/log") == 1


def test_audit_of_a_database_without_a_log(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "empty.db").touch()
    assert run("audit", "--database", f"sqlite:///{tmp_path / 'empty.db'}") == 1
    assert "no such table" in capsys.readouterr().out
    lab = Lab(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "tiles").create()
    assert run("audit", "--database", lab.url) == 1
    assert "No log" in capsys.readouterr().out
    lab.engine.dispose()


def database_file(lab: Lab) -> Path:
    """The database as one file, with nothing left beside it."""
    lab.engine.dispose()
    file = Path(lab.url.removeprefix("sqlite:///"))
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file


def test_one_byte_of_an_event_edited_in_the_file_is_located(world: Lab) -> None:
    """As a user does it: another program edits the file, the command line tells."""
    file = database_file(world)
    data = file.read_bytes()
    assert data.count(b"edited later") == 1
    file.write_bytes(data.replace(b"edited later", b"edited Later"))
    done = subprocess.run(
        [sys.executable, "-m", "ledger", "audit", "--database", world.url],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
        env=os.environ,
    )
    assert (done.returncode, done.stderr) == (1, "")
    where = "ledger_item 1/1 byte 24 (entry 1, party s)"
    assert f"WRONG {where}: payload, salt and commitment disagree" in done.stdout


@pytest.mark.parametrize("where", [20, 100, 4096, 8192])
def test_a_malformed_file_is_a_finding_without_a_traceback(
    where: int, world: Lab, capsys: Output
) -> None:
    file = database_file(world)
    data = bytearray(file.read_bytes())
    data[where : where + 40] = b"\xff" * 40
    file.write_bytes(data)
    assert run("audit", "--database", world.url, "--key", world.vkey) == 1
    assert "WRONG" in capsys.readouterr().out


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    where = ("--origin", "log.example/a", "--stream", "s")
    assert run("keygen", "log.example/a", "--out", tmp_path / "key") == 3
    assert run("party-key", "--key", tmp_path / "own.pem", *where) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("No space left on device") == 2
    with pytest.raises(OSError, match="No space left"):
        follow.save(tmp_path / "state", b"{}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", [("a log", "s"), ("log.example/a", "a stream")])
def test_no_key_is_made_for_what_cannot_be_a_log_or_a_stream(
    where: tuple[str, str], tmp_path: Path
) -> None:
    origin, stream = where
    asked = ("party-key", "--key", tmp_path / "own.pem", "--origin", origin, "--stream", stream)
    assert run(*asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_audit_goes_on_where_it_stopped(
    world: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    for number in range(600):
        world.append("s", b"%d" % number)
    world.integrate()
    state = tmp_path / "state"
    command = ("audit", world.tiles.folder, "--key", world.vkey, "--state", state)
    read = TileStore.read

    def interrupted(tiles: TileStore, path: str) -> bytes:
        if path.startswith("tile/entries/002"):
            raise KeyboardInterrupt
        return read(tiles, path)

    monkeypatch.setattr("ledger.follow._SAVE_SECONDS", 0.0)
    monkeypatch.setattr(TileStore, "read", interrupted)
    assert run(*command) == 130
    monkeypatch.setattr(TileStore, "read", read)
    capsys.readouterr()
    assert run(*command) == 0
    out = capsys.readouterr().out
    assert "going on from entry 512" in out
    assert "602 entries" in out
