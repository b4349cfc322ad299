"""Reads of which products are registered."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session, col, select

from app.catalogue.models import Product


def registered(session: Session, gtins: Iterable[str]) -> frozenset[str]:
    """Give those of the GTIN-14 that are registered."""
    wanted = sorted(set(gtins))
    if not wanted:
        return frozenset()
    return frozenset(session.exec(select(Product.gtin).where(col(Product.gtin).in_(wanted))))


def product_names(session: Session, gtins: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Give the Vietnamese and English name of those of the GTIN-14 that are registered."""
    wanted = sorted(set(gtins))
    if not wanted:
        return {}
    rows = session.exec(
        select(Product.gtin, Product.name, Product.name_en).where(col(Product.gtin).in_(wanted))
    )
    return {gtin: (name, name_en) for gtin, name, name_en in rows}


def product_name(session: Session, gtin14: str) -> str | None:
    """Give the name of a registered product."""
    return session.exec(select(Product.name).where(Product.gtin == gtin14)).first()
