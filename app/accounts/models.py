"""Rows of parties, their company prefixes, people, API keys and signing keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, LargeBinary
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime

STRICT = {"sqlite_strict": True}


class Party(SQLModel, table=True):
    """A firm, cooperative, shop or authority that states things under its own name."""

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint("kind IN ('producer','trader','carrier','certifier','authority')", "kind"),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True)
    gln: str | None = Field(default=None, unique=True, max_length=13)
    name: str
    address: str = ""
    province: str = Field(default="", max_length=2)  # two-digit province code of 2025
    phone: str = ""
    kind: str = "producer"
    created_at: datetime = Field(sa_type=UtcDateTime)


class PartyPrefix(SQLModel, table=True):
    """A GS1 company prefix licensed to a party: what it may register and issue under."""

    __tablename__ = "party_prefix"
    __table_args__ = (STRICT,)

    prefix: str = Field(primary_key=True, max_length=12)
    party_id: int = Field(foreign_key="party.id", index=True)


class Person(SQLModel, table=True):
    """Somebody who signs in for a party."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("role IN ('admin','member','inspector')", "role"), STRICT)

    id: int | None = Field(default=None, primary_key=True)
    party_id: int = Field(foreign_key="party.id", index=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str
    role: str = "member"
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiKey(SQLModel, table=True):
    """A machine's key: ``id`` is its public half, of the secret only SHA-256 is kept."""

    __tablename__ = "api_key"
    __table_args__ = (STRICT,)

    id: str = Field(primary_key=True, max_length=16)
    party_id: int = Field(foreign_key="party.id", index=True)
    label: str
    secret_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SigningKey(SQLModel, table=True):
    """A party's statement key; the private half is sealed under the service's secret."""

    __tablename__ = "signing_key"
    __table_args__ = (STRICT,)

    kid: str = Field(primary_key=True)
    party_id: int = Field(foreign_key="party.id", index=True)
    alg: str = "Ed25519"
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed_private_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ChangeCounter(SQLModel, table=True):
    """One row whose number grows with every change a verdict could depend on."""

    __tablename__ = "change_counter"
    __table_args__ = (CheckConstraint("id = 1", "one_row"), STRICT)

    id: int = Field(default=1, primary_key=True)
    number: int = 0
