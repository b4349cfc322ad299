"""Redactions, cosigned checkpoints, and each statement once"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_index("ledger_stream_once", "ledger_stream", ["log", "hash"], unique=True)
    op.add_column("ledger_checkpoint", sa.Column("cosigned", sa.LargeBinary(), nullable=True))
    redactions = op.create_table(
        "ledger_redaction",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("entry_index", _WHOLE, nullable=False),
        sa.Column("position", _WHOLE, nullable=False),
        sa.Column("redaction_index", _WHOLE, nullable=False),
        sa.CheckConstraint("position >= 0", name="position_from_0"),
        sa.CheckConstraint("redaction_index > entry_index", name="redaction_after_entry"),
        sa.ForeignKeyConstraint(
            ["log", "entry_index"], ["ledger_entry.log", "ledger_entry.entry_index"]
        ),
        sa.ForeignKeyConstraint(
            ["log", "redaction_index"], ["ledger_entry.log", "ledger_entry.entry_index"]
        ),
        sa.PrimaryKeyConstraint("log", "entry_index", "position"),
        sqlite_strict=True,
    )
    op.create_index("ledger_redaction_order", "ledger_redaction", ["log", "redaction_index"])
    if rows := _ordered():
        op.bulk_insert(redactions, rows)


def _ordered() -> list[dict[str, object]]:
    """What the entries order: after a downgrade the table is as it was before."""
    rows: list[dict[str, object]] = []
    entries = sa.text(
        "SELECT entry.log, entry.entry_index, entry.body FROM ledger_entry AS entry"
        " JOIN ledger_stream AS link"
        " ON link.log = entry.log AND link.entry_index = entry.entry_index"
        " WHERE link.kind = 'log.redact' ORDER BY entry.entry_index"
    )
    for log, index, body in op.get_bind().execute(entries):
        order = json.loads(bytes(body))["statement"]["redact"]
        for position in order["positions"]:
            place = {"log": log, "entry_index": order["entry"], "position": position}
            rows.append(place | {"redaction_index": index})
    return rows


def downgrade() -> None:
    """Undo. Cosignatures are lost: witnesses give them again."""
    op.drop_index("ledger_redaction_order", "ledger_redaction")
    op.drop_table("ledger_redaction")
    # Not in a batch, which would copy the table and forget that it is STRICT.
    op.drop_column("ledger_checkpoint", "cosigned")
    op.drop_index("ledger_stream_once", "ledger_stream")
