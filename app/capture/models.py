"""Rows of capture jobs and of the events they brought; event bytes live in the ledger's items."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}


class CaptureJob(SQLModel, table=True):
    """One posted EPCIS document: the row is the truth, a wake-up only hastens the worker.

    queued → running (a worker has leased it) → accepted (events and log entry are committed)
    → succeeded (a signed checkpoint covers the entry), or running → failed (nothing was kept).
    """

    __tablename__ = "capture_job"
    __table_args__ = (
        CheckConstraint("state IN ('queued','running','accepted','succeeded','failed')", "state"),
        Index("ix_capture_job_state_created", "state", "created_at"),
        STRICT,
    )

    id: str = Field(primary_key=True, max_length=36)
    party_id: int = Field(foreign_key="party.id", index=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str = "queued"
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    entry_index: int | None = None
    event_count: int = 0
    errors: str = "[]"  # JSON list of findings that refused the document
    warnings: str = "[]"  # JSON list of findings that did not


class Event(SQLModel, table=True):
    """What queries need of an accepted event; its bytes are the ledger's item."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("entry_index", "position"),
        CheckConstraint("standing IN ('owner','partner')", "standing"),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(unique=True)
    party_id: int = Field(foreign_key="party.id", index=True)
    job_id: str | None = Field(default=None, foreign_key="capture_job.id")
    entry_index: int
    position: int
    type: str
    action: str | None = None
    biz_step: str | None = None  # bare CBV name: "shipping"
    disposition: str | None = None
    event_time: datetime = Field(sa_type=UtcDateTime)
    time_zone: str = "+07:00"
    standing: str = "owner"  # partner: declares about goods under another party's prefix
    record_time: datetime = Field(sa_type=UtcDateTime)
    read_point: str | None = None  # canonical key or the URI as given
    biz_location: str | None = None


class EventKey(SQLModel, table=True):
    """That an event speaks of a thing: its canonical key, in which role, how much of it."""

    __tablename__ = "event_key"
    __table_args__ = (
        ForeignKeyConstraint(["event_id"], ["event.id"]),
        Index("ix_event_key_key", "key", "event_id"),
        CheckConstraint("role IN ('epc','parent','child','input','output')", "role"),
        STRICT,
    )

    event_id: int = Field(primary_key=True)
    role: str = Field(primary_key=True)
    key: str = Field(primary_key=True)  # gs1.equivalence.Key.canonical
    quantity: float | None = None
    unit: str | None = None
