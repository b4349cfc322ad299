"""Reads of recall notices."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from app.accounts.models import Party
from app.catalogue.models import Product
from app.recall.models import RecallNotice


def notice(session: Session, number: str) -> RecallNotice | None:
    """Give the recall notice of this number, in force or lifted."""
    return session.exec(select(RecallNotice).where(RecallNotice.number == number)).first()


def notices(
    session: Session, party_id: int, after: str, limit: int
) -> Sequence[tuple[RecallNotice, str]]:
    """Give a party's notices in order of number, each with its GTIN, from behind ``after``."""
    query = (
        select(RecallNotice, Product.gtin)
        .join(Product, col(Product.id) == col(RecallNotice.product_id))
        .where(RecallNotice.party_id == party_id, RecallNotice.number > after)
        .order_by(RecallNotice.number)
        .limit(limit)
    )
    return session.exec(query).all()


def numbered(session: Session, stem: str) -> int:
    """Count the notices whose number begins with ``stem``."""
    query = select(func.count()).where(col(RecallNotice.number).startswith(stem, autoescape=True))
    return session.exec(query).one()


def newest(session: Session, limit: int) -> Sequence[tuple[RecallNotice, Product, Party]]:
    """Give the newest notices of all parties, lifted ones too, with product and party."""
    query = (
        select(RecallNotice, Product, Party)
        .join(Product, col(Product.id) == col(RecallNotice.product_id))
        .join(Party, col(Party.id) == col(RecallNotice.party_id))
        .order_by(col(RecallNotice.issued_at).desc(), col(RecallNotice.number))
        .limit(limit)
    )
    return session.exec(query).all()
