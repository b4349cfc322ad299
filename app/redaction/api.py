"""JSON interface of deletions: ``/api/v1/redactions``."""

from __future__ import annotations

from flask import Blueprint, Response

from app.auth import api_key
from app.openapi import read_body
from app.redaction import service
from app.redaction.schemas import RedactionIn
from app.runtime import runtime
from app.security import limited
from app.statements.api import answer
from ledger.keys import PrivateKey

bp = Blueprint("redaction", __name__, url_prefix="/api/v1")


@bp.post("/redactions")
@api_key
@limited("capture")
def redact() -> Response:
    """Delete the content of the caller's own events; their proofs stay."""
    data, operator = read_body(RedactionIn), PrivateKey(runtime().signer.private_key)
    return answer(lambda session, author: service.redact(session, author, data, operator))
