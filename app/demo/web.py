"""Pages of the demonstration: the sample pictures, each with the verdict it should end in."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response, render_template, url_for

from app.auth import public
from app.demo import service
from app.demo.pictures import SAMPLES
from app.i18n import N_
from app.problems import NotFound
from app.runtime import Runtime, runtime
from app.security import limited
from app.verify import web as verify
from app.verify.wording import STATES

bp = Blueprint("demo", __name__, url_prefix="/demo")

# What a person should know of a picture before scanning it.
_HINTS = {
    "ITEM_MATCHES": N_("A coffee pack with a serial number of its own."),
    "ITEM_CONFIRMED": N_("Its scratch panel was rubbed off: the second code is the hidden one."),
    "BATCH_MATCHES": N_("A bottle label with product and lot, without a serial number."),
    "PRODUCT_ONLY": N_("A plain retail barcode."),
    "RECALLED": N_("A bottle of the lot that its maker recalled."),
    "DEACTIVATED": N_("A serial number that its maker declared destroyed."),
    "SUSPECTED_COPY": N_("A serial number that many phones in many provinces have scanned."),
    "CONTRADICTED": N_("The printed expiry date is a year later than the declared one."),
    "EXPIRED": N_("A lot whose expiry date has passed."),
    "NOT_ACTIVATED": N_("A serial number that was issued, but never released."),
    "MALFORMED": N_("A code with a wrong check digit."),
    "UNREGISTERED": N_("A well-formed barcode that nobody has registered here."),
    "NOT_A_PRODUCT_CODE": N_("A payment sticker pasted over the product’s code."),
    "UNREADABLE": N_("Out of focus and shaken."),
}


class Shown(NamedTuple):
    """A sample on the page; ``title``, ``hint`` and ``expected`` are msgids."""

    state: str
    name: str
    colour: str
    title: str
    hint: str
    expected: str
    picture_url: str


def _require_demo() -> Runtime:
    rt = runtime()
    if not rt.settings.demo:
        raise NotFound
    return rt


@bp.get("")
@public
def index() -> str:
    """List the sample pictures."""
    _require_demo()
    states = [sample.state for sample in SAMPLES]
    states.insert(1, "ITEM_CONFIRMED")
    shown = [
        Shown(
            state,
            state,
            STATES[state].colour,
            STATES[state].title,
            _HINTS[state],
            STATES[state].title,
            url_for("demo.picture", state=state),
        )
        for state in states
    ]
    return render_template("demo/index.html", samples=shown)


@bp.get("/pictures/<state>.jpg")
@public
def picture(state: str) -> Response:
    """Give a sample picture."""
    response = Response(service.picture(_require_demo(), state), mimetype="image/jpeg")
    # The picture of the hidden code changes once that code is used.
    response.cache_control.max_age = 0 if state == "ITEM_CONFIRMED" else 3600
    return response


@bp.post("/<state>")
@public
@limited("scan")
def scan(state: str) -> Response:
    """Answer about a sample picture just as about a photo that was sent."""
    return verify.answer_photo(service.picture(_require_demo(), state))
