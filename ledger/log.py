"""The log as an application uses it: one import for append, integrate, recover and prove.

The caller owns the transaction: :func:`append` writes through the caller's connection, so that
its own rows and the entry stand or fall together. :func:`integrate` is called afterwards, by one
process at a time or by several.
"""

from ledger.append import (
    Appended,
    Item,
    Submission,
    append,
    append_all,
    entry_at,
    key_entries,
    log_head,
    stream_head,
)
from ledger.database import configure_sqlite, connect, lock
from ledger.group import Appender
from ledger.heads import is_closed
from ledger.prover import consistency, key_list, make_bundle, prove, prove_entry
from ledger.sequencer import (
    Stored,
    integrate,
    last_checkpoint,
    published_checkpoint,
    recover,
)

__all__ = [
    "Appended",
    "Appender",
    "Item",
    "Stored",
    "Submission",
    "append",
    "append_all",
    "configure_sqlite",
    "connect",
    "consistency",
    "entry_at",
    "integrate",
    "is_closed",
    "key_entries",
    "key_list",
    "last_checkpoint",
    "lock",
    "log_head",
    "make_bundle",
    "prove",
    "prove_entry",
    "published_checkpoint",
    "recover",
    "stream_head",
]
