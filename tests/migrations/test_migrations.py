"""Migrations: one head, up and down and up again on both databases, data kept, models matched."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from app import schema
from app.db import Database
from ledger.schema import metadata as ledger_metadata


def test_there_is_one_line_of_numbered_migrations(empty: Database) -> None:
    with empty.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(schema._config(connection))
    assert len(scripts.get_heads()) == 1
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    empty.close()


def test_up_down_up(empty: Database) -> None:
    schema.upgrade(empty)
    assert schema.is_current(empty)
    tables = set(inspect(empty.engine).get_table_names())
    schema.downgrade(empty, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    schema.upgrade(empty)
    assert set(inspect(empty.engine).get_table_names()) == tables
    empty.close()


def test_the_schema_is_what_the_models_say(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = compare_metadata(context, [SQLModel.metadata, ledger_metadata])  # type: ignore[arg-type]
    assert found == []
    empty.close()


def test_an_upgrade_keeps_what_was_there(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO party (name, address, province, phone, kind, created_at)"
                " VALUES ('Suối Đá', '', '68', '', 'producer', '2026-11-22 03:00:00')"
            )
        )
    schema.upgrade(empty)
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM party")).scalar_one() == "Suối Đá"
        assert connection.execute(text("SELECT number FROM change_counter")).scalar_one() == 0
    empty.close()


def test_a_failed_migration_leaves_nothing_behind(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alembic.op.execute", _fail)
    with pytest.raises(RuntimeError, match="disk full"):
        schema.upgrade(empty)
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    empty.close()


def _fail(*_arguments: object) -> None:
    raise RuntimeError("disk full")
