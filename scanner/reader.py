"""``python -m scanner read FILE…``: photos, folders and patterns to lines or JSON objects."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scanner import DecoderPool, ScanError, read
from scanner.errors import PhotoTooLarge
from scanner.header import SUFFIXES
from scanner.record import record, refusal

EXIT_CODES = """\
exit status: 0  every file was opened (with or without a symbol)
             1  a file could not be opened or its decoder failed; the others were read
             2  wrong usage, or nothing to read at the given places
             130  interrupted
"""
_BAR = 24  # characters


def add_to(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    parser = commands.add_parser(
        "read",
        help="decode the symbols of photos",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="file, folder or pattern")
    parser.add_argument("--json", action="store_true", help="one JSON object per file")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read every file; the exit status is documented in ``EXIT_CODES``."""
    files = list(dict.fromkeys(found(options.files)))
    if not files:
        sys.stderr.write("scanner: no file to read there\n")
        return 2
    failed = 0
    with DecoderPool() as pool:
        for file in _with_progress(files):
            outcome = _read(file, pool)
            failed |= any(note.startswith("error: ") for note in outcome["notes"])
            _show(outcome, as_json=options.json)
    return failed


def found(places: Iterable[str]) -> Iterator[Path]:
    """The files at the given places: themselves, pictures below folders, matches of patterns.

    A name that is nothing of these is given as it is, so that reading it says what is wrong.
    """
    for place in places:
        path = Path(place)
        if path.is_dir():
            yield from _pictures(path)
        elif not path.exists() and any(sign in place for sign in "*?["):
            for match in sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))):
                yield from _pictures(match) if match.is_dir() else [match]
        else:
            yield path


def _pictures(folder: Path) -> Iterator[Path]:
    """Files below a folder that have the name of a picture or a PDF, in order."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES):
                yield Path(parent, name)


def _read(file: Path, pool: DecoderPool) -> dict[str, Any]:
    try:
        if file.stat().st_size > pool.limits.max_bytes:
            raise PhotoTooLarge(f"at most {pool.limits.max_bytes / 1e6:g} MB are opened")
        return record(str(file), read(file.read_bytes(), pool))
    except (ScanError, OSError) as error:
        return refusal(str(file), error)


def _with_progress(files: list[Path]) -> Iterator[Path]:
    """The files, with a bar on the terminal where there are many; never in redirected output."""
    shown = sys.stderr.isatty() and len(files) > 1
    for done, file in enumerate(files):
        yield file
        if shown:
            full = _BAR * (done + 1) // len(files)
            bar = "█" * full + "·" * (_BAR - full)
            sys.stderr.write(f"\r{bar} {done + 1}/{len(files)}")
            sys.stderr.flush()
    if shown:
        sys.stderr.write("\r" + " " * (_BAR + 24) + "\r")


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
