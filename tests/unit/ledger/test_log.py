import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError

from ledger import entry, log, merkle, note, redaction, statement
from ledger.errors import (
    CommitmentError,
    ConflictError,
    ContinuityError,
    FormatError,
    KeyStatusError,
    LedgerError,
    MissingError,
    SignatureError,
    TooLargeError,
    WeakKeyError,
)
from ledger.keys import ED25519, PrivateKey
from ledger.log import Submission
from ledger.schema import ledger_entry, ledger_item, ledger_stream, metadata
from ledger.statement import Redact
from tests.ledger_lab import Lab, seed


def rows(lab: Lab) -> dict[str, int]:
    with lab.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


def bodies(lab: Lab) -> list[bytes]:
    with lab.engine.connect() as connection:
        return list(
            connection.scalars(select(ledger_entry.c.body).order_by(ledger_entry.c.entry_index))
        )


def test_entries_form_one_chain_and_each_stream_its_own(lab: Lab) -> None:
    lab.add_key("a")
    lab.add_key("b")
    for n in range(3):
        lab.append("a", b"a%d" % n)
        lab.append("b", b"b%d" % n, b"more")
    prev = hashlib.sha256(lab.origin.encode()).digest()
    heads = {s: (0, hashlib.sha256(f"{lab.origin}\n{s}".encode()).digest()) for s in ("a", "b")}
    for index, body in enumerate(bodies(lab)):
        parsed = entry.parse(body)
        assert (parsed.index, parsed.prev) == (index, prev)
        prev = hashlib.sha256(body).digest()
        signed = parsed.statement
        assert (signed.seq, signed.prev) == heads[signed.stream]
        heads[signed.stream] = (signed.seq + 1, hashlib.sha256(signed.format()).digest())
    with lab.engine.connect() as connection:
        assert log.log_head(connection, lab.origin) == (8, prev)
        assert {s: log.stream_head(connection, lab.origin, s) for s in heads} == heads


def test_append_says_where_the_statement_stands(lab: Lab) -> None:
    lab.add_key("s")
    appended = lab.append("s", b"event")
    assert appended.index == 1
    assert appended.entry_bytes == bodies(lab)[1]
    assert appended.entry_hash == hashlib.sha256(appended.entry_bytes).digest()


def test_rows_of_the_caller_stand_or_fall_with_the_entry(lab: Lab) -> None:
    lab.add_key("s")
    before = rows(lab)
    with pytest.raises(RuntimeError), lab.engine.begin() as connection:
        lab.append_in(connection, "s", b"event")
        raise RuntimeError("the caller fails later")
    assert rows(lab) == before
    assert lab.append("s", b"event").index == 1


def next_bytes(lab: Lab, stream: str = "s", **change: Any) -> tuple[bytes, list[log.Item]]:
    items = lab.items(b"event")
    with lab.engine.connect() as connection:
        seq, prev = log.stream_head(connection, lab.origin, stream)
    arguments: dict[str, Any] = {
        "stream": stream,
        "seq": seq,
        "prev": prev,
        "commitments": [statement.commitment(salt, payload) for payload, salt in items],
        "alg": ED25519,
        "kid": lab.key(stream).kid,
        "signed_at": lab.now(),
    }
    return statement.build(**(arguments | change)), items


def refuse(lab: Lab, error: type[LedgerError], data: bytes, **change: Any) -> None:
    """The statement is refused, nothing is written, and the stream goes on as before."""
    before = rows(lab)
    arguments: dict[str, Any] = {
        "origin": lab.origin,
        "statement": data,
        "signature": lab.key("s").sign(data),
        "received_at": lab.now(),
        "operator": lab.operator.public,
    }
    with pytest.raises(error), lab.engine.begin() as connection:
        log.append(connection, **(arguments | change))
    assert rows(lab) == before


def test_a_statement_that_does_not_continue_its_stream_is_refused(lab: Lab) -> None:
    lab.add_key("s")
    lab.append("s", b"one")
    for change in ({"seq": 1}, {"seq": 3}, {"prev": bytes(32)}):
        refuse(lab, ContinuityError, next_bytes(lab, **change)[0])
    data, _ = next_bytes(lab)
    lab.append("s", b"two")
    refuse(lab, ContinuityError, data)


def test_a_statement_for_another_log_is_refused(lab: Lab) -> None:
    lab.add_key("s")
    with lab.engine.connect() as connection:
        seq, prev = log.stream_head(connection, "other.example/log", "s")
    refuse(lab, ContinuityError, next_bytes(lab, seq=seq, prev=prev)[0])


