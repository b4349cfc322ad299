"""Rows of replies that are kept so that a repeated request is answered once only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}


class KeptReply(SQLModel, table=True):
    """The reply to a request that carried an ``Idempotency-Key``; deleted after a day."""

    __tablename__ = "kept_reply"
    __table_args__ = (STRICT,)

    party_id: int = Field(primary_key=True, foreign_key="party.id")
    key: str = Field(primary_key=True, max_length=64)
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    status: int
    location: str | None = None
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
