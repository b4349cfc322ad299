"""A hash over rows of a table, the same whatever database they are read from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

Plain = str | bytes | int | float | None


class RowHash:
    """SHA-256 over rows in their order; each value is told apart by kind and length."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.sha256()

    def add(self, rows: Iterable[Iterable[Any]]) -> None:
        """Take in further rows, of :data:`Plain` values."""
        for row in rows:
            self.rows += 1
            self._hash.update(b"r" + b"".join(map(_encode, row)))

    def digest(self) -> bytes:
        """The hash of the rows so far."""
        return self._hash.digest()


def _encode(value: Plain) -> bytes:
    match value:
        case None:
            return b"n"
        case bytes():
            return b"b%d:%b" % (len(value), value)
        case str():
            text = value.encode()
            return b"s%d:%b" % (len(text), text)
        case int():
            return b"i%d;" % value
        case float():
            return b"f%b;" % value.hex().encode()