def test_a_signature_must_be_the_active_keys_own(lab: Lab) -> None:
    lab.add_key("s")
    lab.add_key("t")
    data, _ = next_bytes(lab)
    refuse(lab, SignatureError, data, signature=lab.key("t").sign(data))
    refuse(lab, SignatureError, data, signature=lab.operator.sign(data))
    refuse(lab, SignatureError, data, signature=lab.key("s").sign(data + b" "))
    refuse(lab, SignatureError, data, signature=b"")
    refuse(lab, KeyStatusError, next_bytes(lab, kid=lab.key("t").kid)[0])
    refuse(lab, KeyStatusError, next_bytes(lab, kid=lab.operator.kid)[0])
    refuse(lab, KeyStatusError, next_bytes(lab, stream="unknown", kid=lab.key("s").kid)[0])
    lab.revoke_key("s", lab.key("s").kid)
    refuse(lab, KeyStatusError, next_bytes(lab)[0])


def test_items_must_be_those_that_were_signed(lab: Lab) -> None:
    lab.add_key("s")
    data, items = next_bytes(lab)
    (payload, salt), *_ = items
    refuse(lab, CommitmentError, data, items=[(payload + b"!", salt)])
    refuse(lab, CommitmentError, data, items=[(payload, bytes(16))])
    refuse(lab, CommitmentError, data, items=items * 2)
    refuse(lab, CommitmentError, data, items=[])
    refuse(lab, FormatError, data, items=[(payload, salt[:15])])


def test_bytes_that_are_no_statement_are_refused(lab: Lab) -> None:
    lab.add_key("s")
    data, _ = next_bytes(lab)
    for wrong in (b"", b"{}", data + b"\n", data.replace(b'"v":1', b'"v":2'), b" " + data):
        refuse(lab, FormatError, wrong)


def test_an_entry_over_65535_bytes_is_refused(lab: Lab) -> None:
    lab.add_key("s")
    data, _ = next_bytes(lab)
    refuse(lab, SignatureError, data, signature=bytes(60_000))
    with pytest.raises(TooLargeError):
        entry.build(
            index=0,
            prev=bytes(32),
            received_at=lab.now(),
            signature=bytes(60_000),
            statement=data,
        )


def test_a_group_is_appended_whole_or_not_at_all(lab: Lab) -> None:
    lab.add_key("s")
    lab.grow("s", 5)
    before = rows(lab)
    with lab.engine.connect() as connection:
        seq, prev = log.stream_head(connection, lab.origin, "s")
    good, _ = next_bytes(lab, seq=seq, prev=prev)
    bad, _ = next_bytes(lab, seq=seq + 1, prev=prev)
    group = [Submission(data, lab.key("s").sign(data)) for data in (good, bad)]
    with pytest.raises(ContinuityError), lab.engine.begin() as connection:
        log.append_all(connection, group, origin=lab.origin, received_at=lab.now())
    assert rows(lab) == before


def test_a_key_is_rotated_inside_one_group(lab: Lab) -> None:
    """A key counts for the statements after its own, in the same group as well."""
    lab.add_key("s")
    second = PrivateKey.from_bytes(seed("second"))
    with lab.engine.connect() as connection:
        seq, prev = log.stream_head(connection, lab.origin, "s")
    old: dict[str, Any] = {"alg": ED25519, "kid": lab.key("s").kid, "signed_at": lab.now()}
    added = statement.build_key_add(
        stream="s",
        seq=seq,
        prev=prev,
        key_alg=ED25519,
        public_key=second.public.data,
        **old,
    )
    events, _ = next_bytes(lab, seq=seq + 1, prev=statement.parse(added).hash, kid=second.kid)
    group = [Submission(added, lab.key("s").sign(added)), Submission(events, second.sign(events))]
    with lab.engine.begin() as connection:
        done = log.append_all(connection, group, origin=lab.origin, received_at=lab.now())
    assert [one.index for one in done] == [1, 2]


def test_keys_that_are_no_keys_are_refused(lab: Lab) -> None:
    for public_key in (bytes(32), b"\1" + bytes(31), b"\xff" * 32, bytes(31)):
        data = statement.build_key_add(
            stream="s",
            seq=0,
            prev=statement.genesis(lab.origin, "s"),
            key_alg=ED25519,
            public_key=public_key,
            alg=ED25519,
            kid=lab.operator.kid,
            signed_at=lab.now(),
        )
        refuse(lab, WeakKeyError, data, signature=lab.operator.sign(data))


def test_only_with_the_operators_key_its_signature_counts(lab: Lab) -> None:
    data = statement.build_key_add(
        stream="s",
        seq=0,
        prev=statement.genesis(lab.origin, "s"),
        key_alg=ED25519,
        public_key=lab.key("s").public.data,
        alg=ED25519,
        kid=lab.operator.kid,
        signed_at=lab.now(),
    )
    signature = lab.operator.sign(data)
    refuse(lab, KeyStatusError, data, signature=signature, operator=None)
    refuse(lab, SignatureError, data, signature=lab.key("s").sign(data))


