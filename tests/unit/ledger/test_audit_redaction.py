"""Redactions in the audit: only what an entry ordered may be gone, and that must be gone."""

from __future__ import annotations

import hashlib
import random

import pytest
from sqlalchemy import create_engine, delete, insert, text, update

from ledger import redaction
from ledger.audit import audit
from ledger.findings import Finding
from ledger.follow import Follower
from ledger.keys import ES256, PrivateKey
from ledger.locate import first_difference, repair
from ledger.schema import ledger_item, ledger_redaction
from ledger.trust import Trust
from tests.ledger_lab import Lab, seed


@pytest.fixture
def log(sqlite_lab: Lab) -> Lab:
    """An ES256 party; of entry 1 item 0 is redacted by entry 2."""
    lab = sqlite_lab
    lab.keys["s"] = PrivateKey.from_bytes(seed("es256"), ES256)
    lab.add_key("s")
    lab.append("s", b"one", b"two")
    with lab.engine.begin() as connection:
        redaction.redact(
            connection,
            origin=lab.origin,
            entry=1,
            positions=[0],
            by="the party",
            basis="a request",
            key=lab.key("s"),
            now=lab.now(),
        )
    lab.append("s", b"three")
    lab.integrate()
    return lab


def write(lab: Lab, *statements: object) -> None:
    engine = create_engine(lab.url)
    with engine.begin() as connection:
        connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]
    engine.dispose()


def found(lab: Lab) -> list[tuple[str, str]]:
    return [(one.table, one.where) for one in lab.audit().findings]


def test_an_ordered_redaction_is_right_in_both_audits(log: Lab) -> None:
    report = log.audit()
    report.check()
    assert report.redacted == 1
    Follower(log.tiles, Trust.of_key(log.signer.verifier)).audit().check()
    audit(log.engine, origin=log.origin).check()


def test_what_nobody_ordered_must_not_be_gone(log: Lab) -> None:
    gone = update(ledger_item).where(ledger_item.c.entry_index == 3)
    write(log, gone.values(payload=None, salt=None))
    assert found(log) == [("ledger_item", "3/0")]
    row = {"log": log.origin, "entry_index": 1, "position": 1, "redaction_index": 2}
    gone = update(ledger_item).where(ledger_item.c.entry_index == 1)
    write(log, gone.values(payload=None, salt=None), insert(ledger_redaction).values(row))
    assert ("ledger_redaction", "1/1") in found(log)


def test_what_was_ordered_must_be_gone_and_recorded(log: Lab) -> None:
    write(log, delete(ledger_redaction))
    assert found(log) == [("ledger_item", "1/0"), ("ledger_redaction", "1/0")]
    row = {"log": log.origin, "entry_index": 1, "position": 0, "redaction_index": 2}
    place = (ledger_item.c.entry_index == 1, ledger_item.c.position == 0)
    (item,) = log.items(b"one")
    back = update(ledger_item).where(*place).values(payload=item[0], salt=item[1])
    write(log, insert(ledger_redaction).values(row), back)
    findings = log.audit().findings
    assert ("ledger_item", "1/0") in [(one.table, one.where) for one in findings]
    assert any("still there" in one.message for one in findings)


def test_a_row_about_an_item_that_is_not_redacted_is_found(log: Lab) -> None:
    row = {"log": log.origin, "entry_index": 1, "position": 1, "redaction_index": 3}
    write(log, insert(ledger_redaction).values(row))
    assert found(log) == [("ledger_redaction", "1/1")]


def test_one_changed_byte_is_found_from_the_hash() -> None:
    rng = random.Random(3)
    for size in (1, 2, 64, 700):
        data = rng.randbytes(size)
        digest = hashlib.sha256(b"\x00" + data).digest()
        at = rng.randrange(size)
        for mask in (1 << rng.randrange(8), 0xFF, 0x5A):
            changed = data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
            assert repair(changed, digest, b"\x00") == (at, data)
    assert repair(b"ab", hashlib.sha256(b"xy").digest()) is None
    assert repair(bytes(60_000), hashlib.sha256(b"").digest()) is None


def test_the_first_difference() -> None:
    assert first_difference(b"abc", b"abd") == 2
    assert first_difference(b"ab", b"abd") == 2
    assert first_difference(b"", b"") == 0


def test_a_finding_is_told_in_one_line() -> None:
    whole = Finding("tile", "tile/0/000", "is wrong", 7, "party-1", 32)
    assert whole.line == "tile tile/0/000 byte 32 (entry 7, party party-1): is wrong"
    assert Finding("ledger_entry", "7", "is wrong", 7).line == "ledger_entry 7: is wrong"
