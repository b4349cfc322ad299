"""A public log read over HTTP(S), politely: limited in rate, size and time, on one host."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from ledger import tile
from ledger.errors import FormatError, MissingError, RemoteError
from ledger.tiles import CHECKPOINT

MAX_BYTES = tile.WIDTH * (2 + tile.MAX_ENTRY)
"""The largest public file: a full entry bundle of entries of the greatest length."""

_ATTEMPTS = 5
_MAX_REDIRECTS = 3
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_AGENT = "nguon-ledger (transparency log reader)"


class RemoteLog:
    """The public files of one log below an address; what they say is not believed.

    At most ``rate`` requests a second, each with a time limit. Failures that may pass are tried
    again, later each time, or when the server says so. A redirect to another host is refused.
    """

    def __init__(
        self,
        url: str,
        *,
        rate: float = 50.0,
        timeout: float = 20.0,
        attempts: int = _ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise FormatError(f"not the address of a log: {url[:120]!r}")
        if parts.query or parts.fragment:
            raise FormatError("the address of a log has no query and no fragment")
        self.url = url.rstrip("/") + "/"
        self._host = (parts.scheme, parts.hostname, parts.port)
        self._pause = 1 / rate
        self._timeout = timeout
        self._attempts = attempts
        self._sleep = sleep
        self._next = 0.0
        self._connection: http.client.HTTPConnection | None = None

    def read(self, path: str) -> bytes:
        """Bytes of ``checkpoint`` or of a tile; raises MissingError or RemoteError."""
        name = CHECKPOINT if path == CHECKPOINT else tile.parse_path(path).path
        return self.get(name)

    def get(self, name: str) -> bytes:
        """Bytes of any file below the address."""
        address, redirects, attempt = urljoin(self.url, name), 0, 0
        while True:
            attempt += 1
            try:
                status, headers, body = self._ask(address)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if attempt >= self._attempts:
                    raise RemoteError(f"{address} does not answer: {error}") from error
                self._sleep(2.0 ** (attempt - 1))
                continue
            if status == 200:
                return body
            if status in (404, 410):
                raise MissingError(f"no file {name}")
            if status in (301, 302, 307, 308) and redirects < _MAX_REDIRECTS:
                address, redirects = self._redirected(address, headers), redirects + 1
            elif status in _AGAIN and attempt < self._attempts:
                self._sleep(_retry_after(headers, 2.0 ** (attempt - 1)))
            else:
                raise RemoteError(f"{address} answers {status}")

    def close(self) -> None:
        """Close the connection, which the next request opens anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _redirected(self, address: str, headers: http.client.HTTPMessage) -> str:
        try:
            target = urljoin(address, headers.get("Location", ""))
            parts = urlsplit(target)
            host = parts.scheme, parts.hostname, parts.port
        except ValueError as error:
            raise RemoteError(f"{address} leads to what is no address") from error
        if not target.isascii():
            raise RemoteError(f"{address} leads to what is no address")
        if host != self._host:
            raise RemoteError(f"{address} leads to another host")
        return target

    def _ask(self, address: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        now = time.monotonic()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._pause
        if self._connection is None:
            self._connection = self._connect()
        parts = urlsplit(address)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self._connection.request("GET", target, headers={"User-Agent": _AGENT, "Accept": "*/*"})
        answer = self._connection.getresponse()
        body = answer.read(MAX_BYTES + 1)
        if len(body) <= MAX_BYTES and answer.length:
            raise http.client.IncompleteRead(body, answer.length)
        if len(body) > MAX_BYTES:
            self.close()
            raise RemoteError(f"{address} sends more than {MAX_BYTES} bytes")
        return answer.status, answer.headers, body

    def _connect(self) -> http.client.HTTPConnection:
        scheme, host, port = self._host
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self._timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)


def _retry_after(headers: http.client.HTTPMessage, otherwise: float) -> float:
    """Seconds that the server asks for, at most a minute."""
    text = headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return min(float(text[:4]), 60.0)
    return otherwise
