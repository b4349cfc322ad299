"""Command line: ``python -m scanner read | quality | card | label | sheet | doctor``."""

from __future__ import annotations

import argparse
import sys

from scanner import DecoderPool, ScanError, doctor, printing, reader
from scanner.quality import command as quality_command


def main(arguments: list[str] | None = None) -> int:
    """Run one command; exit status 0 for success, 1 where a file could not be read or written."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ScanError, OSError) as error:
        print(f"scanner: {error}", file=sys.stderr)
        return 1


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
