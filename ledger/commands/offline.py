"""``python -m ledger party-key`` and ``sign``: what a party does with its own key, offline."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ledger import body, note, offline
from ledger.commands.terminal import say, write_new
from ledger.errors import FormatError
from ledger.keys import ED25519, ES256, PrivateKey

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the commands."""
    make = commands.add_parser("party-key", help="make or show a party's own key")
    make.add_argument("--key", required=True, help="PEM file of the private key; made if absent")
    make.add_argument("--origin", required=True, help="origin of the log")
    make.add_argument("--stream", required=True, help="the party's stream: its GLN")
    make.add_argument("--alg", choices=(ED25519, ES256), default=ED25519, help="of a new key")
    make.set_defaults(run=_party_key)
    signing = commands.add_parser("sign", help="sign a prepared statement, offline")
    signing.add_argument("prepared", help="JSON file as the service prepared it")
    signing.add_argument("--key", required=True, help="PEM file of the private key")
    signing.set_defaults(run=_sign)


def _party_key(arguments: argparse.Namespace) -> int:
    path = Path(arguments.key)
    note.check_name(arguments.origin)
    body.check_stream(arguments.stream)
    if not path.exists():
        write_new(path, offline.format_key(PrivateKey.generate(arguments.alg)))
    key = offline.read_key(path)
    say(json.dumps(offline.registration(key, arguments.origin, arguments.stream)))
    return 0


def _sign(arguments: argparse.Namespace) -> int:
    try:
        prepared = json.loads(Path(arguments.prepared).read_bytes())
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{arguments.prepared} is not JSON") from error
    if not isinstance(prepared, dict):
        raise FormatError("a prepared statement is a JSON object")
    say(json.dumps(offline.sign(offline.read_key(Path(arguments.key)), prepared)))
    return 0
