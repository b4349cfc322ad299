"""Rows of scans: coarse, without photo, address or account; deleted after 90 days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}


class Scan(SQLModel, table=True):
    """That a device asked about a key: which, when, in which province if the person said so."""

    __tablename__ = "scan"
    __table_args__ = (
        Index("ix_scan_key", "key", "scanned_at"),
        Index("ix_scan_scanned_at", "scanned_at"),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str  # gs1.equivalence.Key.canonical, of a serial where there is one
    state: str
    device: str  # pseudonym of a rotating device token, different for every key
    province: str = Field(default="", max_length=2)
    scanned_at: datetime = Field(sa_type=UtcDateTime)


class ScanCount(SQLModel, table=True):
    """How often a key was scanned in all; stays when the scans themselves are deleted."""

    __tablename__ = "scan_count"
    __table_args__ = (STRICT,)

    key: str = Field(primary_key=True)
    number: int = 0
