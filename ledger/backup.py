"""Backups: one file that holds every row of a database as it was at one moment.

The file is a SQLite database whatever the database is that it was made from: tables of the same
names without constraints, times as UTC text, and a manifest with the number of rows and a hash of
each table. So one program checks, audits, redacts and restores backups of both kinds. Tiles are
not in it, they are made anew from the entries; neither are the keys of the log.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnClause,
    Connection,
    Engine,
    MetaData,
    Row,
    Table,
    bindparam,
    create_engine,
    insert,
    inspect,
    literal_column,
    select,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import UserDefinedType

from ledger import codec
from ledger.database import DEFERRED
from ledger.errors import FormatError, MissingError, StateError
from ledger.rowhash import Plain, RowHash
from ledger.schema import ledger_entry, ledger_item, ledger_redaction
from ledger.sequencer import last_checkpoint

VERSION = 1
SUFFIX = ".backup"
MANIFEST = "ledger_backup"
_STREAMED = {"yield_per": 1_000}

_rowid: ColumnClause[int] = literal_column("rowid")

Change = Callable[[Connection], int]
"""Changes rows of a backup and gives how many."""


@dataclass(frozen=True)
class Part:
    """A table in a backup: its number of rows and the SHA-256 over them."""

    rows: int
    sha256: bytes


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; ``checkpoints`` are the last signed note of each log."""

    made_at: datetime
    dialect: str
    tables: dict[str, Part]
    checkpoints: dict[str, bytes]

    def format(self) -> bytes:
        """Canonical JSON."""
        return codec.dump_json(
            {
                "checkpoints": {log: note.decode() for log, note in self.checkpoints.items()},
                "dialect": self.dialect,
                "madeAt": codec.format_instant(self.made_at),
                "tables": {
                    name: {"rows": part.rows, "sha256": part.sha256.hex()}
                    for name, part in self.tables.items()
                },
                "v": VERSION,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        """The manifest of these bytes; raises :class:`FormatError`."""
        value = codec.check_members(
            codec.load_json(data), {"checkpoints", "dialect", "madeAt", "tables", "v"}
        )
        if type(value["v"]) is not int or value["v"] != VERSION:
            raise FormatError(f"unknown version of a backup: {value['v']!r:.32}")
        if not isinstance(value["tables"], dict) or not isinstance(value["checkpoints"], dict):
            raise FormatError("objects expected")
        return cls(
            codec.parse_instant(codec.text_of(value["madeAt"])),
            codec.text_of(value["dialect"]),
            {name: _part(part) for name, part in value["tables"].items()},
            {log: codec.text_of(note).encode() for log, note in value["checkpoints"].items()},
        )


def _part(value: object) -> Part:
    part = codec.check_members(value, {"rows", "sha256"})
    return Part(codec.count_of(part["rows"]), codec.parse_hash(codec.text_of(part["sha256"])))


def backup(engine: Engine, file: Path, now: datetime) -> Manifest:
    """Write every table, as of one moment, into a new file; writers are not held up.

    The file appears whole or not at all. Raises :class:`FileExistsError` rather than overwrite.
    """
    snapshot: dict[str, Any] = {"isolation_level": "REPEATABLE READ"}
    if engine.dialect.name == "sqlite":
        snapshot = {"sqlite_begin": DEFERRED}
    with _new_file(file) as made, engine.connect().execution_options(**snapshot) as source:
        tables = MetaData()
        tables.reflect(source)
        with _writing(made) as target:
            parts = {
                name: _copy(source, table, target) for name, table in sorted(tables.tables.items())
            }
            manifest = Manifest(now, engine.dialect.name, parts, _checkpoints(source, parts))
            _MANIFEST.create(target)
            target.execute(insert(_MANIFEST), {"manifest": manifest.format()})
    return manifest


def verify(file: Path) -> Manifest:
    """The manifest of a sound backup: every table has the rows and the hash that it names.

    Raises :class:`StateError` or :class:`FormatError` where the file is damaged or no backup.
    """
    if not file.is_file():
        raise MissingError(f"no file {file}")
    try:
        with reading(file) as opened:
            return _verified(opened, file)
    except DBAPIError as error:
        raise StateError(f"{file} is damaged or no backup: {error.orig}") from error


def _verified(opened: Connection, file: Path) -> Manifest:
    for line in opened.exec_driver_sql("PRAGMA integrity_check").scalars():
        if line != "ok":
            raise StateError(f"{file} is damaged: {line}")
    said = opened.scalars(select(_MANIFEST.c.manifest)).all()
    if len(said) != 1 or not isinstance(said[0], bytes):
        raise FormatError(f"{file} has no manifest")
    manifest = Manifest.parse(said[0])
    if set(inspect(opened).get_table_names()) - {MANIFEST} != set(manifest.tables):
        raise StateError(f"{file} has not the tables that its manifest names")
    for name, part in manifest.tables.items():
        if _hashed(opened, name) != part:
            raise StateError(f"table {name} of {file} has not the rows that its manifest names")
    return manifest


def redact(file: Path, engine: Engine, also: Change = lambda _connection: 0) -> int:
    """Destroy in a backup what was redacted in the database since; gives how many rows changed.

    ``also`` does the same to the tables of an application. The file is written anew as a whole,
    or is left alone where nothing is to be done.
    """
    table, item = ledger_redaction.c, ledger_item.c
    with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
        rows = connection.execute(select(table.log, table.entry_index, table.position))
        ordered = {tuple(row) for row in rows}

    def change(opened: Connection) -> int:
        # A backup has no index on its items: one pass finds them all.
        places = select(_rowid, item.log, item.entry_index, item.position)
        full = opened.execute(places.where(item.payload.is_not(None)))
        numbers = [{"number": row[0]} for row in full if tuple(row[1:]) in ordered]
        if numbers:
            gone = update(ledger_item).where(_rowid == bindparam("number"))
            opened.execute(gone.values(payload=None, salt=None), numbers)
        return len(numbers) + also(opened)

    return _rewrite(file, change)


def _rewrite(file: Path, change: Change) -> int:
    """Change a backup's rows and leave nothing of what was there before; whole or not at all."""
    manifest = verify(file)
    with _temporary(file) as made:
        shutil.copyfile(file, made)
        with _writing(made) as opened:
            changed = change(opened)
            parts = {name: _hashed(opened, name) for name in manifest.tables}
            now = replace(manifest, tables=parts)
            opened.execute(update(_MANIFEST).values(manifest=now.format()))
        if changed:
            with closing(sqlite3.connect(made)) as rewritten:
                rewritten.execute("PRAGMA journal_mode = OFF")
                rewritten.execute("VACUUM")
            shutil.copymode(file, made)
            sync(made)
            made.replace(file)
            sync(file.parent)
    return changed


def backups_in(folder: Path) -> list[Path]:
    """The backups of a folder, in order of name."""
    return sorted(folder.glob(f"*{SUFFIX}"))


@contextmanager
def reading(file: Path) -> Iterator[Connection]:
    """A backup, for reading alone; it can be audited like the database that it was made from."""
    address = f"{file.resolve().as_uri()}?mode=ro&immutable=1&uri=true"
    engine = create_engine(f"sqlite:///{address}", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def rows_of(opened: Connection, name: str) -> tuple[Table, Iterator[Row[tuple[Any, ...]]]]:
    """A table of a backup, and its rows in the order in which they were written."""
    columns = [column["name"] for column in inspect(opened).get_columns(name)]
    table = _plain_table(name, columns)
    query = select(table).order_by(_rowid)
    return table, iter(opened.execute(query, execution_options=_STREAMED))


@contextmanager
def _writing(file: Path) -> Iterator[Connection]:
    engine = create_engine(URL.create("sqlite", database=str(file)), poolclass=NullPool)
    with engine.begin() as connection:
        # The file is nobody's until it is renamed: a crash leaves nothing to roll back.
        connection.exec_driver_sql("PRAGMA journal_mode = OFF")
        yield connection


class _AsItIs(UserDefinedType[Plain]):
    """A column that keeps each value in the form in which it comes."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """A declared BLOB has no affinity in SQLite: nothing is converted."""
        return "BLOB"


def _plain_table(name: str, columns: Iterable[str]) -> Table:
    return Table(name, MetaData(), *(Column(column, _AsItIs()) for column in columns))


_MANIFEST = _plain_table(MANIFEST, ["manifest"])


def _copy(source: Connection, table: Table, target: Connection) -> Part:
    copy = _plain_table(table.name, [column.name for column in table.columns])
    copy.create(target)
    hashed = RowHash()
    query = select(table).order_by(*table.primary_key.columns)
    with source.execute(query, execution_options=_STREAMED) as rows:
        for some in rows.partitions():
            plain = [[_plain(value) for value in row] for row in some]
            names = copy.columns.keys()
            target.execute(insert(copy), [dict(zip(names, row, strict=True)) for row in plain])
            hashed.add(plain)
    return Part(hashed.rows, hashed.digest())


def _checkpoints(source: Connection, tables: Iterable[str]) -> dict[str, bytes]:
    if ledger_entry.name not in tables:
        raise StateError("there is no log in this database")
    logs = source.scalars(select(ledger_entry.c.log).distinct()).all()
    stored = {log: last_checkpoint(source, log) for log in logs}
    return {log: point.note for log, point in stored.items() if point is not None}


def _hashed(opened: Connection, name: str) -> Part:
    hashed = RowHash()
    _, rows = rows_of(opened, name)
    hashed.add(rows)
    return Part(hashed.rows, hashed.digest())


def _plain(value: Any) -> Plain:
    """A value as SQLite and the hash know it; times as the service writes them there."""
    match value:
        case None | str() | bytes():
            return value
        case bool():
            return int(value)
        case int() | float():
            return value
        case datetime():
            in_utc = value.astimezone(UTC) if value.tzinfo else value
            return in_utc.strftime("%Y-%m-%d %H:%M:%S.%f")
        case date():
            return value.isoformat()
        case memoryview():
            return bytes(value)
    raise StateError(f"a value of type {type(value).__name__} cannot be backed up")


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A name to write to; a file that is there when it is done is not overwritten."""
    if file.exists():
        raise FileExistsError(f"{file} is there already")
    with _temporary(file) as made:
        yield made
        made.chmod(0o600)
        sync(made)
        file.hardlink_to(made)  # unlike a rename, fails if the name was taken meanwhile
        sync(file.parent)


@contextmanager
def _temporary(file: Path) -> Iterator[Path]:
    file.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=file.parent, prefix=f".{file.name}."))
    try:
        yield folder / "part"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync(path: Path) -> None:
    """Make what is written to a file, or the names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
