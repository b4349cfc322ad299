"""Group commit: one transaction for all who wait, a bad one fails alone, nothing taken is lost."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select

from ledger import log
from ledger.errors import (
    CommitmentError,
    ConflictError,
    ContinuityError,
    FormatError,
    KeyStatusError,
    OverloadedError,
    SignatureError,
    StoppedError,
)
from ledger.group import Appender
from ledger.keys import PrivateKey
from ledger.log import Appended, Submission
from ledger.schema import ledger_entry, ledger_item
from ledger.tip import Tip
from tests.ledger_faults import KEPT, LOST, Broken, faults
from tests.ledger_lab import NOW, Lab, seed

STREAMS = ["a", "b", "c", "d"]


class Gate:
    """A clock that stands in the way of the committer until it is opened."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.reached = threading.Semaphore(0)
        self.open = threading.Event()

    def now(self) -> datetime:
        self.reached.release()
        assert self.open.wait(30)
        return self.lab.now()


def appender(lab: Lab, **options: Any) -> Appender:
    settings: dict[str, Any] = {
        "origin": lab.origin,
        "now": lab.now,
        "operator": lab.operator.public,
    }
    return Appender(lab.engine, **(settings | options))


def chain(lab: Lab, stream: str, length: int) -> list[Submission]:
    """The next statements of a stream."""
    with lab.engine.connect() as connection:
        seq, prev = log.stream_head(connection, lab.origin, stream)
    made = []
    for number in range(seq, seq + length):
        items = lab.items(f"{stream} {number}".encode())
        data = lab.build(stream, number, prev, items)
        made.append(Submission(data, lab.key(stream).sign(data), items))
        prev = hashlib.sha256(data).digest()
    return made


def submit(to: Appender, one: Submission) -> Future[Appended]:
    return to.submit(one.statement, one.signature, one.items)


@contextmanager
def held(lab: Lab, **options: Any) -> Iterator[tuple[Appender, Gate, Future[Appended]]]:
    """An appender whose first group is under way and stands at the gate."""
    gate = Gate(lab)
    lab.add_key("first")
    (first,) = chain(lab, "first", 1)
    with appender(lab, now=gate.now, **options) as group:
        future = submit(group, first)
        assert gate.reached.acquire(timeout=30)
        try:
            yield group, gate, future
        finally:
            gate.open.set()


def commits(lab: Lab) -> list[object]:
    seen: list[object] = []
    event.listen(lab.engine, "commit", seen.append)
    return seen


def test_who_waits_shares_one_commit(lab: Lab) -> None:
    for stream in STREAMS:
        lab.add_key(stream)
    statements = [one for stream in STREAMS for one in chain(lab, stream, 5)]
    with held(lab) as (group, gate, first):
        waiting = [submit(group, one) for one in statements]
        seen = commits(lab)
        gate.open.set()
        indexes = [future.result(30).index for future in waiting]
    assert first.result().index == len(STREAMS) + 1
    assert indexes == list(range(first.result().index + 1, first.result().index + 21))
    assert len(seen) == 2
    lab.integrate()
    assert not lab.audit().findings


