"""Verifying many signatures on all cores, a batch at a time, with memory bounded."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import NamedTuple, Self

from ledger.errors import SignatureError
from ledger.findings import Finding
from ledger.keys import PublicKey

BATCH = 2_000
_WAITING = 8


class Signed(NamedTuple):
    """A signature that is to be verified, and the entry it belongs to."""

    at: int
    stream: str
    key: PublicKey
    message: bytes
    signature: bytes


def failures(batch: Sequence[Signed]) -> list[tuple[int, str, str]]:
    """Index, stream and reason of each signature that does not hold."""
    found = []
    for one in batch:
        try:
            one.key.verify(one.message, one.signature)
        except SignatureError as error:
            found.append((one.at, one.stream, str(error)))
    return found


class SignatureQueue:
    """Signatures on their way to the processes that verify them.

    Processes start with the second full batch: a small log does not pay for them. They are
    spawned, never forked, so that callers may have threads and connections.
    """

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or os.cpu_count() or 1
        self._batch: list[Signed] = []
        self._waiting: deque[Future[list[tuple[int, str, str]]]] = deque()
        self._pool: ProcessPoolExecutor | None = None
        self._first = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def put(self, signed: Signed) -> Iterator[Finding]:
        """Take in one signature; gives what was found about earlier ones."""
        self._batch.append(signed)
        if len(self._batch) < BATCH:
            return
        batch, self._batch = self._batch, []
        if self._first or self._processes == 1:
            self._first = False
            yield from _findings(failures(batch))
            return
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, mp_context=context)
        self._waiting.append(self._pool.submit(failures, batch))
        if len(self._waiting) > _WAITING:
            yield from _findings(self._waiting.popleft().result())

    def drain(self) -> Iterator[Finding]:
        """Wait for all that was taken in."""
        batch, self._batch = self._batch, []
        yield from _findings(failures(batch))
        while self._waiting:
            yield from _findings(self._waiting.popleft().result())


def _findings(failed: Sequence[tuple[int, str, str]]) -> Iterator[Finding]:
    for index, stream, reason in failed:
        yield Finding("ledger_entry", str(index), reason, index, stream)
