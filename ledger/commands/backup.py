"""``python -m ledger backup | restore | compare``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ledger import backup, database, restored
from ledger.commands.terminal import read_log_key, say
from ledger.errors import MissingError
from ledger.restore import restore
from ledger.witness.client import Endpoint

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands

_SECONDS = 10.0


def add_parser(commands: Commands) -> None:
    """Add the commands."""
    write = commands.add_parser("backup", help="write every row, as of one moment, to a new file")
    write.add_argument("--database", required=True, help="SQLAlchemy address")
    write.add_argument("--out", required=True, type=Path, help="new file; keys are not in it")
    write.set_defaults(run=_backup)
    fill = commands.add_parser("restore", help="check a backup and fill a new database with it")
    fill.add_argument("file", type=Path, help="file of the backup")
    fill.add_argument("--database", required=True, help="SQLAlchemy address of an empty database")
    fill.set_defaults(run=_restore)
    look = commands.add_parser("compare", help="let a restored log sign again if it is not behind")
    look.add_argument("--database", required=True, help="SQLAlchemy address")
    look.add_argument("--key", required=True, help="the log's verifier key, or a file with it")
    known = look.add_mutually_exclusive_group(required=True)
    known.add_argument("--checkpoint", type=Path, help="file with the newest checkpoint known")
    known.add_argument("--witness", help="address of a witness that remembers the log")
    known.add_argument(
        "--accept-loss",
        type=Path,
        help="file with the newest checkpoint known, whose entries beyond the backup are given up:"
        " whoever saw them can prove for ever that this log has two histories",
    )
    look.set_defaults(run=_compare)


def _backup(arguments: argparse.Namespace) -> int:
    engine = database.connect_existing(arguments.database)
    try:
        manifest = backup.backup(engine, arguments.out, datetime.now(UTC))
    finally:
        engine.dispose()
    say(manifest.format().decode())
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    manifest = restore(arguments.file, arguments.database, datetime.now(UTC))
    say(f"{sum(part.rows for part in manifest.tables.values())} rows restored")
    say("Its logs sign nothing until `compare` shows that they are not behind.")
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    key, now = read_log_key(arguments.key), datetime.now(UTC)
    engine = database.connect_existing(arguments.database)
    try:
        if arguments.accept_loss:
            lost = arguments.accept_loss.read_bytes()
            head = restored.accept_loss(engine, origin=key.name, verifier=key, lost=lost)
            say(f"entries up to {head.size} that the backup lacks are given up")
            return 0
        if arguments.witness:
            seen = _latest(arguments.witness, key.name)
        else:
            seen = arguments.checkpoint.read_bytes()
        head = restored.compare(engine, origin=key.name, verifier=key, seen=seen, now=now)
    finally:
        engine.dispose()
    say(f"not behind the checkpoint of {head.size} entries: the log may sign again")
    return 0


def _latest(url: str, origin: str) -> bytes:
    witness = Endpoint(url, (), _SECONDS)
    try:
        seen = witness.latest(origin)
    finally:
        witness.close()
    if seen is None:
        raise MissingError(f"the witness {url} does not know {origin}")
    return seen
