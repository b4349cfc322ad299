"""Pages on which people of a party print labels: choose, look, download; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from app.auth import actor, signed_in
from app.i18n import N_, language
from app.issuing import service
from app.issuing.schemas import MEDIA_TYPES, MOST_LABELS, SheetIn
from app.openapi import gtin_of, validate
from app.problems import FieldError, Invalid, NotFound, Problem
from app.runtime import runtime
from app.security import limited
from scanner.sheet import TEMPLATES, AnyLabel, count_papers

bp = Blueprint("labels", __name__, url_prefix="/account/labels")
WHOLE, DECIMAL = ("start", "copies", "dpi"), ("offset_x", "offset_y")
FIELDS = ("lot", "symbol", "template", "form", *WHOLE, *DECIMAL)


@bp.get("/<gtin>")
@signed_in
@limited("capture")
def form(gtin: str) -> Response:
    """Show the form; with its fields filled, also a preview and the way to the file."""
    product, lots, has_serials = _product(gtin)
    chosen: dict[str, Any] = {}
    problem: Problem | None = None
    if "template" in request.args:
        try:
            wanted, following = _wanted(product.gtin)
            job = service.sheet_job(wanted)
            service.preview_labels(_labels(wanted)[:1], job)
            count = len(wanted.serials or ()) or 1
            chosen = {
                "count": count * wanted.copies,
                "papers": count_papers(count, job),
                "following": following,
                "query": urlencode(request.args),
                "next": urlencode({**request.args, "first": following}),
            }
        except Problem as refused:
            problem = refused
    page = render_template(
        "issuing/labels.html",
        product=product,
        lots=[(lot, lot) for lot in lots],
        has_serials=has_serials,
        given=request.args,
        chosen=chosen,
        problem=problem,
        most=MOST_LABELS,
    )
    return Response(page, problem.status if problem else 200)


@bp.get("/<gtin>/preview")
@signed_in
@limited("capture")
def preview(gtin: str) -> Response:
    """Show the first sheet as a picture."""
    wanted, _ = _wanted(_product(gtin)[0].gtin)
    picture = service.preview_labels(_labels(wanted), service.sheet_job(wanted))
    return Response(picture, mimetype=MEDIA_TYPES["png"])


@bp.get("/<gtin>/sheet")
@signed_in
@limited("capture")
def sheet(gtin: str) -> Response:
    """Give the file to print, every label read back before."""
    wanted, _ = _wanted(_product(gtin)[0].gtin)
    file = service.print_labels(_labels(wanted), service.sheet_job(wanted), wanted.form)
    answer = Response(file, mimetype=MEDIA_TYPES[wanted.form])
    name = f"{wanted.gtin}-{wanted.lot or 'labels'}.{wanted.form}".replace("/", "_")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _product(gtin: str) -> tuple[Any, list[str], bool]:
    key = gtin_of(gtin)
    with runtime().db.read() as session:
        return service.label_choices(session, actor().party_id, key)


def _labels(wanted: SheetIn) -> list[AnyLabel]:
    rt = runtime()
    with rt.db.read() as session:
        return [
            *service.sheet_labels(
                session, actor().party_id, wanted, rt.settings.base_url, language()
            )
        ]


def _wanted(gtin: str) -> tuple[SheetIn, str]:
    """Read the form's fields, and the serial with which the next sheet begins.

    Raises Invalid naming the field, NotFound where the lot has no serials.
    """
    given = request.args
    body: dict[str, Any] = {"gtin": gtin, "cut_marks": given.get("cut_marks") == "1"}
    body |= {name: _number(name, given[name]) for name in FIELDS if given.get(name)}
    following = ""
    if given.get("each", "unit") == "unit":
        count = _count(given, body)
        key = gtin_of(gtin)
        with runtime().db.read() as session:
            product, _, _ = service.label_choices(session, actor().party_id, key)
            serials, following = service.serials_from(
                session, product, given.get("lot", ""), given.get("first", "")[:20], count
            )
        if not serials:
            detail = N_("No serial number of this lot is issued from there on.")
            raise NotFound(errors=[FieldError("first", "no_serials", detail)])
        body["serials"] = serials
    try:
        return validate(SheetIn, body), following
    except Invalid as refusal:
        faults = [replace(fault, pointer=fault.pointer[1:]) for fault in refusal.errors]
        raise Invalid(errors=faults) from None


def _count(given: Mapping[str, str], body: Mapping[str, Any]) -> int:
    """Give how many serials are wanted; by default as many as fit on the first sheet."""
    template = TEMPLATES.get(body.get("template", ""))
    places = template.places if template else 1
    start = body.get("start", 1)
    fitting = max(1, places - start + 1) if isinstance(start, int) else 1
    count = _number("count", given.get("count") or str(fitting))
    if not (isinstance(count, int) and 1 <= count <= MOST_LABELS):
        detail = N_("A whole number from 1 to %(maximum)s.")
        fault = FieldError("count", "count", detail, None, {"maximum": MOST_LABELS})
        raise Invalid(errors=[fault])
    return count


def _number(name: str, text: str) -> object:
    """Read a number field; what is none is left for the schema to refuse."""
    if name in (*WHOLE, "count") and text.isascii() and text.isdigit():
        return int(text[:9])
    if name in DECIMAL:
        with suppress(ValueError):
            return float(text.replace(",", "."))
    return text
