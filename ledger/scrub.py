"""Overwriting what destroyed content left behind in the files of the database.

Destroying a row's bytes does not destroy their traces: pages keep moved cells in their gaps, the
write-ahead log keeps earlier versions, PostgreSQL keeps dead rows and samples of values. Here the
files are written anew without them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import ConflictError
from ledger.schema import ledger_item

WAIT_SECONDS = 10.0
_PAUSE = 0.1

MOST_SEGMENTS = 100
"""Segments of PostgreSQL's write-ahead log, of 16 MB as a rule, that are written for one scrub."""

LEFT_WAL = "the server's write-ahead log, until its segments are used again"
LEFT_STATISTICS = "samples of values in pg_statistic: a superuser must rewrite it"
LEFT_FILES = "files of the old tables, until the server's next checkpoint"

_CURRENT = text("SELECT pg_walfile_name(pg_current_wal_lsn())")
_SEGMENTS = text("SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'")


def scrub(engine: Engine, tables: Iterable[str] = ()) -> list[str]:
    """Write the database's files anew, without anything that was destroyed before this call.

    ``tables`` are those of the caller, besides the ledger's, from which content was removed
    (PostgreSQL rewrites by table). Gives what could not be reached, empty on SQLite. Takes time
    with the size of the data, holds writers up, and must not be called within a transaction.
    Raises :class:`ConflictError` while a transaction begun earlier still looks at the old
    content: try again later.
    """
    if engine.dialect.name == "sqlite":
        _scrub_sqlite(engine)
        return []
    options = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with options as connection:
        return _scrub_postgresql(connection, [ledger_item.name, *tables])


def _scrub_sqlite(engine: Engine) -> None:
    # VACUUM writes every page anew: secure_delete overwrites freed cells, but not the copies that
    # rebalancing leaves in the gaps of pages. What it wrote lies in the write-ahead log at first.
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        for command in ("", "VACUUM"):
            # Before the costly part, too: who still reads the old content keeps it there.
            cursor.execute(command)
            if cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise ConflictError("a reader still looks at the database as it was")
        cursor.close()
    finally:
        raw.close()


def _scrub_postgresql(connection: Connection, tables: list[str]) -> list[str]:
    _await_older(connection)
    quote = connection.dialect.identifier_preparer.quote
    for table in tables:
        # Also takes new samples in place of those that held the content.
        connection.execute(text(f"VACUUM (FULL, ANALYZE) {quote(table)}"))
    left = []
    for command, otherwise in (
        ("VACUUM FULL pg_catalog.pg_statistic", LEFT_STATISTICS),
        ("CHECKPOINT", LEFT_FILES),
    ):
        try:
            connection.execute(text(command))
        except DBAPIError:  # only some roles may
            left.append(otherwise)
    return [*left, *_overwrite_wal(connection)]


def _overwrite_wal(connection: Connection) -> list[str]:
    """Go on in the write-ahead log until every file of it was written since now, to its end.

    Switching pads a segment. A checkpoint removes old segments, or renames them to be written
    later: so first all of now must be gone, then the last of the renamed must be passed.
    """
    try:
        first, last = connection.scalar(_CURRENT), ""
        for _ in range(MOST_SEGMENTS):
            present = sorted(connection.scalars(_SEGMENTS))
            if present[0] > str(first):
                last = last or present[-1]
                if str(connection.scalar(_CURRENT)) > last:
                    return []
            connection.execute(text("SELECT pg_switch_wal()"))
            connection.execute(text("CHECKPOINT"))
    except DBAPIError:  # only some roles may
        pass
    return [LEFT_WAL]


def _await_older(connection: Connection) -> None:
    """Wait for transactions begun before now: a rewritten table keeps the dead rows they see."""
    now = connection.scalar(text("SELECT clock_timestamp()"))
    older = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND xact_start < :now"
    )
    end = time.monotonic() + WAIT_SECONDS
    while connection.scalar(older, {"now": now}):
        if time.monotonic() > end:
            raise ConflictError("an older transaction still looks at the database as it was")
        time.sleep(_PAUSE)
