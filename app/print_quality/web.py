"""Handlers of the page that checks a printed label."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, render_template, request

from app import uploads
from app.auth import public
from app.i18n import N_, language
from app.print_quality import schemas, service
from app.problems import Invalid, Unavailable
from app.rendering import wants_json
from app.runtime import runtime
from app.security import limited
from scanner import errors

bp = Blueprint("print_quality", __name__)


@bp.get("/print-quality")
@public
def ask() -> Response:
    """Show the form for a photo of a printed label."""
    return _private(Response(render_template("print_quality/form.html")))


@bp.post("/print-quality")
@public
@limited("scan")
def create() -> Response:
    """Report on a photo (field ``photo``), with a card in ``light`` and ``dark``; keep nothing."""
    rt = runtime()
    photo, form = uploads.received(rt)
    if not photo:
        raise Invalid(
            N_("Choose a photo of the printed code."), title=N_("There is nothing to check yet")
        )
    try:
        told = schemas.card(form.get("light", "")[:100], form.get("dark", "")[:100])
    except ValueError:
        raise _no_card() from None
    try:
        report = service.measure_photo(rt, photo, told)
    except errors.CardNotUsable:
        raise _no_card() from None
    except errors.PhotoRefused as refused:
        raise uploads.refusal(refused) from None
    except errors.DecoderBusy:
        raise uploads.busy() from None
    except errors.DecoderFault:
        raise Unavailable(
            N_("Measuring this photo took too long. Send a smaller one, cut to the code."),
            headers={"Retry-After": "5"},
        ) from None
    if wants_json():
        body = orjson.dumps(schemas.said(report.quality))
        return _private(Response(body, mimetype="application/json"))
    return _private(Response(render_template("print_quality/report.html", report=report)))


@bp.get("/print-quality/card.pdf")
@public
@limited("scan")
def card() -> Response:
    """Give a reference card for paper and ink of ``?light=`` and ``?dark=`` per cent."""
    given = [request.args.get(name, usual) for name, usual in (("light", "85"), ("dark", "4"))]
    if not all(len(text) < 3 and text.isascii() and text.isdigit() for text in given):
        raise _no_such_card()
    try:
        pdf = service.card_pdf(int(given[0]), int(given[1]), language())
    except errors.CardNotUsable:
        raise _no_such_card() from None
    name = {"Content-Disposition": 'inline; filename="nguon-card.pdf"', "Vary": "Cookie"}
    return Response(pdf, mimetype="application/pdf", headers=name)


def _no_such_card() -> Invalid:
    return Invalid(
        N_("Reflectances are whole per cent up to 99, and paper is lighter than ink."),
        title=N_("Such a card cannot be printed"),
    )


def _no_card() -> Invalid:
    return Invalid(
        N_(
            "Each patch needs five whole numbers: left, top, width and height in pixels inside the"
            " photo, and its reflectance in per cent. The light patch must be lighter than the"
            " dark one, and not overexposed."
        ),
        title=N_("The patches of the card cannot be used"),
    )


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Vary"] = "Accept, Cookie"
    return answer
