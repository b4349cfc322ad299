"""Rows of deletions that are carried out: what is left to overwrite in files and backups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}


class Erasure(SQLModel, table=True):
    """An event whose content was deleted; ``scrubbed_at`` is set once no file holds it any more.

    Who ordered it and why is in the log.
    """

    __tablename__ = "erasure"
    __table_args__ = (UniqueConstraint("log", "entry_index", "position"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    log: str
    entry_index: int
    position: int
    ordered_at: datetime = Field(sa_type=UtcDateTime)
    scrubbed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
