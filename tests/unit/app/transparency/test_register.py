"""The register of events against the log: an edited, forged or lost row is found and located."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from sqlalchemy import text

from app.demo import service as demo
from app.runtime import Runtime
from app.transparency import rules
from app.transparency.service import register_findings
from ledger.database import connect


@pytest.fixture
def told(rt: Runtime) -> Runtime:
    rt.settings = rt.settings.model_copy(update={"demo": True})
    demo.load(rt)
    return rt


def test_what_was_captured_agrees(told: Runtime) -> None:
    assert register_findings(told.db.engine, told.settings.log_origin) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET biz_step = 'holding' WHERE biz_step = 'packing'",
        "UPDATE event SET event_id = 'urn:uuid:0' WHERE id = 3",
        "UPDATE event SET disposition = NULL WHERE disposition = 'destroyed'",
        "UPDATE event SET read_point = biz_location || '1' WHERE id = 3",
        "UPDATE event SET entry_index = 100000 WHERE id = 3",
        "UPDATE event SET party_id = (SELECT max(id) FROM party WHERE id <> event.party_id)"
        " WHERE id = 3",
        "UPDATE event_key SET unit = 'XXX' WHERE (event_id, key) ="
        " (SELECT event_id, key FROM event_key WHERE unit IS NOT NULL LIMIT 1)",
        "UPDATE event_key SET quantity = quantity + 1 WHERE (event_id, key) ="
        " (SELECT event_id, key FROM event_key WHERE quantity IS NOT NULL LIMIT 1)",
        "UPDATE event_key SET role = 'output' WHERE (event_id, key) ="
        " (SELECT event_id, key FROM event_key WHERE role = 'child' LIMIT 1)",
        "DELETE FROM event_key WHERE (event_id, key) ="
        " (SELECT event_id, key FROM event_key WHERE role = 'epc' LIMIT 1)",
        "UPDATE event_key SET key = replace(key, '/21/', '/21/X') WHERE event_id ="
        " (SELECT min(event_id) FROM event_key WHERE key LIKE '%/21/%')",
    ],
)
def test_an_edited_row_is_found(told: Runtime, change: str) -> None:
    with told.db.write() as session:
        changed = session.execute(text(change)).rowcount  # type: ignore[attr-defined]
    assert changed >= 1
    findings = register_findings(told.db.engine, told.settings.log_origin)
    assert 1 <= len(findings) <= 2 * changed
    assert all(finding.table == "event" and finding.where for finding in findings)


def test_a_lost_row_is_found(told: Runtime) -> None:
    with told.db.write() as session:
        session.execute(text("DELETE FROM event_key WHERE event_id = 5"))
        session.execute(text("DELETE FROM event WHERE id = 5"))
    findings = register_findings(told.db.engine, told.settings.log_origin)
    assert [finding.message for finding in findings] == ["the register lacks this event"]


CHANGES = [
    ("product", "UPDATE product SET name = 'x' || name WHERE id = 1"),
    ("product", "UPDATE product SET shelf_life_days = 9999 WHERE id = 1"),
    ("product", "UPDATE product SET party_id = party_id + 1 WHERE id = 1"),
    ("product", "UPDATE product SET gtin = '00000000000000' WHERE id = 1"),
    ("place", "UPDATE place SET address = 'elsewhere' WHERE id = 1"),
    ("place", "DELETE FROM place WHERE id = 1"),
    ("batch", "UPDATE batch SET expiry_date = '2099-01-01' WHERE id = 1"),
    ("batch", "UPDATE batch SET lot = lot || '1' WHERE id = 1"),
    ("recall_notice", "UPDATE recall_notice SET reason = 'none' WHERE id = 1"),
    ("recall_notice", "UPDATE recall_notice SET lifted_at = issued_at WHERE id = 1"),
    ("recall_notice", "DELETE FROM recall_notice WHERE id = 1"),
    ("serial_issue", "UPDATE serial_issue SET count = count + 1 WHERE id = 1"),
    ("serial_issue", "UPDATE serial_issue SET digest = salt WHERE id = 1"),
    ("recall_notice", "UPDATE recall_notice SET party_id = party_id + 1 WHERE id = 1"),
    ("serial", "UPDATE serial SET serial = serial || '1' WHERE id = 1"),
    ("serial", "UPDATE serial SET issue_id = issue_id + 1 WHERE id = 1"),
    ("serial", "UPDATE serial SET batch_id = (SELECT max(id) FROM batch) WHERE id = 1"),
    ("product", "UPDATE product SET entry_index = 0 WHERE id = 1"),
]


def test_any_other_row_that_was_touched_is_found(told: Runtime) -> None:
    """One change after the other, each taken back before the next."""
    for table, change in CHANGES:
        with told.db.write() as session:
            query = text(f"SELECT * FROM {table} WHERE id = 1")
            (before,) = session.execute(query).mappings().all()
            assert session.execute(text(change)).rowcount == 1  # type: ignore[attr-defined]
        findings = register_findings(told.db.engine, told.settings.log_origin)
        assert table in {finding.table for finding in findings}, change
        with told.db.write() as session:
            names = [str(name) for name in before]
            if "DELETE" in change:
                values = ", ".join(f":{name}" for name in names)
                put = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"
            else:
                put = f"UPDATE {table} SET {', '.join(f'{n} = :{n}' for n in names)} WHERE id = 1"
            session.execute(text(put), dict(before))
    assert register_findings(told.db.engine, told.settings.log_origin) == []


@pytest.mark.parametrize(
    ("table", "change"),
    [
        # A serial that was never handed out, beside those of an issue.
        (
            "serial",
            "INSERT INTO serial (product_id, batch_id, issue_id, serial, issued_at,"
            " hidden_failures) SELECT product_id, batch_id, issue_id, 'FORGED', issued_at, 0"
            " FROM serial WHERE id = 1",
        ),
        # A whole issue moved into another batch, out of one that was recalled, say.
        (
            "serial_issue",
            "UPDATE serial_issue SET batch_id = (SELECT max(id) FROM batch) WHERE id ="
            " (SELECT min(id) FROM serial_issue WHERE batch_id IS NOT NULL)",
        ),
    ],
)
def test_what_was_issued_cannot_be_changed(told: Runtime, table: str, change: str) -> None:
    with told.db.write() as session:
        assert session.execute(text(change)).rowcount == 1  # type: ignore[attr-defined]
    findings = register_findings(told.db.engine, told.settings.log_origin)
    assert table in {finding.table for finding in findings}


def test_a_role_that_does_not_exist_is_a_finding() -> None:
    """As an edited file may hold, whatever the table's constraint says."""
    record = {"type": "ObjectEvent", "epcList": ["urn:x:1"]}
    assert rules.names(record, {"epc": {"urn:x:1": (None, None)}})
    assert not rules.names(record, {"eqc": {"urn:x:1": (None, None)}})
    assert not rules.names(record, {})


