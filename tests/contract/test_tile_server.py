"""The log over HTTP, as a client reads it that knows only the C2SP texts and SHA-256."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient

from app.capture.jobs import worker
from app.runtime import Runtime
from ledger import note
from ledger.policy import Policy
from tests.conftest import RegisteredParty
from tests.maker import Maker


@pytest.fixture
def filled(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> FlaskClient:
    maker = Maker(client, rt, party)
    for _ in range(5):
        maker.product()
    worker(rt).drain()
    return client


def parse(note: bytes) -> tuple[str, int, bytes, str, bytes]:
    """Origin, size, root, the name and the bytes of the first signature of a signed note."""
    text, _, signatures = note.decode().partition("\n\n")
    origin, size, root = text.split("\n")
    dash, name, signature = signatures.split("\n")[0].split(" ")
    assert dash == "\N{EM DASH}"
    return origin, int(size), base64.b64decode(root), name, base64.b64decode(signature)


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = tree_hash(leaves[:split]), tree_hash(leaves[split:])
    return hashlib.sha256(b"\1" + left + right).digest()


def entries_of(data: bytes) -> list[bytes]:
    found = []
    while data:
        size = int.from_bytes(data[:2], "big")
        found.append(data[2 : 2 + size])
        data = data[2 + size :]
    return found


def test_a_stranger_recomputes_the_root(filled: FlaskClient, rt: Runtime) -> None:
    answer = filled.get("/log/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=5"
    origin, size, root, name, signature = parse(answer.data)
    assert origin == name == rt.settings.log_origin
    assert size >= 6
    bundle = filled.get(f"/log/tile/entries/000.p/{size}")
    assert bundle.content_type == "application/octet-stream"
    assert "immutable" in bundle.headers["Cache-Control"]
    entries = entries_of(bundle.data)
    assert tree_hash(entries) == root
    tile = filled.get(f"/log/tile/0/000.p/{size}").data
    assert tile == b"".join(hashlib.sha256(b"\0" + entry).digest() for entry in entries)
    vkey = filled.get("/log/keys").json["log"]
    public = base64.b64decode(vkey.split("+", 2)[2])
    assert public[0] == 1  # Ed25519
    text = answer.data[: answer.data.index(b"\n\n") + 1]
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], text)


def test_the_policy_names_both_keys_and_no_witness(filled: FlaskClient) -> None:
    answer = filled.get("/log/policy")
    assert answer.content_type == "text/plain; charset=utf-8"
    ed25519, mldsa, quorum = answer.text.splitlines()
    assert ed25519.split()[1] == filled.get("/log/keys").json["log"]
    assert base64.b64decode(mldsa.split()[1].split("+", 2)[2])[0] == 6
    assert quorum == "quorum none"
    Policy.parse(answer.data).check(note.parse(filled.get("/log/checkpoint").data))


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/0/000",
        "/log/tile/0/000.p/256",
        "/log/tile/0/000.p/0",
        "/log/tile/0/0",
        "/log/tile/00/000",
        "/log/tile/0/x000/000",
        "/log/tile/entries/001",
        "/log/tile/..%2f..%2fcheckpoint",
        "/log/tile/../../../etc/passwd",
        "/log/nonsense",
    ],
)
def test_what_is_not_there_is_not_found_and_not_kept(filled: FlaskClient, path: str) -> None:
    answer = filled.get(path)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_before_the_first_checkpoint_there_is_none(client: FlaskClient) -> None:
    assert client.get("/log/checkpoint").status_code == 404
    assert client.get("/log").status_code == 200


def test_any_site_may_read_the_log(filled: FlaskClient) -> None:
    answer = filled.get("/log/checkpoint")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_bundle_is_offered_as_a_file(filled: FlaskClient) -> None:
    answer = filled.get("/proof/1/0.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="nguon-proof-1-0.json"'
    assert json.loads(answer.data)["type"] == "ledger-bundle"
    assert filled.get("/proof/0/0.json").status_code == 404  # an entry about keys has no items
    assert filled.get("/proof/999/0.json").status_code == 404
