"""Turns go round in the order of asking, and no transaction keeps one."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from ledger import database
from ledger.turn import Turns


def test_who_asked_first_is_next() -> None:
    turns, order = Turns(), []
    first = object()
    turns.take(first, 1)
    threads = []
    for number in range(5):
        started = len(turns._waiting)

        def wait(number: int = number) -> None:
            me = object()
            turns.take(me, 30)
            order.append(number)
            turns.leave(me)

        threads.append(threading.Thread(target=wait))
        threads[-1].start()
        while len(turns._waiting) == started:
            time.sleep(0.001)
    turns.leave(first)
    for thread in threads:
        thread.join()
    assert order == list(range(5))


def test_who_waited_long_enough_goes_on_and_is_not_called_later() -> None:
    turns, first, late, next_one = Turns(), object(), object(), object()
    turns.take(first, 1)
    turns.take(late, 0.01)
    turns.leave(late)  # it never had the turn: nobody else loses it
    turns.leave(first)
    start = time.monotonic()
    turns.take(next_one, 30)
    assert time.monotonic() - start < 10


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = database.connect(f"sqlite:///{tmp_path / 'turn.db'}")
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    return made


def write(engine: Engine, number: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})


@pytest.mark.parametrize("end", ["commit", "rollback", "error", "close"])
def test_a_transaction_hands_its_turn_on_however_it_ends(engine: Engine, end: str) -> None:
    connection = engine.connect()
    transaction = connection.begin()
    connection.execute(text("INSERT INTO t VALUES (1)"))
    if end == "commit":
        transaction.commit()
    elif end == "rollback":
        transaction.rollback()
    elif end == "error":
        with pytest.raises(OperationalError):
            connection.execute(text("INSERT INTO nowhere VALUES (1)"))
        transaction.rollback()
    connection.close()
    start = time.monotonic()
    write(engine, 2)
    assert time.monotonic() - start < database.BUSY_MILLISECONDS / 2000
    engine.dispose()


def test_a_transaction_that_cannot_begin_keeps_no_turn(engine: Engine, tmp_path: Path) -> None:
    import sqlite3

    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        connection.rollback()
    other = sqlite3.connect(tmp_path / "turn.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError):
        write(engine, 1)
    other.execute("ROLLBACK")
    other.close()
    write(engine, 2)
    engine.dispose()


def test_many_threads_write_without_losing_a_turn(engine: Engine) -> None:
    def work(lane: int) -> None:
        for number in range(20):
            write(engine, lane * 100 + number)

    threads = [threading.Thread(target=work, args=(lane,)) for lane in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM t")) == 100
    engine.dispose()
