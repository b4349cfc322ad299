"""JSON interface of keys that a party brings and of statements that it signs itself."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from app.auth import actor, api_key
from app.db import Session
from app.openapi import json_response, path_text, read_body
from app.runtime import KeyParts, runtime
from app.security import limited
from app.signing import service
from app.signing.schemas import PrepareIn, SigningKeyIn, StatementIn
from app.statements.api import answer
from app.statements.schemas import Author, Reply

bp = Blueprint("signing", __name__, url_prefix="/api/v1")


def _with_keys(work: Callable[[Session, int, KeyParts], Reply]) -> Response:
    parts = runtime().key_parts()
    return answer(lambda session, author: work(session, author.party_id, parts))


@bp.get("/signing-keys")
@api_key
@limited("capture")
def keys() -> Response:
    """List the caller's signing keys."""
    with runtime().db.read() as session:
        return json_response(service.list_keys(session, actor().party_id))


@bp.post("/signing-keys")
@api_key
@limited("capture")
def add_key() -> Response:
    """Register a public key whose private half stays with the caller."""
    data = read_body(SigningKeyIn)
    return _with_keys(lambda session, party, parts: service.add_key(session, party, data, parts))


@bp.post("/signing-keys/<kid>/revoke")
@api_key
@limited("capture")
def revoke_key(kid: str) -> Response:
    """End a signing key."""
    name = path_text(kid)
    return _with_keys(lambda session, party, parts: service.revoke_key(session, party, name, parts))


@bp.post("/statements/prepare")
@api_key
@limited("capture")
def prepare() -> Response:
    """Give the bytes to be signed for the events of a document."""
    data, rt = read_body(PrepareIn), runtime()
    with rt.db.read() as session:
        return json_response(service.prepare(session, Author.of(rt, actor().party_id), data))


@bp.post("/statements")
@api_key
@limited("capture")
def take() -> Response:
    """Take a statement that the caller signed."""
    data = read_body(StatementIn)
    return answer(lambda session, author: service.take(session, author, data))