def test_events_go_on_after_the_operator_revoked_for_the_past(lab: Lab) -> None:
    lab.add_key("s")
    lab.append("s", b"one")
    second = PrivateKey.from_bytes(seed("second"))
    lab.add_key("s", second)
    lab.revoke_key("s", lab.key("s").kid, as_of=1)
    lab.keys["s"] = second
    lab.append("s", b"two")
    assert lab.audit().repudiated == [1]


def test_the_database_refuses_a_fork_even_without_the_lock(lab: Lab) -> None:
    lab.add_key("s")
    lab.append("s", b"one")
    with lab.engine.connect() as connection:
        row = dict(
            connection.execute(select(ledger_entry).where(ledger_entry.c.entry_index == 1))
            .mappings()
            .one()
        )
        link = dict(
            connection.execute(select(ledger_stream).where(ledger_stream.c.entry_index == 1))
            .mappings()
            .one()
        )
    forks = [(ledger_entry, row), (ledger_entry, row | {"entry_index": 2})]
    forks += [(ledger_stream, link | {"entry_index": 0, "seq": 7})]
    for table, values in forks:
        with pytest.raises(IntegrityError), lab.engine.begin() as connection:
            connection.execute(insert(table), [values])


@pytest.mark.parametrize(
    "table, change",
    [
        (ledger_entry, {"entry_index": -1}),
        (ledger_entry, {"prev": bytes(31)}),
        (ledger_entry, {"hash": bytes(33)}),
        (ledger_entry, {"leaf_hash": b""}),
        (ledger_entry, {"body": b""}),
        (ledger_entry, {"body": bytes(65_536)}),
        (ledger_item, {"salt": bytes(15)}),
        (ledger_item, {"salt": None}),
        (ledger_item, {"position": -1}),
        (ledger_item, {"commitment": bytes(31)}),
        (ledger_item, {"entry_index": 99}),
    ],
)
def test_the_database_checks_the_form_of_rows(lab: Lab, table: Any, change: Any) -> None:
    lab.add_key("s")
    lab.append("s", b"one")
    row: dict[str, Any] = {
        "ledger_entry": {
            "log": "x",
            "entry_index": 0,
            "prev": bytes(32),
            "hash": bytes(32),
            "leaf_hash": bytes(32),
            "body": b"x",
        },
        "ledger_item": {
            "log": lab.origin,
            "entry_index": 1,
            "position": 7,
            "payload": b"",
            "salt": bytes(16),
            "commitment": bytes(32),
        },
    }[table.name]
    with pytest.raises(IntegrityError), lab.engine.begin() as connection:
        connection.execute(insert(table), [row | change])
    with lab.engine.begin() as connection:
        connection.execute(insert(table), [row])


