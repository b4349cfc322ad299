"""Appending: statements enter the log inside the caller's transaction, or not at all.

Each enters once: the same statement again is answered as the first time, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import lock
from ledger.heads import entry_at, key_entries, load_keys, log_head, stream_head
from ledger.keys import PublicKey
from ledger.submission import Appended, Item, Submission, check
from ledger.tip import Tip

__all__ = [
    "Appended",
    "Item",
    "Submission",
    "append",
    "append_all",
    "entry_at",
    "key_entries",
    "load_keys",
    "log_head",
    "stream_head",
]


def append(
    connection: Connection,
    *,
    origin: str,
    statement: bytes,
    signature: bytes,
    received_at: datetime,
    items: Sequence[Item] | None = None,
    operator: PublicKey | None = None,
) -> Appended:
    """Append one statement; see :func:`append_all`."""
    submission = Submission(statement, signature, items)
    return append_all(
        connection, [submission], origin=origin, received_at=received_at, operator=operator
    )[0]


def append_all(
    connection: Connection,
    submissions: Sequence[Submission],
    *,
    origin: str,
    received_at: datetime,
    operator: PublicKey | None = None,
) -> list[Appended]:
    """Append statements in this order, all of them or none, in the caller's transaction.

    Each must have the form of a statement, continue its stream, be about the given items and be
    signed by a key active at its index. Only with ``operator``, the log's own key, are statements
    taken that this key signed. A statement that the log has, signed again or still, gets its first
    answer with ``replayed`` set. Raises a :class:`LedgerError` for the first that fails; the
    caller then rolls back.
    """
    lock(connection)
    tip = Tip(origin, operator)
    tip.open(connection)
    appended = [tip.take(check(submission), received_at) for submission in submissions]
    tip.write()
    return appended
