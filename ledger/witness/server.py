"""HTTP around a witness: bounded bodies, times and threads, on the standard library."""

from __future__ import annotations

import io
import logging
import socket
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.codec import parse_decimal
from ledger.errors import FormatError
from ledger.witness.core import Answer, Witness
from ledger.witness.protocol import MAX_REQUEST

MAX_CONNECTIONS = 64
REQUEST_SECONDS = 10.0
IDLE_SECONDS = 15.0
logger = logging.getLogger(__name__)


class _TimedReader(io.RawIOBase):
    """Reads from a socket until a point in time, however the bytes drip in."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.deadline = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """One connection; requests follow each other on it (keep-alive)."""

    protocol_version = "HTTP/1.1"
    server_version = "witness"
    sys_version = ""
    server: WitnessServer

    def setup(self) -> None:
        super().setup()
        self._reader = _TimedReader(self.connection)
        self.rfile = self._buffered = io.BufferedReader(self._reader)

    def handle_one_request(self) -> None:
        self._reader.deadline = time.monotonic() + IDLE_SECONDS
        if self.server.stopping.is_set() or not self._wait_for_bytes():
            self.close_connection = True
            return
        self._reader.deadline = time.monotonic() + REQUEST_SECONDS
        super().handle_one_request()

    def _wait_for_bytes(self) -> bool:
        try:
            return bool(self._buffered.peek(1))
        except OSError:
            return False

    def do_POST(self) -> None:
        """Answer ``add-checkpoint``."""
        if self.path != "/add-checkpoint":
            self._refuse(404, "no such address")
            return
        length = self._length()
        if length is not None:
            body = self.rfile.read(length)
            if len(body) == length:
                self._answer(self._ask(body))
            else:
                self.close_connection = True

    def do_GET(self) -> None:
        """Answer the monitoring address of a log."""
        if self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers:
            # A body that nobody reads must not be taken for the next request.
            self.close_connection = True
        name, separator, rest = self.path.removeprefix("/").partition("/")
        if not separator or rest != "checkpoint":
            self._refuse(404, "no such address")
            return
        self._answer(self.server.witness.checkpoint(name))

    def _ask(self, body: bytes) -> Answer:
        try:
            return self.server.witness.add_checkpoint(body)
        except (sqlite3.Error, OSError):
            # A full disk: nothing was cosigned, and reading goes on.
            logger.exception("the state could not be written")
            return Answer(503, b"the witness cannot write its state\n")

    def _length(self) -> int | None:
        """Length of the body; None where the request was refused for it."""
        lengths = self.headers.get_all("Content-Length", [])
        if self.headers.get("Transfer-Encoding") is not None or len(lengths) != 1:
            self._refuse(411, "a length is needed")
            return None
        try:
            length = parse_decimal(lengths[0].strip())
        except FormatError:
            self._refuse(400, "not a length")
            return None
        if length > MAX_REQUEST:
            self._refuse(413, f"more than {MAX_REQUEST} bytes")
            return None
        return length

    def _refuse(self, status: int, reason: str) -> None:
        """Refuse without having read the body; the connection cannot go on."""
        self.close_connection = True
        self._answer(Answer(status, f"{reason}\n".encode()))

    def _answer(self, answer: Answer) -> None:
        self.connection.settimeout(REQUEST_SECONDS)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.status == 503:
            self.send_header("Retry-After", "1")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write one plain line a request; no address of the client."""
        logger.info(format, *args)


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness until :meth:`stop`; a connection too many waits in the queue."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        self.stopping = threading.Event()
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._open: set[socket.socket] = set()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own, as soon as there is one."""
        self._slots.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection and free its place."""
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away or is slow is no fault; anything else is."""
        logger.debug("connection ended", exc_info=True)

    def stop(self, seconds: float = 5.0) -> None:
        """Take no new connection, finish requests in hand, close idle connections."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RD)  # wakes a reader; an answer still goes out
            except OSError:
                continue
        end = time.monotonic() + seconds
        for _ in range(MAX_CONNECTIONS):
            if not self._slots.acquire(timeout=max(0.0, end - time.monotonic())):
                break
        self.server_close()
