"""The demonstration's log, read over HTTP and accepted by two verifiers nobody here wrote."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import urllib.request
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore.errors import VerificationError
from tlog_scales.backend import HttpBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey

from tests.service import Service


@pytest.fixture(scope="module")
def reader(demo_url: str) -> TilesReader:
    return TilesReader(HttpBackend(f"{demo_url}/log"))


@pytest.fixture(scope="module")
def vkey(demo_url: str) -> str:
    with urllib.request.urlopen(f"{demo_url}/log/keys") as answer:
        keys: dict[str, str] = json.load(answer)
    return keys["log"]


def test_tlog_scales_accepts_checkpoint_and_tree(reader: TilesReader, vkey: str) -> None:
    head = reader.get_checkpoint()
    head.verify(Vkey.from_string(vkey))
    assert head.size >= 60
    assert reader.calculate_root_hash() == head.root_hash


def test_sigstore_accepts_every_entry_and_no_changed_one(reader: TilesReader) -> None:
    head = reader.get_checkpoint()
    for index in range(head.size):
        body = reader.get_entry(index)
        proof = SimpleNamespace(
            log_index=index,
            tree_size=head.size,
            root_hash=head.root_hash,
            hashes=reader.get_inclusion_proof(index, head.size).node_hashes,
        )
        verify_merkle_inclusion(_entry(proof, body))
        with pytest.raises(VerificationError):
            verify_merkle_inclusion(_entry(proof, bytes([body[0] ^ 1]) + body[1:]))


def _entry(proof: SimpleNamespace, body: bytes) -> SimpleNamespace:
    inner = SimpleNamespace(inclusion_proof=proof, canonicalized_body=body)
    return SimpleNamespace(_inner=inner)


def test_the_chain_of_entries_is_unbroken(reader: TilesReader) -> None:

    entries = [reader.get_entry(index) for index in range(reader.get_checkpoint().size)]
    for before, after in pairwise(entries):
        assert json.loads(after)["prev"] == hashlib.sha256(before).hexdigest()


def test_a_downloaded_bundle_verifies_without_the_service(
    demo_url: str, vkey: str, tmp_path: Path, service: Service
) -> None:
    with urllib.request.urlopen(f"{demo_url}/demo/pictures/ITEM_MATCHES.jpg") as answer:
        photo = answer.read()
    boundary = "----nguon"
    body = (
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode()
        + photo
        + f"\r\n--{boundary}--\r\n".encode()
    )
    request = urllib.request.Request(
        f"{demo_url}/scan",
        data=body,
        headers={
            "Accept": "application/json",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        },
    )
    with urllib.request.urlopen(request) as answer:
        report = json.load(answer)
    with urllib.request.urlopen(demo_url + report["proof"]["bundle_url"]) as answer:
        bundle = answer.read()
    path = tmp_path / "bundle.json"
    path.write_bytes(bundle)
    assert _verify(path, vkey) == 0
    # Signature lines of keys that are not given are nobody's to judge: all but the log's first.
    others = range(
        bundle.index("\\n—".encode(), bundle.index("—".encode())), bundle.index(b'","type"')
    )
    for at in set(range(10, len(bundle), len(bundle) // 25)).difference(others):
        changed = bytearray(bundle)
        changed[at] ^= 1
        path.write_bytes(changed)
        assert _verify(path, vkey) == 1, at


def _verify(path: Path, vkey: str) -> int:
    command = [sys.executable, "-m", "ledger", "verify", str(path), "--key", vkey]
    return subprocess.run(command, check=False, capture_output=True).returncode


def test_the_audit_of_the_running_service_finds_nothing(service: Service, vkey: str) -> None:
    command = [
        *(sys.executable, "-m", "ledger", "audit", "--database", service.database_url),
        *("--key", vkey, "--tiles", str(service.folder / "tiles")),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert base64.b64decode(vkey.split("+", 2)[2])[:1] == b"\x01"


def test_the_running_log_is_audited_and_monitored_over_http(
    demo_url: str, vkey: str, tmp_path: Path
) -> None:
    address = f"{demo_url}/log"
    for name, more in (("audit", ()), ("audit", ()), ("monitor", ("--once",))):
        command = [
            *(sys.executable, "-m", "ledger", name, address, "--key", vkey),
            *("--state", str(tmp_path / f"{name}.json"), "--rate", "500", *more),
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
