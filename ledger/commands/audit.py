"""``python -m ledger audit``: of a public log over HTTP, of a folder of tiles, of a database.

Exit code 0: everything that was checked is right. 1: something is wrong. 2: usage.
3: the log could not be read to the end; with ``--state`` the next run goes on from there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from ledger import database
from ledger.audit import audit, logs
from ledger.commands.terminal import Progress, positive, read_trust, say
from ledger.errors import RemoteError, StateError
from ledger.findings import AuditReport, Finding
from ledger.follow import Follower, State
from ledger.note import Verifier
from ledger.public_audit import Source
from ledger.remote import RemoteLog
from ledger.tiles import TileStore
from ledger.trust import Trust

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands

UNFINISHED = 3


def add_parser(commands: Commands) -> None:
    """Add the command."""
    replay = commands.add_parser(
        "audit",
        help="replay a whole log",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay.add_argument(
        "target", nargs="?", help="address of a public log, folder of tiles, or database"
    )
    replay.add_argument("--database", help="SQLAlchemy address, as target")
    replay.add_argument("--origin", help="the log; all logs of the database if not given")
    replay.add_argument("--key", help="the log's verifier key, or a file with it")
    replay.add_argument("--policy", help="file of the trust policy: log and witnesses")
    replay.add_argument("--tiles", help="folder of a database's public files")
    replay.add_argument("--state", type=Path, help="file to go on from, and to leave off in")
    replay.add_argument(
        "--tree-only", action="store_true", help="entries are another's format: audit the tree"
    )
    replay.add_argument("--rate", type=positive, default=50.0, help="requests a second, at most")
    replay.set_defaults(run=_run)


@contextmanager
def opened(target: str, rate: float) -> Iterator[Source | None]:
    """The public log at an address or in a folder; None for a database."""
    if target.startswith(("http://", "https://")):
        with closing(RemoteLog(target, rate=rate)) as log:
            yield log
    else:
        yield TileStore(Path(target)) if Path(target).is_dir() else None


def _run(arguments: argparse.Namespace) -> int:
    target = arguments.target or arguments.database
    if target is None or (arguments.target and arguments.database):
        raise argparse.ArgumentError(None, "one log to audit, no more and no less")
    trust = read_trust(arguments.key, arguments.policy)
    with opened(target, arguments.rate) as source:
        if source is None:
            return _audit_database(target, arguments, trust)
        if trust is None:
            raise argparse.ArgumentError(None, "a public log needs --key or --policy")
        return _audit_public(source, arguments, trust)


def _audit_public(source: Source, arguments: argparse.Namespace, trust: Trust) -> int:
    file: Path | None = arguments.state
    state = State.read(file) if file else None
    if state:
        say(f"going on from entry {state.builder.size}")
    with Progress(trust.origin) as progress:
        follower = Follower(
            source,
            trust,
            state,
            content=not arguments.tree_only,
            progress=progress,
            file=file,
        )
        try:
            report = follower.audit()
        except RemoteError as error:
            say(f"NOT FINISHED at entry {follower.state.builder.size}: {error}")
            return UNFINISHED
    say_report(report, content=not arguments.tree_only)
    return 1 if report.findings else 0


def _register_findings(engine: Engine, origin: str) -> Iterator[Finding]:
    """Findings of the applications installed here that keep registers beside the log."""
    for hook in entry_points(group="ledger.audit"):
        yield from hook.load()(engine, origin)


def _audit_database(target: str, arguments: argparse.Namespace, trust: Trust | None) -> int:
    if arguments.state or arguments.tree_only:
        raise argparse.ArgumentError(None, "--state and --tree-only are for public logs")
    if trust and arguments.origin not in (None, trust.origin):
        raise argparse.ArgumentError(None, f"--origin {arguments.origin}, but keys of another log")
    if arguments.tiles and not Path(arguments.tiles).is_dir():
        raise NotADirectoryError(f"no folder {arguments.tiles}")
    tiles = TileStore(Path(arguments.tiles)) if arguments.tiles else None
    engine = database.connect_existing(target)
    reports = []
    try:
        for origin in [arguments.origin] if arguments.origin else _logs(engine):
            with Progress(origin) as progress:
                mine = trust if trust and trust.origin == origin else None
                keys = mine.policy.log_verifiers if mine else ()
                report = audit(
                    engine,
                    origin=origin,
                    verifier=mine.verifier if mine else None,
                    others=[key for key in keys if not isinstance(key, Verifier)],
                    tiles=tiles,
                    progress=progress,
                )
            report.add(_register_findings(engine, report.origin))
            reports.append(report)
    except StateError as error:
        say(str(error))
        return 1
    finally:
        engine.dispose()
    for report in reports:
        say_report(report)
    if not reports:
        say("No log in this database.")
    return 1 if not reports or any(report.findings for report in reports) else 0


def _logs(engine: Engine) -> list[str]:
    """Origins of the logs; a database so damaged that it cannot tell them is a finding."""
    try:
        return logs(engine)
    except (DBAPIError, UnicodeDecodeError) as error:
        if isinstance(error, DBAPIError) and database.unavailable(error):
            raise
        raise StateError(
            f"WRONG database file: cannot be read: {error.__cause__ or error}"
        ) from error


def say_report(report: AuditReport, *, content: bool = True) -> None:
    """Write what was checked, what was not, and what was found."""
    say(f"log {report.origin}")
    say(
        f"  {report.entries} entries, {report.checkpoints} checkpoints, {report.items} items"
        f" ({report.redacted} redacted), {len(report.repudiated)} repudiated"
    )
    if not report.signatures:
        say("  not checked: signatures of the log, give its key with --key")
    if not report.tiles:
        say("  not checked: tiles, give their folder with --tiles")
    if not content:
        say("  not checked: what the entries say (--tree-only)")
    for finding in report.findings:
        say(f"  WRONG {finding.line}")
    if report.more:
        say(f"  and {report.more} more findings that are not listed")
    if not report.findings:
        say("  everything that was checked is right")
