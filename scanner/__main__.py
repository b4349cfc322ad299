"""Command line: ``python -m scanner read | label | doctor``."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path
from typing import get_args

from scanner import DecoderPool, Reading, ScanError, doctor, read
from scanner.label import Form, Label, form_of, render
from scanner.reading import to_wire
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

    reading = commands.add_parser("read", help="decode the symbols of photos")
    reading.add_argument("files", nargs="+", type=Path, metavar="FILE")
    reading.add_argument("--json", action="store_true", help="one JSON object per file")
    reading.set_defaults(run=_read)

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


def _read(options: argparse.Namespace) -> int:
    failed = 0
    with DecoderPool() as pool:
        for file in options.files:
            try:
                reading = read(file.read_bytes(), pool)
            except ScanError as error:
                failed = 1
                _show_failure(file, error, as_json=options.json)
            else:
                _show(file, reading, as_json=options.json)
    return failed


def _show_failure(file: Path, error: ScanError, *, as_json: bool) -> None:
    if as_json:
        failure = {"path": str(file), "error": error.code, "message": error.message}
        print(json.dumps(failure, ensure_ascii=False))
    else:
        print(f"{file}: {error.code}: {error.message}", file=sys.stderr)


def _show(file: Path, reading: Reading, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"path": str(file), **to_wire(reading)}, ensure_ascii=False))
        return
    found = "no symbol" if not reading.symbols else f"{len(reading.symbols)} symbol(s)"
    print(f"{file}: {found}, {reading.width} × {reading.height}, {reading.elapsed_ms:.0f} ms")
    for symbol in reading.symbols:
        text = symbol.text.replace("\x1d", "<GS>")
        print(f"  {symbol.symbology} {symbol.symbology_identifier} {symbol.tier}: {text}")
    for item in reading.disagreements:
        print("  disagreement: " + ", ".join(f"{name} {text}" for name, text in item.texts))


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
