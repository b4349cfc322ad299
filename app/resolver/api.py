"""The resolver for machines: its description file."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.auth import public
from app.resolver import service
from app.runtime import runtime

bp = Blueprint("resolver", __name__)


@bp.get("/.well-known/gs1resolver")
@public
def description() -> Response:
    """Say which keys and link types this resolver knows."""
    answer = jsonify(service.description(runtime().settings.base_url, "Nguồn"))
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
