"""Go's own note and tlog packages (golang.org/x/mod/sumdb) on our notes, proofs and tiles."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from ledger import log, merkle, note, proof
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.cosignature import Ed25519Signer, MlDsaSigner
from ledger.merkle import leaf_hash
from ledger.schema import ledger_entry
from tests import outside
from tests.ledger_fixtures import sqlite_lab
from tests.ledger_lab import NOW, ORIGIN, Lab

__all__ = ["sqlite_lab"]

SOURCE = Path(__file__).parents[1] / "go" / "verify.go"
GOPATH = Path(os.environ.get("NGUON_GOPATH", "/usr/share/gocode"))
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 300, 530)

Question = dict[str, Any]
Answers = Callable[[Sequence[Question]], list[Question]]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built without a network from what the system has."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go compiler (Debian package golang-go)")
    if not (GOPATH / "src/golang.org/x/mod/sumdb/note").is_dir():
        pytest.skip("no golang.org/x/mod (Debian package golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(folder / "cache"),
        "CGO_ENABLED": "0",
    }
    command = [go, "build", "-o", str(folder / "verify"), str(SOURCE)]
    built = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder / "verify"


@pytest.fixture
def answers(program: Path) -> Answers:
    """Ask the program all questions at once."""

    def ask(questions: Sequence[Question]) -> list[Question]:
        lines = "".join(json.dumps(_encoded(question)) + "\n" for question in questions)
        done = subprocess.run(program, input=lines, capture_output=True, text=True, check=True)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(found) == len(questions)
        return found

    return ask


def _encoded(question: Question) -> Question:
    def text(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return [text(one) for one in value] if isinstance(value, list | tuple) else value

    return {name: text(value) for name, value in question.items()}


def errors(found: Sequence[Question]) -> list[str]:
    return [answer["Error"] for answer in found]


COSIGNER = Ed25519Signer.generate("w.example/1")


def cosigned(lab: Lab) -> bytes:
    """A checkpoint of ours with both signatures of the log and two cosignatures."""
    signer = LogSigner(lab.signer, MlDsaSigner.generate(ORIGIN))
    parsed = note.parse(signer.sign(Checkpoint(ORIGIN, 1, merkle.root([leaf_hash(b"x")])), NOW))
    lines = (COSIGNER.cosign(parsed.text, NOW), MlDsaSigner.generate("q").cosign(parsed.text, NOW))
    return note.Note(parsed.text, (*parsed.signatures, *lines)).format()


def test_go_opens_our_notes_and_refuses_changed_ones(sqlite_lab: Lab, answers: Answers) -> None:
    signed = cosigned(sqlite_lab)
    key = COSIGNER.verifier
    question = {
        "Do": "note",
        "Note": signed.decode(),
        "Keys": [sqlite_lab.vkey],
        "Cosigner": key.name,
        "KeyID": int.from_bytes(key.key_id, "big"),
        "Key": key.public_key,
    }
    (good,) = answers([question])
    assert good["Error"] == ""
    assert good["Text"] == note.parse(signed).text
    assert good["Names"] == [ORIGIN, "w.example/1"]
    changed = []
    for index in range(len(note.parse(signed).text) - 1):
        data = bytearray(signed)
        data[index] ^= 1
        if data[index] not in b"\n\r\t" and data[index] >= 32:
            changed.append({**question, "Note": data.decode("utf-8", "replace")})
    for line in (0, 2):
        lines = list(note.parse(signed).signatures)
        value = lines[line].value[:-1] + bytes([lines[line].value[-1] ^ 1])
        lines[line] = note.Signature(lines[line].name, lines[line].key_id, value)
        changed.append(
            {**question, "Note": note.Note(good["Text"], tuple(lines)).format().decode()}
        )
    assert len(changed) > 50
    assert all(errors(answers(changed)))


def grown(lab: Lab) -> tuple[list[bytes], list[Checkpoint]]:
    """A log that was signed at each of SIZES: its entries and checkpoints."""
    lab.add_key("s")
    heads = []
    for size in SIZES:
        if heads:
            lab.grow("s", size - heads[-1].size)
        heads.append(lab.integrate())
    with lab.engine.connect() as connection:
        query = select(ledger_entry.c.body).order_by(ledger_entry.c.entry_index)
        return list(connection.scalars(query)), heads


def test_go_follows_our_proofs(sqlite_lab: Lab, answers: Answers) -> None:
    lab = sqlite_lab
    entries, heads = grown(lab)
    questions = []
    for head in heads:
        for index in {0, head.size // 2, head.size - 1}:
            path = log.prove(lab.tiles, index, head.size)
            questions.append(
                {
                    "Do": "inclusion",
                    "Proof": path,
                    "Size": head.size,
                    "Root": head.root,
                    "Index": index,
                    "Value": entries[index],
                }
            )
        for old in heads:
            if old.size < head.size:
                path = log.consistency(lab.tiles, old.size, head.size)
                questions.append(
                    {
                        "Do": "consistency",
                        "Proof": path,
                        "Size": head.size,
                        "Root": head.root,
                        "Old": old.size,
                        "OldRoot": old.root,
                    }
                )
    assert len(questions) > 60
    assert not any(errors(answers(questions)))
    wrong = [{**q, "Root": bytes(32)} for q in questions]
    wrong += [{**q, "Proof": [*q["Proof"], bytes(32)]} for q in questions]
    wrong += [{**q, "Proof": q["Proof"][1:]} for q in questions if q["Proof"]]
    wrong += [{**q, "Value": b"another"} for q in questions if "Value" in q]
    wrong += [{**q, "OldRoot": bytes(32)} for q in questions if "OldRoot" in q]
    assert all(errors(answers(wrong)))


def test_go_proves_from_our_tiles(sqlite_lab: Lab, answers: Answers) -> None:
    """Paths as published, hashes as published: a client of Go's reads the log as it is."""
    lab = sqlite_lab
    entries, heads = grown(lab)
    questions = [
        {
            "Do": "tiles",
            "Folder": str(lab.tiles.folder),
            "Size": head.size,
            "Root": head.root,
            "Index": index,
            "Value": entries[index],
            "Old": old.size,
            "OldRoot": old.root,
        }
        for head in heads
        for old in heads[: heads.index(head) + 1]
        for index in {0, head.size // 3, head.size - 1}
    ]
    assert not any(errors(answers(questions)))
    tile = lab.tiles.folder / "tile" / "0" / "000"
    data = bytearray(tile.read_bytes())
    data[32] ^= 1  # leaf 1 is the first hash of every path from entry 0
    tile.write_bytes(data)
    last = [q for q in questions if q["Size"] == heads[-1].size and q["Index"] == 0]
    assert all(errors(answers(last)))


def test_go_verifies_a_whole_proof(sqlite_lab: Lab, answers: Answers) -> None:
    lab = sqlite_lab
    entries, heads = grown(lab)
    with lab.engine.connect() as connection:
        found = log.prove_entry(connection, lab.tiles, origin=lab.origin, index=256)
    parsed = proof.parse(found.format())
    opened, included = answers(
        [
            {"Do": "note", "Note": parsed.checkpoint.decode(), "Keys": [lab.vkey]},
            {
                "Do": "inclusion",
                "Proof": list(parsed.path),
                "Size": heads[-1].size,
                "Root": heads[-1].root,
                "Index": parsed.index,
                "Value": entries[256],
            },
        ]
    )
    assert (opened["Error"], included["Error"]) == ("", "")
    assert opened["Text"] == heads[-1].format()


def test_signatures_are_judged_as_go_judges_them(answers: Answers) -> None:
    """All 914 edge cases of CCTV: what we verify with gives the same answer as Go's library."""
    vectors = outside.load("ledger/cctv-ed25519/ed25519/ed25519vectors.json")
    questions, ours = [], []
    for vector in vectors:
        key, value = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"])
        message = vector["msg"].encode()
        questions.append({"Do": "ed25519", "Key": key, "Message": message, "Value": value})
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(value, message)
            ours.append(True)
        except (InvalidSignature, ValueError):
            ours.append(False)
    theirs = [not error for error in errors(answers(questions))]
    assert len(ours) == 914
    assert 0 < sum(ours) < 914
    assert ours == theirs
