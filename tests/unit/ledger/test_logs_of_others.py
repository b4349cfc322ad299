"""What logs, witnesses and signers of others have published: checkpoints, paths, keys."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ledger import checkpoint, merkle, note, receipt
from ledger.cosignature import MlDsaSigner, parse_signer, parse_verifier
from ledger.errors import FormatError, ProofError, SignatureError
from ledger.keys import ED25519, ES256, PublicKey
from ledger.note import KeyText, Verifier, VerifierKey
from tests import outside

SERVERLESS = outside.path("ledger/serverless-log/testdata/log")
# Its public key; that it is the right one, the 16 signatures show.
ASTRA = "astra+cad5a3d2+AZJqeuyE/GnknsCNh1eCtDtwdAwKBddOlS8M2eI1Jt4b"

SIGSTORE = outside.path("ledger/sigstore-bundles/test/assets/bundle-verify")
BUNDLES = sorted(SIGSTORE.glob("*/bundle.sigstore.json"))
# By the README beside each bundle; every other bundle fails or holds for reasons outside the log.
NO_PATH = {"incorrect-public-key_fail", "invalid-inclusion-proof_fail"}
NO_CHECKPOINT = {
    f"rekor2-checkpoint-missing-{what}_fail"
    for what in ("log-signature", "origin", "root-hash", "size")
}


@pytest.mark.parametrize("size", range(16))
def test_checkpoints_of_a_serverless_log_and_their_entries(size: int) -> None:
    data = (SERVERLESS / f"checkpoint.{size}").read_bytes()
    head = checkpoint.verify(data, Verifier.parse(ASTRA), "example.com/testdata")
    entries = [(SERVERLESS / f"seq/00/00/00/00/{n:02x}").read_bytes() for n in range(size)]
    assert (head.size, head.root) == (size, merkle.root([merkle.leaf_hash(e) for e in entries]))


def unbase64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def rekor_keys() -> list[VerifierKey]:
    """Ed25519 keys of the logs in the bundles' trusted roots."""
    found = set()
    for file in SIGSTORE.glob("*/trusted_root.json"):
        for log in json.loads(file.read_text())["tlogs"]:
            if log["publicKey"]["keyDetails"] == "PKIX_ED25519":
                key = load_der_public_key(unbase64(log["publicKey"]["rawBytes"]))
                name = log["baseUrl"].removeprefix("https://")
                made = Verifier(name, key.public_bytes_raw())  # type: ignore[union-attr]
                assert unbase64(log["logId"]["keyId"])[:4] == made.key_id
                found.add(made)
    return sorted(found, key=lambda key: key.name)


def logged(file: Path) -> list[dict[str, Any]]:
    try:
        entries = json.loads(file.read_text())["verificationMaterial"].get("tlogEntries", [])
    except ValueError:
        return []
    return [entry for entry in entries if entry.get("inclusionProof")]


@pytest.mark.parametrize("file", BUNDLES, ids=[file.parent.name for file in BUNDLES])
def test_paths_and_checkpoints_of_rekor(file: Path) -> None:
    name, keys = file.parent.name, rekor_keys()
    for entry in logged(file):
        proof = entry["inclusionProof"]
        size, root = int(proof["treeSize"]), unbase64(proof["rootHash"])
        leaf = merkle.leaf_hash(unbase64(entry["canonicalizedBody"]))
        path = [unbase64(one) for one in proof.get("hashes", [])]
        arguments = (leaf, int(proof.get("logIndex", 0)), size, path, root)
        if name in NO_PATH:
            with pytest.raises(ProofError):
                merkle.verify_inclusion(*arguments)
        else:
            merkle.verify_inclusion(*arguments)
        if "checkpoint" in proof:
            check_checkpoint(name, proof["checkpoint"]["envelope"].encode(), size, root, keys)


def check_checkpoint(
    name: str, data: bytes, size: int, root: bytes, keys: list[VerifierKey]
) -> None:
    if name in NO_CHECKPOINT:
        with pytest.raises(FormatError):
            checkpoint.parse_signed(data, None)
        return
    head = checkpoint.parse_signed(data, None)
    assert (head.size, head.root) == (size, root)
    if name == "rekor2-checkpoint-no-matching-signature_fail":
        with pytest.raises(SignatureError):
            note.verify_known(note.parse(data), keys)
    elif head.origin.startswith("log2025-"):
        # Lines of witnesses, and an ECDSA line under the log's own name, are passed over.
        (signed,) = note.verify_known(note.parse(data), keys)
        assert signed.name == head.origin


def test_keys_of_the_logs_that_a_witness_in_operation_follows() -> None:
    text = outside.path("ledger/witness/omniwitness/logs.yaml").read_text()
    taken = refused = 0
    for vkey in set(re.findall(r"PublicKey: (\S+)", text)):
        if vkey.split("+", 2)[2].startswith("AjB"):  # type 0x02, ECDSA
            with pytest.raises(FormatError, match="0x02"):
                parse_verifier(vkey)
            refused += 1
        else:
            assert parse_verifier(vkey).format() == vkey
            taken += 1
    assert taken > 3
    assert refused > 1


