"""Migrations of the ledger's tables: a log with entries and checkpoints goes down and up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select, text

from app import schema
from app.db import Database
from ledger.schema import ledger_checkpoint, ledger_item
from ledger.statement import Redact
from tests.ledger_lab import Lab

NEW = {"ledger_redaction", "ledger_restored"}


@pytest.fixture
def lab(empty: Database, tmp_path: Path) -> Lab:
    """A signed log in a database of the newest schema."""
    schema.upgrade(empty)
    lab = Lab(empty.engine.url.render_as_string(hide_password=False), tmp_path / "tiles")
    lab.add_key("s")
    lab.append("s", b"first", b"second")
    lab.integrate()
    lab.append("s", b"third")
    lab.integrate()
    destroy(lab, 1, 1)
    destroy(lab, 2, 0)
    return lab


def destroy(lab: Lab, entry: int, position: int) -> None:
    """Order the redaction of an item, and carry it out."""
    lab.say(Redact(entry, (position,), "Law 91/2025/QH15, article 14", "the data officer"))
    item = ledger_item.c
    with lab.engine.begin() as connection:
        connection.execute(
            ledger_item.update()
            .where(item.entry_index == entry, item.position == position)
            .values(payload=None, salt=None)
        )


def content(lab: Lab) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the ledger, read from the database as it now is."""
    tables = MetaData()
    with lab.engine.connect() as connection:
        tables.reflect(connection, only=lambda name, _: name.startswith("ledger_"))
        return {
            name: sorted((dict(row._mapping) for row in connection.execute(select(table))), key=str)
            for name, table in tables.tables.items()
        }


def test_a_log_goes_down_and_up_again(empty: Database, lab: Lab) -> None:
    with lab.engine.begin() as connection:
        connection.execute(ledger_checkpoint.update().values(cosigned=None))
    whole = content(lab)
    assert len(whole["ledger_redaction"]) == 2
    schema.downgrade(empty, "0001")
    old = content(lab)
    assert old.keys() == whole.keys() - NEW
    for name, rows in old.items():
        assert [{**row, "cosigned": None} if "note" in row else row for row in rows] == whole[name]
    schema.upgrade(empty)
    assert content(lab) == whole
    lab.append("s", b"fourth")
    assert lab.integrate().size == 6
    assert not lab.audit().findings
    lab.engine.dispose()
    empty.close()


def test_cosignatures_go_and_notes_stay(empty: Database, lab: Lab) -> None:
    with lab.engine.begin() as connection:
        connection.execute(ledger_checkpoint.update().values(cosigned=b"note"))
    schema.downgrade(empty, "0001")
    schema.upgrade(empty)
    rows = content(lab)["ledger_checkpoint"]
    assert [(row["size"], row["cosigned"]) for row in rows] == [(2, None), (3, None)]
    assert all(row["note"].startswith(lab.origin.encode()) for row in rows)
    lab.engine.dispose()
    empty.close()


def test_tables_of_sqlite_stay_strict(empty: Database) -> None:
    if empty.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL always is")
    schema.upgrade(empty)
    schema.downgrade(empty, "0001")
    with empty.engine.connect() as connection:
        tables = connection.execute(text("PRAGMA table_list")).mappings().all()
    strict = {row["name"]: row["strict"] for row in tables if row["name"].startswith("ledger_")}
    assert len(strict) == 4
    assert all(strict.values())
    empty.close()
