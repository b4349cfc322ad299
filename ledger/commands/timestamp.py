"""``python -m ledger timestamp``: RFC 3161 timestamps of checkpoints.

``timestamp fetch CHECKPOINT --tsa URL --root CERT --out FILE.tsr`` asks an authority and verifies;
``timestamp request CHECKPOINT --out FILE.tsq`` only makes the query, to send by other means;
``timestamp verify CHECKPOINT FILE.tsr --root CERT`` says when the authority saw the checkpoint.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.x509 import load_pem_x509_certificates

from ledger import timestamp
from ledger.codec import format_instant
from ledger.commands.terminal import say
from ledger.errors import FormatError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "timestamp",
        help="timestamps of checkpoints (RFC 3161)",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = parser.add_subparsers(required=True)
    request = parts.add_parser("request", help="make the query for a checkpoint")
    fetch = parts.add_parser("fetch", help="ask an authority")
    verify = parts.add_parser("verify", help="check a response")
    for part in (request, fetch, verify):
        part.add_argument("checkpoint", type=Path, help="file of the signed checkpoint")
    verify.add_argument("response", type=Path, help="file of the response (.tsr)")
    fetch.add_argument("--tsa", required=True, help="address of the timestamp authority")
    for part in (request, fetch):
        part.add_argument("--out", required=True, type=Path, help="new file")
    for part in (fetch, verify):
        part.add_argument("--root", required=True, type=Path, help="PEM file of trusted roots")
        part.add_argument("--intermediates", type=Path, help="PEM file of further certificates")
    request.set_defaults(run=_request)
    fetch.set_defaults(run=_fetch)
    verify.set_defaults(run=_verify)


def _certificates(file: Path | None) -> list[Certificate]:
    try:
        return [] if file is None else load_pem_x509_certificates(file.read_bytes())
    except ValueError as error:
        raise FormatError(f"{file} holds no certificates") from error


def _write(file: Path, data: bytes) -> None:
    with file.open("xb") as new:
        new.write(data)


def _request(arguments: argparse.Namespace) -> int:
    _write(arguments.out, timestamp.request(arguments.checkpoint.read_bytes()).as_bytes())
    return 0


def _fetch(arguments: argparse.Namespace) -> int:
    checkpoint = arguments.checkpoint.read_bytes()
    query = timestamp.request(checkpoint)
    response = timestamp.fetch(arguments.tsa, query.as_bytes())
    _say_time(arguments, checkpoint, response, query.nonce)
    _write(arguments.out, response)
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    checkpoint, response = arguments.checkpoint.read_bytes(), arguments.response.read_bytes()
    _say_time(arguments, checkpoint, response, None)
    return 0


def _say_time(
    arguments: argparse.Namespace, checkpoint: bytes, response: bytes, nonce: int | None
) -> None:
    at = timestamp.verify(
        response,
        checkpoint,
        _certificates(arguments.root),
        intermediates=_certificates(arguments.intermediates),
        nonce=nonce,
    )
    say(f"The authority saw this checkpoint at {format_instant(at)}.")
