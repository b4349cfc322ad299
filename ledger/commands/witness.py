"""``python -m ledger witness``."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.codec import parse_decimal
from ledger.commands.terminal import say
from ledger.cosignature import parse_cosigners
from ledger.errors import FormatError
from ledger.policy import Policy
from ledger.witness.core import Witness
from ledger.witness.server import WitnessServer
from ledger.witness.state import State

if TYPE_CHECKING:
    from ledger.commands.terminal import Commands


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("witness", help="cosign the checkpoints of other people's logs")
    parser.add_argument("--policy", required=True, type=Path, help="file with the logs it follows")
    parser.add_argument("--key", required=True, type=Path, help="file of keygen --witness")
    parser.add_argument("--state", required=True, type=Path, help="its memory: never restore it")
    parser.add_argument("--listen", required=True, help="HOST:PORT; port 0 takes a free one")
    parser.add_argument("--evidence", type=Path, help="folder for evidence against logs")
    parser.set_defaults(run=_run)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    number = parse_decimal(port)
    if not colon or number > 65535:
        raise FormatError(f"not HOST:PORT: {text}")
    return host.strip("[]"), number


def _run(arguments: argparse.Namespace) -> int:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    address = _address(arguments.listen)
    policy = Policy.parse(arguments.policy.read_bytes())
    signers = parse_cosigners(arguments.key.read_text(encoding="utf-8"))
    if not policy.logs:
        raise FormatError("the policy names no log")
    vkeys = tuple(signer.verifier.format() for signer in signers)
    state = State(arguments.state, vkeys)
    witness = Witness(
        policy, signers, state, now=lambda: datetime.now(UTC), folder=arguments.evidence
    )
    server = WitnessServer(address, witness)
    for vkey in vkeys:
        say(vkey)
    host, port = server.server_address[:2]
    logging.getLogger(__name__).info("listening on %s:%s for %d logs", host, port, len(policy.logs))
    _serve(server)
    state.close()
    return 0


def _serve(server: WitnessServer) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests in hand."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    asked.wait()
    server.stop()
    thread.join(5)
