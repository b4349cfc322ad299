"""Every system call of an append and of a checkpoint fails once, or from then on: strace injects.

ENOSPC is a full disk, EIO a broken one. Nothing that was answered is lost, what failed was told,
and once the disk is well again the log goes on by itself.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import disk_model, soak
from tests.fault.test_ledger_power_cut import check, started
from tests.ledger_lab import Lab

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "mkdir")
ERRORS = ("ENOSPC", "EIO")
SHORT = 14
APPENDS = "2"


def command(lab: Lab) -> list[str]:
    return [
        *(sys.executable, "-m", "tests.ledger_workers", "steady"),
        *(lab.url, str(lab.tiles.folder), APPENDS),
    ]


def places(tmp_path: Path) -> list[tuple[str, int]]:
    """Which of all calls of each name are the log's: counted in an undisturbed run."""
    folder = tmp_path / "counted"
    folder.mkdir()
    lab, trace = started(folder), tmp_path / "trace"
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-o", str(trace)]
    subprocess.run([*strace, "-e", f"trace={','.join(CALLS)}", *command(lab)], check=True)
    found, numbers = [], dict.fromkeys(CALLS, 0)
    begun = False
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        call = line.split("(", 1)[0].split()[-1]
        if call not in numbers:
            continue
        numbers[call] += 1
        begun = begun or '"begin' in line
        if begun and str(folder) in line:
            found.append((call, numbers[call]))
    return found


@pytest.mark.slow
@pytest.mark.timeout(7200 if soak.LONG else 300)
def test_a_failing_call_loses_nothing_and_is_got_over(tmp_path: Path) -> None:
    sites = places(tmp_path)
    assert {"openat", "pwrite64", "write", "rename"} <= {call for call, _number in sites}
    every = [(*site, e, then) for site in sites for e in ERRORS for then in ("", "+")]
    chosen = every if soak.LONG else random.Random(soak.SEED).sample(every, SHORT)
    refused = 0
    for number, (call, at, error, then) in enumerate(chosen):
        folder = tmp_path / "run"
        folder.mkdir()
        lab = started(folder)
        inject = f"inject={call}:error={error}:when={at}{then}"
        strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"]
        done = subprocess.run(
            [*strace, "-e", f"trace={call}", "-e", inject, *command(lab)],
            capture_output=True,
            text=True,
            check=False,
        )
        said = [line.split() for line in done.stdout.splitlines()]
        refused += any(words[0] == "refused" for words in said)
        check(lab, [words for words in said if words[0] in ("accepted", "signed")])
        shutil.rmtree(folder)
        soak.progress("failing calls", number + 1, len(chosen))
    assert refused, "no call failed: the injection does nothing"
    soak.report(
        f"{len(chosen)} failing calls of {len(every)}, {refused} runs refused something:"
        " nothing answered was lost"
    )


def test_a_trace_is_read_as_it_was_meant() -> None:
    """Lines as strace 6 prints them with -xx -y."""
    lines = [
        r'12 openat(AT_FDCWD</>, "\x2f\x61", O_RDWR|O_CREAT, 0644) = 3<\x2f\x61>',
        r'12 pwrite64(3<\x2f\x61>, "\x68\x69", 2, 4096) = 2',
        r'12 write(1<pipe:[7]>, "\x6f\x6b\x0a", 3) = 3',
        r"12 fdatasync(3<\x2f\x61>) = 0",
        r'12 rename("\x2f\x61", "\x2f\x62") = 0',
        r'12 pwrite64(3<\x2f\x61>, "\x68\x69", 2, 0) = -1 EIO (Input/output error)',
    ]
    assert list(disk_model.parse("\n".join(lines))) == [
        disk_model.Operation("open", "/a", number=1),
        disk_model.Operation("write", "/a", b"hi", 4096),
        disk_model.Operation("write", "stdout", b"ok\n", -1),
        disk_model.Operation("sync", "/a"),
        disk_model.Operation("rename", "/a", target="/b"),
    ]
