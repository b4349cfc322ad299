"""The public list of recall notices."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.auth import public
from app.recall import service
from app.runtime import runtime

bp = Blueprint("recall", __name__)


@bp.get("/recalls")
@public
def index() -> str:
    """List the notices, newest first: those in force, and those lifted since."""
    with runtime().db.read() as session:
        notices = service.published(session)
    return render_template("recall/list.html", notices=notices)
