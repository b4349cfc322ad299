"""What the handlers of every registration share: one transaction, answered once per key."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from app import jobs
from app.auth import actor
from app.db import Session
from app.openapi import fingerprint, idempotency_key, json_response
from app.runtime import runtime
from app.statements import service
from app.statements.schemas import Author, Reply


def answer(work: Callable[[Session, Author], Reply]) -> Response:
    """Carry out a registration in one transaction and answer with its reply.

    A repeated ``Idempotency-Key`` gets the first answer again.
    """
    rt = runtime()
    author = Author.of(rt, actor().party_id)
    key, asked = idempotency_key(), fingerprint()
    with rt.db.write() as session:
        reply = service.once(session, author, key, asked, lambda: work(session, author))
    jobs.wake()
    return json_response(reply.body, reply.status, reply.location)
