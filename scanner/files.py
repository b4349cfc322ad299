"""What commands that read photos share: files at the places named, a progress bar, exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scanner.errors import PhotoTooLarge
from scanner.header import SUFFIXES

EXIT_CODES = """\
exit status: 0  every file was opened (with or without a symbol)
             1  a file could not be opened or its decoder failed; the others were read
             2  wrong usage, or nothing to read at the given places
             130  interrupted
             141  whoever read the output went away
"""
_BAR = 24  # characters


def command(commands: Any, name: str, purpose: str) -> argparse.ArgumentParser:
    """Add a subcommand that goes through files: places to look in, and JSON on request."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=purpose,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="file, folder or pattern")
    parser.add_argument("--json", action="store_true", help="one JSON object per file")
    return parser


def found(places: Iterable[str], suffixes: tuple[str, ...] = SUFFIXES) -> list[Path]:
    """The files at the given places, each once: themselves, pictures below folders, matches of
    patterns.

    A name that is nothing of these is given as it is, so that reading it says what is wrong.
    """
    return list(dict.fromkeys(_found(places, suffixes)))


def _found(places: Iterable[str], suffixes: tuple[str, ...]) -> Iterator[Path]:
    for place in places:
        path = Path(place)
        if path.is_dir():
            yield from _pictures(path, suffixes)
        elif not path.exists() and any(sign in place for sign in "*?["):
            for match in sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))):
                yield from _pictures(match, suffixes) if match.is_dir() else [match]
        else:
            yield path


def _pictures(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Files below a folder that have the name of a picture, in order; no pipes or devices."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if name.lower().endswith(suffixes) and (path.is_file() or not path.exists()):
                yield path


def load(file: Path, most: int) -> bytes:
    """The bytes of a file, or of a pipe, which may never end; raises :class:`PhotoTooLarge`."""
    with file.open("rb") as source:
        data = source.read(most + 1)
    if len(data) > most:
        raise PhotoTooLarge(f"at most {most / 1e6:g} MB are opened")
    return data


class Progress:
    """A bar on the terminal where there are many files; nothing in redirected output."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._shown = total > 1 and sys.stderr.isatty()

    def show(self, done: int) -> None:
        """Draw the bar, below what was written so far."""
        if self._shown:
            full = _BAR * done // self._total
            self._write(f"\r{'█' * full}{'·' * (_BAR - full)} {done}/{self._total}")

    def clear(self) -> None:
        """Take the bar away before anything else is written."""
        if self._shown:
            self._write(f"\r{' ' * (_BAR + 24)}\r")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
