"""Marks of restored logs, and redactions of the service's events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from app.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ledger_restored",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("size", _WHOLE, nullable=False),
        sa.Column("restored_at", sa.Text(), nullable=False),
        sa.CheckConstraint("size >= 0", name="size_from_0"),
        sa.PrimaryKeyConstraint("log"),
        sqlite_strict=True,
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("log", AutoString(), nullable=False),
        sa.Column("entry_index", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("scrubbed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("log", "entry_index", "position", name=op.f("uq_erasure_log")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("erasure")
    op.drop_table("ledger_restored")
