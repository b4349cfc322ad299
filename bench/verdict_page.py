"""The page of a registered serial against a bare Flask JSON hello, on the same server.

``python bench/verdict_page.py [seconds]``: both applications run under granian (one worker, 8
blocking threads) at once, and 64 clients with kept-open connections ask them in turn, in rounds.
Promised: requests/s at least 0.3 of hello's, p99 at most 2.5 times its. Prints median ratios.
"""

from __future__ import annotations

import asyncio
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from app import schema
from app.demo import cast
from app.demo import service as demo
from app.factory import build_runtime
from app.settings import Settings

ROOT = Path(__file__).parents[1]
CLIENTS = 64
ROUNDS = 5
HELLO = """
from flask import Flask, jsonify
app = Flask(__name__)
@app.get("/")
def hello():
    return jsonify(hello="world")
"""


class Client(asyncio.Protocol):
    """Asks again as soon as it is answered, until told to stop; notes every latency."""

    def __init__(self, request: bytes, latencies: list[float], until: float) -> None:
        self.request, self.latencies, self.until = request, latencies, until
        self.done = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.buffer, self.missing, self.started = b"", -1, time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self.missing < 0:
            self.buffer += data
            head, end, body = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 200"), head[:200]
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self.missing = int(length) - len(body)
        else:
            self.missing -= len(data)
        if self.missing == 0:
            now = time.perf_counter()
            self.latencies.append(now - self.started)
            if now < self.until:
                self.ask()
            else:
                self.transport.close()
                self.done.set_result(None)


async def load(port: int, path: str, seconds: float) -> tuple[float, float]:
    """Requests per second and p99 latency in milliseconds."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode()
    latencies: list[float] = []
    start = time.perf_counter()
    loop = asyncio.get_running_loop()
    clients = [
        (
            await loop.create_connection(
                lambda: Client(request, latencies, start + seconds), "127.0.0.1", port
            )
        )[1]
        for _ in range(CLIENTS)
    ]
    await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - start
    return len(latencies) / took, statistics.quantiles(latencies, n=100)[98] * 1000


@contextmanager
def granian(target: str, folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """A server on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "8", "--no-ws", target]
    path = os.pathsep.join((str(folder), str(ROOT)))
    server = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(15)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "hello.py").write_text(HELLO)
        settings = {
            "data_dir": str(folder / "data"),
            "database_url": f"sqlite:///{folder}/nguon.db",
            "log_level": "warning",
            "rate_scan": "1000000/minute",
        }
        rt = build_runtime(Settings(**settings))  # type: ignore[arg-type]
        schema.upgrade(rt.db)
        demo.load(rt)
        rt.db.close()
        path = f"/01/{cast.COFFEE}/21/{cast.COFFEE_SERIALS[0]}"
        environment = {f"NGUON_{key.upper()}": value for key, value in settings.items()}
        ports = {
            "hello": (stack.enter_context(granian("hello:app", folder, {})), "/"),
            "page": (stack.enter_context(granian("wsgi:app", folder, environment)), path),
        }
        rounds = []
        for port, target in ports.values():
            asyncio.run(load(port, target, 1))  # warm
        for _ in range(ROUNDS):
            rounds.append({k: asyncio.run(load(*target, seconds)) for k, target in ports.items()})
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name in ports:
        rate, p99 = (statistics.median(found[name][i] for found in rounds) for i in (0, 1))
        print(f"{name:6} {rate:8.0f} requests/s   p99 {p99:7.1f} ms")
    rates = [found["page"][0] / found["hello"][0] for found in rounds]
    tails = [found["page"][1] / found["hello"][1] for found in rounds]
    print(f"requests/s ratio {statistics.median(rates):.2f} (promised at least 0.30)")
    print(f"p99 ratio        {statistics.median(tails):.2f} (promised at most 2.50)")


if __name__ == "__main__":
    main()
