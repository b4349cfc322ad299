"""What every command shares: lines for people, and keys as people give them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.note import Verifier

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def say(line: str) -> None:
    """Write one line to standard output."""
    sys.stdout.write(f"{line}\n")


def read_key(text: str) -> Verifier:
    """Verifier of a vkey string, or of a file that holds one."""
    file = Path(text)
    if "+" not in text or file.is_file():
        text = file.read_text(encoding="utf-8").removesuffix("\n")
    return Verifier.parse(text)
