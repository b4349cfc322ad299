"""Rows of issued serial numbers and of the counters that numbers are taken from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}


class Serial(SQLModel, table=True):
    """An issued serial number (AI 21) of a product, and its hidden one-time code if it has one."""

    __tablename__ = "serial"
    __table_args__ = (UniqueConstraint("product_id", "serial"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="product.id")
    batch_id: int | None = Field(default=None, foreign_key="batch.id", index=True)
    serial: str = Field(max_length=20)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    # The hidden code is random, so a keyed hash of it is enough; its text is never stored.
    hidden_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    hidden_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_used_by: str | None = Field(default=None)  # hash of the device token
    hidden_receipt: str | None = Field(default=None, unique=True)
    hidden_failures: int = 0


class NumberCounter(SQLModel, table=True):
    """The next reference under a company prefix, for GTIN, GLN or SSCC."""

    __tablename__ = "number_counter"
    __table_args__ = (STRICT,)

    prefix: str = Field(primary_key=True, max_length=12)
    key: str = Field(primary_key=True, max_length=5)
    next_reference: int = 0
