"""Decoder processes that can be killed, seen from the web process.

This module imports the standard library only: the web process never loads a picture decoder. The
decoder process is started fresh (no fork of the web process's memory), with an empty environment
(it needs no secret), and is replaced whenever it hangs, crashes or answers nonsense.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from scanner import errors, reading, wire
from scanner.header import DEFAULT_LIMITS, Limits, inspect
from scanner.quality.report import Card, QualityReport, card_to_wire
from scanner.quality.report import from_wire as quality_from_wire

_ROOT = Path(__file__).resolve().parent.parent
_COMMAND = (sys.executable, "-m", "scanner.worker")
# What a Python process needs to start and to find libzbar, and nothing else of ours.
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "HOME")


class DecoderPool:
    """Up to ``size`` decoder processes, started when first needed; safe to use from any thread.

    A request may take ``timeout`` seconds; then its process is killed and the caller gets
    :class:`DecoderTimeout`. At most ``waiting`` callers wait for a free process, none longer than
    ``timeout``; others get :class:`DecoderBusy` at once. ``memory`` bounds the address space of
    each process in bytes. ``command`` starts a decoder process (tests pass broken ones).
    """

    def __init__(
        self,
        size: int = 1,
        timeout: float = 5.0,
        *,
        waiting: int = 8,
        memory: int = 1 << 30,
        limits: Limits = DEFAULT_LIMITS,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self.timeout = timeout
        self.limits = limits
        self._command = tuple(command)
        self._memory = memory
        self._waiting_most = waiting
        self._waiting = 0
        self._closed = False
        self._idle: list[_Process | None] = [None] * size  # None: a place without a process yet
        self._free = threading.Condition()

    def read(
        self, photo: bytes, *, preview: int = 0, budget: float = 1.5, effort: float = 6.0
    ) -> reading.Reading:
        """Decode one photo; see :func:`scanner.read`."""
        inspect(photo, self.limits)
        spend = {"budget": budget, "effort": effort}
        request = {"do": "read", "preview": preview, **spend, **self._limits_wire()}
        message, blob = self._ask(request, photo)
        with _as_crash():
            return reading.from_wire(message, blob or None)

    def quality(
        self, photo: bytes, card: Card | None = None, *, budget: float = 1.5
    ) -> QualityReport:
        """Measure the print of a photo's symbols; see :func:`scanner.quality_report`."""
        inspect(photo, self.limits)
        patches = card_to_wire(card) if card else None
        request = {"do": "quality", "card": patches, "budget": budget, **self._limits_wire()}
        message, pictures = self._ask(request, photo)
        with _as_crash():
            return quality_from_wire(message, pictures)

    def preview(self, photo: bytes, max_side: int = 1280) -> bytes:
        """Upright JPEG without metadata, longer side at most ``max_side`` pixels."""
        inspect(photo, self.limits)
        request = {"do": "preview", "max_side": max_side, **self._limits_wire()}
        return self._ask(request, photo)[1]

    def decoders(self) -> tuple[str, ...]:
        """Names of the live decoders, asked of a decoder process (which starts it if need be)."""
        message, _blob = self._ask({"do": "decoders"}, b"")
        with _as_crash():
            return tuple(str(name) for name in message["decoders"])

    def process_ids(self) -> tuple[int, ...]:
        """Ids of the idle decoder processes."""
        with self._free:
            return tuple(process.pid for process in self._idle if process is not None)

    def close(self) -> None:
        """End the idle processes; those still working end with their request."""
        with self._free:
            self._closed = True
            idle, self._idle = self._idle, [None] * len(self._idle)
        for process in idle:
            if process is not None:
                process.close()

    def __enter__(self) -> DecoderPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _limits_wire(self) -> dict[str, Any]:
        return {"limits": [self.limits.max_bytes, self.limits.max_pixels]}

    def _ask(self, request: dict[str, Any], blob: bytes) -> tuple[dict[str, Any], bytes]:
        process = self._borrow()
        healthy = False
        try:
            message, answer = process.ask(request, blob, self.timeout)
            healthy = True
        finally:
            self._return(process, healthy=healthy)
        if "error" in message:
            known = errors.BY_CODE.get(str(message["error"]), errors.ScanError)
            raise known(str(message.get("message", "")))
        return message, answer

    def _borrow(self) -> _Process:
        with self._free:
            if not self._idle:
                self._wait_for_a_place()
            process = self._idle.pop()
        if process is not None and process.is_alive():
            return process
        try:
            if process is not None:
                process.close()
            return _Process(self._command, self._memory, self.timeout)
        except OSError as error:
            self._give_back(None)
            raise errors.DecoderCrashed("the decoder process cannot be started") from error

    def _wait_for_a_place(self) -> None:
        if self._waiting >= self._waiting_most:
            raise errors.DecoderBusy(f"{self._waiting} photos are waiting already")
        self._waiting += 1
        try:
            if not self._free.wait_for(lambda: bool(self._idle), self.timeout):
                raise errors.DecoderBusy(f"no decoder was free for {self.timeout:g} s")
        finally:
            self._waiting -= 1

    def _return(self, process: _Process, *, healthy: bool) -> None:
        if not healthy or self._closed:
            process.close()
            self._give_back(None)
        else:
            self._give_back(process)

    def _give_back(self, process: _Process | None) -> None:
        with self._free:
            self._idle.append(process)
            self._free.notify()


