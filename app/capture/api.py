"""The EPCIS 2.0 capture interface (EPCIS 2.0 section 12, GS1's OpenAPI): ``/capture``."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.auth import actor, api_key
from app.capture import service
from app.capture.schemas import JobOut
from app.i18n import N_, api_language, translate
from app.openapi import accepts, json_response, page, path_text, require_media_type
from app.problems import FieldError, Malformed, Problem, TooLarge
from app.rendering import problem_document
from app.runtime import runtime
from app.security import limited
from app.statements.api import answer

bp = Blueprint("capture", __name__)

VERSION = "2.0.0"
MEDIA_TYPES = ("application/json", "application/ld+json")
# The standard's own exception types (EPCIS 2.0 section 8.2.3) by status.
_EXCEPTIONS = {
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    404: "NoSuchResourceException",
    406: "NotAcceptableException",
    413: "CaptureLimitExceededException",
    415: "UnsupportedMediaTypeException",
    422: "ValidationException",
}


class NotAcceptable(Problem):
    """The client asks for a version, form or behaviour that is not offered."""

    status = 406
    code = "not-acceptable"
    title = "This cannot be answered in the form asked for"


@bp.post("/capture", provide_automatic_options=False)
@api_key
@limited("capture")
def capture() -> Response:
    """Take a document for capture: 202 and the address of its job."""
    require_media_type(*MEDIA_TYPES)
    _require_offered()
    body = request.get_data(cache=True)
    reading = service.read(body)
    backlog = runtime().settings.capture_backlog
    return answer(lambda session, author: service.submit(session, author, body, reading, backlog))


@bp.get("/capture", provide_automatic_options=False)
@api_key
@limited("capture")
def jobs() -> Response:
    """List the caller's capture jobs, newest first."""
    _require_offered()
    token, limit = page(size="perPage", after="nextPageToken")
    with runtime().db.read() as session:
        found = service.list_jobs(session, actor().party_id, _read_token(token), limit)
    response = json_response([_job_document(job) for job in found])
    if len(found) == limit:
        address = f"/capture?perPage={limit}&nextPageToken={_token(found[-1])}"
        response.headers["Link"] = f'<{address}>; rel="next"'
    return response


@bp.get("/capture/<job_id>", provide_automatic_options=False)
@api_key
@limited("capture")
def job(job_id: str) -> Response:
    """Give the state of a capture job."""
    _require_offered()
    with runtime().db.read() as session:
        return json_response(
            _job_document(service.get_job(session, actor().party_id, path_text(job_id)))
        )


@bp.route("/capture", methods=["OPTIONS"])
@api_key
def discover() -> Response:
    """Tell what the capture interface offers."""
    response = _discovery("GET, HEAD, OPTIONS, POST")
    response.headers.update(_limits())
    response.headers["GS1-Capture-Error-Behaviour"] = "rollback"
    return response


@bp.route("/capture/<job_id>", methods=["OPTIONS"])
@api_key
def discover_job(job_id: str) -> Response:
    """Tell what a capture job's address offers."""
    with runtime().db.read() as session:
        service.get_job(session, actor().party_id, path_text(job_id))
    return _discovery("GET, HEAD, OPTIONS")


@bp.after_request
def name_versions(response: Response) -> Response:
    """Name the versions of EPCIS and CBV that every answer is of."""
    response.headers.setdefault("GS1-EPCIS-Version", VERSION)
    response.headers.setdefault("GS1-CBV-Version", VERSION)
    return response


@bp.errorhandler(Problem)
def refuse(problem: Problem) -> Response:
    """Answer with the standard's exception types, as RFC 9457 JSON."""
    document = problem_document(problem)
    exception = _EXCEPTIONS.get(problem.status)
    if exception is not None:
        document["type"] = f"epcisException:{exception}"
    response = Response(orjson.dumps(document), problem.status)
    response.mimetype = "application/problem+json"
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """Refuse a body over the cap, and say what the cap is."""
    return refuse(TooLarge(headers=_limits()))


def _limits() -> dict[str, str]:
    return {
        "GS1-EPCIS-Capture-Limit": str(service.MOST_EVENTS),
        "GS1-EPCIS-Capture-File-Size-Limit": str(runtime().settings.max_body_bytes),
    }


def _discovery(methods: str) -> Response:
    response = Response(status=204)
    for name in ("EPCIS", "CBV"):
        response.headers.update({f"GS1-{name}-Min": VERSION, f"GS1-{name}-Max": VERSION})
    response.headers["Allow"] = methods
    response.headers["GS1-EPC-Format"] = "Never_Translates"
    return response


def _require_offered() -> None:
    """Refuse what the headers ask for and this interface does not offer."""
    if not accepts("application/json", "application/ld+json"):
        raise NotAcceptable(N_("Answers here are in JSON."))
    for name in ("GS1-EPCIS-Version", "GS1-CBV-Version"):
        if request.headers.get(name, VERSION) not in {"2", "2.0", VERSION}:
            raise NotAcceptable(N_("Version 2.0 of EPCIS and CBV is spoken here."))
    if request.headers.get("GS1-Capture-Error-Behaviour", "rollback") != "rollback":
        raise NotAcceptable(N_("A document is captured as a whole or not at all (rollback)."))


def _job_document(job: JobOut) -> dict[str, Any]:
    """Give a job in the form of the standard's ``CaptureJob``.

    It runs until a signed checkpoint covers its entry: who sees it finished can see it proven.
    ``warnings`` and ``entry``, the index in the log, are additions of this service.
    """
    finished = job.finished_at
    return {
        "captureID": job.id,
        "createdAt": job.created_at.isoformat(timespec="milliseconds"),
        **({"finishedAt": finished.isoformat(timespec="milliseconds")} if finished else {}),
        "running": finished is None,
        "success": job.succeeded,
        "captureErrorBehaviour": "rollback",
        "errors": [_fault_document(fault) for fault in job.errors],
        "warnings": [_fault_document(fault) for fault in job.warnings],
        **({} if job.entry_index is None else {"entry": job.entry_index}),
    }


def _fault_document(fault: FieldError) -> dict[str, Any]:
    language = api_language()
    return {
        "type": "epcisException:ValidationException",
        "title": translate(language, N_("Some values are not valid")),
        "status": 400,
        "detail": translate(language, fault.detail, **fault.params),
        "pointer": fault.pointer,
        "code": fault.code,
        **({"clause": fault.clause} if fault.clause else {}),
    }


def _token(job: JobOut) -> str:
    text = f"{job.created_at.isoformat()} {job.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[datetime, str] | None:
    if not token:
        return None
    try:
        padded = token + "=" * (-len(token) % 4)
        time, _space, job_id = base64.urlsafe_b64decode(padded).decode().partition(" ")
        before = datetime.fromisoformat(time)
    except (ValueError, binascii.Error):
        before, job_id = None, ""
    if before is None or before.tzinfo is None or not job_id:
        detail = N_("This is not a token that a list was continued with.")
        raise Malformed(errors=[FieldError("nextPageToken", "page_key", detail)])
    return before, job_id
