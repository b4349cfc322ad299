"""Addresses for operators: is it alive, is it ready, what are its figures."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

import scanner
from app import schema
from app.auth import public
from app.problems import Forbidden
from app.runtime import Runtime, runtime
from app.telemetry import LOG_SIZE, REGISTRY
from ledger import log as ledger_log
from scanner import errors as scan_errors

bp = Blueprint("health", __name__)


@bp.get("/livez")
@public
def livez() -> str:
    """Tell that the process answers."""
    return "ok"


@bp.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Tell whether the service can do its work: decoders, database, log position."""
    rt = runtime()
    decoders = _decoders(rt)
    database = _database_state(rt)
    ready = bool(decoders) and database["ok"]
    body = {"ready": ready, "decoders": decoders, "database": database, "log": _log_state(rt)}
    return jsonify(body), 200 if ready else 503


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Give the figures in Prometheus form; only to this machine unless opened in the settings."""
    rt = runtime()
    if not rt.settings.metrics_public and request.remote_addr not in {"127.0.0.1", "::1"}:
        raise Forbidden
    LOG_SIZE.set(_log_state(rt).get("size") or 0)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _decoders(rt: Runtime) -> tuple[str, ...]:
    try:
        return scanner.live_decoders(rt.decoders)
    except scan_errors.ScanError:
        return ()


def _database_state(rt: Runtime) -> dict[str, Any]:
    try:
        return {"ok": schema.is_current(rt.db), "kind": rt.db.engine.dialect.name}
    except SQLAlchemyError as error:
        return {"ok": False, "error": type(error).__name__}


def _log_state(rt: Runtime) -> dict[str, Any]:
    try:
        with rt.db.read() as session:
            origin, connection = rt.settings.log_origin, session.connection()
            signed = ledger_log.last_checkpoint(connection, origin)
            public = ledger_log.published_checkpoint(connection, origin)
    except SQLAlchemyError as error:
        return {"error": type(error).__name__}
    state: dict[str, Any] = {"origin": origin, "size": 0 if public is None else public.size}
    if public is not None:
        state["root"] = public.root.hex()
    if rt.witnesses is not None:
        # Signed but not published: too few witnesses have cosigned it yet.
        state["signed"] = 0 if signed is None else signed.size
        state["behind_witnesses"] = signed is not None and signed.cosigned is None
        state["quorum"] = rt.witnesses.policy.quorum
        state["fork"] = rt.witnesses.fork is not None
    return state