class _Process:
    """One decoder process and the socket to it; used by one caller at a time."""

    def __init__(self, command: Sequence[str], memory: int, seconds: float) -> None:
        self._channel, theirs = socket.socketpair()
        try:
            with theirs:
                self._popen = subprocess.Popen(
                    [*command, str(theirs.fileno()), str(memory), str(seconds)],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                )
        except OSError:
            self._channel.close()
            raise
        self.pid = self._popen.pid

    def is_alive(self) -> bool:
        """Whether an idle process can take a photo: it runs, and its end of the socket is open.

        A killed process is reaped only after its last thread ended; the socket may close before.
        An idle process has nothing to say: whatever it sent is no answer to a photo yet to come.
        """
        if self._popen.poll() is not None:
            return False
        self._channel.settimeout(0)
        try:
            self._channel.recv(1)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def ask(
        self, request: dict[str, Any], blob: bytes, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """One answer within ``seconds``; the process must not be used after an exception."""
        deadline = time.monotonic() + seconds
        try:
            self._channel.settimeout(seconds)
            wire.send(self._channel, request, blob)
            frame = wire.receive(self._channel, deadline)
        except TimeoutError as error:
            raise errors.DecoderTimeout(f"no answer within {seconds:g} s") from error
        except (OSError, wire.WireError) as error:
            raise errors.DecoderCrashed(self._last_words()) from error
        if frame is None:
            raise errors.DecoderCrashed(self._last_words())
        return frame

    def close(self) -> None:
        """Kill and reap: no zombie, no half-read answer for the next caller."""
        self._channel.close()
        self._popen.kill()
        self._popen.wait()

    def _last_words(self) -> str:
        try:
            code = self._popen.wait(1.0)  # a closed socket is seen before the exit is
        except subprocess.TimeoutExpired:
            return "the decoder process answered nonsense"
        cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"the decoder process died ({cause})"


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    # Only glibc's arenas and Python's own files: a lean process, and our package found first.
    return kept | {"PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "1"}


@contextlib.contextmanager
def _as_crash() -> Iterator[None]:
    """An answer of the wrong shape counts as a crash: the process is not to be believed."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise errors.DecoderCrashed("the decoder process answered nonsense") from error


_default: DecoderPool | None = None
_default_lock = threading.Lock()


def default_pool() -> DecoderPool:
    """The pool of this process, made when first asked for and closed at exit."""
    global _default
    with _default_lock:
        if _default is None:
            _default = DecoderPool()
            atexit.register(_default.close)
        return _default
