"""Scans on their way to the database, and their end after 90 days."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from app.runtime import Runtime
from app.verify import queries
from app.verify.jobs import CAPACITY, KEPT, ScanBuffer, delete_old_scans
from app.verify.models import Scan, ScanCount
from tests.conftest import Clock

KEY = "https://id.gs1.org/01/09521234543213/21/S1"


def add(buffer: ScanBuffer, at: datetime, key: str = KEY) -> None:
    buffer.add(key=key, state="ITEM_MATCHES", device="d", province="", scanned_at=at)


def written(rt: Runtime) -> int:
    with rt.db.read() as session:
        return len(session.exec(select(Scan)).all())


def test_scans_are_counted_before_and_after_they_are_written(rt: Runtime) -> None:
    buffer = ScanBuffer(rt.db)
    for _ in range(3):
        add(buffer, rt.now())
    assert (buffer.pending(KEY), written(rt)) == (3, 0)
    buffer.flush()
    assert (buffer.pending(KEY), written(rt)) == (0, 3)
    with rt.db.read() as session:
        assert queries.scan_count(session, KEY) == 3


def test_a_full_buffer_writes_itself(rt: Runtime) -> None:
    buffer = ScanBuffer(rt.db)
    for _ in range(CAPACITY):
        add(buffer, rt.now())
    assert (buffer.pending(KEY), written(rt)) == (0, CAPACITY)


def test_a_failing_database_loses_nothing_that_fits(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = ScanBuffer(rt.db)

    def fail(_session: Session, _rows: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    add(buffer, rt.now())
    with monkeypatch.context() as broken:
        broken.setattr(queries, "insert_scans", fail)
        buffer.flush()
    assert (buffer.pending(KEY), written(rt)) == (1, 0)
    add(buffer, rt.now())
    buffer.flush()
    assert (buffer.pending(KEY), written(rt)) == (0, 2)


def test_a_stop_writes_what_is_left(rt: Runtime) -> None:
    buffer = ScanBuffer(rt.db)
    ran = threading.Event()

    def then() -> bool:
        ran.set()
        return False

    buffer.start(then)
    assert ran.wait(10)
    add(buffer, rt.now())
    buffer.stop()
    assert written(rt) == 1


def test_old_scans_go_and_their_number_stays(rt: Runtime, clock: Clock) -> None:
    buffer, now = ScanBuffer(rt.db), rt.now()
    add(buffer, now - KEPT - timedelta(seconds=1))
    add(buffer, now - KEPT + timedelta(seconds=1))
    buffer.flush()
    step = delete_old_scans(rt)
    assert step() is False
    assert written(rt) == 1
    with rt.db.read() as session:
        counted = session.get(ScanCount, KEY)
    assert counted is not None and counted.number == 2
    clock.forward(minutes=59)
    step()
    assert written(rt) == 1  # looks again once an hour only
    clock.forward(minutes=2)
    step()
    assert written(rt) == 0
