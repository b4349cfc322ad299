"""``python -m ledger verify``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ledger import bundle
from ledger.commands.terminal import read_key, say

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    verify = commands.add_parser("verify", help="check a proof bundle offline")
    verify.add_argument("bundle", help="file of the bundle")
    verify.add_argument("--key", required=True, help="the log's verifier key, or a file with it")
    verify.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    source = Path(arguments.bundle).read_bytes()
    steps = bundle.steps(source, read_key(arguments.key))
    for step in steps:
        say(f"{step.number}. {step.state.value:11} {step.claim}: {step.value or '-'}")
    right = all(step.state is bundle.State.RIGHT for step in steps)
    say("The bundle holds." if right else "The bundle does NOT hold.")
    return 0 if right else 1
