"""What every answer carries and every request passes: headers, cross-site check, caps, limits."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from time import time
from typing import Literal, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.i18n import N_
from app.problems import Forbidden, TooMany
from app.runtime import runtime

P = ParamSpec("P")
R = TypeVar("R")
Limit = Literal["scan", "login", "capture"]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MOST_FORM_BYTES = 262_144
# Public, verifiable data: any site may read it.
SHARED_PREFIXES = ("/log/", "/proof/")


def add_headers(response: Response) -> Response:
    """Put the security headers on an answer; a view may have set its own value before."""
    headers = response.headers
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if request.path.startswith(SHARED_PREFIXES):
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers.setdefault("Access-Control-Allow-Origin", "*")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def refuse_cross_site() -> None:
    """Refuse a browser's state-changing request that another site caused (CSRF).

    Browsers name the relation themselves in ``Sec-Fetch-Site``; older ones send ``Origin``.
    A request with neither comes from no browser, and carries no cookie worth stealing. Pages stay
    free of tokens, so that they can be cached and an old form still works.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    relation = request.headers.get("Sec-Fetch-Site")
    if relation in {"same-origin", "none"}:
        return
    origin = request.headers.get("Origin")
    if relation is None and (origin is None or urlsplit(origin).netloc == request.host):
        return
    raise Forbidden(N_("This form was sent from another site. Please send it from our own page."))


class RateLimits:
    """Counters in memory of this process; ``limited`` spends from them."""

    def __init__(self, rates: dict[Limit, str]) -> None:
        self._items: dict[Limit, RateLimitItem] = {name: parse(r) for name, r in rates.items()}
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def spend(self, name: Limit, who: str) -> None:
        """Count one use; raises TooMany, with the seconds to wait, once the rate is reached."""
        item = self._items[name]
        if not self._limiter.hit(item, name, who):
            reset = self._limiter.get_window_stats(item, name, who).reset_time
            wait = str(max(1, int(reset - time()) + 1))
            raise TooMany(
                N_("Please wait %(seconds)s seconds and try again."),
                headers={"Retry-After": wait},
                seconds=wait,
            )

    def allows(self, name: Limit, who: str) -> bool:
        """Count one use; tell whether the rate is not reached yet."""
        return self._limiter.hit(self._items[name], name, who)


def limited(name: Limit) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Limit a view's rate per API key, else per client address."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def spend_then_view(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = g.get("actor")
            key = actor.key_id if actor else None
            limits: RateLimits = current_app.extensions["nguon_limits"]
            limits.spend(name, key or request.remote_addr or "unknown")
            return view(*args, **kwargs)

        return spend_then_view

    return decorate


def cap_body() -> None:
    """Set the largest body of this request before anything reads it."""
    settings = runtime().settings
    if request.mimetype == "application/x-www-form-urlencoded":
        # Parsed whole, and without a cap on fields: our forms send a few hundred bytes.
        request.max_content_length = MOST_FORM_BYTES
    elif request.path in ("/scan", "/print-quality"):
        request.max_content_length = settings.max_photo_bytes + 65_536
    else:
        request.max_content_length = settings.max_body_bytes


def init_app(app: Flask) -> None:
    """Install headers, checks and limits."""
    settings = app.extensions["nguon"].settings
    app.extensions["nguon_limits"] = RateLimits(
        {
            "scan": settings.rate_scan,
            "login": settings.rate_login,
            "capture": settings.rate_capture,
        }
    )
    # Werkzeug also holds its own 64 KiB read buffer against this: less refuses every larger photo.
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_FORM_BYTES
    app.before_request(cap_body)
    app.before_request(refuse_cross_site)
    app.after_request(add_headers)
