"""Commands of ``python -m ledger``.

Exit code 0: right, or done. 1: wrong, or refused. 2: usage. 3: a file, a database or a host could
not be read or written; nothing is said of what it holds. ``monitor`` has more.
"""

from __future__ import annotations

import argparse
import os
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
from ledger.database import unavailable
from ledger.errors import LedgerError, RemoteError, UnavailableError

WRONG, USAGE, UNREADABLE, INTERRUPTED = 1, 2, 3, 130

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
    parser = argparse.ArgumentParser(
        prog="python -m ledger",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; what stopped it is one line on standard error."""
    parsed = _parser().parse_args(arguments)
    try:
        code = int(parsed.run(parsed))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our lines has gone (``… | head``): nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREADABLE
    except KeyboardInterrupt:
        return _stopped("interrupted", INTERRUPTED)
    except (argparse.ArgumentError, ArgumentError, NoSuchModuleError) as error:
        return _stopped(str(error), USAGE)
    except DBAPIError as error:
        return _stopped(str(error.orig), UNREADABLE if unavailable(error) else WRONG)
    except FileExistsError as error:  # nothing is ever overwritten
        return _stopped(str(error), WRONG)
    except (RemoteError, UnavailableError, OSError) as error:
        return _stopped(str(error), UNREADABLE)
    except (LedgerError, UnicodeDecodeError) as error:
        return _stopped(str(error), WRONG)
    return code


def _stopped(reason: str, code: int) -> int:
    sys.stderr.write(f"python -m ledger: {' '.join(reason.split())}\n")
    return code
