"""JSON interface of issuing: serials, SSCCs, labels and sheets of labels."""

from __future__ import annotations

from flask import Blueprint, Response

from app.auth import actor, api_key
from app.i18n import api_language
from app.issuing import service
from app.issuing.schemas import MEDIA_TYPES, LabelIn, LogisticIn, SerialsIn, SheetIn, SsccsIn
from app.openapi import gtin_of, listed, page, read_body, read_query
from app.problems import FieldError, Invalid
from app.runtime import runtime
from app.security import limited
from app.statements.api import answer
from scanner.errors import SymbolError
from scanner.label import render

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


@bp.get("/products/<gtin>/label")
@api_key
@limited("capture")
def label(gtin: str) -> Response:
    """Draw a label as PNG, SVG, PDF or ZPL."""
    key, wanted = gtin_of(gtin), read_query(LabelIn)
    rt = runtime()
    with rt.db.read() as session:
        drawn = service.label(
            session, actor().party_id, key, wanted, rt.settings.base_url, api_language()
        )
    try:
        picture = render(drawn, wanted.form)
    except SymbolError as error:
        raise Invalid(errors=[FieldError("symbol", "symbol", str(error))]) from None
    return Response(picture, mimetype=MEDIA_TYPES[wanted.form])


@bp.post("/ssccs")
@api_key
@limited("capture")
def create_ssccs() -> Response:
    """Issue SSCCs for logistic units."""
    data = read_body(SsccsIn)
    return answer(lambda session, author: service.issue_ssccs(session, author, data))


@bp.post("/labels/sheet")
@api_key
@limited("capture")
def sheet() -> Response:
    """Print a sheet or roll of labels, each read back before."""
    wanted, party_id, rt = read_body(SheetIn), actor().party_id, runtime()
    with rt.db.read() as session:
        if wanted.hidden_codes:
            service.check_hidden_codes(session, party_id, wanted, rt.settings.secret_key)
        labels = service.sheet_labels(
            session, party_id, wanted, rt.settings.base_url, api_language()
        )
    file = service.print_labels(labels, service.sheet_job(wanted), wanted.form)
    return Response(file, mimetype=MEDIA_TYPES[wanted.form])


@bp.post("/labels/logistic")
@api_key
@limited("capture")
def logistic() -> Response:
    """Print the GS1 logistic label of an own SSCC."""
    wanted, party_id = read_body(LogisticIn), actor().party_id
    with runtime().db.read() as session:
        drawn = service.logistic_label(session, party_id, wanted, api_language())
    file = service.print_labels([drawn], service.sheet_job(wanted), wanted.form)
    return Response(file, mimetype=MEDIA_TYPES[wanted.form])
