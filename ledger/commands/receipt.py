"""``python -m ledger receipt``: the COSE receipt of a bundle's entry (RFC 9942)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ledger import bundle, receipt
from ledger.commands.terminal import read_key, say
from ledger.cosignature import parse_log_signer

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("receipt", help="issue or check the COSE receipt of an entry")
    parser.add_argument("bundle", type=Path, help="file of the entry's bundle")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--sign", type=Path, help="the log's secret key file: issue a receipt")
    what.add_argument("--check", type=Path, help="file of a receipt to check")
    parser.add_argument("--out", type=Path, help="new file for the receipt, with --sign")
    parser.add_argument("--key", help="the log's verifier key, with --check")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    parts = bundle.parse(arguments.bundle.read_bytes())
    if arguments.sign is not None:
        if arguments.out is None:
            raise argparse.ArgumentError(None, "--sign needs --out")
        signer = parse_log_signer(arguments.sign.read_text(encoding="utf-8"))
        data = receipt.issue(parts.entry, parts.proof, signer.ed25519)
        with arguments.out.open("xb") as file:
            file.write(data)
        say(f"{len(data)} bytes")
        return 0
    if arguments.key is None:
        raise argparse.ArgumentError(None, "--check needs --key")
    found = receipt.verify(arguments.check.read_bytes(), parts.entry, read_key(arguments.key))
    say(f"The receipt holds: entry {found.index} of {found.size}.")
    return 0
