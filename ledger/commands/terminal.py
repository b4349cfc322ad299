"""What every command shares: lines for people, progress, and keys as people give them."""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ledger.cosignature import parse_verifier
from ledger.errors import FormatError
from ledger.note import Verifier, VerifierKey
from ledger.policy import Policy
from ledger.trust import Trust

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_REDRAW_SECONDS = 0.2
_MAX_NAME = 1024
"""No path of a file is longer than this; the keys of a log are."""


def say(line: str) -> None:
    """Write one line to standard output; octets of a name that are no UTF-8 are escaped."""
    sys.stdout.write(line.encode("utf-8", "backslashreplace").decode() + "\n")


def write_new(file: Path, data: bytes) -> None:
    """Write a file for its owner alone, whole or not at all, and never over one that is there."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def positive(text: str) -> float:
    """The value of an option that counts seconds or a rate: a number above zero, and finite."""
    number = float(text)
    if not (number > 0 and math.isfinite(number)):
        raise argparse.ArgumentTypeError(f"a number above zero is expected, not {text}")
    return number


def read_key(text: str) -> Verifier:
    """The log's Ed25519 verifier key of a vkey string, or of a file with one vkey a line."""
    for key in read_keys(text):
        if isinstance(key, Verifier):
            return key
    raise argparse.ArgumentError(None, "no Ed25519 key is given")


def read_keys(text: str) -> tuple[VerifierKey, ...]:
    """Verifier keys of a vkey string, or of a file with one vkey a line."""
    try:
        if "+" not in text or (len(text) < _MAX_NAME and Path(text).is_file()):
            text = Path(text).read_text(encoding="utf-8").removesuffix("\n")
        keys = tuple(parse_verifier(line) for line in text.split("\n"))
    except (FormatError, UnicodeDecodeError) as error:
        raise argparse.ArgumentError(None, f"not a verifier key: {error}") from error
    if len({key.name for key in keys}) != 1:
        raise argparse.ArgumentError(None, "the keys are not those of one log")
    return keys


def read_log_key(text: str) -> Verifier:
    """The Ed25519 verifier key among those of a vkey string or of a file."""
    for key in read_keys(text):
        if isinstance(key, Verifier):
            return key
    raise argparse.ArgumentError(None, "the log's Ed25519 key is needed")


def read_trust(key: str | None, policy: str | None) -> Trust | None:
    """Trust in the log of ``--key``, or in that of the policy file; None without either."""
    if key is not None and policy is not None:
        raise argparse.ArgumentError(None, "either --key or --policy")
    if policy is not None:
        return _trust_of(Path(policy).read_bytes(), policy)
    return None if key is None else Trust.of_key(*read_keys(key))


def _trust_of(data: bytes, name: str) -> Trust:
    try:
        return Trust(Policy.parse(data))
    except FormatError as error:
        raise argparse.ArgumentError(None, f"{name} is no policy of one log: {error}") from error


class Progress:
    """A line on the terminal that counts entries; nothing where output is no terminal."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = sys.stderr.isatty()
        self._begin = self._last = time.monotonic()
        self._first: int | None = None

    def __call__(self, entries: int) -> None:
        """Show that so many entries are done."""
        now = time.monotonic()
        if not self._shown or now - self._last < _REDRAW_SECONDS:
            return
        self._last = now
        self._first = entries if self._first is None else self._first
        rate = (entries - self._first) / (now - self._begin)
        sys.stderr.write(f"\r{self._what}: {entries:,} entries, {rate:,.0f}/s\x1b[K")
        sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
