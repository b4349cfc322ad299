"""Command line: ``python -m scanner read | quality | label | doctor``."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path
from typing import get_args

from scanner import DecoderPool, ScanError, doctor, reader
from scanner.label import Form, Label, form_of, render
from scanner.quality import command as quality_command
from scanner.symbols import KINDS


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

    label = commands.add_parser("label", help="write a label")
    label.add_argument("kind", choices=KINDS)
    label.add_argument("data", help="GTIN, bracketed element string or Digital Link URI")
    label.add_argument("output", type=Path, help=f"file.{' | file.'.join(get_args(Form))}")
    label.add_argument("--name", default="", help="product name")
    label.add_argument("--lot", default="")
    label.add_argument("--expiry", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD")
    label.add_argument("--net-content", default="")
    label.add_argument("--x-dimension", type=float, metavar="MM", help="width of a module")
    label.add_argument("--dpi", type=int, default=300, help="of a PNG")
    label.add_argument("--language", choices=("vi", "en"), default="vi")
    label.set_defaults(run=_label)

    checkup = commands.add_parser("doctor", help="say which decoders work here")
    checkup.set_defaults(run=_doctor)
    return parser


def _label(options: argparse.Namespace) -> int:
    label = Label(
        kind=options.kind,
        data=options.data,
        name=options.name,
        lot=options.lot,
        expiry=options.expiry,
        net_content=options.net_content,
        x_dimension=options.x_dimension,
        language=options.language,
    )
    options.output.write_bytes(render(label, form_of(options.output.name), options.dpi))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    del options
    with DecoderPool() as pool:
        for name, state in doctor(pool).items():
            print(f"{name}: {state}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
