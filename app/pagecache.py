"""Pages that are kept, and the door in front of Flask that hands them out.

A kept page costs one read of the change counter instead of a request through the whole framework:
measured, several times as many requests a second. It holds nothing about a person: pages are kept
only for requests without a session, and what differs from scan to scan is put in as it is sent.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_cookie

from app.i18n import COOKIE, DEFAULT, chosen
from app.telemetry import DURATION, REQUESTS, log

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Header = tuple[str, str]
Name = tuple[str, ...]
MADE = "nguon.page"  # under this name a view leaves the page it made for the door to keep
PAGES = 256
SECONDS = 10.0  # by then what other processes counted shows, too
_MACHINES = ("application/json", "application/problem+json", "application/linkset+json")
_OWN = frozenset({"set-cookie", "content-length"})


@lru_cache(1024)
def wants_page(accept: str) -> bool:
    """Tell whether a client with this ``Accept`` header is answered with a page."""
    offered = parse_accept_header(accept, MIMEAccept)
    html = offered["text/html"]
    return not accept or (html > 0 and all(offered[media] <= html for media in _MACHINES))


def _cookie(environ: WSGIEnvironment) -> str | None:
    cookies = environ.get("HTTP_COOKIE", "")
    return parse_cookie(cookies).get(COOKIE) if COOKIE in cookies else None


@dataclass(slots=True)
class Page:
    """A page in pieces between which the number of the scan goes."""

    pieces: list[bytes]
    key: str
    state: str
    endpoint: str
    version: int
    numbers: Iterator[int]
    language: str
    made: float = field(default_factory=monotonic)
    headers: list[Header] = field(default_factory=list)

    def next_body(self) -> bytes:
        """Give the page for the next scan."""
        number = f"{next(self.numbers):,}"
        if self.language == DEFAULT:
            number = number.replace(",", ".")
        return number.encode().join(self.pieces)


class PageCache:
    """The pages, the oldest giving way."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Name, Page] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Name, version: Callable[[], int | None]) -> Page | None:
        """Give a page that is young enough and was made under the present change counter."""
        page = self._pages.get(name)
        if page is None or monotonic() - page.made > SECONDS or page.version != version():
            return None
        return page

    def put(self, name: Name, page: Page) -> None:
        """Keep a page."""
        with self._lock:
            self._pages[name] = page
            self._pages.move_to_end(name)
            if len(self._pages) > PAGES:
                self._pages.popitem(last=False)

    def forget(self, key: str) -> None:
        """Drop the pages about a key."""
        with self._lock:
            for name in [name for name, page in self._pages.items() if page.key == key]:
                del self._pages[name]


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """WSGI middleware: hands out kept pages, lets every other request in.

    ``paths`` are the beginnings of the addresses whose pages are kept; an answer to a request with
    the cookie ``session`` or one of the query ``parameters`` is not. ``version`` gives None while
    the database does not answer, ``admitted`` whether the client's rate allows another page;
    ``visited`` counts a visit to a kept page and gives further headers.
    """

    app: WSGIApplication
    pages: PageCache
    paths: tuple[str, ...]
    session: str
    parameters: tuple[str, ...]
    version: Callable[[], int | None]
    admitted: Callable[[WSGIEnvironment], bool]
    now: Callable[[], datetime]
    visited: Callable[[Page, WSGIEnvironment], list[Header]]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if not self._may_keep(environ):
            return self.app(environ, start_response)
        started = perf_counter()
        name = self._name(environ)
        page = self.pages.get(name, self.version)
        if page is None:
            return self.app(environ, self._keeping(name, environ, start_response))
        if not self.admitted(environ):
            return self.app(environ, start_response)  # which refuses it with the proper answer
        body = page.next_body()
        headers = [*page.headers, *self.visited(page, environ)]
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        seconds = perf_counter() - started
        REQUESTS.labels(page.endpoint, "200").inc()
        DURATION.labels(page.endpoint).observe(seconds)
        log.info(
            "request", method="GET", endpoint=page.endpoint, status=200, ms=round(seconds * 1000, 2)
        )
        return [body]

    def _may_keep(self, environ: WSGIEnvironment) -> bool:
        if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].startswith(self.paths):
            return False
        if "HTTP_SEC_PURPOSE" in environ or not wants_page(environ.get("HTTP_ACCEPT", "")):
            return False
        if self.session in environ.get("HTTP_COOKIE", ""):
            return False
        # Decoded as the views will read it: a name may be percent-encoded.
        query = unquote_plus(environ.get("QUERY_STRING", ""))
        return not any(f"{name}=" in query for name in self.parameters)

    def _name(self, environ: WSGIEnvironment) -> Name:
        # Pages show the minute they were asked for.
        minute = str(int(self.now().timestamp()) // 60)
        scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
        raw = environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ["PATH_INFO"]
        query = environ.get("QUERY_STRING", "")
        return raw, query, chosen(None, _cookie(environ)), minute, scheme, host

    def _keeping(
        self, name: Name, environ: WSGIEnvironment, start_response: StartResponse
    ) -> StartResponse:
        def start(status: str, headers: list[Header], *fault: Any) -> Callable[[bytes], object]:
            page = environ.get(MADE)
            # The page's own language is the last word: nobody's page is kept for others to read
            # in a language they did not choose.
            if isinstance(page, Page) and status.startswith("200") and page.language == name[2]:
                page.headers = [pair for pair in headers if pair[0].lower() not in _OWN]
                self.pages.put(name, page)
            return start_response(status, headers, *fault)

        return start
