"""Making a write of the ledger fail: lost, kept but reported as failed, or the process killed.

A write is each changing SQL statement, each commit, each file that the tile store puts in place.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from ledger.tile import Tile
from tests.ledger_lab import Lab

LOST = "lost"
KEPT = "kept but error"
KILL_BEFORE = "killed before"
KILL_AFTER = "killed after"


class Broken(Exception):
    """The injected failure."""


class Faults:
    """Counts writes and makes the one with number ``at`` fail in this way."""

    def __init__(self, at: int, mode: str) -> None:
        self.at = at
        self.mode = mode
        self.names: list[str] = []

    def write(self, name: str, do: Callable[[], Any]) -> Any:
        hit = len(self.names) == self.at
        self.names.append(name)
        if hit and self.mode == LOST:
            raise Broken(f"{name} was lost")
        if hit and self.mode == KILL_BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        result = do()
        if hit and self.mode == KILL_AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        if hit and self.mode == KEPT:
            raise Broken(f"{name} was kept, and an error came back")
        return result


@contextmanager
def faults(lab: Lab, at: int, mode: str = LOST) -> Iterator[Faults]:
    """Put a fault into the lab's database engine and tile store; ``at`` -1 only counts."""
    fault, dialect, tiles = Faults(at, mode), lab.engine.dialect, lab.tiles
    commit, write, publish = dialect.do_commit, tiles.write, tiles.publish

    def do_commit(connection: Any) -> None:
        if changed:
            changed.clear()
            fault.write("commit", lambda: commit(connection))
        else:
            commit(connection)

    changed: list[str] = []

    def is_change(statement: str) -> bool:
        return statement.startswith(("INSERT", "UPDATE", "DELETE"))

    def before(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if is_change(statement) and fault.mode in (LOST, KILL_BEFORE):
            fault.write(statement.split("(")[0].strip(), lambda: None)

    def after(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if is_change(statement):
            changed.append(statement)
            if fault.mode in (KEPT, KILL_AFTER):
                fault.write(statement.split("(")[0].strip(), lambda: None)

    def put_tile(at: Tile, data: bytes) -> None:
        fault.write(at.path, lambda: write(at, data))

    def put_checkpoint(note: bytes) -> None:
        fault.write("publish", lambda: publish(note))

    event.listen(lab.engine, "before_cursor_execute", before)
    event.listen(lab.engine, "after_cursor_execute", after)
    with (
        _set(dialect, "do_commit", do_commit),
        _set(tiles, "write", put_tile),
        _set(tiles, "publish", put_checkpoint),
    ):
        try:
            yield fault
        finally:
            event.remove(lab.engine, "before_cursor_execute", before)
            event.remove(lab.engine, "after_cursor_execute", after)


@contextmanager
def _set(target: object, name: str, value: object) -> Iterator[None]:
    setattr(target, name, value)
    try:
        yield
    finally:
        delattr(target, name)
