"""The database: one engine, explicit read and write transactions, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Date,
    DateTime,
    Dialect,
    Engine,
    Float,
    String,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from ledger.database import DEFERRED, configure_sqlite

__all__ = ["Database", "Session", "UtcDateTime", "bump", "connect", "version"]

# Stable constraint names let Alembic drop and alter them on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


@compiles(String, "sqlite")
@compiles(DateTime, "sqlite")
@compiles(Date, "sqlite")
def _text_in_strict_tables(_type: Any, _compiler: Any, **_options: Any) -> str:
    # A STRICT table knows INTEGER, REAL, TEXT and BLOB only.
    return "TEXT"


@compiles(Float, "sqlite")
def _real_in_strict_tables(_type: Any, _compiler: Any, **_options: Any) -> str:
    return "REAL"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC; SQLite stores no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, convert the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the stored time back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Opens transactions; the only place where one is begun, committed or rolled back."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reader = engine.execution_options(sqlite_begin=DEFERRED)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session over one consistent snapshot; nothing written in it is kept."""
        with Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose work is committed at the end, or rolled back on any error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def connect(url: str) -> Database:
    """Open the database at a SQLAlchemy URL; creates the folder of a SQLite file.

    Its errors do not show parameters: serials, addresses and codes must not reach the logs.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed, hide_parameters=True, connect_args={"check_same_thread": False}
        )
        configure_sqlite(engine)
    else:
        # jit=off: on traces PostgreSQL's compiler costs 100 times what it saves.
        engine = create_engine(
            parsed,
            hide_parameters=True,
            connect_args={"options": "-c jit=off"},
            pool_size=10,
        )
    return Database(engine)


def version(session: Session) -> int:
    """Number that grows with every change a verdict could depend on: the key of page caches."""
    return int(session.execute(text("SELECT number FROM change_counter")).scalar_one())


def bump(session: Session) -> None:
    """Tell page caches, in the transaction of the change itself, that they are stale."""
    session.execute(text("UPDATE change_counter SET number = number + 1"))
