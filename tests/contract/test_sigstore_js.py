"""@sigstore/verify (npm) judges our checkpoints and inclusion proofs.

Its entry points for a whole sigstore bundle want certificates that a log of ours does not have; the
two functions behind them, for a checkpoint and for a proof under it, are used as they are.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger import checkpoint, log
from ledger.checkpoint import LogSigner
from tests.cosigned import make
from tests.ledger_lab import NOW, Lab

HERE = Path(__file__).parent / "sigstore_js"
pytestmark = pytest.mark.enable_socket

Case = dict[str, Any]


@pytest.fixture(scope="module")
def installed(request: pytest.FixtureRequest) -> Path:
    """The pinned packages, in a folder that outlives the run."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    cache = request.config.cache
    if cache is None:
        pytest.skip("no cache folder to install into")
    folder: Path = cache.mkdir("sigstore_js")
    manifest = (HERE / "package.json").read_bytes()
    if not (folder / "package.json").is_file() or (
        (folder / "package.json").read_bytes() != manifest or not (folder / "node_modules").is_dir()
    ):
        (folder / "package.json").write_bytes(manifest)
        flags = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(
            ["npm", "install", *flags], cwd=folder, check=False, capture_output=True, timeout=120
        )
        if done.returncode:
            pytest.skip(f"npm cannot install the verifier here: {done.stderr.decode()[-200:]}")
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return make(tmp_path_factory.mktemp("sigstore")).lab


def case(lab: Lab, index: int) -> Case:
    with lab.engine.connect() as connection:
        entry = log.entry_at(connection, lab.origin, index)
        proof = log.prove_entry(connection, lab.tiles, origin=lab.origin, index=index)
    public = lab.signer.private_key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "checkpoint": proof.checkpoint.decode(),
        "entry": base64.b64encode(entry).decode(),
        "index": index,
        "keyId": lab.signer.verifier.key_id.hex(),
        "origin": lab.origin,
        "path": [base64.b64encode(value).decode() for value in proof.path],
        "publicKey": pem.decode(),
    }


def judge(installed: Path, cases: list[Case]) -> list[str]:
    done = subprocess.run(
        ["node", HERE / "check.js", installed],
        input=json.dumps(cases).encode(),
        check=True,
        capture_output=True,
        timeout=60,
    )
    answers: list[str] = json.loads(done.stdout)
    return answers


def test_it_accepts_every_entry(lab: Lab, installed: Path) -> None:
    answers = judge(installed, [case(lab, index) for index in range(0, 300, 7)])
    assert set(answers) == {"accepted"}


def test_it_accepts_a_checkpoint_with_further_signatures(lab: Lab, installed: Path) -> None:
    """ML-DSA-44 of the log beside Ed25519: who does not know it is not disturbed."""
    folder = lab.tiles.folder.parent / "more"
    folder.mkdir()
    world = make(folder)
    one = case(world.lab, 5)
    head = checkpoint.parse_signed(one["checkpoint"].encode(), None)
    signed = LogSigner(world.lab.signer, world.mldsa).sign(head, NOW)
    assert signed.count("—".encode()) == 2
    assert judge(installed, [one | {"checkpoint": signed.decode()}]) == ["accepted"]


def test_it_refuses_what_was_changed(lab: Lab, installed: Path) -> None:
    good, other = case(lab, 9), case(lab, 10)
    text = good["checkpoint"]
    wrong = [
        good | {"entry": other["entry"]},
        good | {"index": 10},
        good | {"path": good["path"][:-1]},
        good | {"path": [good["path"][1], good["path"][0], *good["path"][2:]]},
        good | {"checkpoint": text.replace("\n300\n", "\n301\n")},
        good | {"checkpoint": text.replace(lab.origin, "log.example/other", 1)},
        good | {"checkpoint": text[:-10] + ("A" if text[-10] != "A" else "B") + text[-9:]},
        good | {"keyId": "00000000"},
    ]
    assert judge(installed, [good, *wrong])[0] == "accepted"
    assert "accepted" not in judge(installed, wrong)
