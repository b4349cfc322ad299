"""One flipped bit anywhere is detected, and the finding says where it is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import redaction
from ledger.audit import AuditReport
from ledger.cli import main
from ledger.schema import metadata
from tests.ledger_lab import Lab

# The time beside a checkpoint is a remark of the operator: nothing signed holds it, a change of
# it to another time cannot show and proves nothing.
REMARKS = {"signed_at"}
KEYS = {
    "ledger_entry": ("entry_index",),
    "ledger_stream": ("entry_index",),
    "ledger_item": ("entry_index", "position"),
    "ledger_checkpoint": ("size",),
    "ledger_redaction": ("entry_index", "position"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A small log: a key, events, a redacted item, three checkpoints."""
    folder = tmp_path_factory.mktemp("flips")
    lab = Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles").create()
    lab.integrate()
    lab.add_key("s")
    lab.append("s", b"one", b"two")
    lab.integrate()
    lab.append("s", b"three", "bốn".encode())
    with lab.engine.begin() as connection:
        redaction.redact(
            connection,
            origin=lab.origin,
            entry=2,
            positions=[0],
            by="the party itself",
            basis="a request",
            key=lab.key("s"),
            now=lab.now(),
        )
    lab.integrate()
    assert not lab.audit().findings
    return lab


@pytest.fixture
def raw(sound: Lab) -> Iterator[sqlite3.Connection]:
    """The same database, with every check switched off."""
    connection = sqlite3.connect(sound.url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    yield connection
    connection.close()


def flips(value: Any) -> Iterator[Any]:
    """The value with one bit changed: up to some hundred places all over it, and every bit."""
    if isinstance(value, int):
        for bit in range(12):
            yield value ^ 1 << bit
    elif isinstance(value, str):
        for at, character in enumerate(value):
            changed = chr(ord(character) ^ 1 << at % 7)
            yield value[:at] + changed + value[at + 1 :]
    elif isinstance(value, bytes):
        for number, at in enumerate(range(0, len(value), 1 + len(value) // 100)):
            yield value[:at] + bytes([value[at] ^ 1 << number % 8]) + value[at + 1 :]


def located(report: AuditReport, table: str, key: str) -> bool:
    found = [f for f in report.findings if f.table == table]
    return any(f.where == key or f.where.startswith(f"{key}/") for f in found)


@pytest.mark.parametrize("table", sorted(KEYS))
def test_a_flipped_bit_in_any_column_is_located(
    sound: Lab, raw: sqlite3.Connection, table: str
) -> None:
    names = [c.name for c in metadata.tables[table].columns if c.name not in {"log"} | REMARKS]
    rows = raw.execute(f"SELECT rowid, {', '.join(names)} FROM {table}").fetchall()
    assert rows
    tried = 0
    for rowid, *values in rows:
        row = dict(zip(names, values, strict=True))
        place = "/".join(str(row[name]) for name in KEYS[table])
        for column, value in row.items():
            for changed in flips(value):
                update = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                try:
                    raw.execute(update, (changed, rowid))
                except sqlite3.IntegrityError:
                    continue  # the database itself refuses
                report = sound.audit()
                raw.execute(update, (value, rowid))
                tried += 1
                assert report.findings, (table, place, column, changed)
                if column not in KEYS[table]:
                    entry = place.split("/")[0]
                    assert located(report, table, entry), (table, place, column, report.findings)
    assert tried > 30
    assert not sound.audit().findings


def test_a_flipped_bit_in_any_public_file_is_located(sound: Lab) -> None:
    for path, good in sound.files().items():
        file = sound.tiles.folder / path
        for changed in flips(good):
            file.write_bytes(changed)
            report = sound.audit()
            assert located(report, "tile", path), path
        file.write_bytes(good)
    assert not sound.audit().findings


def columns(table: str) -> str:
    return ", ".join(c.name for c in metadata.tables[table].columns if c.name not in REMARKS)


def dump(file: Path) -> list[Any]:
    """Everything that the database says, or the error it gives."""
    connection = sqlite3.connect(file)
    try:
        return [
            connection.execute(f"SELECT {columns(table)} FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table in sorted(KEYS)
        ]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return [str(error)]
    finally:
        connection.close()


def test_an_edited_database_file_is_never_taken_for_sound(
    sound: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes all over the file: if what it says has changed, the command line says so, tidily."""
    raw = sqlite3.connect(sound.url.removeprefix("sqlite:///"))
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.execute("VACUUM INTO ?", (str(tmp_path / "sound.db"),))
    raw.close()
    good = (tmp_path / "sound.db").read_bytes()
    truth = dump(tmp_path / "sound.db")
    used = [at for at, byte in enumerate(good) if byte]
    told = 0
    for number, at in enumerate(used[:: max(1, len(used) // 300)]):
        file = tmp_path / f"{number}.db"
        file.write_bytes(good[:at] + bytes([good[at] ^ 1 << number % 8]) + good[at + 1 :])
        arguments = ["audit", "--database", f"sqlite:///{file}", "--key", sound.vkey]
        code = main([*arguments, "--tiles", str(sound.tiles.folder)])
        out = capsys.readouterr().out
        assert ("WRONG" in out) == (code == 1), out
        if dump(file) != truth:
            assert code == 1, f"byte {at}"
            told += 1
        for left in tmp_path.glob(f"{number}.db*"):
            left.unlink()
    assert told > 100


def test_values_of_another_type_are_findings(sound: Lab, tmp_path: Path) -> None:
    """A file edited below SQLite's own checks may hold anything in any column."""
    copy = tmp_path / "loose.db"
    raw = sqlite3.connect(copy, isolation_level=None)
    raw.execute("ATTACH ? AS good", (sound.url.removeprefix("sqlite:///"),))
    for table in KEYS:
        raw.execute(f"CREATE TABLE {table} AS SELECT * FROM good.{table}")
    loose = Lab(f"sqlite:///{copy}", sound.tiles.folder)
    assert not loose.audit().findings
    for table in KEYS:
        for column in columns(table).split(", "):
            for value in (None, 7, 1.5, "text", b"\xff"):
                rows = raw.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
                rowid, old = rows[-1]
                # No cosigned note is right, too: the witnesses may not have answered yet.
                if column == "log" or value == old or (column, value) == ("cosigned", None):
                    continue
                update = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                raw.execute(update, (value, rowid))
                assert loose.audit().findings, (table, column, value)
                raw.execute(update, (old, rowid))
    assert not loose.audit().findings
    loose.engine.dispose()
    raw.close()


def test_the_dump_sees_a_change(sound: Lab, tmp_path: Path) -> None:
    """The comparison above can fail."""
    copy = tmp_path / "copy.db"
    sound.engine.dispose()
    raw = sqlite3.connect(sound.url.removeprefix("sqlite:///"))
    raw.execute("VACUUM INTO ?", (str(copy),))
    raw.close()
    before = dump(copy)
    shutil.copy(copy, tmp_path / "other.db")
    changed = sqlite3.connect(tmp_path / "other.db")
    changed.execute("UPDATE ledger_item SET payload = x'00' WHERE position = 1")
    changed.commit()
    changed.close()
    assert dump(tmp_path / "other.db") != before
