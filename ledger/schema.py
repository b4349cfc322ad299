"""Tables of the ledger, for SQLite (STRICT) and PostgreSQL.

Entries, checkpoints and items are authoritative; ``ledger_stream`` repeats what the entries say
so that heads are found by index. The UNIQUE constraints are a second wall behind the lock: a
chain, a stream or the row of checkpoints cannot fork even if a caller forgot to lock.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

KEY_ROWS = text("kind IN ('key.add', 'key.revoke')")
"""Which rows of ``ledger_stream`` are about keys, as the index on them spells it.

SQLite uses a partial index only for a query that holds the same words, not for bound values.
"""

# A STRICT table of SQLite knows INTEGER (64 bits there), but not BIGINT.
_Whole = BigInteger().with_variant(Integer, "sqlite")


def _hash_check(column: str) -> CheckConstraint:
    return CheckConstraint(f"length({column}) = 32", name=f"{column}_length")


ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("log", Text, nullable=False),
    Column("entry_index", _Whole, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("log", "entry_index"),
    UniqueConstraint("log", "prev"),
    CheckConstraint("entry_index >= 0", name="entry_index_from_0"),
    CheckConstraint("length(body) BETWEEN 1 AND 65535", name="body_length"),
    _hash_check("prev"),
    _hash_check("hash"),
    _hash_check("leaf_hash"),
    sqlite_strict=True,
)
"""``hash`` is what the next entry names as ``prev``; ``leaf_hash`` is the leaf of the tree."""

ledger_stream = Table(
    "ledger_stream",
    metadata,
    Column("log", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("seq", _Whole, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("entry_index", _Whole, nullable=False),
    PrimaryKeyConstraint("log", "stream", "seq"),
    UniqueConstraint("log", "stream", "prev"),
    UniqueConstraint("log", "entry_index"),
    ForeignKeyConstraint(["log", "entry_index"], ["ledger_entry.log", "ledger_entry.entry_index"]),
    CheckConstraint("seq >= 0", name="seq_from_0"),
    _hash_check("prev"),
    _hash_check("hash"),
    # An index and not a constraint, so that SQLite can add it without copying the table.
    Index("ledger_stream_once", "log", "hash", unique=True),
    Index(
        "ledger_stream_keys",
        "log",
        "stream",
        sqlite_where=KEY_ROWS,
        postgresql_where=KEY_ROWS,
    ),
    sqlite_strict=True,
)
"""One row a statement: its place in the party's chain, and where the log holds it.

A statement, named by its hash, is in the log once: who sends it again gets the first answer.
"""

ledger_item = Table(
    "ledger_item",
    metadata,
    Column("log", Text, nullable=False),
    Column("entry_index", _Whole, nullable=False),
    Column("position", _Whole, nullable=False),
    Column("payload", LargeBinary, nullable=True),
    Column("salt", LargeBinary, nullable=True),
    Column("commitment", LargeBinary, nullable=False),
    PrimaryKeyConstraint("log", "entry_index", "position"),
    ForeignKeyConstraint(["log", "entry_index"], ["ledger_entry.log", "ledger_entry.entry_index"]),
    CheckConstraint("position >= 0", name="position_from_0"),
    CheckConstraint("(payload IS NULL) = (salt IS NULL)", name="redacted_together"),
    CheckConstraint("length(salt) = 16", name="salt_length"),
    _hash_check("commitment"),
    sqlite_strict=True,
)
"""What a statement is about; payload and salt are NULL once redacted, the commitment stays."""

ledger_checkpoint = Table(
    "ledger_checkpoint",
    metadata,
    Column("log", Text, nullable=False),
    Column("size", _Whole, nullable=False),
    Column("prev_size", _Whole, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("signed_at", Text, nullable=False),
    Column("cosigned", LargeBinary, nullable=True),
    PrimaryKeyConstraint("log", "size"),
    UniqueConstraint("log", "prev_size"),
    CheckConstraint("prev_size >= -1 AND prev_size < size", name="size_grows"),
    _hash_check("root"),
    sqlite_strict=True,
)
"""Each signed checkpoint has one successor at most: ``prev_size`` is the compare in the swap.

``signed_at`` is a remark for people: the note does not hold it and nobody can verify it.
``cosigned`` is the note with the cosignatures that satisfied the witness policy, NULL until then.
"""

ledger_redaction = Table(
    "ledger_redaction",
    metadata,
    Column("log", Text, nullable=False),
    Column("entry_index", _Whole, nullable=False),
    Column("position", _Whole, nullable=False),
    Column("redaction_index", _Whole, nullable=False),
    PrimaryKeyConstraint("log", "entry_index", "position"),
    ForeignKeyConstraint(["log", "entry_index"], ["ledger_entry.log", "ledger_entry.entry_index"]),
    ForeignKeyConstraint(
        ["log", "redaction_index"], ["ledger_entry.log", "ledger_entry.entry_index"]
    ),
    CheckConstraint("position >= 0", name="position_from_0"),
    CheckConstraint("redaction_index > entry_index", name="redaction_after_entry"),
    Index("ledger_redaction_order", "log", "redaction_index"),
    sqlite_strict=True,
)
"""Which ``log.redact`` entry ordered the redaction of which item: repeats what the entries say."""

ledger_restored = Table(
    "ledger_restored",
    metadata,
    Column("log", Text, primary_key=True),
    Column("size", _Whole, nullable=False),
    Column("restored_at", Text, nullable=False),
    CheckConstraint("size >= 0", name="size_from_0"),
    sqlite_strict=True,
)
"""Logs that came from a backup and were not compared with anything from elsewhere since.

Nothing is signed for them until they are: see :mod:`ledger.restore`.
"""
