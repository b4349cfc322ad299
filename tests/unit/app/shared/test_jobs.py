"""The worker: runs steps until there is nothing left, survives their faults, stops when told."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from app import jobs
from app.jobs import Worker


def test_it_drains_what_the_steps_have() -> None:
    left = [3]

    def step() -> bool:
        left[0] -= 1
        return left[0] > 0

    Worker([step]).drain()
    assert left == [0]


def test_every_step_has_its_turn_even_behind_a_busy_or_failing_one() -> None:
    seen: list[str] = []

    def failing() -> bool:
        seen.append("failing")
        raise OSError("disk full")

    def busy() -> bool:
        seen.append("busy")
        return True

    def idle() -> bool:
        seen.append("idle")
        return False

    assert Worker([failing, busy, idle]).tick() is True
    assert seen == ["failing", "busy", "idle"]
    assert Worker([failing]).tick() is False


def test_endless_work_is_no_drain() -> None:
    with pytest.raises(RuntimeError):
        Worker([lambda: True]).drain(rounds=3)


def test_a_wake_up_is_heard_long_before_the_next_poll() -> None:
    looked = threading.Semaphore(0)

    def step() -> bool:
        looked.release()
        return False

    worker = Worker([step], poll=3600)
    worker.start()
    try:
        assert looked.acquire(timeout=20)
        worker.wake()
        assert looked.acquire(timeout=20)
    finally:
        worker.stop()


def test_it_looks_by_itself_when_nobody_wakes_it() -> None:
    looked = threading.Semaphore(0)

    def step() -> bool:
        looked.release()
        return False

    worker = Worker([step], poll=0.01)
    worker.start()
    try:
        assert all(looked.acquire(timeout=20) for _ in range(3))
    finally:
        worker.stop()


def test_it_stops_after_the_step_in_hand() -> None:
    started, may_end, done = threading.Event(), threading.Event(), threading.Event()

    def step() -> bool:
        started.set()
        may_end.wait(20)
        done.set()
        return True

    worker = Worker([step])
    worker.start()
    assert started.wait(20)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    may_end.set()
    stopping.join(20)
    assert done.is_set()
    assert not any(thread.name == "nguon-worker" for thread in threading.enumerate())


def test_without_a_worker_a_wake_up_is_nothing() -> None:
    with Flask("test").app_context():
        jobs.wake()
