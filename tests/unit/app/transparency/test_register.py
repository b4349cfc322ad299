"""The register of events against the log: an edited, forged or lost row is found and located."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from sqlalchemy import text

from app.demo import service as demo
from app.runtime import Runtime
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
        "UPDATE event_key SET key = replace(key, '/21/', '/21/X') WHERE event_id ="
        " (SELECT min(event_id) FROM event_key WHERE key LIKE '%/21/%')",
    ],
)
def test_an_edited_row_is_found(told: Runtime, change: str) -> None:
    with told.db.write() as session:
        changed = session.execute(text(change)).rowcount  # type: ignore[attr-defined]
    assert changed >= 1
    findings = register_findings(told.db.engine, told.settings.log_origin)
    assert 1 <= len(findings) <= changed
    assert all(finding.table == "event" and finding.where for finding in findings)


def test_a_lost_row_is_found(told: Runtime) -> None:
    with told.db.write() as session:
        session.execute(text("DELETE FROM event_key WHERE event_id = 5"))
        session.execute(text("DELETE FROM event WHERE id = 5"))
    findings = register_findings(told.db.engine, told.settings.log_origin)
    assert [finding.message for finding in findings] == ["the register lacks this event"]


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
