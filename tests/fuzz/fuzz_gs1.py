"""Fuzz target of the GS1 texts: ``python tests/fuzz/fuzz_gs1.py -max_total_time=3600``.

It needs atheris, which is no dependency: without it the target says so. Findings are any
exception, and any input up to 8 kB that takes more than 10 ms of processor time three times in a
row. The short run of the suite, without times, is in test_short_run.py.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gs1.batch import answer, answer_line

OPERATIONS = ("bracketed", "data", "scan", "epc", "hex", "identify")
LONGEST = 8192
SLOWEST = 0.010


def try_one(data: bytes) -> None:
    """Answer one input: its first octet chooses the operation, the rest is the text."""
    choice = data[0] if data else 0
    text = data[1 : LONGEST + 1].decode("utf-8", "surrogateescape")
    if choice % 8 == 7:
        told = answer_line(text)
    else:
        told = answer({"op": OPERATIONS[choice % 8 % len(OPERATIONS)], "in": text})
    if not isinstance(told["ok"], bool):
        raise TypeError(told)


def try_one_in_time(data: bytes) -> None:
    """The same, with a limit on the time that must be broken three times."""
    if all(_seconds(data) > SLOWEST for _ in range(3)):
        raise TimeoutError(data[:80])


def _seconds(data: bytes) -> float:
    start = time.process_time()
    try_one(data)
    return time.process_time() - start


def main() -> int:
    """Run atheris; 2 without it."""
    try:
        atheris = import_module("atheris")
    except ModuleNotFoundError:
        sys.stderr.write("atheris is not installed\n")
        return 2
    atheris.instrument_all()
    atheris.Setup(sys.argv, try_one_in_time)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
