"""What the processes of the multi-process tests run: ``python -m tests.ledger_workers …``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from ledger.errors import ConflictError, ContinuityError
from tests.ledger_faults import faults
from tests.ledger_lab import Lab


def race(url: str, folder: str, count: str, care: str) -> None:
    """Append to one shared stream and sign, as fast as possible, beside others that do so too."""
    lab = Lab(url, Path(folder))
    add = lab.append_in if care == "careful" else lab.append_unlocked
    print("ready", flush=True)
    sys.stdin.readline()
    done = 0
    while done < int(count):
        try:
            with lab.engine.begin() as connection:
                appended = add(connection, "s", b"%d" % done)
        except (ConflictError, ContinuityError):
            print("again", flush=True)
            continue
        done += 1
        print(appended.index, flush=True)
        if done % 10 == 0:
            lab.integrate()


def killed(url: str, folder: str, at: str, mode: str) -> None:
    """Append and sign until the write with this number kills the process."""
    lab = Lab(url, Path(folder))
    with faults(lab, int(at), mode):
        for number in range(4):
            print(lab.append("s", b"%d" % number).index, flush=True)
            print(f"signed {lab.integrate().size}", flush=True)


def endless(url: str, folder: str) -> None:
    """Append and sign until somebody kills the process."""
    lab = Lab(url, Path(folder))
    number = 0
    while True:
        print(lab.append("s", b"%d" % number).index, flush=True)
        if number % 5 == 0:
            print(f"signed {lab.integrate().size}", flush=True)
        number += 1


if __name__ == "__main__":
    workers: dict[str, Callable[..., None]] = {"race": race, "killed": killed, "endless": endless}
    workers[sys.argv[1]](*sys.argv[2:])
