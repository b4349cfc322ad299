"""Command line: ``python -m scanner read | quality | card | label | sheet | doctor``."""

from __future__ import annotations

import argparse
import os
import sys

from scanner import DecoderPool, ScanError, doctor, printing, reader
from scanner.quality import command as quality_command

_INTERRUPTED, _BROKEN_PIPE = 130, 141  # as a shell tells SIGINT and SIGPIPE


def main(arguments: list[str] | None = None) -> int:
    """Run one command; exit status 0 for success, 1 where a file could not be read or written."""
    _open_streams()
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered must not be written on the way out either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except (ScanError, OSError) as error:
        print(f"scanner: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nscanner: interrupted\n")
        return _INTERRUPTED
    return status


def _open_streams() -> None:
    """Put something where the shell closed a standard stream, or a socket would take its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scanner", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    reader.add_to(commands)
    quality_command.add_to(commands)
    quality_command.add_card_to(commands)

    printing.add_to(commands)

    checkup = commands.add_parser("doctor", help="say which decoders work here")
    checkup.set_defaults(run=_doctor)
    return parser


def _doctor(options: argparse.Namespace) -> int:
    del options
    with DecoderPool() as pool:
        for name, state in doctor(pool).items():
            print(f"{name}: {state}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
