"""Background steps of verify: writing scans in batches, deleting them after 90 days."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing.util import Finalize

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.db import Database
from app.runtime import Runtime
from app.verify import queries

KEPT = timedelta(days=90)
FLUSH_SECONDS = 0.5
CAPACITY = 5_000
_DELETED_AT_ONCE = 2_000
_DELETION_PAUSE = timedelta(hours=1)
_log = structlog.get_logger()

Row = Mapping[str, object]


class ScanBuffer:
    """Scans on their way to the database: one transaction for all of half a second.

    A scan costs a request no disk write. What was not yet written is lost if the process is killed
    (at most a second's worth); a stop writes it first. When the buffer is full the caller writes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: list[Row] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def add(
        self, *, key: str, state: str, device: str, province: str, scanned_at: datetime
    ) -> None:
        """Take in one scan; it is written soon."""
        row = {
            "key": key,
            "state": state,
            "device": device,
            "province": province,
            "scanned_at": scanned_at,
        }
        with self._lock:
            self._rows.append(row)
            self._counts[key] += 1
            full = len(self._rows) >= CAPACITY
        if full:
            self.flush()

    def pending(self, key: str) -> int:
        """Give how many scans of a key are not written yet."""
        return self._counts[key]

    def flush(self) -> None:
        """Write what is there; on a failing database it is kept, up to the capacity."""
        with self._writing:
            with self._lock:
                rows, self._rows = self._rows, []
            if not rows:
                return
            try:
                with self._database.write() as session:
                    queries.insert_scans(session, rows)
            except SQLAlchemyError:
                _log.exception("scans could not be written", count=len(rows))
                self._put_back(rows)
                return
            self._forget(rows)

    def _put_back(self, rows: list[Row]) -> None:
        with self._lock:
            room = max(0, CAPACITY - len(self._rows))
            self._rows = rows[:room] + self._rows
            lost = rows[room:]
        self._forget(lost)

    def _forget(self, rows: list[Row]) -> None:
        with self._lock:
            self._counts -= Counter(str(row["key"]) for row in rows)

    def start(self, then: Callable[[], bool]) -> None:
        """Write from a thread of its own, and at the end of the process; ``then`` runs after it."""
        with self._lock:
            if self._thread is not None:
                return
            self._thread = threading.Thread(
                target=self._run, args=(then,), name="nguon-scans", daemon=True
            )
        # Servers run their workers as multiprocessing children: these end without atexit, but run
        # finalizers, which a main process runs from its atexit.
        Finalize(None, self.stop, exitpriority=10)
        self._thread.start()

    def _run(self, then: Callable[[], bool]) -> None:
        while not self._stopping.wait(FLUSH_SECONDS):
            self.flush()
            try:
                then()
            except SQLAlchemyError:
                _log.exception("old scans could not be deleted")

    def stop(self) -> None:
        """Write what is left and end the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(5)
        self.flush()


def delete_old_scans(rt: Runtime) -> Callable[[], bool]:
    """Give the step that deletes scans older than 90 days, a batch at a time, once an hour.

    The number of scans of each key stays: it names nobody.
    """
    due = datetime.min.replace(tzinfo=UTC)

    def step() -> bool:
        nonlocal due
        now = rt.now()
        if now < due:
            return False
        with rt.db.write() as session:
            deleted = queries.delete_scans(session, now - KEPT, _DELETED_AT_ONCE)
        if deleted < _DELETED_AT_ONCE:
            due = now + _DELETION_PAUSE
            return False
        return True

    return step
