"""The HTTP reader: limits, retries, redirects, and the audit over it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ledger.cli import main
from ledger.errors import FormatError, MissingError, PathError, RemoteError
from ledger.remote import MAX_BYTES, RemoteLog
from tests.ledger_lab import Lab
from tests.outside import load
from tests.outside import path as outside

pytestmark = pytest.mark.enable_socket

Answer = tuple[int, dict[str, str], bytes]


class Host:
    """A server that answers as told, and remembers what was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[str], Answer] = lambda _: (404, {}, b"")
        self.asked: list[str] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host.asked.append(self.path)
                status, headers, body = host.answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def serve(self, folder: Path) -> None:
        """Answer with the files of a folder below /log."""

        def answer(path: str) -> Answer:
            file = folder / path.removeprefix("/log/")
            return (200, {}, file.read_bytes()) if file.is_file() else (404, {}, b"")

        self.answer = answer

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def host() -> Iterator[Host]:
    started = Host()
    yield started
    started.close()


def reader(host: Host, slept: list[float] | None = None, **more: float) -> RemoteLog:
    sleep = (lambda _: None) if slept is None else slept.append
    return RemoteLog(f"{host.url}/log", rate=1e9, timeout=5.0, sleep=sleep, **more)  # type: ignore[arg-type]


def closing(log: RemoteLog, path: str = "checkpoint") -> bytes:
    try:
        return log.read(path)
    finally:
        log.close()


def test_files_are_asked_for_below_the_address(host: Host) -> None:
    host.answer = lambda path: (200, {}, path.encode())
    assert closing(reader(host)) == b"/log/checkpoint"
    assert closing(reader(host), "tile/0/x001/234.p/5") == b"/log/tile/0/x001/234.p/5"
    with pytest.raises(PathError):
        closing(reader(host), "../keys")


def test_what_is_not_there_is_missing(host: Host) -> None:
    with pytest.raises(MissingError):
        closing(reader(host))
    assert len(host.asked) == 1


def test_failures_that_may_pass_are_tried_again_later_each_time(host: Host) -> None:
    left = [500, 503, 200]
    host.answer = lambda _: (left.pop(0), {}, b"note")
    slept: list[float] = []
    assert closing(reader(host, slept)) == b"note"
    assert slept == [1.0, 2.0]


def test_the_server_says_when_to_come_again(host: Host) -> None:
    left = [429, 429, 200]
    after = iter(["7", "999999"])
    host.answer = lambda _: (left.pop(0), {"Retry-After": next(after, "")}, b"note")
    slept: list[float] = []
    assert closing(reader(host, slept)) == b"note"
    assert slept == [7.0, 60.0]


def test_it_gives_up(host: Host) -> None:
    host.answer = lambda _: (500, {}, b"")
    with pytest.raises(RemoteError, match="answers 500"):
        closing(reader(host))
    assert len(host.asked) == 5
    host.answer = lambda _: (403, {}, b"")
    host.asked.clear()
    with pytest.raises(RemoteError, match="answers 403"):
        closing(reader(host))
    assert len(host.asked) == 1


def test_a_body_cut_short_is_asked_for_again(host: Host) -> None:
    left = [b"half"] * 2 + [b"the whole note"]
    length = {"Content-Length": "14", "Connection": "close"}
    host.answer = lambda _: (200, length, left.pop(0))
    assert closing(reader(host)) == b"the whole note"


def test_a_body_without_end_is_refused(host: Host) -> None:
    host.answer = lambda _: (200, {}, bytes(MAX_BYTES + 1))
    with pytest.raises(RemoteError, match="more than"):
        closing(reader(host))


def test_redirects_stay_on_the_host(host: Host) -> None:
    host.answer = lambda path: (
        (200, {}, b"note") if path == "/moved" else (302, {"Location": "/moved"}, b"")
    )
    assert closing(reader(host)) == b"note"
    for target in ("http://127.0.0.2/log", "https://127.0.0.1/log", "//other.example/log"):
        host.answer = lambda _, to=target: (302, {"Location": to}, b"")  # type: ignore[misc]
        with pytest.raises(RemoteError, match="another host"):
            closing(reader(host))
    for target in ("http://127.0.0.1:x/log", "http://[::1/log", "/caf\xe9"):
        host.answer = lambda _, to=target: (302, {"Location": to}, b"")  # type: ignore[misc]
        with pytest.raises(RemoteError, match="no address"):
            closing(reader(host))
    host.answer = lambda path: (302, {"Location": path + "x"}, b"")
    with pytest.raises(RemoteError, match="answers 302"):
        closing(reader(host))


def test_requests_are_spread_over_time(host: Host) -> None:
    host.answer = lambda _: (200, {}, b"")
    slept: list[float] = []
    log = RemoteLog(f"{host.url}/log", rate=0.001, sleep=slept.append)
    for _ in range(3):
        log.read("checkpoint")
    log.close()
    assert [round(seconds, -2) for seconds in slept] == [1000.0, 2000.0]


@pytest.mark.parametrize(
    "url", ["", "log", "ftp://log.example/", "http:///x", "https://a:b@log.example", "http://l/?x"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(FormatError):
        RemoteLog(url)


def run(*arguments: object) -> int:
    return main(["audit", *map(str, arguments)])


def test_a_log_is_audited_over_http(
    host: Host, sqlite_lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sqlite_lab.add_key("s")
    sqlite_lab.grow("s", 270)
    sqlite_lab.integrate()
    host.serve(sqlite_lab.tiles.folder)
    common = (f"{host.url}/log", "--key", sqlite_lab.vkey, "--rate", 1e6)
    assert run(*common, "--state", tmp_path / "state") == 0
    assert "271 entries" in capsys.readouterr().out
    sqlite_lab.grow("s", 5)
    sqlite_lab.integrate()
    host.asked.clear()
    assert run(*common, "--state", tmp_path / "state") == 0
    out = capsys.readouterr().out
    assert "going on from entry 271" in out
    assert "276 entries" in out
    assert not [path for path in host.asked if path == "/log/tile/entries/000"]
    file = sqlite_lab.tiles.folder / "tile/entries/000"
    data = bytearray(file.read_bytes())
    data[20_000] ^= 64
    file.write_bytes(data)
    assert run(*common) == 1
    assert "byte 20000 (entry " in capsys.readouterr().out
    assert run(*common, "--state", tmp_path / "state") == 0
    host.answer = lambda _: (403, {}, b"")
    assert run(*common) == 3
    assert "NOT FINISHED" in capsys.readouterr().out
    assert run(f"{host.url}/log") == 2
    assert run() == 2


def test_a_log_of_another_implementation_is_audited_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tessera's own test log: 15 entries of its own kind, so the tree alone."""
    folder = outside("ledger/tessera-log/testdata/log")
    key = tmp_path / "policy"
    notes = load("ledger/extracted/signed_notes.json")
    cases = notes if isinstance(notes, list) else notes["cases"]
    vkey = next(case["vkey"] for case in cases if case["name"].startswith("tessera"))
    key.write_text(f"log {vkey}\nquorum none\n")
    assert run(folder, "--policy", key, "--tree-only") == 0
    assert "15 entries" in capsys.readouterr().out
    assert run(folder, "--policy", key) == 1
