"""Group commit: many callers, one transaction and one sync to disk for all who wait.

A caller's own thread parses its statement and verifies the signature; one thread then appends
whatever has gathered meanwhile. Several appenders, in several processes, make one chain: each
transaction holds the lock of the log.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ledger.database import lock
from ledger.errors import LedgerError, OverloadedError, StoppedError
from ledger.keys import PublicKey
from ledger.submission import Appended, Checked, Item, Submission, check
from ledger.tip import Tip

WAITING_ROWS = 20_000
GROUP_ROWS = 4_000
_KEPT_KEYS = 10_000
_SMOOTHING = 0.2
_SOONEST = 0.1
"""Seconds; nobody is told to come back earlier."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    checked: Checked
    future: Future[Appended] = field(default_factory=Future)

    @property
    def rows(self) -> int:
        """What it costs to write, in rows: the entry with its link, and the items."""
        return 1 + len(self.checked.commitments)


class Appender:
    """Appends statements of many threads in groups; a bad one fails alone.

    An answer is given once the statement is on disk. ``now`` is the log's clock. At most
    ``waiting_rows`` rows wait (a statement is one row and one for each item), or one statement.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        origin: str,
        now: Callable[[], datetime],
        operator: PublicKey | None = None,
        waiting_rows: int = WAITING_ROWS,
        group_rows: int = GROUP_ROWS,
    ) -> None:
        self.engine = engine
        self.origin = origin
        self.now = now
        self.operator = operator
        self.waiting_rows = waiting_rows
        self.group_rows = group_rows
        self._committer = ThreadPoolExecutor(1, thread_name_prefix="ledger-append")
        self._changed = Condition()
        self._waiting: deque[_Waiting] = deque()
        self._rows = 0
        self._busy = self._stopped = False
        self._pace = 0.0  # seconds a row, lately
        self._tip: Tip | None = None
        self._keys: dict[str, PublicKey] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(
        self, statement: bytes, signature: bytes, items: Sequence[Item] | None = None
    ) -> Future[Appended]:
        """Hand in a statement; the future gives what :func:`ledger.append.append` would.

        Raises :class:`OverloadedError` where too much is waiting: nothing was taken then. After
        an error of the database it is open whether the statement was appended: send it again.
        """
        self._check_room()
        try:
            waiting = _Waiting(check(Submission(statement, signature, items), self._keys))
        except LedgerError as error:
            refused: Future[Appended] = Future()
            refused.set_exception(error)
            return refused
        with self._changed:
            if self._stopped:
                raise StoppedError("the appender was closed")
            self._waiting.append(waiting)
            self._rows += waiting.rows
            self._start()
        return waiting.future

    def append(
        self, statement: bytes, signature: bytes, items: Sequence[Item] | None = None
    ) -> Appended:
        """Hand in a statement and wait until it is on disk."""
        return self.submit(statement, signature, items).result()

    def close(self) -> None:
        """Take nothing more, and wait until all that was taken is answered."""
        with self._changed:
            self._stopped = True
            self._changed.wait_for(lambda: not self._busy)
        self._committer.shutdown()

    def _check_room(self) -> None:
        with self._changed:
            if self._rows >= self.waiting_rows:
                raise OverloadedError(max(_SOONEST, self._rows * self._pace))

    def _start(self) -> None:
        """Begin with the next group unless one is under way; its end begins the one after."""
        if self._busy or not self._waiting:
            return
        self._busy = True
        group: list[_Waiting] = []
        rows = 0
        while self._waiting and (not group or rows + self._waiting[0].rows <= self.group_rows):
            group.append(self._waiting.popleft())
            rows += group[-1].rows
        self._committer.submit(self._run, group, rows)

    def _run(self, group: list[_Waiting], rows: int) -> None:
        start = time.monotonic()
        # Who was cancelled until now is left out; who is in cannot be cancelled any more.
        live = [one for one in group if one.future.set_running_or_notify_cancel()]
        try:
            self._settle(live)
        finally:
            # An error that nobody foresaw is the callers', too: they must not wait for ever.
            for one in live:
                if not one.future.done():
                    one.future.set_exception(sys.exception())
            self._end(rows, time.monotonic() - start)

    def _end(self, rows: int, seconds: float) -> None:
        with self._changed:
            pace = seconds / rows
            self._pace += _SMOOTHING * (pace - self._pace) if self._pace else pace
            self._rows -= rows
            self._busy = False
            self._start()
            self._changed.notify_all()

    def _settle(self, group: list[_Waiting]) -> None:
        """Append a group and answer its callers."""
        answers: Sequence[Appended | Exception]
        try:
            answers = self._write(group)
        except OperationalError as error:
            answers = [error] * len(group)
        except (LedgerError, SQLAlchemyError) as error:
            if len(group) > 1:
                # One that the database itself refuses must not take the others with it.
                for one in group:
                    self._settle([one])
                return
            answers = [error]
        for one, answer in zip(group, answers, strict=True):
            if isinstance(answer, Appended):
                one.future.set_result(answer)
            else:
                one.future.set_exception(answer)

    def _write(self, group: list[_Waiting]) -> list[Appended | LedgerError]:
        # If the transaction fails the tip is ahead of the log: it is kept only after the commit.
        tip, self._tip = self._tip or Tip(self.origin, self.operator), None
        with self.engine.begin() as connection:
            lock(connection)
            tip.open(connection)
            received_at = self.now()
            answers = [self._take(tip, one.checked, received_at) for one in group]
            tip.write()
        # Commit point: all that is answered below is on disk.
        self._tip = tip
        return answers

    def _take(self, tip: Tip, checked: Checked, received_at: datetime) -> Appended | LedgerError:
        try:
            appended = tip.take(checked, received_at)
        except LedgerError as error:
            return error
        if len(self._keys) > _KEPT_KEYS:
            self._keys = {}
        self._keys[checked.statement.kid] = tip.ring.holder(checked.statement)
        return appended
