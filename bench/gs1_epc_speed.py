"""EPC hexadecimal to GS1 Digital Link, in EPCs per second of CPU on one core (target 60,000).

``python bench/gs1_epc_speed.py``: median of 7 runs per coding over distinct EPCs, with load and
machine. The peer is the time of ``int(text, 16)`` alone, which no decoder can do without.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from gs1.epc import Epc, from_hex

COUNT = 20_000
RUNS = 7


def epcs(coding: str, rng: random.Random) -> list[str]:
    """COUNT different EPCs of a coding, in hexadecimal."""
    serials = rng.sample(range(1, 2**36), COUNT)
    references = [f"{rng.randrange(10**6):06}" for _ in range(COUNT)]
    if coding == "sscc-96":
        made = (Epc("sscc", ("9521141", f"{serial % 10**10:010}")) for serial in serials)
    else:
        letters = "" if coding == "sgtin-96" else "aB"
        made = (
            Epc("sgtin", ("9521141", reference, f"{serial}{letters}"))
            for reference, serial in zip(references, serials, strict=True)
        )
    return [epc.to_hex(coding, 3) for epc in made]


def rate(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Median texts per second of process CPU time."""
    results = []
    for _ in range(RUNS):
        start = time.process_time()
        for text in texts:
            work(text)
        results.append(len(texts) / (time.process_time() - start))
    return statistics.median(results)


def to_digital_link(text: str) -> str:
    return from_hex(text).to_digital_link()


def main() -> None:
    rng = random.Random(2026)
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load}, {platform.python_version()}")
    for coding in ("sgtin-96", "sscc-96", "sgtin-198", "sgtin+"):
        texts = epcs(coding, rng)
        speed = rate(to_digital_link, texts)
        base = rate(lambda text: int(text, 16), texts)
        print(f"{coding:10} {speed:9,.0f} EPC/s to Digital Link   {base / speed:5.1f} x int()")


if __name__ == "__main__":
    main()
