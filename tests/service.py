"""A running service for tests and benchmarks: granian over demo data, on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 60.0


@dataclass(frozen=True)
class Service:
    """Where it answers, where its data lies, and its process."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def database_url(self) -> str:
        return self.environment["NGUON_DATABASE_URL"]

    def flask(self, *arguments: str) -> str:
        """Run a command of the service over the same data, and give what it prints."""
        command = [sys.executable, "-m", "flask", "--app", "app.factory", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    folder: Path, *, demo: bool = True, workers: int = 1, **settings: str
) -> Iterator[Service]:
    """Migrate, load the sample data, serve; everything is stopped and waited for at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "NGUON_ENVIRONMENT": "test",
        "NGUON_DATABASE_URL": f"sqlite:///{folder / 'nguon.db'}",
        "NGUON_DATA_DIR": str(folder),
        "NGUON_BASE_URL": url,
        "NGUON_DEMO": "1" if demo else "0",
        "NGUON_LOG_LEVEL": "warning",
        "NGUON_RATE_SCAN": "100000/minute",
        "NGUON_RATE_CAPTURE": "100000/minute",
        **{f"NGUON_{name.upper()}": value for name, value in settings.items()},
    }
    log = (folder / "service.log").open("wb")
    service = Service(url, folder, _nothing(), environment)
    service.flask(*(("demo", "load") if demo else ("db", "upgrade")))
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", "8", "--no-ws"),
        *("--workers-kill-timeout", "10", "wsgi:app"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait(url, process, folder / "service.log")
        yield Service(url, folder, process, environment)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _nothing() -> subprocess.Popen[bytes]:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{url}/livez", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the service did not answer: {log.read_text()[-2000:]}")
