"""``python -m ledger keygen``."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from ledger.commands.terminal import say
from ledger.note import Signer

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    keygen = commands.add_parser("keygen", help="make a log key")
    keygen.add_argument("name", help="name of the log, for example example.com/log")
    keygen.add_argument("--out", required=True, help="new file for the secret key")
    keygen.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    signer = Signer.generate(arguments.name)
    line = signer.format()
    # Made for its owner alone from the start, and never over an existing key.
    handle = os.open(arguments.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{line}\n")
    say(signer.verifier.format())
    return 0
