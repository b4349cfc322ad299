"""The growing end of a log: checks each statement against it and gathers the rows to write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.exc import IntegrityError

from ledger import entry as entries
from ledger import heads
from ledger.errors import ClosedError, ConflictError, ContinuityError, RedactedError
from ledger.keys import KeyRing, PublicKey
from ledger.merkle import leaf_hash
from ledger.schema import ledger_entry, ledger_item, ledger_redaction, ledger_stream
from ledger.statement import Close, Redact, check_place
from ledger.submission import Appended, Checked

_TABLES = (ledger_entry, ledger_stream, ledger_item, ledger_redaction)
_KEPT_STREAMS = 10_000
_BLOCKS = (256, 16, 1)
"""Rows for each statement; with seven columns far below what SQLite takes as parameters."""


class Tip:
    """Heads and keys of the log as they stand after each statement taken.

    One tip serves many transactions of one thread, one after the other: what it remembers of
    streams holds for as long as nobody else has appended, which the hash of the last entry tells.
    """

    def __init__(self, origin: str, operator: PublicKey | None) -> None:
        self.origin = origin
        self.operator = operator
        self._forget((-1, b""))

    def _forget(self, head: tuple[int, bytes]) -> None:
        self.index, self.prev = head
        self.ring = KeyRing(self.operator)
        self.heads: dict[str, tuple[int, bytes]] = {}

    def open(self, connection: Connection) -> None:
        """Begin with a transaction that holds the lock of the log.

        A tip whose last transaction was rolled back must not be opened again.
        """
        self.connection = connection
        head = heads.log_head(connection, self.origin)
        if head != (self.index, self.prev) or len(self.heads) > _KEPT_STREAMS:
            self._forget(head)
        self.closed = heads.is_closed(connection, self.origin)
        self.rows: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in _TABLES}
        self.taken: dict[bytes, Appended] = {}

    def take(self, checked: Checked, received_at: datetime) -> Appended:
        """Let one statement follow the last; a refused one leaves everything as it was."""
        statement = checked.statement
        self._load(statement.stream)
        if (statement.seq, statement.prev) != self.heads[statement.stream]:
            return self._replay(checked)
        if self.closed:
            raise ClosedError("the log was closed and takes no further entry")
        check_place(statement, self.origin, self.index)
        self._verify(checked, self.ring.authority(statement, self.index))
        if isinstance(statement.body, Redact):
            self._check_redaction(checked, statement.body)
        body = entries.build(
            index=self.index,
            prev=self.prev,
            received_at=received_at,
            signature=checked.submission.signature,
            statement=checked.submission.statement,
        )
        self.ring.apply(statement, self.index)
        appended = Appended(self.index, entries.hash_of(body), body)
        self._add_rows(checked, appended)
        self.heads[statement.stream] = (statement.seq + 1, checked.link)
        self.taken[checked.link] = appended
        self.index, self.prev = self.index + 1, appended.entry_hash
        self.closed = isinstance(statement.body, Close)
        return appended

    def _load(self, stream: str) -> None:
        if stream not in self.heads:
            heads.load_keys(self.connection, self.origin, stream, self.ring)
            self.heads[stream] = heads.stream_head(self.connection, self.origin, stream)

    def _replay(self, checked: Checked) -> Appended:
        """The answer that this very statement got before; it must be signed this time as well."""
        statement, link = checked.statement, checked.link
        found = self.taken.get(link) or heads.appended_before(self.connection, self.origin, link)
        if found is not None:
            self._verify(checked, self.ring.holder(statement))
            return replace(found, replayed=True)
        if self.closed:
            raise ClosedError("the log was closed and takes no further entry")
        seq, _ = self.heads[statement.stream]
        raise ContinuityError(f"stream {statement.stream} goes on at {seq}, not at {statement.seq}")

    def _verify(self, checked: Checked, key: PublicKey) -> None:
        if key != checked.verified:
            key.verify(checked.submission.statement, checked.submission.signature)

    def _check_redaction(self, checked: Checked, order: Redact) -> None:
        body = self._entry(order.entry)
        self.ring.check_redaction(checked.statement, entries.parse(body).statement)
        done = heads.redacted(self.connection, self.origin, order.entry, order.positions)
        waiting = {row[1:3] for row in self.rows[ledger_redaction]}
        done |= {at for at in order.positions if (order.entry, at) in waiting}
        if done:
            raise RedactedError(f"item {min(done)} of entry {order.entry} was redacted before")

    def _entry(self, index: int) -> bytes:
        rows = self.rows[ledger_entry]
        if rows and index >= rows[0][1]:
            body: bytes = rows[index - rows[0][1]][-1]
            return body
        return heads.entry_at(self.connection, self.origin, index)

    def _add_rows(self, checked: Checked, at: Appended) -> None:
        """Rows in the order of the tables' columns."""
        log, statement, rows = self.origin, checked.statement, self.rows
        leaf = leaf_hash(at.entry_bytes)
        rows[ledger_entry].append((log, at.index, self.prev, at.entry_hash, leaf, at.entry_bytes))
        link = (log, statement.stream, statement.seq, statement.prev, checked.link)
        rows[ledger_stream].append((*link, statement.kind, at.index))
        items = zip(checked.submission.items or (), checked.commitments, strict=True)
        rows[ledger_item].extend(
            (log, at.index, position, payload, salt, commitment)
            for position, ((payload, salt), commitment) in enumerate(items)
        )
        if isinstance(statement.body, Redact):
            order = statement.body
            rows[ledger_redaction].extend(
                (log, order.entry, position, at.index) for position in order.positions
            )

    def write(self) -> None:
        """Write the rows; they count once the transaction is committed."""
        try:
            for table, rows in self.rows.items():
                if rows:
                    self._insert(table, rows)
        except IntegrityError as error:
            raise ConflictError("another process appended first") from error

    def _insert(self, table: Table, rows: list[tuple[Any, ...]]) -> None:
        # Past SQLAlchemy's own handling of values, which costs more than the insert: the rows
        # hold what the drivers take as it is.
        dialect = self.connection.dialect
        if dialect.positional:
            for count, part in _blocks(rows):
                sql = _statement(table, dialect, count)
                self.connection.exec_driver_sql(sql, tuple(chain.from_iterable(part)))
        else:
            names = [column.name for column in table.columns]
            self.connection.exec_driver_sql(
                _statement(table, dialect, 1), [dict(zip(names, row, strict=True)) for row in rows]
            )


def _blocks(rows: list[tuple[Any, ...]]) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """Rows in blocks of few sizes, each of them one SQL text that the driver keeps prepared.

    SQLite works on a whole block without Python's lock; row by row it gives the lock back and
    waits for it each time, while other threads verify signatures under it.
    """
    start = 0
    for size in _BLOCKS:
        while len(rows) - start >= size:
            yield size, rows[start : start + size]
            start += size


@cache
def _statement(table: Table, dialect: Dialect, count: int) -> str:
    """SQL that inserts this many rows into the table, all columns in their order."""
    sql = str(insert(table).compile(dialect=dialect))
    values = sql[sql.index("(", sql.index(" VALUES ")) :]
    return sql + f", {values}" * (count - 1)
