"""Reads of products, places and batches."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from app.catalogue.models import Batch, Place, Product


def product(session: Session, gtin14: str) -> Product | None:
    """Give the product of a GTIN-14."""
    return session.exec(select(Product).where(Product.gtin == gtin14)).first()


def products(session: Session, party_id: int, after: str, limit: int) -> Sequence[Product]:
    """Give a party's products in order of GTIN, from the one behind ``after``."""
    query = select(Product).where(Product.party_id == party_id, Product.gtin > after)
    return session.exec(query.order_by(Product.gtin).limit(limit)).all()


def place(session: Session, gln: str) -> Place | None:
    """Give the place of a GLN."""
    return session.exec(select(Place).where(Place.gln == gln)).first()


def places(session: Session, party_id: int, after: str, limit: int) -> Sequence[Place]:
    """Give a party's places in order of GLN, from the one behind ``after``."""
    query = select(Place).where(Place.party_id == party_id, Place.gln > after)
    return session.exec(query.order_by(Place.gln).limit(limit)).all()


def batch(session: Session, product_id: int, lot: str) -> Batch | None:
    """Give a product's batch of this lot number."""
    query = select(Batch).where(Batch.product_id == product_id, Batch.lot == lot)
    return session.exec(query).first()


def batches(session: Session, product_id: int, after: str, limit: int) -> Sequence[Batch]:
    """Give a product's batches in order of lot, from the one behind ``after``."""
    query = select(Batch).where(Batch.product_id == product_id, Batch.lot > after)
    return session.exec(query.order_by(col(Batch.lot)).limit(limit)).all()
