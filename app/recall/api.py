"""JSON interface of recalls under ``/api/v1/recalls``."""

from __future__ import annotations

from flask import Blueprint, Response

from app.auth import actor, api_key
from app.openapi import json_response, listed, page, path_text, read_body
from app.recall import service
from app.recall.schemas import LiftIn, RecallIn
from app.runtime import runtime
from app.security import limited
from app.statements.api import answer

bp = Blueprint("recall_api", __name__, url_prefix="/api/v1")


@bp.post("/recalls")
@api_key
@limited("capture")
def create_recall() -> Response:
    """Publish a recall."""
    data = read_body(RecallIn)
    return answer(lambda session, author: service.recall(session, author, data))


@bp.get("/recalls")
@api_key
@limited("capture")
def recalls() -> Response:
    """List the caller's recalls."""
    after, limit = page()
    with runtime().db.read() as session:
        items = service.list_recalls(session, actor().party_id, after, limit)
    return listed(items, "number", limit)


@bp.get("/recalls/<number>")
@api_key
@limited("capture")
def recall(number: str) -> Response:
    """Give one of the caller's recalls."""
    key = path_text(number)
    with runtime().db.read() as session:
        return json_response(service.get_recall(session, actor().party_id, key))


@bp.post("/recalls/<number>/lift")
@api_key
@limited("capture")
def lift(number: str) -> Response:
    """Lift a recall."""
    key, data = path_text(number), read_body(LiftIn)
    return answer(lambda session, author: service.lift(session, author, key, data))
