"""``python -m ledger verify``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ledger import bundle
from ledger.commands.terminal import read_trust, say

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    verify = commands.add_parser("verify", help="check a proof bundle offline")
    verify.add_argument("bundle", help="file of the bundle")
    verify.add_argument("--key", help="the log's verifier key, or a file with one a line")
    verify.add_argument("--policy", help="file of the trust policy: log and witnesses")
    verify.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    source = Path(arguments.bundle).read_bytes()
    trust = read_trust(arguments.key, arguments.policy)
    if trust is None:
        raise argparse.ArgumentError(None, "the log's --key or a --policy is needed")
    steps = bundle.steps(source, trust)
    for step in steps:
        say(f"{step.number}. {step.state.value:11} {step.claim}: {step.value or '-'}")
    right = all(step.state is bundle.State.RIGHT for step in steps)
    say("The bundle holds." if right else "The bundle does NOT hold.")
    return 0 if right else 1
