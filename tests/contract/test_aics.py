"""A witness and a log that nobody here wrote: aics-witness and aics-tlog (Python 3.12 or newer)."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import log, merkle, note
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.cosignature import Ed25519Signer, MlDsaSigner, parse_verifier
from ledger.errors import ForkError
from ledger.note import Note, Signature, Signer
from ledger.policy import Log, Policy
from ledger.policy import Witness as Listed
from ledger.witness.client import Witnesses
from ledger.witness.core import Witness
from ledger.witness.protocol import AddCheckpoint
from ledger.witness.server import WitnessServer
from ledger.witness.state import State
from tests.ledger_fixtures import sqlite_lab
from tests.ledger_lab import NOW, ORIGIN, Lab, seed
from tests.service import free_port

__all__ = ["sqlite_lab"]

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]

DRIVER = Path(__file__).parents[1] / "aics" / "driver.py"
PINNED = ("aics-tlog==0.2.1", "aics-witness==0.1.0")


def newer_python() -> str | None:
    """A Python of 3.12 or newer that starts; a shim of pyenv may be there and not start."""
    found = [shutil.which(f"python3.{minor}") for minor in range(12, 16)]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found += [str(path) for path in sorted(versions.glob("3.1[2-9]*/bin/python"))]
    for python in filter(None, found):
        if subprocess.run([python, "-c", "import venv, ssl"], capture_output=True).returncode == 0:
            return python
    return None


@pytest.fixture(scope="session")
def aics(pytestconfig: pytest.Config) -> Path:
    """The Python of an environment with both packages, kept between runs."""
    python = newer_python()
    if python is None:
        pytest.skip("no Python 3.12 or newer")
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("aics")
    ready = folder / "-".join([*PINNED, "ready"])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            subprocess.run([python, "-m", "venv", "--clear", folder / "venv"], check=True)
            install = [folder / "venv/bin/pip", "install", "--quiet", *PINNED]
            done = subprocess.run(install, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"aics packages cannot be installed: {done.stderr[-200:]}")
            ready.touch()
    return folder / "venv/bin/python"


def drive(aics: Path, **asked: Any) -> Any:
    done = subprocess.run(
        [aics, DRIVER], input=json.dumps(asked), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Theirs:
    """Their witness, following our log."""

    def __init__(self, aics: Path, folder: Path, vkey: str) -> None:
        self.python, self.config = aics, folder / "witness.json"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        listen = f"127.0.0.1:{self.port}"
        made = self.run("init", "--name", "witness.example/aics", "--listen", listen)
        self.key = parse_verifier(made.splitlines()[-1])
        self.run("add-log", "--origin", ORIGIN, "--vkey", vkey)
        self.process = subprocess.Popen(
            [aics, "-m", "aics_witness", "serve", "--config", self.config],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.wait()

    def run(self, command: str, *arguments: str) -> str:
        line = [self.python, "-m", "aics_witness", command, "--config", self.config, *arguments]
        done = subprocess.run(line, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def wait(self) -> None:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError("their witness does not answer")

    def size(self) -> int:
        (status,) = json.loads(self.run("status", "--json"))["logs"]
        found: int = status["size"]
        return found

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def post(self, body: bytes) -> int:
        request = urllib.request.Request(f"{self.url}/add-checkpoint", data=body)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code


@pytest.fixture
def theirs(aics: Path, tmp_path: Path, sqlite_lab: Lab) -> Iterator[Theirs]:
    witness = Theirs(aics, tmp_path, sqlite_lab.vkey)
    yield witness
    witness.stop()


@contextmanager
def asking(theirs: Theirs) -> Iterator[Witnesses]:
    listed = Policy.parse(f"witness aics {theirs.key.format()} {theirs.url}\nquorum aics\n")
    witnesses = Witnesses(listed)
    try:
        yield witnesses
    finally:
        witnesses.close()


def integrate(lab: Lab, witnesses: Witnesses) -> Checkpoint:
    return log.integrate(
        lab.engine,
        origin=lab.origin,
        signer=LogSigner(lab.signer, MlDsaSigner.generate(lab.origin)),
        now=lab.now(),
        tiles=lab.tiles,
        witnesses=witnesses,
    )


def test_their_witness_cosigns_our_growth(theirs: Theirs, aics: Path, sqlite_lab: Lab) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    notes = []
    with asking(theirs) as witnesses:
        for count in (1, 1, 5, 250, 300):
            lab.grow("s", count)
            head = integrate(lab, witnesses)
            notes.append(lab.tiles.read("checkpoint"))
            witnesses.policy.check(note.parse(notes[-1]), lab.signer.verifier)
    assert head.size == theirs.size() == 558
    keys = {"log": lab.vkey, "witnesses": [theirs.key.format()]}
    texts = [one.decode() for one in notes]
    assert drive(aics, do="verify", notes=texts, **keys) == [True] * 5
    tampered = [text.replace("\n558\n", "\n559\n") for text in texts[-1:]]
    assert drive(aics, do="verify", notes=tampered, **keys) == [False]


def test_their_witness_refuses_our_fork_step_back_and_forgery(
    theirs: Theirs, sqlite_lab: Lab, tmp_path: Path
) -> None:
    lab = sqlite_lab
    lab.add_key("s")
    lab.append("s", b"one")
    with asking(theirs) as witnesses:
        integrate(lab, witnesses)
    (tmp_path / "copy").mkdir()
    with sqlite3.connect(lab.url.removeprefix("sqlite:///")) as source:
        target = sqlite3.connect(tmp_path / "copy" / "log.db")
        source.backup(target)
        target.close()
    source.close()
    shutil.copytree(lab.tiles.folder, tmp_path / "copy" / "tiles")
    copy = Lab(f"sqlite:///{tmp_path / 'copy' / 'log.db'}", tmp_path / "copy" / "tiles")
    for name in (b"two", b"three"):
        lab.append("s", name)
        copy.append("s", b"not " + name)
    with asking(theirs) as witnesses:
        integrate(lab, witnesses)
    with asking(theirs) as witnesses, pytest.raises(ForkError):
        integrate(copy, witnesses)
    copy.integrate()  # without asking, as a liar would
    signed = note.parse(copy.tiles.read("checkpoint"))
    get = copy.tiles.subtree(4)
    for old in (4, 2, 1, 3):
        proof = tuple(merkle.prove_consistency(get, old, 4)) if old < 4 else ()
        assert theirs.post(AddCheckpoint(old, proof, signed).format()) in (409, 422)
    older = LogSigner(lab.signer).sign(
        Checkpoint(ORIGIN, 2, merkle.range_hash(lab.tiles.subtree(4), 0, 2)), NOW
    )
    assert theirs.post(AddCheckpoint(2, (), note.parse(older)).format()) == 409
    honest = note.parse(lab.tiles.read("checkpoint"))
    forged = Note(honest.text.replace("\n4\n", "\n5\n"), honest.signatures)
    assert theirs.post(AddCheckpoint(4, (), forged).format()) == 403
    line = honest.signatures[0]
    broken = Signature(line.name, line.key_id, line.value[:-1] + bytes([line.value[-1] ^ 1]))
    assert theirs.post(AddCheckpoint(4, (), Note(honest.text, (broken,))).format()) == 403
    assert theirs.size() == 4
    lab.append("s", b"four")
    with asking(theirs) as witnesses:
        integrate(lab, witnesses)
    assert theirs.size() == 5
    copy.engine.dispose()


def test_their_log_at_our_witness(aics: Path, tmp_path: Path) -> None:
    """Their client verifies our cosignatures; our witness refuses their fork and step back."""
    key = seed("their log")
    signer = Signer("log.example/theirs", Ed25519PrivateKey.from_private_bytes(key))
    cosigner = Ed25519Signer.generate("witness.example/ours")
    pair = (cosigner, MlDsaSigner.generate("witness.example/ours"))
    state = State(tmp_path / "state.db", tuple(one.verifier.format() for one in pair))
    policy = Policy((Log(signer.verifier),))
    folder = tmp_path / "evidence"
    witness = Witness(policy, pair, state, now=lambda: datetime.now(UTC), folder=folder)
    server = WitnessServer(("127.0.0.1", 0), witness)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        told = drive(
            aics,
            do="feed",
            url=f"http://127.0.0.1:{server.server_address[1]}",
            witness=cosigner.verifier.format(),
            origin=signer.name,
            seed=key.hex(),
        )
    finally:
        server.stop()
        thread.join()
        last = state.last(signer.name)
        state.close()
    grown = [entry for entry in told if entry[0] == "grow"]
    assert [entry[2] for entry in grown] == ["cosigned"] * 6
    assert all(entry[2].startswith("Witness") for entry in told if entry[0] != "grow")
    assert last.size == 33
    assert len(list(folder.iterdir())) == 3
    listed = Policy((Log(signer.verifier),), (Listed("w", cosigner.verifier),), (), "w")
    assert last.note is not None
    listed.check(note.parse(last.note))
