"""What a witness remembers of each log: the last checkpoint that it cosigned, in SQLite."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import ConflictError, StateError, UnavailableError
from ledger.merkle import EMPTY_ROOT

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS witness_key (vkey TEXT PRIMARY KEY) STRICT;
"""


@dataclass(frozen=True)
class Seen:
    """The last cosigned checkpoint of a log, with all its signatures; size 0 and none at first."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: bytes | None = None


class State:
    """The memory of a witness; every change is on the disk before the method returns."""

    def __init__(self, path: Path, vkeys: tuple[str, ...]) -> None:
        """Open the file, or make it; it belongs to the keys that it was made with.

        Raises StateError for the file of another witness: what its keys cosigned is not
        known. Raises UnavailableError for a file that cannot be opened or is no such memory.
        """
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise UnavailableError(f"{path}: {error}") from error
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._claim(vkeys)
        except sqlite3.Error as error:
            self._connection.close()
            raise UnavailableError(f"{path}: {error}") from error
        except BaseException:
            self._connection.close()
            raise

    def _claim(self, vkeys: tuple[str, ...]) -> None:
        self._connection.executescript(_SCHEMA)
        self._connection.execute("BEGIN IMMEDIATE")
        known = {row[0] for row in self._connection.execute("SELECT vkey FROM witness_key")}
        if known and not known.intersection(vkeys):
            raise StateError("the state file is the memory of a witness with other keys")
        self._connection.executemany(
            "INSERT OR IGNORE INTO witness_key VALUES (?)", [(vkey,) for vkey in vkeys]
        )
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Finish what is being written and close the file."""
        with self._lock:
            self._connection.close()

    def last(self, origin: str) -> Seen:
        """The last cosigned checkpoint of the log."""
        with self._lock:
            row = self._connection.execute(
                "SELECT size, root, note FROM cosigned WHERE origin = ?", (origin,)
            ).fetchone()
        return Seen() if row is None else Seen(*row)

    def advance(self, origin: str, old: Seen, new: Seen) -> None:
        """Replace ``old`` by ``new`` in one step; ConflictError if ``old`` is no longer the last.

        This is the compare-and-swap without which two requests at once could go back in size.
        """
        where: tuple[object, ...] = (origin,)
        if old.note is None:
            query = "INSERT INTO cosigned (size, root, note, origin) VALUES (?, ?, ?, ?)"
            query += " ON CONFLICT (origin) DO NOTHING"
        else:
            query = "UPDATE cosigned SET size = ?, root = ?, note = ?"
            query += " WHERE origin = ? AND size = ? AND root = ?"
            where = (origin, old.size, old.root)
        with self._lock:
            done = self._connection.execute(query, (new.size, new.root, new.note, *where))
            if done.rowcount != 1:
                raise ConflictError(f"{origin} has moved on from size {old.size}")
