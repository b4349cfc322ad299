"""``python -m ledger audit``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from ledger import database
from ledger.audit import AuditReport, Finding, audit, logs
from ledger.commands.terminal import read_key, say
from ledger.tiles import TileStore

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    replay = commands.add_parser("audit", help="replay the whole log")
    replay.add_argument("--database", required=True, help="SQLAlchemy address")
    replay.add_argument("--origin", help="the log; all logs of the database if not given")
    replay.add_argument("--key", help="the log's verifier key, or a file with it")
    replay.add_argument("--tiles", help="folder of the public files")
    replay.set_defaults(run=_run)


def _register_findings(engine: Engine, origin: str) -> Iterator[Finding]:
    """Findings of the applications installed here that keep registers beside the log."""
    for hook in entry_points(group="ledger.audit"):
        yield from hook.load()(engine, origin)


def _run(arguments: argparse.Namespace) -> int:
    key = read_key(arguments.key) if arguments.key else None
    tiles = TileStore(Path(arguments.tiles)) if arguments.tiles else None
    engine = database.connect(arguments.database)
    try:
        origins = [arguments.origin] if arguments.origin else logs(engine)
        reports = [
            audit(
                engine,
                origin=origin,
                verifier=key if key is not None and key.name == origin else None,
                tiles=tiles,
            )
            for origin in origins
        ]
        for report in reports:
            report.findings.extend(_register_findings(engine, report.origin))
    finally:
        engine.dispose()
    for report in reports:
        _say_report(report)
    if not reports:
        say("No log in this database.")
    return 1 if not reports or any(report.findings for report in reports) else 0


def _say_report(report: AuditReport) -> None:
    say(f"log {report.origin}")
    say(
        f"  {report.entries} entries, {report.checkpoints} checkpoints, {report.items} items"
        f" ({report.redacted} redacted), {len(report.repudiated)} repudiated"
    )
    if not report.signatures:
        say("  not checked: signatures of the log, give its key with --key")
    if not report.tiles:
        say("  not checked: tiles, give their folder with --tiles")
    for finding in report.findings:
        say(f"  WRONG {finding.table} {finding.where}: {finding.message}")
    if not report.findings:
        say("  everything that was checked is right")
