"""``python -m ledger keygen``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.commands.terminal import say, write_new
from ledger.cosignature import Ed25519Signer, MlDsaSigner, generate_log_signer

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    keygen = commands.add_parser("keygen", help="make the keys of a log or of a witness")
    keygen.add_argument("name", help="name of the log or witness, for example example.com/log")
    keygen.add_argument("--out", required=True, help="new file for the secret keys")
    keygen.add_argument(
        "--witness", action="store_true", help="keys that cosign, not those of a log"
    )
    keygen.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.witness:
        pair = Ed25519Signer.generate(arguments.name), MlDsaSigner.generate(arguments.name)
        secret = "".join(f"{key.format()}\n" for key in pair)
        public = [key.verifier.format() for key in pair]
    else:
        signer = generate_log_signer(arguments.name)
        secret, public = signer.format(), [key.format() for key in signer.verifiers]
    write_new(Path(arguments.out), secret.encode())
    for vkey in public:
        say(vkey)
    return 0
