"""Statements: signed by the party's key, chained in its stream, in the caller's transaction."""

from __future__ import annotations

import hashlib

import pytest

from app.accounts import service as accounts
from app.db import version
from app.problems import Conflict, NotFound
from app.runtime import Runtime
from app.statements import jobs, service
from app.statements.schemas import Author, Reply
from ledger import entry
from ledger import log as ledger_log
from ledger import statement as ledger_statement
from ledger.audit import audit
from tests.conftest import ORIGIN, RegisteredParty


def test_statements_of_a_party_are_one_signed_chain(rt: Runtime, party: RegisteredParty) -> None:
    for payloads in ([b"one"], [b"two", b"three"]):
        with rt.db.write() as session:
            last = service.append(session, Author.of(rt, party.id), "events", payloads)
    assert (last.index, last.count) == (2, 2)
    with rt.db.read() as session:
        bodies = [ledger_log.entry_at(session.connection(), ORIGIN, i) for i in range(3)]
    added, first, second = (entry.parse(body).statement for body in bodies)
    assert [s.seq for s in (added, first, second)] == [0, 1, 2]
    assert {s.stream for s in (added, first, second)} == {party.gln}
    assert first.prev == hashlib.sha256(added.format()).digest()
    assert second.prev == hashlib.sha256(first.format()).digest()
    assert isinstance(second.body, ledger_statement.Batch) and second.body.count == 2
    assert jobs.integrate(rt) is False
    report = audit(rt.db.engine, origin=ORIGIN, verifier=rt.signer.verifier, tiles=rt.tiles)
    assert report.findings == []


def test_what_is_rolled_back_was_never_said(rt: Runtime, party: RegisteredParty) -> None:
    with rt.db.read() as session:
        before = version(session), ledger_log.log_head(session.connection(), ORIGIN)
    with pytest.raises(KeyError), rt.db.write() as session:
        service.append(session, Author.of(rt, party.id), "events", [b"one"])
        raise KeyError
    with rt.db.read() as session:
        assert (version(session), ledger_log.log_head(session.connection(), ORIGIN)) == before


def test_every_statement_tells_page_caches(rt: Runtime, party: RegisteredParty) -> None:
    with rt.db.read() as session:
        before = version(session)
    with rt.db.write() as session:
        service.append(session, Author.of(rt, party.id), "events", [b"one"])
    with rt.db.read() as session:
        assert version(session) == before + 1


def test_a_party_without_key_cannot_state_anything(rt: Runtime) -> None:
    with rt.db.write() as session:
        party = accounts.create_party(
            session, name="Chưa có khóa", gln=None, prefixes=["9520009"], now=rt.now()
        )
        party_id = accounts.party_id(party)
    with pytest.raises(NotFound), rt.db.write() as session:
        service.append(session, Author.of(rt, party_id), "events", [b"one"])


def test_a_request_is_carried_out_once_per_key(rt: Runtime, party: RegisteredParty) -> None:
    done: list[int] = []

    def work() -> Reply:
        done.append(1)
        return Reply(201, {"number": len(done), "secret": "x"}, "/x", kept={"number": len(done)})

    replies = []
    for _ in range(2):
        with rt.db.write() as session:
            replies.append(service.once(session, Author.of(rt, party.id), "k", b"a", work))
    assert done == [1]
    assert replies[0].body == {"number": 1, "secret": "x"}
    assert replies[1] == Reply(201, {"number": 1}, "/x")
    with pytest.raises(Conflict), rt.db.write() as session:
        service.once(session, Author.of(rt, party.id), "k", b"b", work)


def test_a_checkpoint_that_was_not_published_is_published(
    rt: Runtime, party: RegisteredParty
) -> None:
    jobs.integrate(rt)
    published = rt.tiles.folder / "checkpoint"
    note = published.read_bytes()
    published.unlink()
    jobs.integrate(rt)
    assert published.read_bytes() == note
