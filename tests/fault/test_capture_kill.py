"""A worker that is killed, several workers at once: each job is carried out exactly once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from app.capture.jobs import worker
from app.capture.models import CaptureJob, Event, EventKey
from app.runtime import Runtime
from ledger.audit import audit
from tests.capture_worker import POINTS
from tests.conftest import Clock, RegisteredParty
from tests.maker import Maker, commissioning, event, link

ROOT = Path(__file__).parents[2]


@pytest.fixture
def maker(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Maker:
    return Maker(client, rt, party)


def start(rt: Runtime, point: str) -> subprocess.Popen[str]:
    """Start a worker process of the same service."""
    settings = rt.settings
    arguments = (settings.database_url, settings.data_dir, rt.now().isoformat(), point)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.capture_worker", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(rt.signer.format())
    process.stdin.close()
    return process


def check_whole(rt: Runtime, jobs: int) -> None:
    """Every job is finished, with one entry and all its rows; the log audits clean."""
    with rt.db.read() as session:
        rows = session.exec(select(CaptureJob)).all()
        events = session.exec(select(Event)).all()
        keys = session.exec(select(EventKey.event_id)).all()
    assert [row.state for row in rows] == ["succeeded"] * jobs
    assert len({row.entry_index for row in rows}) == jobs
    by_entry = {row.entry_index: row.event_count for row in rows}
    found: dict[int, int] = {}
    for row in events:
        found[row.entry_index] = found.get(row.entry_index, 0) + 1
    assert found == by_entry
    assert set(keys) == {row.id for row in events}
    report = audit(
        rt.db.engine,
        origin=rt.settings.log_origin,
        verifier=rt.signer.verifier,
        tiles=rt.tiles,
    )
    assert report.findings == []


@pytest.mark.parametrize("point", sorted(POINTS))
def test_a_killed_worker_leaves_the_job_whole_or_to_be_done(
    maker: Maker, clock: Clock, point: str
) -> None:
    rt = maker.rt
    gtin = maker.product()
    epcs = [link(gtin, serial) for serial in maker.serials(gtin, 5)]
    worker(rt).drain()
    posted = maker.capture(*(commissioning(rt.now(), [epc]) for epc in epcs))
    assert posted.status_code == 202

    assert start(rt, point).wait(60) == -signal.SIGKILL

    with rt.db.read() as session:
        job = session.exec(select(CaptureJob)).one()
        events = session.exec(select(Event)).all()
    accepted = job.state in ("accepted", "succeeded")
    assert len(events) == (5 if accepted else 0)
    assert (job.entry_index is not None) == accepted

    clock.forward(seconds=60)  # past the lease of the dead
    worker(rt).drain()
    check_whole(rt, 1)
    assert maker.get(posted.headers["Location"]).json["success"] is True


def test_a_lease_keeps_others_off_until_it_runs_out(maker: Maker, clock: Clock) -> None:
    rt = maker.rt
    maker.capture(event(rt.now(), action="OBSERVE", epcList=["https://id.gs1.org/8004/95200011"]))
    assert start(rt, "before-the-append").wait(60) == -signal.SIGKILL
    worker(rt).drain()
    with rt.db.read() as session:
        assert session.exec(select(CaptureJob.state)).one() == "running"
    clock.forward(seconds=21)
    worker(rt).drain()
    check_whole(rt, 1)


@pytest.mark.slow
def test_four_workers_share_the_jobs_without_doing_one_twice(maker: Maker) -> None:
    rt = maker.rt
    for number in range(40):
        epc = f"https://id.gs1.org/8004/9520001{number:03d}"
        posted = maker.capture(event(rt.now(), action="OBSERVE", epcList=[epc]))
        assert posted.status_code == 202
    processes = [start(rt, "none") for _ in range(4)]
    assert [process.wait(120) for process in processes] == [0, 0, 0, 0]
    worker(rt).drain()
    check_whole(rt, 40)
