"""A worker process of the fault tests, which can kill itself at a point of its work.

python -m tests.capture_worker DATABASE_URL DATA_DIR NOW POINT      (log key on standard input)
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from app.capture import jobs, service
from app.db import connect
from app.runtime import Runtime
from app.settings import Settings
from app.statements import jobs as statement_jobs
from app.statements import service as statements
from ledger.checkpoint import LogSigner
from ledger.cosignature import parse_log_signer
from ledger.tiles import TileStore
from scanner.pool import DecoderPool
from tests.conftest import ORIGIN

# Where the process dies: the function, and whether before or after it has done its work.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "while-leasing": (service, "lease", True),
    "before-the-append": (statements, "append", False),
    "after-the-append": (statements, "append", True),
    "after-the-events": (service, "_insert", True),
    "before-the-commit": (service, "process", True),
    "before-the-checkpoint": (statement_jobs, "integrate", False),
    "before-publishing": (TileStore, "publish", False),
    "before-the-end": (service, "settle", False),
    "while-ending": (service, "settle", True),
}


def kill_at(point: str) -> None:
    """Make this process kill itself, as a power cut would, when it comes to ``point``."""
    owner, name, after = POINTS[point]
    original: Callable[..., object] = getattr(owner, name)

    def killed(*args: object, **kwargs: object) -> None:
        if after:
            original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, killed)


def runtime(url: str, data_dir: Path, now: datetime, signer: LogSigner) -> Runtime:
    """The parts of a service over the test's database and data folder."""
    settings = Settings(
        environment="test", database_url=url, data_dir=data_dir, log_origin=ORIGIN, jobs="off"
    )
    return Runtime(
        settings=settings,
        db=connect(url),
        signer=signer,
        tiles=TileStore(data_dir / "tiles"),
        decoders=cast(DecoderPool, None),  # no picture is read here
        now=lambda: now,
        rng=random.Random(os.getpid()),
    )


def main() -> None:
    url, data_dir, now, point = sys.argv[1:]
    signer = parse_log_signer(sys.stdin.read())
    rt = runtime(url, Path(data_dir), datetime.fromisoformat(now), signer)
    if point != "none":
        kill_at(point)
    jobs.worker(rt).drain()


if __name__ == "__main__":
    main()
