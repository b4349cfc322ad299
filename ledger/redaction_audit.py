"""Whether each redacted item was ordered by an entry of the log, and each order was carried out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import Connection, and_, select

from ledger.errors import LedgerError
from ledger.findings import Finding
from ledger.replay import Replay
from ledger.schema import ledger_item, ledger_redaction
from ledger.statement import Redact

_KEPT_ORDERS = 256


class Redactions:
    """The rows that say which entry ordered a redaction, against the entries themselves.

    An order is itself judged by the replay (who may give it); here it is only looked up.
    """

    def __init__(self, connection: Connection, replay: Replay) -> None:
        self.connection = connection
        self.replay = replay
        self._order = lru_cache(_KEPT_ORDERS)(self._read_order)

    def check(self, index: int, position: int, stream: str) -> Iterator[Finding]:
        """The item's payload is gone: an entry must have ordered that."""
        table = ledger_redaction.c
        order = self.connection.scalar(
            select(table.redaction_index).where(
                table.log == self.replay.origin,
                table.entry_index == index,
                table.position == position,
            )
        )
        place = f"{index}/{position}"
        if order is None:
            reason = "the payload is gone and no entry ordered it"
            yield Finding("ledger_item", place, reason, index, stream)
        elif type(order) is not int or (index, position) not in self._order(order):
            reason = f"entry {order} did not order this redaction"
            yield Finding("ledger_redaction", place, reason, index, stream)

    def ordered(self, order: Redact, at: int) -> Iterator[Finding]:
        """Everything that entry ``at`` ordered is gone, and is recorded as ordered by then."""
        items, rows = ledger_item.c, ledger_redaction.c
        query = (
            select(items.position, items.payload.is_not(None), rows.redaction_index)
            .join_from(
                ledger_item,
                ledger_redaction,
                and_(
                    rows.log == items.log,
                    rows.entry_index == items.entry_index,
                    rows.position == items.position,
                ),
                isouter=True,
            )
            .where(items.log == self.replay.origin, items.entry_index == order.entry)
        )
        left = {row[0]: (row[1], row[2]) for row in self.connection.execute(query)}
        for position in order.positions:
            present, by = left.get(position, (False, at))
            place = f"{order.entry}/{position}"
            if present:
                reason = f"entry {at} ordered its redaction and the payload is still there"
                yield Finding("ledger_item", place, reason, at)
            elif type(by) is not int or by > at:
                reason = f"entry {at} ordered its redaction and no row says so"
                yield Finding("ledger_redaction", place, reason, at)

    def stray(self) -> Iterator[Finding]:
        """Rows about items that are not redacted, or do not exist."""
        items, rows = ledger_item.c, ledger_redaction.c
        query = (
            select(rows.entry_index, rows.position)
            .join_from(
                ledger_redaction,
                ledger_item,
                and_(
                    items.log == rows.log,
                    items.entry_index == rows.entry_index,
                    items.position == rows.position,
                    items.payload.is_(None),
                ),
                isouter=True,
            )
            .where(rows.log == self.replay.origin, items.log.is_(None))
            .order_by(rows.entry_index, rows.position)
        )
        for index, position in self.connection.execute(query):
            yield Finding("ledger_redaction", f"{index}/{position}", "no such item is redacted")

    def _read_order(self, index: int) -> frozenset[tuple[int, int]]:
        try:
            order = self.replay.at(index).statement.body
        except LedgerError:  # no such entry, or a damaged one, told at its place
            return frozenset()
        if not isinstance(order, Redact):
            return frozenset()
        return frozenset((order.entry, position) for position in order.positions)
