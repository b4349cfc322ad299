"""Rows of products, places and batches, and of the counters their numbers are taken from.

``entry_index`` and ``position`` find the signed record.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}
# A STRICT table of SQLite knows INTEGER (64 bits there), but not BIGINT.
BigWhole = BigInteger().with_variant(Integer, "sqlite")


class Product(SQLModel, table=True):
    """A trade item class, known by its GTIN-14."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("length(gtin) = 14", "gtin"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    gtin: str = Field(unique=True, max_length=14)
    party_id: int = Field(foreign_key="party.id", index=True)
    name: str
    name_en: str = ""
    brand: str = ""
    description: str = ""
    net_content: str = ""  # as declared, with its unit: "250 g"
    origin: str = ""  # origin or place of the last finishing stage, as declared
    ingredients: str = ""
    storage: str = ""
    warnings: str = ""
    standards: str = ""  # standards and technical regulations declared as applied
    shelf_life_days: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    entry_index: int
    position: int = 0


class Place(SQLModel, table=True):
    """A physical location, known by its GLN."""

    __tablename__ = "place"
    __table_args__ = (CheckConstraint("length(gln) = 13", "gln"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    gln: str = Field(unique=True, max_length=13)
    party_id: int = Field(foreign_key="party.id", index=True)
    name: str
    address: str = ""
    province: str = Field(default="", max_length=2)  # two-digit province code of 2025
    created_at: datetime = Field(sa_type=UtcDateTime)
    entry_index: int
    position: int = 0


class Batch(SQLModel, table=True):
    """A batch (lot) of a product."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("product_id", "lot"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="product.id")
    lot: str = Field(max_length=20)
    production_date: date | None = None
    expiry_date: date | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    entry_index: int
    position: int = 0


class NumberCounter(SQLModel, table=True):
    """The next reference under a company prefix, for GTIN, GLN or SSCC."""

    __tablename__ = "number_counter"
    __table_args__ = (STRICT,)

    prefix: str = Field(primary_key=True, max_length=12)
    key: str = Field(primary_key=True, max_length=5)
    # An SSCC has up to 12 digits of reference: more than 32 bits.
    next_reference: int = Field(default=0, sa_column=Column(BigWhole, nullable=False))
