"""The machine interface: its description (openapi.yaml, written first) and its request bodies."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MIMEAccept

from app.auth import public
from app.i18n import N_
from app.problems import FieldError, Invalid, Malformed, NotFound, UnsupportedMedia, from_gs1
from gs1.epcis import Limits
from gs1.epcis.jsontext import pointer, read_json
from gs1.errors import EpcisError, Gs1Error
from gs1.keys import Gtin

DESCRIPTION = Path(__file__).with_name("openapi.yaml")
Schema = TypeVar("Schema", bound=BaseModel)

bp = Blueprint("openapi", __name__)

# Words for the faults that pydantic finds; any other fault gets the last resort.
_FAULTS = {
    "missing": N_("This field is required."),
    "extra_forbidden": N_("There is no field of this name."),
    "string_too_long": N_("At most %(max_length)s characters are allowed."),
    "string_too_short": N_("At least %(min_length)s characters are needed."),
    "string_type": N_("This must be text."),
    "int_type": N_("This must be a whole number."),
    "bool_type": N_("This must be true or false."),
    "list_type": N_("This must be a list."),
    "model_type": N_("This must be an object."),
    "model_attributes_type": N_("This must be an object."),
    "too_long": N_("At most %(max_length)s items are allowed."),
    "too_short": N_("At least %(min_length)s items are needed."),
    "greater_than_equal": N_("The least allowed value is %(ge)s."),
    "less_than_equal": N_("The greatest allowed value is %(le)s."),
    "literal_error": N_("Allowed values: %(expected)s."),
}
_OTHER_FAULT = N_("This value is not allowed here.")


@bp.get("/api/v1/openapi.yaml")
@public
def description() -> Response:
    """Give the OpenAPI 3.1 description of the machine interface."""
    answer = Response(_description(), mimetype="application/yaml")
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@cache
def _description() -> bytes:
    return DESCRIPTION.read_bytes()


def read_body(schema: type[Schema]) -> Schema:
    """Read the JSON body of the current request as ``schema``.

    Raises UnsupportedMedia, Malformed (RFC 8259, RFC 7493) or Invalid, which names every field.
    """
    require_media_type("application/json")
    return validate(schema, parse_body(request.get_data(cache=True)))


def read_query(schema: type[Schema]) -> Schema:
    """Read the query of the current request as ``schema``; raises Invalid naming the parameter."""
    try:
        return validate(schema, request.args.to_dict())
    except Invalid as refusal:
        faults = [replace(fault, pointer=fault.pointer[1:]) for fault in refusal.errors]
        raise Invalid(errors=faults) from None


def require_media_type(*allowed: str) -> None:
    """Refuse a body of another media type (RFC 9110 section 15.5.16)."""
    if request.mimetype not in allowed:
        raise UnsupportedMedia(
            N_("Send the body as %(types)s."),
            headers={"Accept": ", ".join(allowed)},
            types=", ".join(allowed),
        )


def parse_body(body: bytes) -> Any:
    """Parse JSON strictly: UTF-8, no repeated names, no NaN, bounded depth."""
    try:
        return read_json(body, Limits(size=len(body)))
    except EpcisError as error:
        fault = FieldError(error.pointer, error.code, error.message, error.clause)
        raise Malformed(errors=[fault]) from None


def validate(schema: type[Schema], value: object) -> Schema:
    """Check a parsed JSON value against a schema; raises Invalid with a pointer per fault."""
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise Invalid(errors=[_field_error(fault) for fault in faults]) from None


def _field_error(fault: Any) -> FieldError:
    where = pointer(tuple(fault["loc"]))
    params: dict[str, object] = dict(fault.get("ctx", {}))
    cause = params.pop("error", None)
    if isinstance(cause, Gs1Error):
        return from_gs1(cause, where).errors[0]
    if isinstance(cause, ValueError):
        return FieldError(where, "value", str(cause))
    return FieldError(where, fault["type"], _FAULTS.get(fault["type"], _OTHER_FAULT), None, params)


def idempotency_key() -> str | None:
    """Give the ``Idempotency-Key`` of the request: 1 to 64 visible ASCII characters, or None."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (1 <= len(key) <= 64 and key.isascii() and key.isprintable() and " " not in key):
        fault = N_("1 to 64 visible ASCII characters, without spaces")
        raise Malformed(errors=[FieldError("Idempotency-Key", "idempotency_key", fault)])
    return key


def fingerprint() -> bytes:
    """Give a digest of what the current request asks for, to know a repetition by."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    digest.update(request.get_data(cache=True))
    return digest.digest()


def accepts(*offered: str) -> bool:
    """Tell whether the client takes at least one of these media types."""
    accept: MIMEAccept = request.accept_mimetypes
    return not accept.provided or any(accept[media] > 0 for media in offered)


def gtin_of(text: str) -> Gtin:
    """Read the GTIN in a path: 8, 12, 13 or 14 digits; raises Invalid with rule and clause."""
    try:
        return Gtin.parse(text)
    except Gs1Error as error:
        raise from_gs1(error, "gtin") from None


def path_text(text: str) -> str:
    """Read a name in a path; raises NotFound for what no name here can be."""
    if not text.isascii() or not text.isprintable():
        raise NotFound
    return text


def page(maximum: int = 200, size: str = "limit", after: str = "after") -> tuple[str, int]:
    """Read the key behind which a list goes on, and how many items are asked for."""
    text = request.args.get(size, str(min(50, maximum)))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= maximum):
        fault = N_("A whole number from 1 to %(maximum)s.")
        raise Invalid(errors=[FieldError(size, "page_size", fault, None, {"maximum": maximum})])
    key = request.args.get(after, "")
    if len(key) > 200 or "\0" in key:
        raise Invalid(errors=[FieldError(after, "page_key", _OTHER_FAULT)])
    return key, int(text)


def listed(items: list[dict[str, Any]], key: str, limit: int) -> Response:
    """Answer with one page of a list, and the address of the next where there may be one."""
    body: dict[str, Any] = {"items": items}
    if len(items) == limit:
        body["next"] = f"{request.path}?{urlencode({'after': items[-1][key], 'limit': limit})}"
    return json_response(body)


def json_response(body: object, status: int = 200, location: str | None = None) -> Response:
    """Answer in JSON; without a body where it is None."""
    answer = Response(b"" if body is None else orjson.dumps(body), status)
    answer.mimetype = "application/json"
    if location is not None:
        answer.headers["Location"] = location
    return answer
