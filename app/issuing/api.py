"""JSON interface of issuing: serials and SSCCs."""

from __future__ import annotations

from flask import Blueprint, Response

from app.auth import actor, api_key
from app.issuing import service
from app.issuing.schemas import SerialsIn, SsccsIn
from app.openapi import gtin_of, listed, page, read_body
from app.runtime import runtime
from app.security import limited
from app.statements.api import answer

bp = Blueprint("issuing", __name__, url_prefix="/api/v1")


@bp.post("/products/<gtin>/serials")
@api_key
@limited("capture")
def create_serials(gtin: str) -> Response:
    """Issue serials of a product; hidden codes are shown in this answer only."""
    key, data = gtin_of(gtin), read_body(SerialsIn)
    return answer(lambda session, author: service.issue_serials(session, author, key, data))


@bp.get("/products/<gtin>/serials")
@api_key
@limited("capture")
def serials(gtin: str) -> Response:
    """List the issued serials of a product."""
    key = gtin_of(gtin)
    after, limit = page(maximum=1000)
    with runtime().db.read() as session:
        items = service.list_serials(session, actor().party_id, key, after, limit)
    return listed(items, "serial", limit)


@bp.post("/ssccs")
@api_key
@limited("capture")
def create_ssccs() -> Response:
    """Issue SSCCs for logistic units."""
    data = read_body(SsccsIn)
    return answer(lambda session, author: service.issue_ssccs(session, author, data))
