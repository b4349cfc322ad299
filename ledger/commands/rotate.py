"""``python -m ledger close | continue | root``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ledger import database, federation, shard
from ledger.commands.terminal import read_log_key, say
from ledger.cosignature import parse_log_signer
from ledger.policy import Policy
from ledger.remote import RemoteLog
from ledger.tiles import CHECKPOINT, TileStore
from ledger.witness.client import Witnesses

if TYPE_CHECKING:
    from ledger.checkpoint import LogSigner
    from ledger.commands.terminal import Commands


class RemoteTiles(TileStore):
    """The public files of a log at an address, as proofs are made from them."""

    def __init__(self, log: RemoteLog) -> None:
        super().__init__(Path())
        self._log = log

    def read(self, path: str) -> bytes:
        """Bytes of a public path."""
        return self._log.read(path)


def add_parser(commands: Commands) -> None:
    """Add the commands."""
    end = commands.add_parser("close", help="end a log in favour of the next")
    _add_common(end)
    end.add_argument("--tiles", required=True, type=Path, help="folder of its public files")
    end.add_argument("--next", required=True, help="origin of the log that goes on")
    end.add_argument("--policy", type=Path, help="witness policy of the final checkpoint")
    end.add_argument("--out", required=True, type=Path, help="file for the end, for `continue`")
    end.set_defaults(run=_close)
    begin = commands.add_parser("continue", help="begin a log with the end of another")
    _add_common(begin)
    begin.add_argument("--ending", required=True, type=Path, help="file that `close` wrote")
    begin.add_argument("--predecessor", required=True, help="verifier key of the log that ended")
    begin.add_argument("--carry-keys", action="store_true", help="both logs in this database")
    begin.set_defaults(run=_continue)
    root = commands.add_parser("root", help="enter a log's checkpoint in a log of checkpoints")
    _add_common(root)
    root.add_argument("--member", required=True, help="verifier key of the log to enter")
    root.add_argument("--source", required=True, help="its address, or the folder of its files")
    root.add_argument("--evidence", type=Path, help="folder for evidence of two histories")
    root.set_defaults(run=_root)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--database", required=True, help="SQLAlchemy address")
    parser.add_argument("--key-file", required=True, type=Path, help="secret keys of this log")


def _signer(arguments: argparse.Namespace) -> LogSigner:
    return parse_log_signer(arguments.key_file.read_text(encoding="utf-8"))


def _close(arguments: argparse.Namespace) -> int:
    signer, policy = _signer(arguments), arguments.policy
    engine = database.connect_existing(arguments.database)
    try:
        ended = shard.close(
            engine,
            origin=signer.name,
            successor=arguments.next,
            signer=signer,
            tiles=TileStore(arguments.tiles),
            now=datetime.now(UTC),
            witnesses=Witnesses(Policy.parse(policy.read_bytes())) if policy else None,
        )
    finally:
        engine.dispose()
    arguments.out.write_bytes(ended.format())
    say(ended.final.decode().rstrip("\n"))
    return 0


def _continue(arguments: argparse.Namespace) -> int:
    signer, now = _signer(arguments), datetime.now(UTC)
    predecessor = read_log_key(arguments.predecessor)
    engine = database.connect_existing(arguments.database)
    try:
        begun = shard.begin(
            engine,
            origin=signer.name,
            ended=shard.Ending.parse(arguments.ending.read_bytes()),
            predecessor=predecessor,
            signer=signer,
            now=now,
        )
        carried = []
        if arguments.carry_keys:
            with engine.begin() as connection:
                carried = shard.carry_keys(
                    connection, old=predecessor.name, new=signer.name, signer=signer, now=now
                )
    finally:
        engine.dispose()
    say(begun.entry_bytes.decode())
    say(f"{len(carried)} keys carried over")
    return 0


def _root(arguments: argparse.Namespace) -> int:
    signer, source = _signer(arguments), arguments.source
    remote = source.startswith(("http://", "https://"))
    tiles = RemoteTiles(RemoteLog(source)) if remote else TileStore(Path(source))
    engine = database.connect_existing(arguments.database)
    try:
        entered = federation.enter(
            engine,
            root=signer.name,
            note=tiles.read(CHECKPOINT),
            member=read_log_key(arguments.member),
            tiles=tiles,
            signer=signer,
            now=datetime.now(UTC),
            folder=arguments.evidence,
        )
    finally:
        engine.dispose()
    say("known already" if entered is None else f"entered at index {entered.index}")
    return 0
