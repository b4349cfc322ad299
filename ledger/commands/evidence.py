"""``python -m ledger evidence``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.commands.terminal import say
from ledger.cosignature import parse_verifier
from ledger.witness import evidence

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("evidence", help="judge a witness's evidence against a log")
    parser.add_argument("file", type=Path, help="file that the witness wrote")
    parser.add_argument(
        "--key", action="append", help="a key of the log from elsewhere; may be repeated"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    found = evidence.parse(arguments.file.read_bytes())
    keys = None if arguments.key is None else [parse_verifier(key) for key in arguments.key]
    shown = evidence.judge(found, keys)
    say("Both checkpoints are signed by the log.")
    if keys is None:
        say("This holds if these are its keys:")
        for key in found.log_keys:
            say(f"  {key[:120]}")
    say(f"{'PROVEN' if shown.proven else 'not proven'}: {shown.text}")
    return 0 if shown.proven else 1
