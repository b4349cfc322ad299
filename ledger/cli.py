"""Commands of ``python -m ledger``. Exit code 0 right, 1 wrong, 2 usage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ledger.commands import (
    audit,
    backup,
    evidence,
    keygen,
    monitor,
    offline,
    receipt,
    redact,
    rotate,
    timestamp,
    verify,
    witness,
)
from ledger.commands.terminal import say
from ledger.errors import LedgerError

_COMMANDS = (
    keygen,
    verify,
    audit,
    monitor,
    receipt,
    timestamp,
    offline,
    witness,
    evidence,
    backup,
    redact,
    rotate,
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ledger", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except (DBAPIError, LedgerError, OSError, UnicodeDecodeError) as error:
        say(f"WRONG {error.__cause__ or error}")
        return 1
    except (argparse.ArgumentError, ArgumentError, NoSuchModuleError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
