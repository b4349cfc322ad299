"""Several processes at once, and processes that are killed: no fork, nothing accepted is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger import checkpoint
from tests.ledger_faults import KILL_AFTER, KILL_BEFORE
from tests.ledger_lab import Lab

ROOT = Path(__file__).parents[2]
PROCESSES = 4
APPENDS = 50


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ledger_workers", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("care", ["careful", "careless"])
def test_four_processes_append_without_a_fork(lab: Lab, care: str) -> None:
    """Trap: read the last hash, then insert, with the drivers' own transactions.

    Who locks first never has to send again; who does not is refused, and then sends again.
    """
    lab.add_key("s")
    workers = [start("race", lab.url, lab.tiles.folder, APPENDS, care) for _ in range(PROCESSES)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    outputs = []
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        assert care == "careless" or "again" not in out
        outputs.append([int(line) for line in out.split() if line.isdigit()])
    indexes = sorted(index for output in outputs for index in output)
    assert indexes == list(range(1, PROCESSES * APPENDS + 1))
    assert all(output == sorted(output) for output in outputs)
    assert lab.integrate().size == PROCESSES * APPENDS + 1
    assert not lab.audit().findings


def check_nothing_lost(lab: Lab, out: str) -> None:
    """Whatever the dead process had acknowledged is there, whole; the log goes on."""
    lines = out.splitlines()
    accepted = [int(line) for line in lines if line.isdigit()]
    signed = [int(line.split()[1]) for line in lines if line.startswith("signed ")]
    size = lab.recover()
    assert size >= max(signed, default=0)
    lab.append("s", b"goes on")
    head = lab.integrate()
    assert head.size > max(accepted, default=0)
    report = lab.audit()
    assert not report.findings
    assert report.entries == head.size
    assert checkpoint.verify(lab.tiles.read("checkpoint"), lab.signer.verifier) == head


# One append and one integrate make ten writes; three rounds pass all kinds of state.
@pytest.mark.parametrize("mode", [KILL_BEFORE, KILL_AFTER])
@pytest.mark.parametrize("at", range(4, 20))
def test_killed_between_any_two_writes(sqlite_lab: Lab, at: int, mode: str) -> None:
    sqlite_lab.add_key("s")
    worker = start("killed", sqlite_lab.url, sqlite_lab.tiles.folder, at, mode)
    out, _ = worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL
    check_nothing_lost(sqlite_lab, out)


@pytest.mark.slow
@pytest.mark.parametrize("after", [3, 17, 40])
def test_killed_under_load(lab: Lab, after: int) -> None:
    lab.add_key("s")
    worker = start("endless", lab.url, lab.tiles.folder)
    assert worker.stdout is not None
    seen = [worker.stdout.readline() for _ in range(after)]
    worker.kill()
    out, _ = worker.communicate(timeout=60)
    whole = out[: out.rfind("\n") + 1]
    check_nothing_lost(lab, "".join(seen) + whole)