def test_a_damaged_record_does_not_hide_the_others(told: Runtime) -> None:
    """One declaration whose bytes are no JSON any more, and an edited row elsewhere."""
    with told.db.write() as session:
        item = "SELECT entry_index FROM product WHERE id = 1"
        damage = f"UPDATE ledger_item SET payload = :byte WHERE entry_index = ({item})"
        session.execute(text(damage), {"byte": b"{"})
        session.execute(text("UPDATE place SET address = 'elsewhere' WHERE id = 1"))
    findings = register_findings(told.db.engine, told.settings.log_origin)
    assert {"ledger_item", "place"} <= {finding.table for finding in findings}


def test_a_place_made_up_is_found(told: Runtime) -> None:
    with told.db.write() as session:
        session.execute(
            text(
                "INSERT INTO place (gln, party_id, name, address, province, created_at,"
                " entry_index, position) SELECT '9999999999994', party_id, name, '', '',"
                " created_at, 0, 7 FROM place WHERE id = 1"
            )
        )
    (finding,) = register_findings(told.db.engine, told.settings.log_origin)
    assert (finding.table, finding.where) == ("place", "entry 0, item 7")
    assert finding.message == "no signed record says this"


def test_the_lifting_of_a_recall_is_compared_both_ways() -> None:
    signed = [((1, 0), b'{"type":"RecallLifted","number":"R1"}', "s")]
    assert not list(rules.declaration_findings(signed, {}, {}, {"R1"}))
    (found,) = rules.declaration_findings(signed, {}, {}, set())
    assert "in force" in found.message
    (found,) = rules.declaration_findings([], {}, {}, {"R1"})
    assert (found.where, found.table) == ("R1", "recall_notice")


def test_a_database_without_register_has_no_findings() -> None:
    assert register_findings(connect("sqlite://"), "nguon.example/log") == []


def test_the_command_asks_the_register_too(told: Runtime) -> None:
    if not entry_points(group="ledger.audit"):
        pytest.skip("the project is not installed here, so it has no entry points")
    url = told.settings.database_url
    command = [sys.executable, "-m", "ledger", "audit", "--database", url]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    with told.db.write() as session:
        session.execute(text("UPDATE event SET biz_step = 'holding' WHERE id = 3"))
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "event" in done.stdout


def test_the_log_keeps_the_only_copy_of_what_was_captured(told: Runtime) -> None:
    with told.db.read() as session:
        bodies = session.execute(text("SELECT DISTINCT length(body) FROM capture_job")).scalars()
        assert list(bodies) == [0]
