from typing import Any

import pytest
from sqlalchemy import create_engine, delete, insert, text, update

from ledger import entry, merkle
from ledger.audit import audit, logs
from ledger.errors import StateError
from ledger.keys import PrivateKey
from ledger.log import entry_at
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_item, ledger_stream
from tests.ledger_lab import Lab, seed


@pytest.fixture
def log(lab: Lab) -> Lab:
    lab.integrate()
    lab.add_key("s")
    lab.append("s", b"one", b"two")
    lab.integrate()
    lab.grow("s", 3)
    lab.integrate()
    return lab


def run(lab: Lab, *statements: Any) -> None:
    """Write past the ledger, as someone with the database open could."""
    engine = create_engine(lab.url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(statement)
    engine.dispose()


def places(lab: Lab, table: str) -> list[str]:
    return [finding.where for finding in lab.audit().findings if finding.table == table]


def test_a_sound_log_has_no_findings(log: Lab) -> None:
    report = log.audit()
    report.check()
    assert (report.findings, report.entries, report.items, report.checkpoints) == ([], 5, 5, 3)
    assert report.signatures and report.tiles
    assert logs(log.engine) == [log.origin]


def test_without_key_or_tiles_the_report_says_so(log: Lab) -> None:
    report = audit(log.engine, origin=log.origin)
    assert not (report.findings or report.signatures or report.tiles)


def test_the_key_of_another_log_is_not_enough(log: Lab) -> None:
    stranger = Lab(log.url, log.tiles.folder, log.origin)
    stranger.signer = type(log.signer)(log.origin, PrivateKey.from_bytes(seed("stranger")).key)
    found = {(f.table, f.where) for f in stranger.audit().findings}
    assert {("ledger_checkpoint", size) for size in ("0", "2", "5")} <= found
    assert ("ledger_entry", "0") in found
    stranger.engine.dispose()


def test_a_payload_that_was_changed_is_located(log: Lab) -> None:
    place = (ledger_item.c.entry_index == 1, ledger_item.c.position == 1)
    run(log, update(ledger_item).where(*place).values(payload=b"twO"))
    assert places(log, "ledger_item") == ["1/1"]
    with pytest.raises(StateError, match="ledger_item 1/1"):
        log.audit().check()


def test_items_that_are_gone_or_more_are_located(log: Lab) -> None:
    place = (ledger_item.c.entry_index == 1, ledger_item.c.position == 1)
    run(log, delete(ledger_item).where(*place))
    assert places(log, "ledger_item") == ["1"]
    run(log, delete(ledger_item).where(ledger_item.c.entry_index == 1))
    assert places(log, "ledger_item") == ["1"]
    assert not audit(log.engine, origin=log.origin, items=False).findings
    row = {"log": log.origin, "position": 0, "commitment": bytes(32)}
    run(log, insert(ledger_item).values(row | {"entry_index": 0}))
    assert places(log, "ledger_item") == ["0/0", "1"]


def test_the_last_entries_cut_off_are_missed(log: Lab) -> None:
    for table in (ledger_item, ledger_stream, ledger_entry):
        run(log, delete(table).where(table.c.entry_index == 4))
    assert places(log, "ledger_checkpoint") == ["5"]


def test_an_entry_taken_out_is_located(log: Lab) -> None:
    for table in (ledger_item, ledger_stream, ledger_entry):
        run(log, delete(table).where(table.c.entry_index == 2))
    assert places(log, "ledger_entry")[0] == "2"


def test_rows_that_belong_to_no_entry_are_located(log: Lab) -> None:
    run(log, delete(ledger_entry).where(ledger_entry.c.entry_index == 4))
    assert (places(log, "ledger_item"), places(log, "ledger_stream")) == (["4"], ["4"])


def test_a_checkpoint_taken_out_is_located(log: Lab) -> None:
    run(log, delete(ledger_checkpoint).where(ledger_checkpoint.c.size == 2))
    assert places(log, "ledger_checkpoint") == ["5"]


def test_another_time_of_signing_must_still_be_a_time(log: Lab) -> None:
    run(log, update(ledger_checkpoint).values(signed_at="today"))
    assert places(log, "ledger_checkpoint") == ["0", "2", "5"]


def test_a_stream_row_that_lies_is_located(log: Lab) -> None:
    place = ledger_stream.c.entry_index == 3
    run(log, update(ledger_stream).where(place).values(kind="other"))
    assert places(log, "ledger_stream") == ["3"]
    run(log, delete(ledger_stream).where(place))
    assert places(log, "ledger_stream") == ["3"]


def test_an_entry_rewritten_with_its_hashes_is_located(log: Lab) -> None:
    """Whoever rewrites an entry must break the next one's chain, or every checkpoint after."""
    with log.engine.connect() as connection:
        body = entry_at(connection, log.origin, 2)
    other = body.replace(b'"receivedAt":"2026', b'"receivedAt":"2025')
    run(
        log,
        update(ledger_entry)
        .where(ledger_entry.c.entry_index == 2)
        .values(body=other, hash=entry.hash_of(other), leaf_hash=merkle.leaf_hash(other)),
    )
    assert places(log, "ledger_entry") == ["3"]
    assert places(log, "ledger_checkpoint") == ["5"]


@pytest.mark.parametrize("depth", [300, 2000])
def test_an_entry_nested_without_end_ends_no_audit(log: Lab, depth: int) -> None:
    """It can be read to some depth and written to a smaller one; beyond, it is no entry."""
    body = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    run(log, update(ledger_entry).where(ledger_entry.c.entry_index == 3).values(body=body))
    assert "3" in places(log, "ledger_entry")


def test_a_missing_or_older_published_checkpoint_is_found(log: Lab) -> None:
    old = log.tiles.read("checkpoint")
    log.grow("s", 1)
    log.integrate()
    (log.tiles.folder / "checkpoint").write_bytes(old)
    assert places(log, "tile") == ["checkpoint"]
    (log.tiles.folder / "checkpoint").unlink()
    assert places(log, "tile") == ["checkpoint"]


def test_a_missing_tile_is_found(log: Lab) -> None:
    (log.tiles.folder / "tile/0/000.p/5").unlink()
    assert places(log, "tile") == ["tile/0/000.p/5"]


def test_partial_tiles_may_go_when_the_full_one_is_there(lab: Lab) -> None:
    lab.add_key("s")
    lab.grow("s", 3)
    lab.integrate()
    lab.grow("s", 300)
    lab.integrate()
    assert "tile/0/000.p/4" not in lab.files()
    assert not lab.audit().findings


def test_findings_are_bounded(log: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.findings.MAX_FINDINGS", 2)
    run(log, update(ledger_item).values(payload=b"x"))
    assert len(log.audit().findings) == 2


def test_statements_of_keys_are_checked_even_without_the_logs_key(lab: Lab) -> None:
    lab.add_key("s")
    second = PrivateKey.from_bytes(seed("second"))
    lab.add_key("s", second, by=lab.key("s"))
    lab.revoke_key("s", second.kid)
    lab.append("s", b"one")
    assert not audit(lab.engine, origin=lab.origin).findings
    assert not lab.audit().findings
