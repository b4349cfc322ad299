"""The background worker: runs the steps of features until none finds work, then waits.

The database says what is to be done. A wake-up, or the lack of one, changes only how soon.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import cast

import structlog
from flask import Flask, current_app

# Looks for one piece of work, in transactions of its own; true if there may be more.
Step = Callable[[], bool]

POLL_SECONDS = 0.5
_EXTENSION = "nguon_worker"
logger = structlog.get_logger()


class Worker:
    """Runs steps in turn, in a thread of its own or in the caller's."""

    def __init__(self, steps: Sequence[Step], poll: float = POLL_SECONDS) -> None:
        self._steps = tuple(steps)
        self._poll = poll
        self._work = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def tick(self) -> bool:
        """Run every step once; true if one of them may have more to do."""
        busy = [self._attempt(step) for step in self._steps]
        return any(busy)

    def drain(self, rounds: int = 10_000) -> None:
        """Run the steps until none finds work."""
        for _ in range(rounds):
            if not self.tick():
                return
        raise RuntimeError(f"work is left after {rounds} rounds")

    def run(self) -> None:
        """Work in this thread until :meth:`stop` is called."""
        while not self._stopping.is_set():
            # Cleared before looking: a wake-up during the look is kept for the next round.
            self._work.clear()
            if not self.tick():
                self._work.wait(self._poll)

    def start(self) -> None:
        """Work in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="nguon-worker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is new work."""
        self._work.set()

    def stop(self, timeout: float = 10.0) -> None:
        """Finish the step in hand, then end; its seconds are bounded by ``timeout``."""
        self._stopping.set()
        self._work.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _attempt(self, step: Step) -> bool:
        try:
            return step()
        except Exception:
            # The last stop before the thread would die: a full disk or an unreachable database
            # passes, and the work is still in the database. It is looked at again after a pause.
            logger.exception("job step failed", step=getattr(step, "__qualname__", repr(step)))
            return False


def init_app(app: Flask, worker: Worker) -> None:
    """Let the application's handlers wake this worker."""
    app.extensions[_EXTENSION] = worker


def worker() -> Worker:
    """Give the worker of the application that handles the current request or command."""
    return cast(Worker, current_app.extensions[_EXTENSION])


def wake() -> None:
    """Tell the worker, where this process has one, that a handler has committed work for it."""
    found = current_app.extensions.get(_EXTENSION)
    if found is not None:
        cast(Worker, found).wake()