def test_a_lost_race_is_a_conflict(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.add_key("s")
    stale = (1, entry.hash_of(bodies(lab)[0]))
    lab.append("s", b"one")
    monkeypatch.setattr("ledger.heads.log_head", lambda connection, origin: stale)
    with pytest.raises(ConflictError):
        lab.append("s", b"two")


def test_integrate_signs_what_is_committed(lab: Lab) -> None:
    assert lab.integrate().size == 0
    lab.add_key("s")
    lab.grow("s", 9)
    head = lab.integrate()
    leaves = [merkle.leaf_hash(body) for body in bodies(lab)]
    assert (head.size, head.root) == (10, merkle.root(leaves))
    signed = note.parse(lab.tiles.read("checkpoint"))
    lab.signer.verifier.verify(signed)
    assert signed.text == head.format()


def test_integrating_again_changes_nothing(lab: Lab) -> None:
    lab.add_key("s")
    head, files, count = lab.integrate(), lab.files(), rows(lab)
    assert lab.integrate() == head
    assert (lab.files(), rows(lab)) == (files, count)


def test_tiles_do_not_depend_on_when_checkpoints_were_signed(lab: Lab) -> None:
    lab.add_key("s")
    for step in (1, 100, 154, 1, 1, 300):
        lab.grow("s", step)
        lab.integrate()
    leaves = [merkle.leaf_hash(body) for body in bodies(lab)]
    files = lab.files()
    assert files["tile/0/000"] == b"".join(leaves[:256])
    assert files["tile/0/001"] == b"".join(leaves[256:512])
    assert files["tile/0/002.p/46"] == b"".join(leaves[512:])
    assert files["tile/1/000.p/2"] == merkle.root(leaves[:256]) + merkle.root(leaves[256:512])
    assert not any(path.startswith(("tile/0/000.p", "tile/entries/000.p")) for path in files)


def test_proofs_at_every_size_that_was_signed(lab: Lab) -> None:
    lab.add_key("s")
    heads = []
    for step in (1, 4, 250, 1, 5, 300):
        lab.grow("s", step)
        heads.append(lab.integrate())
    leaves = [merkle.leaf_hash(body) for body in bodies(lab)]
    for head in heads:
        for index in {0, head.size // 3, head.size - 2, head.size - 1}:
            path = log.prove(lab.tiles, index, head.size)
            merkle.verify_inclusion(leaves[index], index, head.size, path, head.root)
        for old in heads[: heads.index(head) + 1]:
            proof = log.consistency(lab.tiles, old.size, head.size)
            merkle.verify_consistency(old.size, head.size, proof, old.root, head.root)


def test_no_proof_before_the_checkpoint(lab: Lab) -> None:
    lab.add_key("s")
    with lab.engine.connect() as connection, pytest.raises(MissingError):
        log.prove_entry(connection, lab.tiles, origin=lab.origin, index=0)
    lab.integrate()
    lab.append("s", b"one")
    with lab.engine.connect() as connection, pytest.raises(MissingError):
        log.prove_entry(connection, lab.tiles, origin=lab.origin, index=1)
    with lab.engine.connect() as connection, pytest.raises(MissingError):
        log.entry_at(connection, lab.origin, 2)


def test_two_logs_share_a_database(lab: Lab, tmp_path: Any) -> None:
    other = Lab(lab.url, tmp_path / "other", "other.example/log")
    for one in (lab, other):
        one.add_key("s")
        one.append("s", b"event")
    assert [lab.integrate().size, other.integrate().size] == [2, 2]
    assert not lab.audit().findings + other.audit().findings
    other.engine.dispose()


def test_keys_are_listed(lab: Lab) -> None:
    lab.add_key("s")
    lab.add_key("t")
    lab.append("s", b"one")
    lab.revoke_key("s", lab.key("s").kid)
    with lab.engine.connect() as connection:
        listed = json.loads(
            log.key_list(connection, origin=lab.origin, verifier=lab.signer.verifier)
        )
    assert listed["log"] == lab.vkey
    assert [(k["stream"], k["added"], k["until"]) for k in listed["keys"]] == [
        ("s", 0, 3),
        ("t", 1, None),
    ]


def test_redaction_destroys_payload_and_salt_and_leaves_the_rest(lab: Lab) -> None:
    lab.add_key("s")
    lab.append("s", b"one", b"two", b"three")
    lab.say(Redact(1, (1,), "Law 91/2025/QH15, article 14", "the operator"))
    lab.integrate()
    with lab.engine.begin() as connection:
        assert redaction.destroy(connection, lab.origin) == 1
        left = connection.execute(
            select(ledger_item.c.payload, ledger_item.c.salt).order_by(ledger_item.c.position)
        ).all()
    assert [row.payload for row in left] == [b"one", None, b"three"]
    assert left[1].salt is None
    report = lab.audit()
    assert (report.findings, report.items, report.redacted) == ([], 3, 1)


def test_time_of_receipt_is_the_callers_clock(lab: Lab) -> None:
    lab.add_key("s")
    appended = lab.append("s", b"one")
    assert entry.parse(appended.entry_bytes).received_at == lab.clock
    assert lab.clock - timedelta(seconds=1) == entry.parse(appended.entry_bytes).statement.signed_at


def test_the_ledger_does_not_load_a_web_framework() -> None:
    code = "import sys, ledger.log, ledger.cli; print([m for m in sys.modules if 'flask' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_keys_are_found_by_index_however_long_the_stream_is(lab: Lab) -> None:
    """The plan, not the time: an append must not read the statements before it."""
    lab.add_key("s")
    lab.grow("s", 300)
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cur: Any, query: str, parameters: Any, *_rest: Any) -> None:
        seen.append((query, parameters))

    event.listen(lab.engine, "before_cursor_execute", note)
    lab.append("s", b"one")
    event.remove(lab.engine, "before_cursor_execute", note)
    (query, parameters) = next(q for q in seen if "key.add" in q[0])
    explain = "EXPLAIN QUERY PLAN " if lab.engine.dialect.name == "sqlite" else "EXPLAIN "
    with lab.engine.connect() as connection:
        if lab.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
            connection.exec_driver_sql("SET enable_seqscan = off")
        plan = str(connection.exec_driver_sql(explain + query, parameters).all())
    assert "ledger_stream_keys" in plan
