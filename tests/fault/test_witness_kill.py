"""A witness that is killed at any moment never forgets what it cosigned."""

from __future__ import annotations

import http.client
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ledger import merkle, note
from ledger.checkpoint import Checkpoint
from ledger.cli import main
from ledger.cosignature import generate_log_signer, parse_cosigners
from ledger.note import Note
from ledger.policy import Log, Policy
from ledger.witness.protocol import AddCheckpoint, origin_hash, parse_lines, parse_size
from tests.ledger_lab import NOW
from tests.service import free_port

pytestmark = pytest.mark.enable_socket

LOG = generate_log_signer("log.example/killed")
LEAVES = [merkle.leaf_hash(b"%d" % n) for n in range(3000)]
FORKED = [merkle.leaf_hash(b"fork"), *LEAVES[1:]]
ROUNDS = 8


class Process:
    """``python -m ledger witness`` over one folder, on one port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        assert main(["keygen", "w.example/1", "--witness", "--out", str(folder / "key")]) == 0
        policy = Policy((Log(LOG.verifier),))
        (folder / "policy").write_text(policy.format())
        self.keys = [k.verifier for k in parse_cosigners((folder / "key").read_text())]

    def start(self) -> subprocess.Popen[bytes]:
        for _ in range(3):
            process = self._launch()
            if self._answers(process):
                return process
            self.port = free_port()  # somebody else took the port meanwhile
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ledger", "witness", "--policy", self.folder / "policy"]
        command += ["--key", self.folder / "key", "--state", self.folder / "state.db"]
        command += ["--listen", f"127.0.0.1:{self.port}", "--evidence", self.folder / "evidence"]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            try:
                self.ask("GET", "/")
                return True
            except OSError:
                time.sleep(0.02)
        return False

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def add(self, old: int, size: int, leaves: list[bytes] = LEAVES) -> tuple[int, bytes]:
        head = Checkpoint(LOG.name, size, merkle.root(leaves[:size]))
        proof = (
            merkle.prove_consistency(merkle.subtree(leaves), old, size) if 0 < old < size else ()
        )
        request = AddCheckpoint(old, tuple(proof), note.parse(LOG.sign(head, NOW)))
        return self.ask("POST", "/add-checkpoint", request.format())


def test_a_killed_witness_knows_all_that_it_cosigned(tmp_path: Path) -> None:
    witness, rng = Process(tmp_path), random.Random(2026)
    cosigned = kills = 0
    for _ in range(ROUNDS):
        process = witness.start()
        status, body = witness.add(0, 1)
        # After each kill: never less than was answered, at most the one in flight more.
        known = 1 if status == 200 else parse_size(body)
        assert cosigned <= known <= cosigned + 1
        assert witness.add(known, known, FORKED)[0] == 422
        cosigned = known
        killer = threading.Timer(rng.uniform(0.05, 0.4), process.kill)
        killer.start()
        try:
            while True:
                status, body = witness.add(cosigned, cosigned + 1)
                assert status == 200
                cosigned += 1
        except (OSError, http.client.HTTPException):
            kills += 1
        killer.join()
        process.wait()
    print(f"{kills} kills, {cosigned} cosignatures, none forgotten")
    assert kills == ROUNDS
    assert cosigned > ROUNDS


def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    witness = Process(tmp_path)
    process = witness.start()
    status, body = witness.add(0, 5)
    assert status == 200
    text = Checkpoint(LOG.name, 5, merkle.root(LEAVES[:5])).format()
    for key in witness.keys:
        assert key.times(Note(text, parse_lines(body))) > [int(NOW.timestamp()) - 10**9]
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0, (tmp_path / "log").read_text()
    again = witness.start()
    assert witness.ask("GET", f"/{origin_hash(LOG.name)}/checkpoint")[0] == 200
    assert witness.add(0, 7) == (409, b"5\n")
    assert witness.add(5, 5, FORKED)[0] == 422
    again.terminate()
    again.wait(20)
    (file,) = (tmp_path / "evidence").iterdir()
    assert main(["evidence", str(file), "--key", LOG.verifier.format()]) == 0
    other = generate_log_signer(LOG.name).verifier.format()
    assert main(["evidence", str(file), "--key", other]) == 1
