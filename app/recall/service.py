"""Use cases of recalls: each notice, and each lifting, is one signed document."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from app.catalogue import service as catalogue
from app.catalogue.models import Product
from app.i18n import LOCAL_ZONE, N_
from app.problems import Conflict, FieldError, Forbidden, NotFound
from app.recall import queries
from app.recall.models import RecallNotice
from app.recall.schemas import LiftIn, PublicNotice, RecallIn
from app.statements import service as statements
from app.statements.schemas import Author, Reply
from gs1.epcis import canonical_json
from gs1.equivalence import Key

KIND = "recall"
MOST_LISTED = 200


def recall(session: Session, author: Author, data: RecallIn) -> Reply:
    """Publish a recall: 201 when new, 200 when this number is there with the same data.

    Lot and serial need not be registered: a danger counts more than a complete register.
    """
    statements.hold(session)
    product = catalogue.own_product(session, author.party_id, data.gtin)
    facts = data.model_dump(exclude={"gtin", "number"})
    facts["product_id"] = catalogue.product_id(product)
    number = data.number or _next_number(session, author)
    stored = queries.notice(session, number)
    if stored is not None:
        _require_same(stored, author, facts)
        return Reply(200, recall_out(stored, product.gtin), f"/api/v1/recalls/{number}")
    record = {
        "type": "Recall",
        "number": number,
        "gtin": product.gtin,
        **{name: v for name, v in facts.items() if v and name != "product_id"},
    }
    index = statements.append(session, author, KIND, [canonical_json(record)]).index
    row = RecallNotice(
        number=number, party_id=author.party_id, issued_at=author.now, entry_index=index, **facts
    )
    session.add(row)
    return Reply(201, recall_out(row, product.gtin), f"/api/v1/recalls/{number}")


def lift(session: Session, author: Author, number: str, data: LiftIn) -> Reply:
    """Lift a recall from now on; lifting one that is lifted already changes nothing."""
    statements.hold(session)
    notice = _own(session, author.party_id, number)
    product = session.get_one(Product, notice.product_id)
    if notice.lifted_at is None:
        record = {"type": "RecallLifted", "number": number, "reason": data.reason}
        statements.append(session, author, KIND, [canonical_json(record)])
        notice.lifted_at = author.now
        session.add(notice)
    return Reply(200, recall_out(notice, product.gtin))


def get_recall(session: Session, party_id: int, number: str) -> dict[str, Any]:
    """Give an own notice; raises NotFound, Forbidden."""
    notice = _own(session, party_id, number)
    return recall_out(notice, session.get_one(Product, notice.product_id).gtin)


def list_recalls(session: Session, party_id: int, after: str, limit: int) -> list[dict[str, Any]]:
    """Give a party's notices in order of number, from the one behind ``after``."""
    rows = queries.notices(session, party_id, after, limit)
    return [recall_out(notice, gtin) for notice, gtin in rows]


def _own(session: Session, party_id: int, number: str) -> RecallNotice:
    notice = queries.notice(session, number)
    if notice is None:
        raise NotFound(N_("There is no recall of this number."))
    if notice.party_id != party_id:
        raise Forbidden(N_("This recall is another party's."))
    return notice


def _require_same(stored: RecallNotice, author: Author, facts: dict[str, Any]) -> None:
    names = [name for name, value in facts.items() if getattr(stored, name) != value]
    if stored.party_id != author.party_id or stored.lifted_at is not None or names:
        detail = N_("A recall of this number is already there.")
        raise Conflict(errors=[FieldError("/number", "number_taken", detail)])


def _next_number(session: Session, author: Author) -> str:
    """Give the next free number of this party in this year: TH (thu hồi), year, party, count."""
    stem = f"TH-{author.now.astimezone(LOCAL_ZONE).year}-{author.party_id}-"
    count = queries.numbered(session, stem) + 1
    while queries.notice(session, f"{stem}{count:03d}") is not None:
        count += 1
    return f"{stem}{count:03d}"


def recall_out(row: RecallNotice, gtin: str) -> dict[str, Any]:
    """Give a recall notice as the interface shows it."""
    lifted = row.lifted_at
    return {
        "number": row.number,
        "gtin": gtin,
        "lot": row.lot,
        "serial": row.serial,
        "reason": row.reason,
        "reason_en": row.reason_en,
        "instructions": row.instructions,
        "hazard_group": row.hazard_group,
        "issuedAt": row.issued_at.isoformat(timespec="milliseconds"),
        "liftedAt": lifted.isoformat(timespec="milliseconds") if lifted else None,
        "record": {"entry": row.entry_index, "position": row.position},
    }


def published(session: Session) -> list[PublicNotice]:
    """List the newest notices for everybody, newest first."""
    return [
        PublicNotice(
            number=notice.number,
            product=product.name,
            product_en=product.name_en,
            party=party.name,
            lot=notice.lot or "",
            serial=notice.serial or "",
            reason=notice.reason,
            reason_en=notice.reason_en,
            issued_at=notice.issued_at,
            lifted_at=notice.lifted_at,
            href=_covered(product.gtin, notice).to_digital_link(""),
        )
        for notice, product, party in queries.newest(session, MOST_LISTED)
    ]


def _covered(gtin: str, notice: RecallNotice) -> Key:
    parts = (("01", gtin), ("10", notice.lot), ("21", notice.serial))
    return Key.from_items([(ai, value) for ai, value in parts if value])
