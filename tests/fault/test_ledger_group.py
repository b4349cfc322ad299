"""Appenders in several processes, and one that is killed: one chain, every answer kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ledger import entry, log
from tests.ledger_appenders import THREADS
from tests.ledger_lab import Lab

ROOT = Path(__file__).parents[2]
PROCESSES = 3
STATEMENTS = 20


def start(lab: Lab, name: str, count: int) -> subprocess.Popen[str]:
    arguments = (lab.url, str(lab.tiles.folder), name, str(count))
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.ledger_appenders", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def go(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()


def check(lab: Lab, lines: list[str]) -> None:
    """Every answer names the entry that the log holds there."""
    with lab.engine.connect() as connection:
        for line in lines:
            index, hash_ = line.split()
            body = log.entry_at(connection, lab.origin, int(index))
            assert entry.hash_of(body).hex() == hash_


@pytest.mark.slow
def test_appenders_of_several_processes_make_one_chain(lab: Lab) -> None:
    workers = [start(lab, f"p{number}-", STATEMENTS) for number in range(PROCESSES)]
    for worker in workers:
        go(worker)
    lines = [line for one in workers for line in one.communicate(timeout=120)[0].splitlines()]
    assert all(worker.returncode == 0 for worker in workers)
    streams = PROCESSES * THREADS
    indexes = sorted(int(line.split()[0]) for line in lines)
    assert indexes == list(range(streams, streams * (STATEMENTS + 1)))
    check(lab, lines)
    assert lab.integrate().size == streams * (STATEMENTS + 1)
    assert not lab.audit().findings


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 30])
def test_a_killed_appender_has_answered_nothing_that_is_not_there(lab: Lab, after: int) -> None:
    worker = start(lab, "p", 0)
    go(worker)
    assert worker.stdout is not None
    seen = "".join(worker.stdout.readline() for _ in range(after))
    worker.kill()
    out, _ = worker.communicate(timeout=60)
    seen += out
    lines = seen[: seen.rfind("\n") + 1].splitlines()
    assert len(lines) >= after
    check(lab, lines)
    lab.add_key("next")
    lab.append("next", b"goes on")
    lab.integrate()
    assert not lab.audit().findings
