"""Handlers of scans: the home page, photos and typed codes, and the address in a printed QR."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request
from flask import session as login
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from app import i18n, uploads
from app.auth import public
from app.catalogue.schemas import PROVINCES
from app.i18n import N_
from app.issuing.schemas import Device
from app.pagecache import MADE, FrontDoor, Page, PageCache
from app.problems import Invalid, TooLarge, Unavailable
from app.rendering import wants_json
from app.resolver import rules as codes
from app.resolver import service as resolver
from app.resolver.schemas import Asked
from app.runtime import Runtime, runtime
from app.security import RateLimits, limited
from app.telemetry import VERDICTS
from app.transparency.service import LogView
from app.verify import photo as photos
from app.verify import queries, schemas, service
from app.verify.jobs import ScanBuffer, delete_old_scans
from app.verify.schemas import ScanReport
from app.verify.service import Scanned
from gs1.equivalence import Key
from gs1.explain import explain as explain_code
from scanner import errors as scan_errors

bp = Blueprint("verify", __name__)

DEVICE_COOKIE = "nguon_device"
DEVICE_SECONDS = 30 * 86_400  # not renewed: a token lives no longer than copies are counted
PREVIEW_PIXELS = 960
EFFORT = 40.0  # a person waits, so every look of the scanner is taken
LONGEST_CODE = 8_191
RECALLS_SHOWN = 3
PRIVATE = "private, no-store"
# Parameters that a person tells, that set a cookie, or that ask for something else than the page.
_PERSONAL = (codes.HIDDEN_PARAMETER, "province", "lang", "linkType")
_TOKEN = re.compile(rf"(?:^|;\s*){DEVICE_COOKIE}=([A-Za-z0-9_-]{{22}})(?=;|$)")


@dataclass(frozen=True, slots=True)
class _State:
    """What this feature holds while the application runs."""

    scans: ScanBuffer
    pages: PageCache = field(default_factory=PageCache)
    # Stands for the scan number in a page that is kept; nobody can guess it, so nobody can write
    # it into a page through a code or a declared text.
    number_mark: str = field(default_factory=lambda: f"n{secrets.token_hex(16)}")


@bp.record
def _set_up(setup: BlueprintSetupState) -> None:
    app = cast(Flask, setup.app)
    rt: Runtime = app.extensions["nguon"]
    state = app.extensions["nguon_verify"] = _State(ScanBuffer(rt.db))

    def visited(page: Page, environ: Mapping[str, Any]) -> list[tuple[str, str]]:
        device = _Device.of_cookies(_tokens(environ.get("HTTP_COOKIE", "")))
        _count(rt, state, page.key, page.state, device.token, "")
        VERDICTS.labels(page.state).inc()
        return device.headers(secure=environ["wsgi.url_scheme"] == "https")

    door = FrontDoor(
        app.wsgi_app,
        state.pages,
        paths=("/01/", "/00/"),
        session=app.config["SESSION_COOKIE_NAME"],
        parameters=_PERSONAL,
        version=lambda: queries.version(rt.db.engine),
        admitted=lambda environ: _admitted(app, environ),
        now=rt.now,
        visited=visited,
    )
    app.wsgi_app = door  # type: ignore[method-assign]


def _admitted(app: Flask, environ: Mapping[str, Any]) -> bool:
    limits: RateLimits = app.extensions["nguon_limits"]
    return limits.allows("scan", environ.get("REMOTE_ADDR") or "unknown")


def start(app: Flask) -> None:
    """Begin to write scans in the background; without it they wait in memory."""
    cast(_State, app.extensions["nguon_verify"]).scans.start(
        delete_old_scans(app.extensions["nguon"])
    )


def _state() -> _State:
    return cast(_State, current_app.extensions["nguon_verify"])


@contextmanager
def _log_view(rt: Runtime) -> Iterator[LogView]:
    with rt.db.read() as session:
        yield LogView.of(rt, session)


def _own_stems(rt: Runtime) -> frozenset[str]:
    return frozenset({rt.settings.base_url})


@bp.get("/")
@public
def home() -> Response:
    """Show the place where scans begin; ``?code=`` puts digits back into the field."""
    with runtime().db.read() as session:
        recalls = queries.newest_recalls(session, runtime().now(), RECALLS_SHOWN)
    code = request.args.get("code", "")[:LONGEST_CODE]
    return _private(Response(render_template("verify/home.html", code=code, recalls=recalls)))


@bp.get("/explain")
@public
@limited("scan")
def explain() -> Response:
    """Take a code apart, in the language of the page, or as JSON."""
    rt, text = runtime(), request.args.get("q", "")[:LONGEST_CODE]
    today = rt.now().astimezone(i18n.LOCAL_ZONE).date()
    found = (
        explain_code(codes.typed(text), i18n.language(), today=today, own_stems=_own_stems(rt))
        if text.strip()
        else None
    )
    if wants_json():
        return _json(found.to_dict() if found else {})
    return _private(Response(render_template("explain/index.html", q=text, explanation=found)))


@bp.get("/scan")
@public
@limited("scan")
def show() -> AnyResponse:
    """Answer about ``?code=``: an address that can be kept. Without a code, go to the home page."""
    code = request.args.get("code", "").strip()
    if not code:
        return redirect("/#scan", 303)
    return _answer(resolver.read_text(_checked_code(code), _own_stems(runtime())))


@bp.post("/scan")
@public
@limited("scan")
def create() -> AnyResponse:
    """Answer about a photo (field ``photo``) or a code (field ``code``).

    ``hidden`` is a hidden one-time code, ``province`` the two-digit code of where the person says
    to be. The photo is read, answered, and not kept.
    """
    rt = runtime()
    photo, form = uploads.received(rt)
    hidden, code = form.get("hidden", "").strip()[:64], form.get("code", "").strip()
    if photo:
        return answer_photo(photo, hidden)
    if code:
        return _answer(resolver.read_text(_checked_code(code), _own_stems(rt), hidden))
    raise Invalid(
        N_("Choose a photo, or type the digits below the barcode."),
        title=N_("There is nothing to check yet"),
    )


def answer_photo(photo: bytes, hidden: str = "") -> Response:
    """Answer about the code in a photo; sample pictures come this way too."""
    asked = _read_photo(runtime(), photo, hidden)
    if wants_json():
        return _answer(asked)
    if asked.shelf:
        return _shelf_page(asked)
    doubt = photos.question(asked)
    return _answer(asked) if doubt is None else _question_page(doubt)


def _shelf_page(asked: Asked) -> Response:
    rt = runtime()
    with _log_view(rt) as view:
        items = service.shelf(view, asked, rt.now())
    picture, nameless = photos.picture(asked), service.nameless(asked)
    page = render_template("verify/shelf.html", items=items, picture=picture, nameless=nameless)
    return _private(Response(page))


def _question_page(doubt: schemas.Question) -> Response:
    return _private(Response(render_template("verify/question.html", question=doubt)))


def _checked_code(code: str) -> str:
    if len(code) > LONGEST_CODE:
        raise TooLarge(N_("No code is that long."))
    return code


def _read_photo(rt: Runtime, photo: bytes, hidden: str) -> Asked:
    try:
        reading = rt.decoders.read(photo, preview=PREVIEW_PIXELS, effort=EFFORT)
    except scan_errors.PhotoRefused as refusal:
        raise uploads.refusal(refusal) from None
    except scan_errors.DecoderBusy:
        raise uploads.busy() from None
    except scan_errors.DecoderFault:
        # An answer about this photo, not an error of the request: it could not be read.
        return Asked(codes.Subject("none"), unread="decoder-failed")
    with rt.db.read() as session:
        return resolver.read_photo(session, reading, _own_stems(rt), hidden)


def _answer(asked: Asked, hint: str = "") -> Response:
    """Report on a code, count the scan, and use up a hidden code where that may confirm it.

    ``hint`` is a hidden code that a link carried: it is offered in the form, not used up, because
    programs open links without anybody having asked.
    """
    rt, state, province = runtime(), _state(), _province()
    device = _Device.of_request()
    found, key = _report(rt, asked, device), asked.subject.key
    if key is not None and found.scan_number is not None and _is_scan():
        _count(rt, state, key.canonical, found.state, device.token, province)
    VERDICTS.labels(found.state).inc()
    found = replace(found, hidden_code=hint)
    answer = _json(schemas.said(found)) if wants_json() else _page(found)
    return device.remember(answer)


def _report(rt: Runtime, asked: Asked, device: _Device) -> ScanReport:
    scanned = Scanned(rt.now(), _next_number(rt, asked))
    with _log_view(rt) as view:
        found = service.report(view, asked, scanned)
    if not asked.hidden or asked.subject.key is None:
        return found
    secret = rt.settings.secret_key
    name = service.device_for(device.token, asked.subject.key.canonical, secret)
    with rt.db.write() as session:
        scanned = service.use_hidden(
            session, asked, found, scanned, Device(name, scanned.now, rt.rng, secret)
        )
    with _log_view(rt) as view:
        return service.report(view, asked, scanned)


def _next_number(rt: Runtime, asked: Asked) -> int | None:
    key = asked.subject.key
    if key is None or asked.subject.fault or asked.unread:
        return None
    with rt.db.read() as session:
        written = queries.scan_count(session, key.canonical)
    return written + _state().scans.pending(key.canonical) + 1


def _count(rt: Runtime, state: _State, key: str, verdict: str, token: str, province: str) -> None:
    state.scans.add(
        key=key,
        state=verdict,
        device=service.device_for(token, key, rt.settings.secret_key),
        province=province,
        scanned_at=rt.now(),
    )
    if province:
        state.pages.forget(key)


def _is_scan() -> bool:
    """Tell whether somebody looks, rather than a program that looks ahead."""
    return request.method != "HEAD" and "prefetch" not in request.headers.get("Sec-Purpose", "")


def _province() -> str:
    given = request.values.get("province", "")
    return given if given in PROVINCES else ""


@dataclass(frozen=True, slots=True)
class _Device:
    """A random token in a cookie that lives 30 days; only keyed hashes of it are ever stored."""

    token: str
    is_new: bool

    @classmethod
    def of_request(cls) -> _Device:
        return cls.of_cookies(_tokens(request.headers.get("Cookie", "")))

    @classmethod
    def of_cookies(cls, tokens: list[str]) -> _Device:
        if tokens:
            return cls(tokens[0], is_new=False)
        return cls(secrets.token_urlsafe(16), is_new=True)

    def headers(self, *, secure: bool) -> list[tuple[str, str]]:
        if not self.is_new:
            return []
        flags = "; HttpOnly; SameSite=Lax; Path=/" + ("; Secure" if secure else "")
        return [("Set-Cookie", f"{DEVICE_COOKIE}={self.token}; Max-Age={DEVICE_SECONDS}{flags}")]

    def remember(self, answer: Response) -> Response:
        for name, value in self.headers(secure=request.is_secure):
            answer.headers.add(name, value)
        return answer


def _tokens(cookies: str) -> list[str]:
    return _TOKEN.findall(cookies)


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = PRIVATE
    answer.headers["Vary"] = "Accept, Cookie"
    return answer


def _json(body: Mapping[str, object], status: int = 200) -> Response:
    return _private(Response(orjson.dumps(body), status, mimetype="application/json"))


def _page(found: ScanReport, status: int = 200) -> Response:
    return _private(Response(render_template("verify/verdict.html", report=found), status))


@bp.get("/00/<path:rest>", defaults={"ai": "00"})
@bp.get("/01/<path:rest>", defaults={"ai": "01"})
@bp.get("/414/<path:rest>", defaults={"ai": "414"})
@public
def digital_link(ai: str, rest: str) -> AnyResponse:
    """Answer for a GS1 Digital Link of this service: the verdict page, its links, or a redirect."""
    return _fresh_key_page(runtime(), _state())


def _address() -> str:
    """Path and query as the client wrote them, where the server tells; else put together again."""
    environ = request.environ
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if isinstance(raw, str) and raw.startswith("/"):
        return raw
    query = environ.get("QUERY_STRING", "")
    return codes.requoted(request.path) + (f"?{query}" if query else "")


@limited("scan")
def _fresh_key_page(rt: Runtime, state: _State) -> AnyResponse:
    address, base_url = _address(), rt.settings.base_url
    asked = resolver.read_address(base_url + address, _own_stems(rt))
    key = asked.subject.key
    if key is None:
        return _no_key(asked)
    answer = _links(rt, key)
    if answer is None:
        # A hidden code in the address is offered in the form, not used up.
        plain = replace(asked, hidden="")
        as_page = not (asked.subject.fault or asked.hidden or wants_json())
        answer = _key_page(rt, state, plain) if as_page else _answer(plain, hint=asked.hidden)
        answer.headers["Link"] = resolver.link_header(key, base_url)
    return answer


def _key_page(rt: Runtime, state: _State, asked: Asked) -> Response:
    """Give the page of a key, and leave it for the front door to keep."""
    version = queries.version(rt.db.engine)
    if version is None:
        raise Unavailable(headers={"Retry-After": "5"})
    first, now = _next_number(rt, asked) or 1, rt.now()
    with _log_view(rt) as view:
        found = service.report(view, asked, Scanned(now, first))
    device = _Device.of_request()
    if _is_scan():
        _count(rt, state, found.key or "", found.state, device.token, _province())
    VERDICTS.labels(found.state).inc()
    marked = replace(found, scan_number=None, params={**found.params, "n": state.number_mark})
    text = render_template("verify/verdict.html", report=marked)
    page = Page(
        pieces=[piece.encode() for piece in text.split(state.number_mark)],
        key=found.key or "",
        state=found.state,
        endpoint=request.endpoint or "",
        version=version,
        numbers=count(first),
        language=i18n.language(),
    )
    body = page.next_body()
    if not login:
        request.environ[MADE] = page
    return device.remember(_private(Response(body, mimetype="text/html")))


def _no_key(asked: Asked) -> AnyResponse:
    """Redirect what is only written in another way; else say what is wrong, with status 400."""
    for repair in asked.subject.candidates:
        if tuple(map(str, repair.faults)) == ("leading_zero",):
            parts = urlsplit(repair.text)
            query = f"?{parts.query}" if parts.query else ""
            return redirect(parts.path + query, 307)
    rt = runtime()
    with _log_view(rt) as view:
        found = service.report(view, asked, Scanned(rt.now()))
    return _json(schemas.said(found), 400) if wants_json() else _page(found, 400)


def _links(rt: Runtime, key: Key) -> AnyResponse | None:
    """Answer a request for links rather than for the page (GS1-Conformant Resolver 1.2)."""
    wanted, base_url = request.args.get("linkType", ""), rt.settings.base_url
    media = request.accept_mimetypes
    if wanted in ("all", "linkset") or media["application/linkset+json"] > media["text/html"]:
        with rt.db.read() as session:
            body = resolver.linkset(session, key, base_url)
        answer = Response(orjson.dumps(body), mimetype="application/linkset+json")
        answer.headers["Cache-Control"] = "public, max-age=60"
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Vary"] = "Accept"
        return answer
    if not wanted:
        return None
    query = "&".join(
        part
        for part in request.query_string.decode("ascii", "replace").split("&")
        if part and not part.startswith("linkType=")
    )
    found = redirect(resolver.target(key, wanted, base_url, query), 307)
    found.headers["Link"] = resolver.link_header(key, base_url)
    return found
