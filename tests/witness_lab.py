"""A witness of ours that listens on a free port, for tests."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.cosignature import Cosigner, Ed25519Signer, MlDsaSigner
from ledger.policy import Group, Policy
from ledger.policy import Witness as Listed
from ledger.witness.core import Witness
from ledger.witness.server import WitnessServer
from ledger.witness.state import State
from tests.ledger_lab import NOW


class Running:
    """A witness that listens, and can be stopped and started on the same port."""

    def __init__(self, name: str, folder: Path, follows: Policy) -> None:
        self.keys: tuple[Cosigner, ...] = (
            Ed25519Signer.generate(name),
            MlDsaSigner.generate(name),
        )
        self.folder, self.follows, self.name = folder, follows, name
        self.port = 0
        self.start()

    def start(self) -> None:
        vkeys = tuple(key.verifier.format() for key in self.keys)
        self.state = State(self.folder / f"{self.name}.db", vkeys)
        witness = Witness(
            self.follows,
            self.keys,
            self.state,
            now=lambda: NOW,
            folder=self.folder / f"{self.name}-evidence",
        )
        self.server = WitnessServer(("127.0.0.1", self.port), witness)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self) -> None:
        self.server.stop()
        self.thread.join()
        self.state.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def listed(self) -> list[Listed]:
        return [
            Listed(f"{self.name}-{key.verifier.kind.hex()}", key.verifier, self.url)
            for key in self.keys
        ]

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, answer.headers["Content-Type"], data


@contextmanager
def running(name: str, folder: Path, follows: Policy) -> Iterator[Running]:
    """A witness that follows the logs of a policy; stopped at the end."""
    one = Running(name, folder, follows)
    try:
        yield one
    finally:
        if one.thread.is_alive():
            one.stop()


def policy_of(*witnesses: Running, needed: int | None = None) -> Policy:
    """A quorum of witnesses; of the keys of each all must cosign."""
    listed = tuple(line for one in witnesses for line in one.listed())
    groups = [Group(one.name, 2, tuple(line.name for line in one.listed())) for one in witnesses]
    names = tuple(group.name for group in groups)
    groups.append(Group("quorum", len(names) if needed is None else needed, names))
    return Policy((), listed, tuple(groups), "quorum")
