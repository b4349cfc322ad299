"""Statements about the log itself, appended: redactions, its end and beginning, other logs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from sqlalchemy import select

from ledger import checkpoint, log
from ledger.checkpoint import Checkpoint
from ledger.errors import (
    ClosedError,
    ContinuityError,
    KeyStatusError,
    LedgerError,
    RedactedError,
)
from ledger.keys import ES256, PrivateKey
from ledger.note import Signer
from ledger.schema import ledger_redaction
from ledger.statement import Close, Continue, Redact, Root, build_log
from tests.ledger_lab import Lab

NOTE = checkpoint.sign(Checkpoint("log.example/0", 3, bytes(32)), Signer.generate("log.example/0"))


def order(entry: int, *positions: int) -> Redact:
    return Redact(entry, positions, "Law 91/2025/QH15, article 14", "the data officer")


def ordered(lab: Lab) -> list[tuple[int, ...]]:
    table = ledger_redaction.c
    with lab.engine.connect() as connection:
        rows = connection.execute(
            select(table.entry_index, table.position, table.redaction_index).order_by(
                table.redaction_index, table.position
            )
        )
        return [tuple(row) for row in rows]


def test_redactions_are_recorded_with_the_entry_that_ordered_them(lab: Lab) -> None:
    lab.add_key("s")
    lab.append("s", b"one", b"two", b"three")
    by_party = lab.say(order(1, 0, 2), "s", lab.key("s"))
    by_log = lab.say(order(1, 1))
    assert ordered(lab) == [
        (1, 0, by_party.index),
        (1, 2, by_party.index),
        (1, 1, by_log.index),
    ]


@pytest.mark.parametrize(
    "what, stream, error",
    [
        (order(1, 1), "s", KeyStatusError),  # one item only
        (order(0, 0), "s", KeyStatusError),  # about a key
        (order(3, 0), "s", KeyStatusError),  # of another party
        (order(9, 0), "s", ContinuityError),  # not there yet
        (order(4, 0), "s", ContinuityError),  # itself
    ],
)
def test_what_cannot_be_redacted_is_refused(
    lab: Lab, what: Redact, stream: str, error: type[LedgerError]
) -> None:
    for name in ("s", "t"):
        lab.add_key(name)
        lab.append(name, b"one")
    # Entries: key of s, its item, key of t, its item.
    with pytest.raises(error):
        lab.say(what, stream, lab.key(stream))
    assert ordered(lab) == []
    assert lab.append("s", b"next").index == 4


def test_nothing_is_redacted_twice(lab: Lab) -> None:
    lab.add_key("s")
    lab.append("s", b"one", b"two")
    lab.say(order(1, 0))
    with pytest.raises(RedactedError):
        lab.say(order(1, 0, 1))
    lab.say(order(1, 1))
    assert len(ordered(lab)) == 2


def test_nothing_is_redacted_twice_in_one_group(lab: Lab) -> None:
    lab.add_key("s")
    items = lab.items(b"one")
    data = lab.build("s", 1, head_of(lab, "s"), items)
    first = log.Submission(data, lab.key("s").sign(data), items)
    group = [first]
    for seq in (2, 3):
        prev = hashlib.sha256(group[-1].statement).digest()
        data = build_log(
            order(1, 0),
            stream="s",
            seq=seq,
            prev=prev,
            alg=lab.key("s").alg,
            kid=lab.key("s").kid,
            signed_at=lab.now(),
        )
        group.append(log.Submission(data, lab.key("s").sign(data)))
    with pytest.raises(RedactedError), lab.engine.begin() as connection:
        log.append_all(connection, group, origin=lab.origin, received_at=lab.now())
    with lab.engine.begin() as connection:
        log.append_all(connection, group[:2], origin=lab.origin, received_at=lab.now())
    assert ordered(lab) == [(1, 0, 2)]


def head_of(lab: Lab, stream: str) -> bytes:
    with lab.engine.connect() as connection:
        return log.stream_head(connection, lab.origin, stream)[1]


def test_a_closed_log_takes_nothing_and_still_answers(lab: Lab) -> None:
    lab.add_key("s")
    items = lab.items(b"one")
    with lab.engine.connect() as connection:
        data = lab.statement(connection, "s", items)

    def send() -> log.Appended:
        with lab.engine.begin() as connection:
            return log.append(
                connection,
                origin=lab.origin,
                statement=data,
                signature=lab.key("s").sign(data),
                received_at=lab.now(),
                items=items,
            )

    first = send()
    lab.say(Close("log.example/2"))
    attempts: list[Callable[[], log.Appended]] = [
        lambda: lab.append("s", b"two"),
        lambda: lab.add_key("t"),
        lambda: lab.say(Root("log.example/0", NOTE)),
        lambda: lab.say(Close("log.example/3")),
    ]
    for attempt in attempts:
        with pytest.raises(ClosedError):
            attempt()
    again = send()
    assert (again.replayed, again.index, again.entry_bytes) == (True, 1, first.entry_bytes)
    assert lab.integrate().size == 3
    assert not lab.audit().findings


def test_nothing_follows_the_end_in_the_same_group(lab: Lab) -> None:
    with lab.engine.connect() as connection:
        _, prev = log.stream_head(connection, lab.origin, lab.origin)
    group = []
    last: list[Close | Root] = [Close("a"), Root("log.example/0", NOTE)]
    for seq, body in enumerate(last):
        data = build_log(
            body,
            stream=lab.origin,
            seq=seq,
            prev=prev,
            alg=lab.operator.alg,
            kid=lab.operator.kid,
            signed_at=lab.now(),
        )
        group.append(log.Submission(data, lab.operator.sign(data)))
        prev = hashlib.sha256(data).digest()
    with pytest.raises(ClosedError), lab.engine.begin() as connection:
        log.append_all(
            connection,
            group,
            origin=lab.origin,
            received_at=lab.now(),
            operator=lab.operator.public,
        )


def test_a_log_continues_another_with_its_first_entry_only(lab: Lab) -> None:
    lab.say(Continue("log.example/0", NOTE))
    with pytest.raises(ContinuityError, match="first entry"):
        lab.say(Continue("log.example/0", NOTE))
    lab.say(Root("log.example/0", NOTE))
    assert lab.integrate().size == 2
    assert not lab.audit().findings


def test_parties_do_not_speak_for_the_log(lab: Lab) -> None:
    lab.add_key("s")
    for body in (Close("a"), Root("log.example/0", NOTE)):
        with pytest.raises(KeyStatusError):
            lab.say(body, lab.origin, lab.key("s"))
        with pytest.raises(ContinuityError):
            lab.say(body, "s")


def test_a_party_signs_with_es256(lab: Lab) -> None:
    lab.keys["s"] = PrivateKey.generate(ES256)
    lab.add_key("s")
    lab.append("s", b"one")
    second = PrivateKey.generate()
    lab.add_key("s", second, by=lab.key("s"))
    lab.keys["s"] = second
    lab.append("s", b"two")
    lab.integrate()
    assert not lab.audit().findings
