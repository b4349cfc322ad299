"""Taking turns: SQLite lets write who polls at the right moment; here it is who came first.

Under steady writing a waiting transaction could otherwise miss its moment again and again: a
checkpoint would be late though the entries arrive in time. Turns are kept among the threads of one
process; between processes SQLite's own waiting remains.
"""

from __future__ import annotations

from collections import deque
from threading import Event, Lock

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection


class Turns:
    """A lock that is handed on in the order in which it was asked for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder: object | None = None
        self._waiting: deque[tuple[object, Event]] = deque()

    def take(self, holder: object, seconds: float) -> None:
        """Wait for the turn, but no longer than ``seconds``: then go on without it."""
        with self._lock:
            if self._holder is None:
                self._holder = holder
                return
            called = Event()
            self._waiting.append((holder, called))
        if not called.wait(seconds):
            with self._lock:
                if not called.is_set():
                    self._waiting.remove((holder, called))

    def leave(self, holder: object | None) -> None:
        """Hand the turn on, if this one has it."""
        with self._lock:
            if holder is None or self._holder is not holder:
                return
            self._holder = None
            if self._waiting:
                self._holder, called = self._waiting.popleft()
                called.set()


def leave_at_end(engine: Engine, turns: Turns) -> None:
    """Let every transaction of the engine hand its turn on once it is over."""
    dialect = engine.dialect
    commit, rollback = dialect.do_commit, dialect.do_rollback

    def do_commit(dbapi_connection: PoolProxiedConnection) -> None:
        # A commit that fails is followed by a rollback, which hands the turn on.
        commit(dbapi_connection)
        turns.leave(dbapi_connection.dbapi_connection)

    def do_rollback(dbapi_connection: PoolProxiedConnection) -> None:
        try:
            rollback(dbapi_connection)
        finally:
            turns.leave(dbapi_connection.dbapi_connection)

    dialect.do_commit = do_commit  # type: ignore[method-assign]
    dialect.do_rollback = do_rollback  # type: ignore[method-assign]
