"""Commands for operators: work on capture jobs outside the web server."""

from __future__ import annotations

import signal
from types import FrameType

import click
from flask.cli import AppGroup

from app.capture.jobs import worker
from app.runtime import runtime

group = AppGroup("jobs", help="Capture jobs.")


@group.command("run")
@click.option("--once", is_flag=True, help="Stop when no work is left.")
def run(once: bool) -> None:
    """Carry out capture jobs and sign checkpoints until told to stop (SIGINT, SIGTERM)."""
    working = worker(runtime())
    if once:
        working.drain()
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        working.stop()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    working.run()
