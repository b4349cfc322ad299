"""Exactly once: the same statement gets the same answer, whoever sends it and however often."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ledger import log
from ledger.errors import ContinuityError, KeyStatusError, SignatureError
from ledger.keys import ES256, PrivateKey
from ledger.log import Appended, Item, Submission
from ledger.schema import ledger_entry, ledger_item, ledger_stream
from tests.ledger_faults import KEPT, KILL_AFTER, KILL_BEFORE, LOST, Broken, faults
from tests.ledger_lab import Lab

ROOT = Path(__file__).parents[2]
PROCESSES = 4
STATEMENTS = 25


def counts(lab: Lab) -> tuple[int, ...]:
    with lab.engine.connect() as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (ledger_entry, ledger_stream, ledger_item)
        )


def chain(lab: Lab, stream: str, length: int) -> list[Submission]:
    """The next statements of a stream, ready to send."""
    with lab.engine.connect() as connection:
        seq, prev = log.stream_head(connection, lab.origin, stream)
    made = []
    for number in range(seq, seq + length):
        items = lab.items(b"event %d" % number)
        data = lab.build(stream, number, prev, items)
        made.append(Submission(data, lab.key(stream).sign(data), items))
        prev = hashlib.sha256(data).digest()
    return made


def send(lab: Lab, *group: Submission) -> list[Appended]:
    with lab.engine.begin() as connection:
        return log.append_all(
            connection,
            group,
            origin=lab.origin,
            received_at=lab.now(),
            operator=lab.operator.public,
        )


@pytest.mark.parametrize("mode", [LOST, KEPT])
def test_a_statement_sent_again_after_an_unclear_error(lab: Lab, mode: str) -> None:
    lab.add_key("s")
    (one,) = chain(lab, "s", 1)
    with pytest.raises(Broken), faults(lab, 3, mode):
        send(lab, one)
    (answer,) = send(lab, one)
    assert (answer.index, answer.replayed) == (1, mode == KEPT)
    (again,) = send(lab, one)
    assert again.replayed
    assert (again.index, again.entry_bytes) == (answer.index, answer.entry_bytes)
    assert counts(lab) == (2, 2, 1)


def test_an_answer_repeats_for_the_whole_chain(lab: Lab) -> None:
    lab.add_key("s")
    group = chain(lab, "s", 5)
    first = send(lab, *group)
    # Old and new in one group, twice the same in one group, and in any order.
    more = chain(lab, "s", 2)
    mixed = send(lab, group[4], more[0], group[0], more[0], more[1])
    assert [answer.index for answer in mixed] == [5, 6, 1, 6, 7]
    assert [answer.replayed for answer in mixed] == [True, False, True, True, False]
    assert mixed[0].entry_hash == first[4].entry_hash
    assert mixed[1].entry_bytes == mixed[3].entry_bytes
    assert counts(lab) == (8, 8, 7)
    lab.integrate()
    assert not lab.audit().findings


def test_another_statement_at_the_same_place_is_refused(lab: Lab) -> None:
    lab.add_key("s")
    first, other = chain(lab, "s", 1)[0], chain(lab, "s", 1)[0]
    assert first.statement != other.statement  # they were signed at different times
    send(lab, first)
    with pytest.raises(ContinuityError):
        send(lab, other)


def test_only_its_own_signature_gets_the_answer(lab: Lab) -> None:
    lab.add_key("s")
    lab.add_key("t")
    (one,) = chain(lab, "s", 1)
    send(lab, one)
    for forged in (b"", one.signature[:-1] + b"\0", lab.key("t").sign(one.statement)):
        with pytest.raises(SignatureError):
            send(lab, Submission(one.statement, forged, one.items))


def test_a_retry_is_answered_after_the_key_ended(lab: Lab) -> None:
    lab.add_key("s")
    (one,) = chain(lab, "s", 1)
    send(lab, one)
    lab.revoke_key("s", lab.key("s").kid)
    assert send(lab, one)[0].replayed
    with pytest.raises(KeyStatusError):
        lab.append("s", b"new")


def test_a_key_statement_is_taken_once(lab: Lab) -> None:
    added = lab.add_key("s")
    with lab.engine.connect() as connection:
        body = log.entry_at(connection, lab.origin, added.index)
    start = body.index(b'"statement":') + len(b'"statement":')
    data = body[start : -len(b',"v":1}')]
    (again,) = send(lab, Submission(data, lab.operator.sign(data)))
    assert (again.index, again.entry_bytes, again.replayed) == (0, body, True)


def test_a_second_signature_of_es256_is_the_same_statement(lab: Lab) -> None:
    """ECDSA signs the same bytes differently each time; the statement is what counts."""
    lab.keys["s"] = PrivateKey.generate(ES256)
    lab.add_key("s")
    (one,) = chain(lab, "s", 1)
    (first,) = send(lab, one)
    other = lab.key("s").sign(one.statement)
    assert other != one.signature
    (again,) = send(lab, Submission(one.statement, other, one.items))
    assert (again.replayed, again.entry_bytes) == (True, first.entry_bytes)


def test_a_retry_does_not_bring_back_what_was_redacted(lab: Lab) -> None:
    lab.add_key("s")
    (one,) = chain(lab, "s", 1)
    send(lab, one)
    with lab.engine.begin() as connection:
        connection.execute(ledger_item.update().values(payload=None, salt=None))
    assert send(lab, one)[0].replayed
    with lab.engine.connect() as connection:
        assert connection.scalars(select(ledger_item.c.payload)).all() == [None]


def write(submissions: list[Submission], file: Path) -> Path:
    def line(one: Submission) -> str:
        items: list[Item] = list(one.items or ())
        parts = (one.statement, one.signature, *items[0])
        return " ".join(part.hex() for part in parts)

    file.write_text("".join(f"{line(one)}\n" for one in submissions))
    return file


def start(lab: Lab, file: Path, mode: str = "") -> subprocess.Popen[str]:
    arguments = (lab.url, str(lab.tiles.folder), str(file), mode)
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.ledger_retries", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def answers(worker: subprocess.Popen[str]) -> list[tuple[str, str, str]]:
    out, _ = worker.communicate("go\n", timeout=120)
    lines = [line.split() for line in out.splitlines()]
    return [(index, hash_, replayed) for index, hash_, replayed in lines]


@pytest.mark.slow
def test_four_processes_send_the_same_statements(lab: Lab, tmp_path: Path) -> None:
    lab.add_key("s")
    file = write(chain(lab, "s", STATEMENTS), tmp_path / "statements")
    workers = [start(lab, file) for _ in range(PROCESSES)]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    seen = [answers(worker) for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    # All were told the same, and each statement was new to exactly one of them.
    assert len({tuple((index, hash_) for index, hash_, _ in one) for one in seen}) == 1
    assert [int(index) for index, _, _ in seen[0]] == list(range(1, STATEMENTS + 1))
    for number in range(STATEMENTS):
        assert [one[number][2] for one in seen].count("0") == 1
    assert counts(lab) == (STATEMENTS + 1, STATEMENTS + 1, STATEMENTS)
    assert lab.integrate().size == STATEMENTS + 1
    assert not lab.audit().findings


@pytest.mark.parametrize("mode", [KILL_BEFORE, KILL_AFTER])
def test_killed_between_commit_and_answer(lab: Lab, tmp_path: Path, mode: str) -> None:
    lab.add_key("s")
    file = write(chain(lab, "s", 2), tmp_path / "statements")
    dead = start(lab, file, mode)
    assert answers(dead) == []
    assert dead.returncode == -signal.SIGKILL
    seen = answers(start(lab, file))
    kept = mode == KILL_AFTER
    assert [(index, replayed) for index, _, replayed in seen] == [("1", str(int(kept))), ("2", "0")]
    assert counts(lab) == (3, 3, 2)
    lab.integrate()
    assert not lab.audit().findings