def test_mldsa_keys_from_their_seeds() -> None:
    """Wycheproof's seeds make its public keys; so does an skey of type 0x06, which is the seed."""
    vectors = outside.load("ledger/wycheproof/testvectors_v1/mldsa_44_sign_seed_test.json")
    made = 0
    for group in vectors["testGroups"]:
        seed = bytes.fromhex(group["privateSeed"])
        if len(seed) != 32:
            with pytest.raises(FormatError):
                parse_signer(f"PRIVATE+KEY+{KeyText('w', bytes(4), bytes([6]), seed).format()}")
            continue
        signer = MlDsaSigner("w.example/1", MLDSA44PrivateKey.from_seed_bytes(seed))
        assert signer.verifier.public_key.hex() == group["publicKey"]
        again = parse_signer(signer.format())
        assert again.verifier == signer.verifier
        for case in group["tests"]:
            if case["result"] == "valid" and case.get("msg") and not case.get("ctx"):
                public = signer.private_key.public_key()
                public.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
                made += 1
    assert made > 50


def test_es256_signatures_that_others_write_in_der() -> None:
    """Wycheproof's valid signatures in ASN.1, rewritten as r and s (RFC 7518, section 3.4)."""
    name = "ledger/wycheproof/testvectors_v1/ecdsa_secp256r1_sha256_test.json"
    judged = 0
    for group in outside.load(name)["testGroups"]:
        key = PublicKey(ES256, bytes.fromhex(group["publicKey"]["uncompressed"]))
        for case in group["tests"]:
            if case["result"] == "valid":
                numbers = decode_dss_signature(bytes.fromhex(case["sig"]))
                signature = b"".join(number.to_bytes(32, "big") for number in numbers)
                key.verify(bytes.fromhex(case["msg"]), signature)
                judged += 1
    assert judged > 100


def test_two_published_receipts_of_one_tree_agree() -> None:
    """The working group's inclusion and consistency receipts are both of a tree of five leaves."""
    folder = outside.path("ledger/cose-receipts/examples")
    included = receipt.parse((folder / "inclusion-receipt.cbor").read_bytes())
    data = (folder / "consistency-receipt.cbor").read_bytes()
    with pytest.raises(FormatError, match="inclusion proof"):
        receipt.parse(data)
    (proof,) = cbor2.loads(data).value[1][396][-2]
    old, new, path = cbor2.loads(proof)
    assert (old, new, included.index) == (3, 5, 3)
    # The consistency path holds the leaf whose inclusion the other receipt proves (RFC 9162,
    # section 2.1.5): PROOF(3, D[5]) is c, d, g, l, and PATH(3, D[5]) is c, g, l.
    third, fourth, pair, last = path
    assert included.path == (third, pair, last)
    root = merkle.inclusion_root(fourth, 3, new, included.path)
    merkle.verify_consistency(old, new, path, merkle.node_hash(pair, third), root)


COSE = outside.path("ledger/cose-examples")


def cose_key(key: dict[str, str]) -> PublicKey:
    if key["kty"] == "OKP":
        return PublicKey(ED25519, bytes.fromhex(key["x_hex"]))
    x, y = (base64.urlsafe_b64decode(key[name] + "=") for name in "xy")
    return PublicKey(ES256, b"\x04" + x + y)


@pytest.mark.parametrize(
    "name", ["eddsa-examples/eddsa-sig-01", "sign1-tests/sign-pass-02", "sign1-tests/sign-pass-03"]
)
def test_what_cose_signs_and_how(name: str) -> None:
    """The COSE working group's examples: Sig_structure (RFC 9052, section 4.4), EdDSA, ES256."""
    case = json.loads((COSE / f"{name}.json").read_text())
    given, signed = case["input"]["sign0"], bytes.fromhex(case["intermediates"]["ToBeSign_hex"])
    data = cbor2.loads(bytes.fromhex(case["output"]["cbor"]))
    protected, _, payload, signature = data.value if isinstance(data, cbor2.CBORTag) else data
    if "external" not in given:
        assert receipt.sig_structure(protected, payload) == signed
    cose_key(given["key"]).verify(signed, signature)
    with pytest.raises(SignatureError):
        cose_key(given["key"]).verify(signed + b"!", signature)


def test_what_is_cose_and_no_receipt_is_refused() -> None:
    """Signed examples with their payload inside, and statements of a ledger of another kind."""
    files = [*outside.path("ledger/scitt-ccf").rglob("*.cose")]
    signed = [file.read_bytes() for file in files]
    for file in COSE.rglob("*.json"):
        signed.append(bytes.fromhex(json.loads(file.read_text())["output"]["cbor"]))
    assert len(signed) > 25
    for data in signed:
        with pytest.raises(FormatError):
            receipt.parse(data)