def test_many_threads_make_one_chain(lab: Lab) -> None:
    for stream in STREAMS:
        lab.add_key(stream)
    answers: dict[str, list[Appended]] = {}

    def send(stream: str, statements: list[Submission]) -> None:
        answers[stream] = [
            group.append(one.statement, one.signature, one.items) for one in statements
        ]

    with appender(lab) as group:
        threads = [
            threading.Thread(target=send, args=(stream, chain(lab, stream, 20)))
            for stream in STREAMS
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    indexes = sorted(answer.index for many in answers.values() for answer in many)
    assert indexes == list(range(len(STREAMS), 21 * len(STREAMS)))
    with lab.engine.connect() as connection:
        for answer in answers["a"]:
            assert log.entry_at(connection, lab.origin, answer.index) == answer.entry_bytes
    lab.integrate()
    assert not lab.audit().findings


def test_a_bad_one_fails_alone(lab: Lab) -> None:
    for stream in STREAMS:
        lab.add_key(stream)
    good = {s: chain(lab, s, 2) for s in STREAMS}
    a, b, c, d = (good[s][0] for s in STREAMS)
    wrong = PrivateKey.from_bytes(seed("another"))
    with held(lab) as (group, gate, first):
        fine = [submit(group, a)]
        broken = {
            FormatError: submit(group, Submission(b"{}", b"")),
            SignatureError: submit(group, Submission(b.statement, wrong.sign(b.statement))),
            CommitmentError: submit(group, Submission(c.statement, c.signature, d.items)),
            ContinuityError: submit(group, good["d"][1]),
        }
        fine += [submit(group, one) for one in (b, c, d, good["a"][1], good["d"][1])]
        gate.open.set()
        assert first.result(30).index == 5
        for error, future in broken.items():
            assert isinstance(future.exception(30), error)
        assert [future.result(30).index for future in fine] == [6, 7, 8, 9, 10, 11]
    lab.integrate()
    assert not lab.audit().findings


def test_one_that_the_database_refuses_fails_alone(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream in STREAMS:
        lab.add_key(stream)
    one, bad, two = (chain(lab, s, 1)[0] for s in STREAMS[:3])
    write = Tip.write

    def refuse(tip: Tip) -> None:
        if any(bad.statement in row[-1] for row in tip.rows[ledger_entry]):
            raise ConflictError("refused")
        write(tip)

    monkeypatch.setattr(Tip, "write", refuse)
    with held(lab) as (group, gate, _):
        futures = [submit(group, each) for each in (one, bad, two)]
        gate.open.set()
        assert isinstance(futures[1].exception(30), ConflictError)
        assert [futures[0].result(30).index, futures[2].result(30).index] == [6, 7]
    lab.integrate()
    assert not lab.audit().findings


@pytest.mark.parametrize("mode", [LOST, KEPT])
def test_after_a_failed_commit_a_retry_is_answered_once(lab: Lab, mode: str) -> None:
    lab.add_key("a")
    one, two = chain(lab, "a", 2)
    with appender(lab) as group:
        submit(group, one).result(30)
        # Writes of a group: entries, links, items, commit.
        with faults(lab, 3, mode):
            assert isinstance(submit(group, two).exception(30), Broken)
        answer = submit(group, two).result(30)
        assert (answer.index, answer.replayed) == (2, mode == KEPT)
        assert submit(group, two).result(30).replayed
    assert size(lab) == 3
    lab.integrate()
    assert not lab.audit().findings


def size(lab: Lab) -> int:
    with lab.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(ledger_entry)) or 0


def test_the_same_statement_twice_in_one_group(lab: Lab) -> None:
    lab.add_key("a")
    (one,) = chain(lab, "a", 1)
    with held(lab) as (group, gate, _):
        futures = [submit(group, one) for _ in range(3)]
        gate.open.set()
        answers = [future.result(30) for future in futures]
    assert [answer.replayed for answer in answers] == [False, True, True]
    assert len({(answer.index, answer.entry_bytes) for answer in answers}) == 1


def test_overload_refuses_and_loses_nothing(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("a")
    statements = chain(lab, "a", 8)
    with held(lab, waiting_rows=8) as (group, gate, first):
        taken = []
        with pytest.raises(OverloadedError) as refused:
            for one in statements:
                taken.append(submit(group, one))
        # A statement with one item is two rows; the first group counts until it is done.
        assert len(taken) == 3
        assert refused.value.retry_after > 0
        gate.open.set()
        assert [future.result(30).index for future in [first, *taken]] == [2, 3, 4, 5]
        rest = [submit(group, one).result(30).index for one in statements]
    assert rest == list(range(3, 11))
    assert size(lab) == 11


def test_a_statement_larger_than_the_queue_gets_in(sqlite_lab: Lab) -> None:
    sqlite_lab.add_key("a")
    items = sqlite_lab.items(*(b"%d" % n for n in range(50)))
    with sqlite_lab.engine.connect() as connection:
        data = sqlite_lab.statement(connection, "a", items)
    with appender(sqlite_lab, waiting_rows=10, group_rows=10) as group:
        assert group.append(data, sqlite_lab.key("a").sign(data), items).index == 1


def test_a_cancelled_one_is_not_appended(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("a")
    (one,) = chain(lab, "a", 1)
    with held(lab) as (group, gate, first):
        waiting = submit(group, one)
        assert waiting.cancel()
        assert not first.cancel()
        gate.open.set()
    assert first.result().index == 2
    assert size(lab) == 3


def test_closing_answers_all_and_takes_no_more(sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("a")
    one, two = chain(lab, "a", 2)
    with held(lab) as (group, gate, _):
        waiting = submit(group, one)
        gate.open.set()
    assert waiting.done()
    with pytest.raises(StoppedError):
        submit(group, two)


def test_an_unforeseen_error_reaches_the_caller_and_the_next_group_goes_on(
    sqlite_lab: Lab,
) -> None:
    lab = sqlite_lab
    lab.add_key("a")
    (one,) = chain(lab, "a", 1)
    times: list[Any] = [ZeroDivisionError("no clock")]

    def now() -> datetime:
        if times:
            raise times.pop()
        return lab.now()

    with appender(lab, now=now) as group:
        assert isinstance(submit(group, one).exception(30), ZeroDivisionError)
        assert submit(group, one).result(30).index == 1


def test_what_others_append_in_between_counts(lab: Lab) -> None:
    """The appender remembers heads and keys; both change behind its back."""
    lab.add_key("a")
    with appender(lab) as group:
        (one,) = chain(lab, "a", 1)
        assert submit(group, one).result(30).index == 1
        lab.append("a", b"from elsewhere")
        (two,) = chain(lab, "a", 1)
        assert submit(group, two).result(30).index == 3
        lab.revoke_key("a", lab.key("a").kid)
        (three,) = chain(lab, "a", 1)
        assert isinstance(submit(group, three).exception(30), KeyStatusError)
        second = PrivateKey.from_bytes(seed("second"))
        lab.add_key("a", second)
        lab.keys["a"] = second
        (four,) = chain(lab, "a", 1)
        assert submit(group, four).result(30).index == 6
    lab.integrate()
    assert not lab.audit().findings


def test_a_key_is_verified_once_known(lab: Lab) -> None:
    """Before the key is known the committer verifies; afterwards the caller's thread does."""
    lab.add_key("a")
    one, two = chain(lab, "a", 2)
    forged = lab.operator.sign(one.statement)
    with appender(lab) as group:
        assert isinstance(
            submit(group, Submission(one.statement, forged)).exception(30), SignatureError
        )
        submit(group, one).result(30)
        refused = submit(group, Submission(two.statement, forged))
        assert refused.done()
        assert isinstance(refused.exception(), SignatureError)
        assert submit(group, two).result(30).index == 2


@pytest.mark.parametrize("count", [1, 15, 16, 17, 255, 256, 257, 529])
def test_groups_of_any_size_are_written_whole_and_in_order(lab: Lab, count: int) -> None:
    """Rows go to the database in blocks: none is lost or written twice where blocks meet."""
    lab.add_key("a")
    payloads = [b"item %d" % number for number in range(count)]
    statements = chain(lab, "a", count)
    with lab.engine.begin() as connection:
        appended = log.append_all(connection, statements, origin=lab.origin, received_at=NOW)
    lab.append("a", *payloads)
    assert [one.index for one in appended] == list(range(1, count + 1))
    with lab.engine.connect() as connection:
        bodies = [log.entry_at(connection, lab.origin, one.index) for one in appended]
        rows = connection.execute(
            select(ledger_item.c.position, ledger_item.c.payload)
            .where(ledger_item.c.entry_index == count + 1)
            .order_by(ledger_item.c.position)
        ).all()
    assert bodies == [one.entry_bytes for one in appended]
    assert [(place, bytes(payload)) for place, payload in rows] == [*enumerate(payloads)]
    lab.integrate()
    assert not lab.audit().findings
