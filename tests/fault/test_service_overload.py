"""More documents than the service can carry out: some are refused in time, none is lost."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import func, select

from app.capture.models import CaptureJob, Event
from app.db import Database, connect
from tests import postgres
from tests.fault.test_service_kill import register
from tests.maker import document, event
from tests.service import Service, running

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
BACKLOG = 5
CLIENTS = 6
EVENTS = 200  # a document is then worked on for longer than its posting takes
REFUSALS = 12


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database; the service migrates it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'nguon.db'}"
        return
    with postgres.database(request.getfixturevalue("postgres_url")) as address:
        yield address


class Crowd:
    """Clients that post as fast as they are answered."""

    def __init__(self, service: Service, token: str) -> None:
        self.service, self.token = service, token
        self.accepted: list[str] = []
        self.refused: list[tuple[int, str | None]] = []
        self.stopped = threading.Event()

    def post(self, number: int) -> None:
        now = datetime.now(UTC)
        things = [f"https://id.gs1.org/8004/9520001{number}A{n}" for n in range(EVENTS)]
        body = document(now, *(event(now, action="OBSERVE", epcList=[thing]) for thing in things))
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            self.service.url + "/capture", json.dumps(body).encode(), headers
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.accepted.append(answer.headers["Location"].rpartition("/")[2])
        except urllib.error.HTTPError as refusal:
            self.refused.append((refusal.code, refusal.headers["Retry-After"]))
            refusal.close()

    def run(self, lane: int) -> None:
        number = lane * 10_000
        while not self.stopped.is_set():
            number += 1
            self.post(number)
            if len(self.refused) >= REFUSALS:
                self.stopped.set()


def test_overload_is_refused_in_time_and_what_was_taken_is_carried_out(
    url: str, tmp_path: Path
) -> None:
    with running(tmp_path, demo=False, database_url=url, capture_backlog=str(BACKLOG)) as service:
        crowd = Crowd(service, register(service))
        with ThreadPoolExecutor(CLIENTS) as pool:
            for lane in [pool.submit(crowd.run, lane) for lane in range(CLIENTS)]:
                lane.result(timeout=120)
        assert crowd.accepted
        assert set(crowd.refused) == {(503, "10")}
        database = connect(url)
        wait_until_done(database, len(crowd.accepted))
        with database.read() as session:
            jobs = {job.id: job.state for job in session.exec(select(CaptureJob))}
            events = session.exec(select(func.count()).select_from(Event)).one()
        database.close()
    assert jobs == dict.fromkeys(crowd.accepted, "succeeded")
    assert events == EVENTS * len(crowd.accepted)


def wait_until_done(database: Database, count: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        with database.read() as session:
            done = session.exec(
                select(func.count()).select_from(CaptureJob).where(CaptureJob.state == "succeeded")
            ).one()
        if done == count:
            return
        time.sleep(0.2)
    raise AssertionError(f"{done} of {count} jobs were finished")
