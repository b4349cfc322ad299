"""Turns every refusal into RFC 9457 JSON or a page in the person's language."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Flask, Response, g, render_template, request
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app import problems
from app.i18n import N_, api_language, language, translate
from app.problems import Problem
from app.telemetry import log

# Addresses that machines call: they get JSON unless they ask for a page.
API_PREFIXES = ("/api/", "/capture", "/events", "/log/")
BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        problems.Problem,
        problems.Unauthenticated,
        problems.Forbidden,
        problems.NotFound,
        problems.WrongMethod,
        problems.Conflict,
        problems.TooLarge,
        problems.UnsupportedMedia,
        problems.Invalid,
        problems.TooMany,
        problems.Unavailable,
    )
}


def wants_json() -> bool:
    """Tell whether this client should be answered in JSON rather than with a page."""
    accept = request.accept_mimetypes
    if request.path.startswith(API_PREFIXES):
        return not accept.accept_html or accept["application/json"] >= accept["text/html"]
    json = max(accept["application/json"], accept["application/problem+json"])
    return json > accept["text/html"]


def problem_document(problem: Problem) -> dict[str, object]:
    """Give the RFC 9457 document of a problem, in the language of the API client."""
    lang = api_language()
    document: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": translate(lang, problem.title),
        "status": problem.status,
    }
    if problem.detail:
        document["detail"] = translate(lang, problem.detail, **problem.params)
    if problem.errors:
        document["errors"] = [
            {
                "pointer": fault.pointer,
                "code": fault.code,
                "detail": translate(lang, fault.detail, **fault.params),
                **({"clause": fault.clause} if fault.clause else {}),
            }
            for fault in problem.errors
        ]
    document["instance"] = request.path
    return document


def render_problem(problem: Problem) -> Response:
    """Answer with a problem; what the client sent is never echoed beyond its own path."""
    if wants_json():
        body = orjson.dumps(problem_document(problem))
        response = Response(body, problem.status, mimetype="application/problem+json")
    else:
        page = render_template("errors/problem.html", problem=problem, language=language)
        response = Response(page, problem.status)
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _from_http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or status < 400:
        return Response(error.get_response().get_data(), status, dict(error.get_headers()))
    problem = BY_STATUS.get(status, Problem)()
    problem.status = status
    if status not in BY_STATUS:
        problem.code, problem.title = f"http-{status}", HTTPStatus(status).phrase
    for name in ("Allow", "Retry-After"):
        value = error.get_response().headers.get(name)
        if value:
            problem.headers[name] = value
    return render_problem(problem)


def _from_fault(error: Exception) -> Response:
    log.error("unhandled", endpoint=request.endpoint, exc_info=error, id=g.get("request_id"))
    problem = Problem()
    problem.status, problem.code = 500, "internal"
    problem.title = N_("Something went wrong on our side")
    return render_problem(problem)


def _from_database(error: SQLAlchemyError) -> Response:
    """Say that the database cannot do this now: it is locked, full, away or not migrated."""
    log.error("database", endpoint=request.endpoint, error=type(error).__name__, exc_info=error)
    return render_problem(problems.Unavailable(headers={"Retry-After": "5"}))


def init_app(app: Flask) -> None:
    """Install the error handlers."""
    for fault in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(fault, _from_database)
    app.register_error_handler(Problem, render_problem)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _from_fault)
