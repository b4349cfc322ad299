"""The monitor: silent over a log that grows, loud over everything else."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger import checkpoint
from ledger.checkpoint import Checkpoint
from ledger.cli import main
from ledger.cosignature import Ed25519Signer, parse_verifier
from ledger.errors import RemoteError
from ledger.keys import PrivateKey
from ledger.monitor import Alarm, Cause, Monitor, Notice
from ledger.policy import Policy, Witness
from ledger.trust import Trust
from ledger.witness import evidence
from tests.ledger_lab import NOW, ORIGIN, Lab, seed

Output = pytest.CaptureFixture[str]


@pytest.fixture
def log(sqlite_lab: Lab) -> Lab:
    sqlite_lab.add_key("s")
    sqlite_lab.add_key("t")
    sqlite_lab.grow("s", 20)
    sqlite_lab.integrate()
    return sqlite_lab


def monitor(log: Lab, tmp_path: Path, **more: object) -> Monitor:
    trust = Trust.of_key(log.signer.verifier)
    return Monitor(log.tiles, trust, tmp_path / "state", **more)  # type: ignore[arg-type]


def causes(alarms: list[Alarm]) -> list[Cause]:
    return [alarm.cause for alarm in alarms]


def other_history(log: Lab, folder: Path, entries: int) -> Lab:
    """A log of the same name and key with other entries."""
    other = Lab(f"sqlite:///{folder / 'other.db'}", folder / "other").create()
    other.add_key("s")
    other.append("s", b"another history")
    other.grow("s", entries - 2)
    other.integrate()
    return other


def replace(log: Lab, other: Lab) -> None:
    shutil.rmtree(log.tiles.folder)
    shutil.copytree(other.tiles.folder, log.tiles.folder)
    other.engine.dispose()


def test_it_is_silent_while_the_log_grows(log: Lab, tmp_path: Path) -> None:
    for count in (0, 1, 250, 3):
        if count:
            log.grow("t", count)
            log.integrate()
        assert not list(monitor(log, tmp_path).look(NOW))
    assert monitor(log, tmp_path).state.builder.size == 276


@pytest.mark.parametrize("entries", [22, 30])
def test_a_fork_leaves_evidence(log: Lab, tmp_path: Path, entries: int) -> None:
    assert not list(monitor(log, tmp_path).look(NOW))
    replace(log, other_history(log, tmp_path, entries))
    folder = tmp_path / "evidence"
    (alarm,) = monitor(log, tmp_path, folder=folder).look(NOW)
    assert alarm.cause is Cause.FORK
    assert alarm.evidence is not None
    found = evidence.judge(evidence.parse(alarm.evidence.read_bytes()), [parse_verifier(log.vkey)])
    assert found.proven == (entries == 22)
    # What was remembered stays: the other history is refused again.
    assert causes(list(monitor(log, tmp_path).look(NOW))) == [Cause.FORK]


def test_a_rollback_is_told(log: Lab, tmp_path: Path) -> None:
    shutil.copytree(log.tiles.folder, tmp_path / "old")
    log.grow("t", 5)
    log.integrate()
    assert not list(monitor(log, tmp_path).look(NOW))
    shutil.rmtree(log.tiles.folder)
    shutil.copytree(tmp_path / "old", log.tiles.folder)
    assert causes(list(monitor(log, tmp_path).look(NOW))) == [Cause.ROLLBACK]


def test_no_growth_for_too_long_is_told(log: Lab, tmp_path: Path) -> None:
    age = timedelta(hours=1)
    assert not list(monitor(log, tmp_path, max_age=age).look(NOW))
    assert not list(monitor(log, tmp_path, max_age=age).look(NOW + age))
    late = NOW + age + timedelta(seconds=1)
    assert causes(list(monitor(log, tmp_path, max_age=age).look(late))) == [Cause.STALLED]
    log.grow("t", 1)
    log.integrate()
    assert not list(monitor(log, tmp_path, max_age=age).look(late))


def test_a_wrong_entry_is_told_once_and_not_forgotten(log: Lab, tmp_path: Path) -> None:
    file = log.tiles.folder / "tile/entries/000.p/22"
    data = bytearray(file.read_bytes())
    data[3000] ^= 1
    file.write_bytes(data)
    (alarm,) = monitor(log, tmp_path).look(NOW)
    assert alarm.cause is Cause.WRONG
    assert "byte 3000" in alarm.message
    assert not list(monitor(log, tmp_path).look(NOW))
    assert len(monitor(log, tmp_path).state.findings) == 1


def test_a_checkpoint_of_another_key_is_told(log: Lab, tmp_path: Path) -> None:
    stranger = PrivateKey.from_bytes(seed("stranger")).key
    signer = type(log.signer)(ORIGIN, stranger)  # type: ignore[arg-type]
    head = Checkpoint(ORIGIN, 22, bytes(32))
    (log.tiles.folder / "checkpoint").write_bytes(checkpoint.sign(head, signer))
    assert causes(list(monitor(log, tmp_path).look(NOW))) == [Cause.WRONG]
    (log.tiles.folder / "checkpoint").unlink()
    assert causes(list(monitor(log, tmp_path).look(NOW))) == [Cause.UNREACHABLE]


def test_too_few_witnesses_are_told_and_the_entries_read_all_the_same(
    log: Lab, tmp_path: Path
) -> None:
    key = Ed25519Signer.generate("w.example").verifier
    trust = Trust(
        Policy(Trust.of_key(log.signer.verifier).policy.logs, (Witness("w", key),), quorum="w")
    )
    watcher = Monitor(log.tiles, trust, tmp_path / "state")
    assert causes(list(watcher.look(NOW))) == [Cause.QUORUM]
    assert watcher.state.builder.size == 22


def test_an_answer_that_fails_midway_is_taken_up_again(log: Lab, tmp_path: Path) -> None:
    """At every request: the same monitor goes on, and finds nothing wrong afterwards."""
    log.grow("t", 300)
    log.integrate()

    class Failing:
        def __init__(self, after: int) -> None:
            self.left = after

        def read(self, path: str) -> bytes:
            self.left -= 1
            if self.left == 0:
                raise RemoteError("does not answer")
            return log.tiles.read(path)

    failed = 0
    for after in range(1, 40):
        source = Failing(after)
        trust = Trust.of_key(log.signer.verifier)
        watcher = Monitor(source, trust, tmp_path / f"state{after}")
        alarms = list(watcher.look(NOW))
        if not alarms:
            break
        assert causes(alarms) == [Cause.UNREACHABLE]
        failed += 1
        assert not list(watcher.look(NOW)), after
        assert watcher.state.builder.size == 322
    assert failed >= 6


def test_a_watched_party_hears_of_its_entries_and_keys(log: Lab, tmp_path: Path) -> None:
    heard: list[Notice] = []
    watcher = monitor(log, tmp_path, streams=["t"], on_notice=heard.append)
    assert not list(watcher.look(NOW))
    assert [(one.index, one.kind) for one in heard] == [(1, "key.add")]
    heard.clear()
    log.append("t", b"one", b"two")
    second = PrivateKey.from_bytes(seed("second"))
    log.add_key("t", second)
    log.revoke_key("t", log.key("t").kid)
    log.append("s", b"not watched")
    log.integrate()
    assert not list(monitor(log, tmp_path, streams=["t"], on_notice=heard.append).look(NOW))
    assert [(one.index, one.kind) for one in heard] == [
        (22, "events"),
        (23, "key.add"),
        (24, "key.revoke"),
    ]
    assert log.key("t").kid in heard[0].message


def run(*arguments: object) -> int:
    return main(["monitor", *map(str, arguments)])


def test_the_command_ends_with_the_causes_code(log: Lab, tmp_path: Path, capsys: Output) -> None:
    common = (log.tiles.folder, "--key", log.vkey, "--state", tmp_path / "state", "--once")
    assert run(*common) == 0
    assert "22 entries, all right" in capsys.readouterr().out
    got = tmp_path / "alarm.json"
    script = f"import sys; open({str(got)!r}, 'wb').write(sys.stdin.buffer.read())"
    command = shlex.join([sys.executable, "-c", script])
    replace(log, other_history(log, tmp_path, 22))
    assert run(*common, "--exec", command, "--evidence", tmp_path / "evidence") == 4
    out = capsys.readouterr().out
    assert "ALARM fork" in out
    told = json.loads(got.read_text())
    assert (told["cause"], told["origin"]) == ("fork", ORIGIN)
    assert Path(told["evidence"]).is_file()
    assert datetime.fromisoformat(told["at"]).tzinfo == UTC
    assert run(log.tiles.folder, "--state", tmp_path / "state", "--once") == 2
    assert run(tmp_path / "none", "--key", log.vkey, "--state", tmp_path / "s", "--once") == 2


def test_a_command_that_does_not_start_does_not_end_the_watch(
    log: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.integrate()
    common = ["monitor", str(log.tiles.folder), "--key", log.vkey, "--once"]
    state = ["--state", str(tmp_path / "seen.json")]
    (log.tiles.folder / "checkpoint").unlink()
    assert main([*common, *state, "--exec", str(tmp_path / "none")]) == 3
    assert "the command does not start" in capsys.readouterr().out
    for command in ("", "an 'open quote"):
        assert main([*common, *state, "--exec", command]) == 2
    (tmp_path / "seen.json").write_text("{}")
    assert main([*common, *state]) == 3
    assert "seen.json: the state cannot be read" in capsys.readouterr().err
