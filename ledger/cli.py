"""Commands: ``python -m ledger keygen | audit | verify``. Exit code 0 right, 1 wrong, 2 usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ledger import bundle, database
from ledger.audit import AuditReport, Finding, audit, logs
from ledger.errors import LedgerError
from ledger.note import Signer, Verifier
from ledger.tiles import TileStore


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def read_key(text: str) -> Verifier:
    """Verifier of a vkey string, or of a file that holds one."""
    file = Path(text)
    if "+" not in text or file.is_file():
        text = file.read_text(encoding="utf-8").removesuffix("\n")
    return Verifier.parse(text)


def _keygen(arguments: argparse.Namespace) -> int:
    signer = Signer.generate(arguments.name)
    line = signer.format()
    # Made for its owner alone from the start, and never over an existing key.
    handle = os.open(arguments.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{line}\n")
    _say(signer.verifier.format())
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    source = Path(arguments.bundle).read_bytes()
    steps = bundle.steps(source, read_key(arguments.key))
    for step in steps:
        _say(f"{step.number}. {step.state.value:11} {step.claim}: {step.value or '-'}")
    right = all(step.state is bundle.State.RIGHT for step in steps)
    _say("The bundle holds." if right else "The bundle does NOT hold.")
    return 0 if right else 1


def _register_findings(engine: Engine, origin: str) -> Iterator[Finding]:
    """Findings of the applications installed here that keep registers beside the log."""
    for hook in entry_points(group="ledger.audit"):
        yield from hook.load()(engine, origin)


def _audit(arguments: argparse.Namespace) -> int:
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
        _say("No log in this database.")
    return 1 if not reports or any(report.findings for report in reports) else 0


def _say_report(report: AuditReport) -> None:
    _say(f"log {report.origin}")
    _say(
        f"  {report.entries} entries, {report.checkpoints} checkpoints, {report.items} items"
        f" ({report.redacted} redacted), {len(report.repudiated)} repudiated"
    )
    if not report.signatures:
        _say("  not checked: signatures of the log, give its key with --key")
    if not report.tiles:
        _say("  not checked: tiles, give their folder with --tiles")
    for finding in report.findings:
        _say(f"  WRONG {finding.table} {finding.where}: {finding.message}")
    if not report.findings:
        _say("  everything that was checked is right")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ledger", description=__doc__)
    commands = parser.add_subparsers(required=True)
    keygen = commands.add_parser("keygen", help="make a log key")
    keygen.add_argument("name", help="name of the log, for example example.com/log")
    keygen.add_argument("--out", required=True, help="new file for the secret key")
    keygen.set_defaults(run=_keygen)
    verify = commands.add_parser("verify", help="check a proof bundle offline")
    verify.add_argument("bundle", help="file of the bundle")
    verify.add_argument("--key", required=True, help="the log's verifier key, or a file with it")
    verify.set_defaults(run=_verify)
    replay = commands.add_parser("audit", help="replay the whole log")
    replay.add_argument("--database", required=True, help="SQLAlchemy address")
    replay.add_argument("--origin", help="the log; all logs of the database if not given")
    replay.add_argument("--key", help="the log's verifier key, or a file with it")
    replay.add_argument("--tiles", help="folder of the public files")
    replay.set_defaults(run=_audit)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except (DBAPIError, LedgerError, OSError, UnicodeDecodeError) as error:
        _say(f"WRONG {error.__cause__ or error}")
        return 1
    except (ArgumentError, NoSuchModuleError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
