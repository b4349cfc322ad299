"""Decoders that hang, crash or lie: the caller learns it in time and the next photo works."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from scanner import DecoderPool, errors, wire
from tests.pictures import EAN, as_bytes, ean_picture

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, str(Path(__file__).with_name("scanner_bad_worker.py")))
HANG, CRASH, EXIT, GARBAGE, LEAK = 401, 402, 403, 404, 405
GOOD = as_bytes(ean_picture(), "PNG")


def bad(how: int) -> bytes:
    return as_bytes(Image.new("L", (how, 50), 255), "PNG")


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(400):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("waited 20 s in vain")


def has_ended(pid: int) -> bool:
    """Whether a child can be reaped, which is later than its first thread's end."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(timeout=3, command=COMMAND) as pool:
        pool.decoders()  # started: the timeout below is for the photo alone
        yield pool


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        (HANG, errors.DecoderTimeout, "3 s"),
        (CRASH, errors.DecoderCrashed, "SIGSEGV"),
        (EXIT, errors.DecoderCrashed, "exit code 3"),
        (GARBAGE, errors.DecoderCrashed, "nonsense"),
        (LEAK, errors.PhotoTooLarge, "memory"),
    ],
)
def test_the_next_photo_works(
    pool: DecoderPool, how: int, error: type[errors.ScanError], words: str
) -> None:
    (before,) = pool.process_ids()
    with pytest.raises(error, match=words):
        pool.read(bad(how))
    assert [symbol.text for symbol in pool.read(GOOD).symbols] == [EAN]
    (after,) = pool.process_ids()
    assert (after == before) == (how == LEAK)
    if how != LEAK:
        assert not Path(f"/proc/{before}").exists(), "killed, but not reaped"


def test_a_process_that_died_while_idle_is_replaced(pool: DecoderPool) -> None:
    (pid,) = pool.process_ids()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: has_ended(pid))
    assert pool.read(GOOD).symbols
    assert pool.process_ids() != (pid,)


def test_a_process_that_closed_its_socket_while_idle_is_replaced(pool: DecoderPool) -> None:
    """As seen of a process that was killed and not reaped yet: its threads end one by one."""
    (process,) = pool._idle
    assert process is not None
    process._channel.shutdown(socket.SHUT_RDWR)
    assert process.is_alive() is False
    assert pool.read(GOOD).symbols


def test_what_an_idle_process_says_is_no_answer(pool: DecoderPool) -> None:
    (process,) = pool._idle
    assert process is not None
    process._channel.close()
    process._channel, theirs = socket.socketpair()
    with theirs:
        wire.send(theirs, {"symbols": []})
        assert pool.read(GOOD).symbols


def test_close_leaves_no_process(pool: DecoderPool) -> None:
    pids = pool.process_ids()
    pool.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_worker_that_cannot_start() -> None:
    with DecoderPool(command=["/nonexistent"]) as pool:
        for _ in range(3):  # the place in the pool is given back each time
            with pytest.raises(errors.DecoderCrashed):
                pool.read(GOOD)
    with (
        DecoderPool(command=[sys.executable, "-c", "raise SystemExit(7)"]) as pool,
        pytest.raises(errors.DecoderCrashed),
    ):
        pool.read(GOOD)


def test_callers_from_many_threads() -> None:
    pictures = {
        str(gtin): as_bytes(ean_picture(str(gtin)), "PNG") for gtin in (EAN, "4006381333931")
    }
    with DecoderPool(size=2, timeout=60, waiting=40) as pool, ThreadPoolExecutor(8) as threads:
        jobs = [
            (text, threads.submit(pool.read, photo))
            for text, photo in pictures.items()
            for _ in range(10)
        ]
        for text, job in jobs:
            assert [symbol.text for symbol in job.result().symbols] == [text]
        assert len(pool.process_ids()) == 2


def test_the_queue_is_bounded() -> None:
    with DecoderPool(timeout=4, waiting=1, command=COMMAND) as pool:
        pool.decoders()
        outcomes: list[type[Exception]] = []

        def hang() -> None:
            with pytest.raises(errors.DecoderFault) as caught:
                pool.read(bad(HANG))
            outcomes.append(caught.type)

        first = threading.Thread(target=hang)
        first.start()
        wait_until(lambda: not pool.process_ids())
        second = threading.Thread(target=hang)
        second.start()
        wait_until(lambda: pool._waiting == 1)
        with pytest.raises(errors.DecoderBusy):
            pool.read(GOOD)
        first.join()
        second.join()
        assert errors.DecoderTimeout in outcomes
        assert pool.read(GOOD).symbols


PARENT = """
import os, sys, threading
from scanner import DecoderPool
pool = DecoderPool(timeout=1.5, command=sys.argv[2:])
pool.decoders()
print(*pool.process_ids(), flush=True)
if sys.argv[1] == "busy":
    threading.Thread(target=pool.read, args=(sys.stdin.buffer.read(),), daemon=True).start()
    while pool.process_ids():
        pass
    print("busy", flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_worker_dies_with_a_killed_parent(state: str) -> None:
    """Idle it sees the closed socket; within a hanging decoder the kernel's alarm ends it."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, state, *COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(bad(HANG))
        parent.stdin.close()
        pid = int(parent.stdout.readline())
        if state == "busy":
            assert parent.stdout.readline() == b"busy\n"
        assert is_running(pid)
        parent.kill()
    wait_until(lambda: not is_running(pid))


def test_the_worker_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NGUON_SECRET_KEY", "hush")
    with DecoderPool() as pool:
        pool.decoders()
        (pid,) = pool.process_ids()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        files = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    assert b"hush" not in environment
    assert all(name.startswith(("/dev/null", "socket:")) for name in files)


def test_memory_of_a_decoder_is_bounded() -> None:
    """39 megapixels in colour do not fit into the given space: refused, the process lives on."""
    large = as_bytes(Image.new("RGB", (6500, 6000)), "PNG", compress_level=1)
    with DecoderPool(timeout=60, memory=260 << 20) as pool:
        pool.decoders()
        pids = pool.process_ids()
        with pytest.raises(errors.PhotoTooLarge, match="memory"):
            pool.read(large)
        assert pool.read(GOOD).symbols
        assert pool.process_ids() == pids
