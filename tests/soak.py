"""How long the long tests run: a short while in the suite, the whole way with ``make soak``."""

from __future__ import annotations

import os
import random
import sys

LONG = "NGUON_SOAK" in os.environ
SEED = int(os.environ.get("NGUON_SOAK_SEED") or (random.randrange(10**9) if LONG else 2026))


def count(short: int, long: int) -> int:
    """How often to try: ``long`` times in a soak, otherwise ``short``."""
    return long if LONG else short


def progress(name: str, done: int, of: int) -> None:
    """Show how far a soak has come."""
    if LONG and (done == of or done % max(1, of // 100) == 0):
        sys.__stderr__ and print(f"\r{name}: {done} of {of} ", end="", file=sys.__stderr__)


def report(text: str) -> None:
    """Print what was counted, with the seed that repeats it."""
    print(f"\n{text} (seed {SEED})")
