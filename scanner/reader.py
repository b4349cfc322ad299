"""``python -m scanner read FILE…``: photos, folders and patterns to lines or JSON objects."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from scanner import DecoderPool, ScanError, read
from scanner.files import Progress, command, found, load
from scanner.record import record, refusal


def add_to(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    parser = command(commands, "read", "decode the symbols of photos")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read every file; the exit status is documented in ``scanner.files.EXIT_CODES``."""
    files = found(options.files)
    if not files:
        sys.stderr.write("scanner: no file to read there\n")
        return 2
    failed = 0
    progress = Progress(len(files))
    with DecoderPool() as pool:
        for number, file in enumerate(files):
            progress.show(number)
            outcome = _read(file, pool)
            progress.clear()
            failed |= any(note.startswith("error: ") for note in outcome["notes"])
            _show(outcome, as_json=options.json)
    return failed


def _read(file: Path, pool: DecoderPool) -> dict[str, Any]:
    try:
        return record(str(file), read(load(file, pool.limits.max_bytes), pool))
    except (ScanError, OSError) as error:
        return refusal(str(file), error)


def _show(outcome: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
        return
    path, symbols, notes = outcome["path"], outcome["symbols"], outcome["notes"]
    errors = [note for note in notes if note.startswith("error: ")]
    if errors:
        sys.stderr.write(f"{path}: {errors[0].removeprefix('error: ')}\n")
        return
    count = f"{len(symbols) or 'no'} symbol{'s' * (len(symbols) != 1)}"
    sys.stdout.write(f"{path}: {count}, {outcome['ms']} ms\n")
    for symbol in symbols:
        sys.stdout.write(f"  {_line(symbol)}\n")


def _line(symbol: dict[str, Any]) -> str:
    text = symbol["text"].replace("\x1d", "<GS>")
    place = f" (page {symbol['page']})" if "page" in symbol else ""
    more = f" + {symbol['add_on']}" if "add_on" in symbol else ""
    name = f"{symbol['format']} {symbol['symbology_identifier']}"
    return f"{name} {symbol['tier']}{place}: {text}{more}"
