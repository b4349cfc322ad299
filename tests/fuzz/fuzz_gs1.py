"""Fuzz target of gs1: ``python tests/fuzz/fuzz_gs1.py -max_total_time=3600 [corpus]``.

It needs atheris, which is no dependency: without it the target says so. Findings are any exception
outside the error tree, and any input up to 8 kB that takes more than 10 ms of processor time.
Instrumented code is several times slower, so that time is measured by another process without
instrumentation, three times, and the least counts. The short run of the suite is in
test_short_run.py.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gs1 import epcis
from gs1.batch import answer, answer_line
from gs1.digital_link import DigitalLink, LinkTemplate
from gs1.epcis.event_hash import event_hash
from gs1.equivalence import Key
from gs1.errors import Gs1Error
from gs1.explain import explain, lines
from gs1.linters import LINTERS

LONGEST = 8192
SLOWEST = 0.010
_LINTERS = sorted(LINTERS)
_LINK = DigitalLink.parse("https://example.com/01/09521234543213/10/A%2FB/21/1?17=271231&99=%25")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _batch(operation: str) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        told = answer({"op": operation, "in": _text(data)})
        if not isinstance(told["ok"], bool):
            raise TypeError(told)

    return run


def _line(data: bytes) -> None:
    if not isinstance(answer_line(_text(data))["ok"], bool):
        raise TypeError(data)


def _lint(data: bytes) -> None:
    """The first octet chooses the linter."""
    name = _LINTERS[data[0] % len(_LINTERS)] if data else ""
    told = answer({"op": "lint", "linter": name, "in": _text(data[1:])})
    if not isinstance(told["ok"], bool):
        raise TypeError(told)


def _explain(data: bytes) -> None:
    for lang in ("vi", "en"):
        lines(explain(_text(data), lang))


def _epcis(data: bytes) -> None:
    with suppress(Gs1Error):
        document = epcis.parse(data)
        for event in document.events:
            event_hash(event, document.context)


def _template(data: bytes) -> None:
    with suppress(Gs1Error):
        LinkTemplate.parse(_text(data)).expand(_LINK)


def _key(data: bytes) -> None:
    with suppress(Gs1Error):
        key = Key.parse(_text(data))
        if key.items and Key.parse(key.canonical) != key:
            raise ArithmeticError(key.canonical)


OPERATIONS: tuple[Callable[[bytes], None], ...] = (
    *map(_batch, ("bracketed", "data", "scan", "epc", "hex", "identify")),
    _line,
    _lint,
    _explain,
    _epcis,
    _template,
    _key,
)


def try_one(data: bytes) -> None:
    """Try one input: its first octet chooses the operation, the rest is the text."""
    OPERATIONS[data[0] % len(OPERATIONS) if data else 0](data[1 : LONGEST + 1])


def seconds(data: bytes) -> float:
    """Processor time of one input."""
    start = time.process_time()
    try_one(data)
    return time.process_time() - start


class Clock:
    """Another process, without instrumentation, that has answered an input of each kind before."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--clock"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, data: bytes) -> float:
        """Least processor time of three runs."""
        told, asked = self.process.stdout, self.process.stdin
        if told is None or asked is None:
            raise BrokenPipeError
        asked.write(f"{data.hex()}\n")
        asked.flush()
        return float(told.readline())


def serve_clock() -> None:
    """Answer lines of hexadecimal with seconds."""
    for operation in range(len(OPERATIONS)):
        try_one(bytes([operation]) + b"(01)09521234543213")
    for line in sys.stdin:
        data = bytes.fromhex(line)
        print(min(seconds(data) for _ in range(3)), flush=True)


def main() -> int:
    """Run atheris; 2 without it."""
    if sys.argv[1:] == ["--clock"]:
        serve_clock()
        return 0
    try:
        atheris = import_module("atheris")
    except ModuleNotFoundError:
        sys.stderr.write("atheris is not installed\n")
        return 2
    clock = Clock()

    def try_one_in_time(data: bytes) -> None:
        if seconds(data) > SLOWEST and clock.seconds(data) > SLOWEST:
            raise TimeoutError(data[:80])

    atheris.instrument_all()
    atheris.Setup(sys.argv, try_one_in_time)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
