"""``python -m ledger redact``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from ledger import backup, database, redaction
from ledger.audit import logs
from ledger.codec import format_instant
from ledger.commands.terminal import say
from ledger.cosignature import parse_log_signer
from ledger.keys import PrivateKey
from ledger.scrub import scrub

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    order = commands.add_parser(
        "redact",
        help="destroy items for good: in the database, its files and backups",
        description="Without --entry, finishes what was ordered and not yet carried out.",
    )
    order.add_argument("--database", required=True, help="SQLAlchemy address")
    order.add_argument("--backups", type=Path, help="folder of the backups to destroy them in")
    order.add_argument("--entry", type=int, help="index of the entry")
    order.add_argument("--position", type=int, action="append", help="item; may be repeated")
    order.add_argument("--by", help="who ordered it; public in the log")
    order.add_argument("--basis", help="legal basis; public in the log")
    order.add_argument("--key-file", type=Path, help="the log's secret keys")
    order.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    wanted = (arguments.position, arguments.by, arguments.basis, arguments.key_file)
    if arguments.entry is not None and None in wanted:
        raise argparse.ArgumentError(None, "--entry needs --position, --by, --basis, --key-file")
    if arguments.backups and not arguments.backups.is_dir():
        # Said before anything is destroyed: what is left in a backup is not deleted.
        raise NotADirectoryError(f"no folder {arguments.backups}")
    engine = database.connect_existing(arguments.database)
    try:
        if arguments.entry is not None:
            _order(engine, arguments)
        for origin in logs(engine):
            with engine.begin() as connection:
                redaction.finish(connection, origin)
        for remark in scrub(engine):
            say(f"not reached: {remark}")
        for file in backup.backups_in(arguments.backups) if arguments.backups else ():
            say(f"{file}: {backup.redact(file, engine)} items destroyed")
    finally:
        engine.dispose()
    return 0


def _order(engine: Engine, arguments: argparse.Namespace) -> None:
    signer = parse_log_signer(arguments.key_file.read_text(encoding="utf-8"))
    key = PrivateKey(signer.private_key)
    with engine.begin() as connection:
        orders = redaction.redact(
            connection,
            origin=signer.name,
            entry=arguments.entry,
            positions=arguments.position,
            by=arguments.by,
            basis=arguments.basis,
            key=key,
            now=datetime.now(UTC),
            operator=key.public,
        )
    for order in orders:
        say(f"entry {order.index} of {format_instant(order.at)}: {order.by}, {order.basis}")
