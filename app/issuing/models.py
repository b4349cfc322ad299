"""Rows of issued serial numbers and of the issues in which they were handed out."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}


class SerialIssue(SQLModel, table=True):
    """Serials handed out at once; the signed record holds only a salted digest of their list."""

    __tablename__ = "serial_issue"
    __table_args__ = (STRICT,)

    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="product.id", index=True)
    batch_id: int | None = Field(default=None, foreign_key="batch.id")
    count: int
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    issued_at: datetime = Field(sa_type=UtcDateTime)
    entry_index: int
    position: int = 0


class Serial(SQLModel, table=True):
    """An issued serial number (AI 21) of a product, and its hidden one-time code if it has one."""

    __tablename__ = "serial"
    __table_args__ = (UniqueConstraint("product_id", "serial"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="product.id")
    batch_id: int | None = Field(default=None, foreign_key="batch.id", index=True)
    issue_id: int = Field(foreign_key="serial_issue.id", index=True)
    serial: str = Field(max_length=20)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    # The hidden code is random, so a keyed hash of it is enough; its text is never stored.
    hidden_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    hidden_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_used_by: str | None = Field(default=None)  # hash of the device token
    hidden_receipt: str | None = Field(default=None, unique=True)
    hidden_failures: int = 0  # wrong codes on the day ``hidden_failed_on``
    hidden_failed_on: date | None = None
