"""Connections and the lock under which the log grows."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.errors import UnavailableError
from ledger.turn import Turns, leave_at_end

DEFERRED = "DEFERRED"
BUSY_MILLISECONDS = 10_000

_LOCK = int.from_bytes(hashlib.sha256(b"ledger append").digest()[:8], "big", signed=True)


_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}
"""Errors of SQLite about the file or another process, not about what is in the database."""


def connect(url: str) -> Engine:
    """An engine for this address, set up so that appends cannot interleave.

    A SQLite file may be named by its path alone. It is made if it is not there.
    """
    engine = create_engine(url if "://" in url else f"sqlite:///{url}")
    if engine.dialect.name == "sqlite":
        configure_sqlite(engine)
    return engine


def connect_existing(url: str) -> Engine:
    """The same for a database that must be there: a mistyped name does not make an empty one."""
    engine = connect(url)
    file = engine.url.database or ""
    if engine.dialect.name == "sqlite" and not Path(file).is_file():
        raise UnavailableError(f"no file {file}" if file else "no file is named")
    return engine


def unavailable(error: DBAPIError) -> bool:
    """Whether the database cannot be reached now; otherwise what it holds is not as it should be.

    SQLite calls a table that was dropped operational, too: its error codes tell the two apart.
    """
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _AWAY
    return error.connection_invalidated or isinstance(error, OperationalError)


def configure_sqlite(engine: Engine) -> None:
    """Make every transaction of this SQLite engine take the write lock when it begins.

    The driver's own habit is to begin at the first write, after "read the last hash": two
    processes then append to the same hash. A transaction that only reads may begin with the
    execution option ``sqlite_begin="DEFERRED"`` and does not wait for writers.
    """
    turns = Turns()

    def on_begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        me = connection.connection.dbapi_connection
        if mode != DEFERRED:
            turns.take(me, BUSY_MILLISECONDS / 1000)
        try:
            connection.exec_driver_sql(f"BEGIN {mode}")
        except DBAPIError:
            turns.leave(me)
            raise

    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", on_begin)
    leave_at_end(engine, turns)


def _on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # Otherwise the driver opens and ends transactions on its own.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # Redacted and superseded content is overwritten, not only forgotten.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def lock(connection: Connection) -> None:
    """Hold every other append off until this transaction ends.

    On SQLite the transaction must have begun with BEGIN IMMEDIATE: see :func:`configure_sqlite`.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
