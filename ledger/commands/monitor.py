"""``python -m ledger monitor``: follow a log, and raise the alarm.

Exit code with ``--once``, and at the end otherwise: 0 all is right, 1 an entry, tile or signature
is wrong, 2 usage, 3 the log could not be read, 4 fork, 5 rollback, 6 too few witnesses, 7 no
growth. Of several the first in the order 4, 5, 1, 6, 7, 3 counts. Each alarm is a line; with
``--exec`` the command gets it as JSON on standard input.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.codec import format_instant
from ledger.commands.audit import opened
from ledger.commands.terminal import positive, read_trust, say
from ledger.monitor import Alarm, Cause, Monitor, Notice
from ledger.public_audit import Source
from ledger.trust import Trust

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands

_ORDER = (
    Cause.FORK,
    Cause.ROLLBACK,
    Cause.WRONG,
    Cause.QUORUM,
    Cause.STALLED,
    Cause.UNREACHABLE,
    Cause.RIGHT,
)


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "monitor",
        help="follow a log, and raise the alarm",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", help="address of a public log, or a folder of tiles")
    parser.add_argument("--state", required=True, type=Path, help="file of what was seen")
    parser.add_argument("--key", help="the log's verifier key, or a file with one a line")
    parser.add_argument("--policy", help="file of the trust policy: log and witnesses")
    parser.add_argument(
        "--stream", action="append", default=[], help="tell of this party's entries"
    )
    parser.add_argument("--interval", type=positive, default=60.0, help="seconds between two looks")
    parser.add_argument("--max-age", type=positive, help="seconds without growth that are too long")
    parser.add_argument("--evidence", type=Path, help="folder for evidence against the log")
    parser.add_argument("--exec", dest="command", help="command to run at each alarm")
    parser.add_argument("--rate", type=positive, default=50.0, help="requests a second, at most")
    parser.add_argument("--once", action="store_true", help="look once, and end")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    trust = read_trust(arguments.key, arguments.policy)
    with opened(arguments.target, arguments.rate) as source:
        if trust is None or source is None:
            raise argparse.ArgumentError(
                None, "a public log, and its --key or --policy, are needed"
            )
        return _follow(source, trust, arguments)


def _follow(source: Source, trust: Trust, arguments: argparse.Namespace) -> int:
    if arguments.command is not None:
        _words(arguments.command)
    age = None if arguments.max_age is None else timedelta(seconds=arguments.max_age)
    monitor = Monitor(
        source,
        trust,
        arguments.state,
        streams=arguments.stream,
        max_age=age,
        folder=arguments.evidence,
        on_notice=_say_notice,
    )
    causes: set[Cause] = set()
    told: set[Alarm] = set()
    try:
        while True:
            alarms = _look(monitor, told, arguments.command)
            told = alarms
            causes |= {alarm.cause for alarm in alarms}
            if monitor.state.findings:
                causes.add(Cause.WRONG)
            if arguments.once:
                break
            time.sleep(arguments.interval)
    except KeyboardInterrupt:
        say("ended")
    return next((cause.value for cause in _ORDER if cause in causes), 0)


def _look(monitor: Monitor, told: set[Alarm], command: str | None) -> set[Alarm]:
    """All alarms of one look; those that the look before gave too are not told again."""
    alarms = set(monitor.look(datetime.now(UTC)))
    for alarm in sorted(alarms - told, key=lambda one: _ORDER.index(one.cause)):
        evidence = f" (evidence: {alarm.evidence})" if alarm.evidence else ""
        say(f"{_now()} ALARM {alarm.cause.name.lower()}: {alarm.message}{evidence}")
        if command is not None:
            _tell(command, monitor.trust.origin, alarm)
    if not alarms:
        size = monitor.state.builder.size
        say(f"{_now()} {monitor.trust.origin}: {size} entries, all right")
    return alarms


def _tell(command: str, origin: str, alarm: Alarm) -> None:
    body = {
        "at": _now(),
        "cause": alarm.cause.name.lower(),
        "evidence": str(alarm.evidence) if alarm.evidence else None,
        "message": alarm.message,
        "origin": origin,
    }
    try:
        done = subprocess.run(_words(command), input=json.dumps(body).encode(), check=False)
    except OSError as error:  # the watch goes on, whatever became of the command
        say(f"{_now()} the command does not start: {error}")
        return
    if done.returncode:
        say(f"{_now()} the command ended with {done.returncode}")


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise argparse.ArgumentError(None, f"--exec {command}: {error}") from error
    if not words:
        raise argparse.ArgumentError(None, "--exec names no command")
    return words


def _say_notice(notice: Notice) -> None:
    say(f"{_now()} {notice.stream}: entry {notice.index}, {notice.kind}, {notice.message}")


def _now() -> str:
    return format_instant(datetime.now(UTC))
