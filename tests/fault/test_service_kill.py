"""The whole service, killed while parties post: what was accepted is carried out, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlmodel import func, select

from app.capture.models import CaptureJob, Event
from app.db import Database, connect
from app.factory import build_runtime
from app.settings import Settings
from app.verify.models import ScanCount
from ledger.audit import audit
from tests import postgres
from tests.maker import document, event
from tests.service import ROOT, Service, free_port, running

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
WORKERS = 2
CLIENTS = 4
ACCEPTED_BEFORE_THE_KILL = 12


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database; the service migrates it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'nguon.db'}"
        return
    with postgres.database(request.getfixturevalue("postgres_url")) as address:
        yield address


def register(service: Service) -> str:
    """Register a party and give its API key."""
    service.flask("party", "create", "Suối Đá", "--gln", "9520001000003", "--prefix", "9520001")
    return service.flask("party", "key", "1").strip()


class Poster:
    """Posts documents until told to stop, and remembers which were accepted."""

    def __init__(self, service: Service, token: str) -> None:
        self.service, self.token = service, token
        self.accepted: list[str] = []
        self.scanned = 0
        self.enough = threading.Event()
        self.stopped = threading.Event()

    def post(self, number: int) -> None:
        now = datetime.now(UTC)
        body = document(
            now,
            event(now, action="OBSERVE", epcList=[f"https://id.gs1.org/8004/9520001{number}"]),
        )
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            self.service.url + "/capture", json.dumps(body).encode(), headers
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 202
            self.accepted.append(answer.headers["Location"].rpartition("/")[2])
        with urllib.request.urlopen(
            f"{self.service.url}/scan?code=9520001000119", timeout=30
        ) as answer:
            self.scanned += answer.status == 200

    def run(self, lane: int) -> None:
        number = lane * 100_000
        while not self.stopped.is_set():
            number += 1
            try:
                self.post(number)
            except (urllib.error.URLError, OSError):
                self.stopped.set()  # the service is gone, as intended
            if len(self.accepted) >= ACCEPTED_BEFORE_THE_KILL:
                self.enough.set()


def kill(service: Service) -> None:
    """Kill the server and all its workers at once, as a power cut would."""
    root = psutil.Process(service.process.pid)
    family = [*root.children(recursive=True), root]
    for process in family:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=20)


def check_whole(service: Service, database: Database, accepted: list[str]) -> None:
    """Every accepted job is finished once, with its event; the log audits clean."""
    with database.read() as session:
        jobs = {job.id: job for job in session.exec(select(CaptureJob))}
        events = session.exec(select(func.count()).select_from(Event)).one()
    assert set(accepted) <= set(jobs)
    assert {job.state for job in jobs.values()} == {"succeeded"}
    assert events == len(jobs)
    environment = service.environment
    rt = build_runtime(
        Settings(
            environment="test",
            database_url=environment["NGUON_DATABASE_URL"],
            data_dir=Path(environment["NGUON_DATA_DIR"]),
        )
    )
    try:
        report = audit(
            rt.db.engine,
            origin=rt.settings.log_origin,
            verifier=rt.signer.verifier,
            tiles=rt.tiles,
        )
        assert report.findings == []
        assert report.entries == 1 + len(jobs)  # the party's key, and one for each job
    finally:
        rt.db.close()
        rt.decoders.close()


def scans(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(func.sum(ScanCount.number))).one() or 0


def work_off(service: Service, database: Database) -> None:
    """Carry out what is left, as if the leases of the dead had run out."""
    past = datetime.now(UTC) - timedelta(hours=1)
    with database.write() as session:
        for job in session.exec(select(CaptureJob).where(CaptureJob.state == "running")):
            job.leased_until = past
            session.add(job)
    service.flask("jobs", "run", "--once")


def test_a_killed_service_has_lost_nothing_it_accepted(url: str, tmp_path: Path) -> None:
    with running(tmp_path, demo=False, database_url=url, workers=WORKERS) as service:
        poster = Poster(service, register(service))
        with ThreadPoolExecutor(CLIENTS) as pool:
            lanes = [pool.submit(poster.run, lane) for lane in range(CLIENTS)]
            assert poster.enough.wait(90), "nothing was accepted"
            kill(service)
            for lane in lanes:
                lane.result()
    database = connect(url)
    # Started again: it verifies its own log before it serves.
    with running(tmp_path, demo=False, database_url=url, workers=WORKERS) as service:
        with urllib.request.urlopen(service.url + "/readyz", timeout=30) as answer:
            assert json.load(answer)["ready"] is True
        work_off(service, database)
        check_whole(service, database, poster.accepted)
    database.close()


def test_a_stopped_service_has_written_every_scan(url: str, tmp_path: Path) -> None:
    """SIGTERM, two workers, jobs in a process of their own."""
    with running(
        tmp_path, demo=False, database_url=url, workers=WORKERS, jobs="external"
    ) as service:
        poster = Poster(service, register(service))
        for number in range(10):
            poster.post(number)
    database = connect(url)
    assert scans(database) == poster.scanned == 10
    work_off(service, database)
    check_whole(service, database, poster.accepted)
    database.close()


def test_told_to_stop_while_it_starts_the_service_stops(tmp_path: Path) -> None:
    """A worker of granian that is still importing loses SIGTERM: the main process must not wait."""
    port = free_port()
    told = subprocess.run(
        ["make", "--dry-run", "serve", f"PORT={port}"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    command = told.stdout.splitlines()[-1].removeprefix("exec ").split()
    environment = os.environ | {
        "NGUON_DATA_DIR": str(tmp_path),
        "NGUON_DATABASE_URL": f"sqlite:///{tmp_path / 'nguon.db'}",
    }
    upgrade = [sys.executable, "-m", "flask", "--app", "app.factory", "db", "upgrade"]
    subprocess.run(upgrade, cwd=ROOT, env=environment, check=True, capture_output=True)
    with subprocess.Popen(
        [sys.executable, "-m", "granian", *command[1:]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Spawning worker" in line:
                break
        process.terminate()
        process.communicate(timeout=60)
    left = [one for one in psutil.process_iter(["cmdline"]) if str(port) in one.info["cmdline"]]
    assert left == []
