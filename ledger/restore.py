"""Filling a new database from a backup, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import URL, make_url

from ledger import backup, database, restored, schema
from ledger.backup import Manifest
from ledger.errors import StateError

Prepare = Callable[[Connection, Connection], None]
"""Makes the tables in the new database (first); may read the backup (second) to know which."""

_AT_ONCE = 1_000


def restore(file: Path, url: str, now: datetime, prepare: Prepare | None = None) -> Manifest:
    """Check a backup, and fill a new database with it; its logs are marked as restored.

    ``prepare`` makes the tables, those of the ledger unless given. A SQLite file must not be
    there, a database of PostgreSQL must be empty: nothing is ever overwritten. Raises
    :class:`FileExistsError` or :class:`StateError`.
    """
    manifest = backup.verify(file)
    make = prepare or _ledger_tables
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _restore_file(file, Path(parsed.database or ""), make, now)
    else:
        engine = database.connect(url)
        try:
            _fill(engine, file, make, now)
        finally:
            engine.dispose()
    return manifest


def _ledger_tables(target: Connection, _backup: Connection) -> None:
    schema.metadata.create_all(target)


def _restore_file(file: Path, target: Path, make: Prepare, now: datetime) -> None:
    if target.exists():
        raise FileExistsError(f"{target} is there already")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
        made = Path(folder) / target.name
        engine = database.connect(URL.create("sqlite", database=str(made)).render_as_string())
        _fill(engine, file, make, now)
        # What is in the write-ahead log belongs to the file that is about to be moved.
        with engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        backup.sync(made)
        target.hardlink_to(made)  # unlike a rename, fails if the name was taken meanwhile
        backup.sync(target.parent)


def _fill(engine: Engine, file: Path, make: Prepare, now: datetime) -> None:
    with engine.begin() as target, backup.reading(file) as source:
        if names := inspect(target).get_table_names():
            raise StateError(f"the database is not empty: it has the table {names[0]}")
        make(target, source)
        tables = MetaData()
        tables.reflect(target)
        listed = set(inspect(source).get_table_names()) - {backup.MANIFEST}
        if missing := sorted(listed - set(tables.tables)):
            raise StateError(
                f"the backup has tables of an application, {missing[0]} for one:"
                " restore it with the application's own command"
            )
        for table in reversed(tables.sorted_tables):
            target.execute(delete(table))
        for table in tables.sorted_tables:
            if table.name in listed:
                _copy(source, table, target)
        restored.mark(target, now)


def _copy(source: Connection, table: Table, target: Connection) -> None:
    plain, rows = backup.rows_of(source, table.name)
    names = list(plain.columns.keys())
    columns = [table.columns[name] for name in names]
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append({c.name: _typed(v, c) for c, v in zip(columns, row, strict=True)})
        if len(batch) == _AT_ONCE:
            target.execute(insert(table), batch)
            batch = []
    if batch:
        target.execute(insert(table), batch)
    if target.dialect.name == "postgresql":
        _continue_sequences(table, target)


def _typed(value: Any, column: Column[Any]) -> Any:
    """A value of a backup as its column takes it; SQLite's columns take it as it is."""
    match column.type:
        case DateTime() if value is not None:
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        case Date() if value is not None:
            return date.fromisoformat(value)
        case Boolean() if value is not None:
            return bool(value)
        case _:
            return value


def _continue_sequences(table: Table, target: Connection) -> None:
    """Let the numbers that PostgreSQL gives go on behind those that were restored."""
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer) and column.server_default is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            last = select(func.max(column)).scalar_subquery()
            target.execute(select(func.setval(sequence, last)).where(last.is_not(None)))
