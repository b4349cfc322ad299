"""Rows of recall notices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}


class RecallNotice(SQLModel, table=True):
    """A recall in force: of a product, of one lot, or of one serial; lifted, never deleted."""

    __tablename__ = "recall_notice"
    __table_args__ = (CheckConstraint("hazard_group IN ('A','B')", "hazard_group"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    party_id: int = Field(foreign_key="party.id", index=True)
    product_id: int = Field(foreign_key="product.id", index=True)
    lot: str | None = Field(default=None, max_length=20)
    serial: str | None = Field(default=None, max_length=20)
    reason: str
    reason_en: str = ""
    instructions: str = ""  # where and how to return it, as the party says
    hazard_group: str = "B"
    issued_at: datetime = Field(sa_type=UtcDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    entry_index: int
    position: int = 0
