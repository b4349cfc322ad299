"""Reads of issued serials."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from app.catalogue.models import Batch
from app.issuing.models import Serial, SerialIssue

# Far below the bound parameters a statement may have: 32,766 on SQLite, 65,535 on PostgreSQL.
_AT_ONCE = 5_000


def taken(session: Session, product_id: int, serials: Sequence[str]) -> dict[str, int]:
    """Give those of the serials that are issued already, with the issue they came in."""
    found: dict[str, int] = {}
    for start in range(0, len(serials), _AT_ONCE):
        some = serials[start : start + _AT_ONCE]
        query = select(Serial.serial, Serial.issue_id).where(
            Serial.product_id == product_id, col(Serial.serial).in_(some)
        )
        found.update((serial, issue) for serial, issue in session.execute(query))
    return found


def issue(session: Session, issue_id: int) -> SerialIssue:
    """Give an issue that is known to exist."""
    return session.get_one(SerialIssue, issue_id)


def serial(session: Session, product_id: int, text: str) -> Serial | None:
    """Give an issued serial."""
    query = select(Serial).where(Serial.product_id == product_id, Serial.serial == text)
    return session.exec(query).first()


def serial_for_update(session: Session, product_id: int | None, text: str) -> Serial | None:
    """Give an issued serial, locked until the transaction ends."""
    query = select(Serial).where(Serial.product_id == product_id, Serial.serial == text)
    return session.exec(query.with_for_update()).first()


def serials(
    session: Session, product_id: int, after: str, limit: int
) -> list[tuple[Serial, str | None]]:
    """Give a product's serials in their order, each with its lot, from the one behind ``after``."""
    query = (
        select(Serial, Batch.lot)
        .join(Batch, col(Batch.id) == col(Serial.batch_id), isouter=True)
        .where(Serial.product_id == product_id, Serial.serial > after)
        .order_by(Serial.serial)
        .limit(limit)
    )
    return [(row, lot) for row, lot in session.execute(query)]


def with_batches(
    session: Session, product_id: int, serials: Sequence[str]
) -> dict[str, tuple[Serial, Batch | None]]:
    """Give those of the serials that are issued, each with its batch."""
    found: dict[str, tuple[Serial, Batch | None]] = {}
    for start in range(0, len(serials), _AT_ONCE):
        query = (
            select(Serial, Batch)
            .join(Batch, col(Batch.id) == col(Serial.batch_id), isouter=True)
            .where(
                Serial.product_id == product_id,
                col(Serial.serial).in_(serials[start : start + _AT_ONCE]),
            )
        )
        found.update((row.serial, (row, batch)) for row, batch in session.execute(query))
    return found


def serials_from(session: Session, product_id: int, lot: str, first: str, limit: int) -> list[str]:
    """Give a product's serials, of one lot or of any, in their order from ``first`` on."""
    query = select(Serial.serial).where(Serial.product_id == product_id, Serial.serial >= first)
    if lot:
        query = query.join(Batch, col(Batch.id) == col(Serial.batch_id)).where(Batch.lot == lot)
    return list(session.exec(query.order_by(Serial.serial).limit(limit)))


def lots(session: Session, product_id: int, limit: int) -> list[str]:
    """Give the lots of a product's batches, newest first."""
    query = select(Batch.lot).where(Batch.product_id == product_id)
    return list(session.exec(query.order_by(col(Batch.id).desc()).limit(limit)))
