"""SIGKILL at random moments under load: nothing answered is lost, no two histories are signed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from multiprocessing.connection import Connection
from typing import Any

import pytest

from ledger import entry, log, merkle
from ledger.checkpoint import Checkpoint
from tests import ledger_workers, soak
from tests.ledger_lab import Lab

KILLS = soak.count(25, 1_000)
SHORTEST, LONGEST = 0.02, 0.35  # seconds of load before each kill
AUDITED = 50  # kills between two full audits

_context: Any = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.ledger_workers"])


def run_and_kill(lab: Lab, seconds: float) -> list[tuple[Any, ...]]:
    """Let a process append and sign, kill it, and give what it had answered."""
    mine, its = _context.Pipe(duplex=False)
    arguments = (lab.url, str(lab.tiles.folder), its)
    process = _context.Process(target=ledger_workers.burst, args=arguments, daemon=True)
    process.start()
    its.close()
    first = _next(mine, timeout=60)  # the clock runs from its first answer: it is under load
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    said = [first]
    while (answer := _next(mine, timeout=10)) is not None:
        said.append(answer)
    process.join()
    mine.close()
    return [answer for answer in said if answer is not None]


def _next(pipe: Connection, timeout: float) -> tuple[Any, ...] | None:
    try:
        return pipe.recv() if pipe.poll(timeout) else None
    except (EOFError, OSError):
        return None  # it ends, or was cut off inside an answer, which then was none


def check(lab: Lab, said: list[tuple[Any, ...]], before: Checkpoint) -> tuple[Checkpoint, int]:
    """Everything answered is there; what was signed continues what was signed before."""
    lab.recover()
    accepted = [words[1:] for words in said if words[0] == "accepted"]
    with lab.engine.connect() as connection:
        for index, digest in accepted:
            stored = entry.parse(log.entry_at(connection, lab.origin, index))
            assert stored.statement.hash.hex() == digest
    heads = [Checkpoint(lab.origin, *words[1:]) for words in said if words[0] == "signed"]
    heads = [head for head in heads if head.size > before.size] + [lab.integrate()]
    subtree = lab.tiles.subtree(heads[-1].size)
    for old, new in zip([before, *heads], heads, strict=False):
        if old.size == new.size:
            assert old.root == new.root
            continue
        proof = merkle.prove_consistency(subtree, old.size, new.size)
        merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
    return heads[-1], len(accepted)


@pytest.mark.slow
@pytest.mark.timeout(7200 if soak.LONG else 300)
def test_sigkill_under_load_loses_nothing(lab: Lab) -> None:
    for stream in ledger_workers.STREAMS:
        lab.add_key(stream)
    head = lab.integrate()
    rng = random.Random(soak.SEED)
    total = 0
    for number in range(1, KILLS + 1):
        said = run_and_kill(lab, rng.uniform(SHORTEST, LONGEST))
        head, accepted = check(lab, said, head)
        total += accepted
        if number % AUDITED == 0 or number == KILLS:
            report = lab.audit()
            assert not report.findings, report.findings
        soak.progress("kills", number, KILLS)
    assert total > KILLS, "there was no load"
    soak.report(
        f"{KILLS} × SIGKILL, {total} statements answered, {head.size} in the log:"
        " 0 lost, 0 inconsistent checkpoints"
    )
