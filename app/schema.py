"""The database schema: brings it up (or down) through the numbered Alembic migrations."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.db import Database

FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply every missing migration, all in one transaction."""
    with database.engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Undo migrations down to ``revision`` (``base`` for all)."""
    with database.engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def upgrade_as_backup(target: Connection, backup: Connection) -> None:
    """Give an empty database the schema that a backup was made with."""
    revision = backup.scalar(text("SELECT version_num FROM alembic_version"))
    command.upgrade(_config(target), str(revision))


def is_current(database: Database) -> bool:
    """Tell whether the database has the newest schema."""
    with database.read() as session:
        connection = session.connection()
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == head
