"""A power cut at any moment: what was answered is there, what was signed is reproduced.

The states of the disk come from a real run's system calls (tests.disk_model). ``make soak`` tries
many more of them than the suite does.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from ledger import log
from ledger.errors import LedgerError
from tests import disk_model, soak
from tests.disk_model import Disk, Operation
from tests.ledger_lab import Lab

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
STATES = soak.count(80, 5_000)


def started(folder: Path) -> Lab:
    """A log with a key and a checkpoint, closed: everything of it is on the disk."""
    lab = at(folder).create()
    lab.add_key("s")
    lab.integrate()
    lab.engine.dispose()
    return lab


def at(folder: Path) -> Lab:
    return Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles")


def answers(done: Sequence[Operation]) -> list[list[str]]:
    """What the process had answered by then."""
    text = b"".join(op.data for op in done if op.path == "stdout").decode()
    return [line.split() for line in text.split("\n")[:-1]]


def check(lab: Lab, said: list[list[str]]) -> None:
    """Everything answered holds, and the log goes on by itself."""
    lab.recover()
    with lab.engine.connect() as connection:
        for index in (int(words[1]) for words in said if words[0] == "accepted"):
            assert log.entry_at(connection, lab.origin, index)
        last = log.last_checkpoint(connection, lab.origin)
    signed = {int(words[1]): words[2] for words in said if words[0] == "signed"}
    assert last is not None
    assert last.size >= max(signed, default=0)
    if last.size in signed:
        assert last.root.hex() == signed[last.size]
    lab.append("s", b"after the crash")
    lab.integrate()
    report = lab.audit()
    assert not report.findings, report.findings
    lab.engine.dispose()


def cut(tmp_path: Path, states: int, synchronous: str = "FULL") -> int:
    """Try states after power cuts at random moments of a run; how many had unsynced writes."""
    folder = tmp_path / "log"
    folder.mkdir()
    lab = started(folder)
    disk = Disk(folder)
    command = [sys.executable, "-m", "tests.ledger_workers", "steady", lab.url]
    operations = disk_model.trace(
        [*command, str(lab.tiles.folder), "8", synchronous], folder, tmp_path / "strace"
    )
    assert answers(operations)[-1][:2] == ["signed", "9"]
    rng = random.Random(soak.SEED)
    done, at_risk = 0, 0
    for number, moment in enumerate(sorted(rng.choices(range(len(operations) + 1), k=states))):
        for operation in operations[done:moment]:
            disk.do(operation)
        done = moment
        state = tmp_path / "state"
        disk.crash(rng, state)
        at_risk += disk.is_at_risk
        check(at(state), answers(operations[:moment]))
        shutil.rmtree(state)
        soak.progress("power cuts", number + 1, states)
    return at_risk


@pytest.mark.slow
@pytest.mark.timeout(7200 if soak.LONG else 300)
def test_after_a_power_cut_everything_answered_is_there(tmp_path: Path) -> None:
    at_risk = cut(tmp_path, STATES)
    # Otherwise nothing could be lost, and the test says nothing.
    assert at_risk > STATES / 4
    soak.report(f"{STATES} power cuts, {at_risk} with unsynced writes: nothing answered was lost")


def test_a_database_that_does_not_wait_for_the_disk_is_caught(tmp_path: Path) -> None:
    """The test of the test: with SQLite's syncs switched off it must find a loss."""
    with pytest.raises((AssertionError, DBAPIError, LedgerError)):
        cut(tmp_path, 200, synchronous="OFF")


def test_the_model_loses_what_was_not_synced(tmp_path: Path) -> None:
    """The model itself: without fsync nothing is sure, with it everything is."""
    folder = tmp_path / "disk"
    folder.mkdir()
    file = str(folder / "a")
    disk = Disk(folder)
    disk.do(Operation("open", file, number=1))
    disk.do(Operation("write", file, b"x" * 2000, 0))
    seen = set()
    for seed in range(200):
        state = tmp_path / f"state{seed}"
        state.mkdir()
        disk.crash(random.Random(seed), state)
        seen.add((state / "a").read_bytes() if (state / "a").exists() else None)
    assert {None, b"", b"x" * 2000} <= seen
    assert any(content and b"\0" in content for content in seen)
    disk.do(Operation("sync", file))
    disk.do(Operation("sync", str(folder)))
    state = tmp_path / "synced"
    state.mkdir()
    disk.crash(random.Random(1), state)
    assert (state / "a").read_bytes() == b"x" * 2000
