"""Canonical JSON against the vectors of RFC 8785's author, as far as the ledger's rule reaches.

The ledger's JSON has ASCII member names and whole numbers. What these vectors hold beyond that is
refused or never made; inside it, the bytes must be theirs, in the library and in the one file.
"""

from __future__ import annotations

import hashlib
import json

import pytest
from cryptography.exceptions import InvalidSignature

from ledger import codec
from ledger.errors import FormatError, LedgerError
from ledger.keys import ED25519, ES256, PublicKey
from tests import one_file
from tests.outside import load, path

standalone = one_file.load()
CASES = ("arrays", "french", "structures", "unicode", "values", "weird")
INSIDE = {"french", "unicode"}
"""Cases whose member names are ASCII and whose numbers are whole."""


@pytest.mark.parametrize("name", CASES)
def test_the_published_form_is_reached_or_refused(name: str) -> None:
    folder = path("ledger/jcs/testdata")
    value = json.loads((folder / "input" / f"{name}.json").read_bytes())
    expected = (folder / "output" / f"{name}.json").read_bytes()
    assert expected == bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text())
    if name in INSIDE:
        assert codec.dump_json(value) == expected
        assert standalone.compact(value) == expected
        assert codec.load_json(expected) == value


def test_the_input_forms_are_refused() -> None:
    folder = path("ledger/jcs/testdata/input")
    for name in CASES:
        with pytest.raises(FormatError):
            codec.load_json((folder / f"{name}.json").read_bytes())


@pytest.mark.parametrize(
    "name, alg",
    [
        ("ecdsa_secp256r1_sha256_p1363_test", ES256),
        ("ed25519_test", ED25519),
    ],
)
def test_wycheproof_in_the_library_and_in_the_one_file(name: str, alg: str) -> None:
    """ES256 signatures in the form of RFC 7518 (P1363), and Ed25519: both verifiers agree."""
    seen = {"valid": 0, "invalid": 0}
    for group in load(f"ledger/wycheproof/testvectors_v1/{name}.json")["testGroups"]:
        key = group["publicKey"]
        data = bytes.fromhex(key["uncompressed"] if alg == ES256 else key["pk"])
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            outcomes = {_library(alg, data, message, signature)}
            outcomes.add(_apart(alg, data, message, signature))
            assert outcomes == {case["result"] == "valid"}, case["tcId"]
            seen[case["result"]] += 1
    assert min(seen.values()) > 30


def _library(alg: str, data: bytes, message: bytes, signature: bytes) -> bool:
    try:
        PublicKey(alg, data).verify(message, signature)
    except LedgerError:
        return False
    return True


def _apart(alg: str, data: bytes, message: bytes, signature: bytes) -> bool:
    try:
        standalone.check_signature(alg, data, signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def test_a_credential_of_w3c_is_made_canonical_hashed_and_verified() -> None:
    """eddsa-jcs-2022: SHA-256 over canonical JSON, then Ed25519 over both hashes."""
    folder = path("ledger/w3c-vc-di-eddsa/TestVectors/eddsa-jcs-2022")
    text = {name: (folder / f"{name}.txt").read_text() for name in W3C}
    for name in ("canonDocJCS", "proofCanonJCS"):
        data = text[name].encode()
        assert (
            codec.dump_json(codec.load_json(data)) == standalone.compact(json.loads(data)) == data
        )
    hashes = [hashlib.sha256(text[name].encode()) for name in ("proofCanonJCS", "canonDocJCS")]
    both = b"".join(one.digest() for one in hashes)
    assert both.hex() == text["combinedHashJCS"]
    # The public key of keyPair.json, z6MkrJVn…, without its multicodec prefix.
    key = base58(json.loads((folder.parent / "keyPair.json").read_text())["publicKeyMultibase"])
    PublicKey(ED25519, key[2:]).verify(both, bytes.fromhex(text["sigHexJCS"]))


W3C = ("canonDocJCS", "proofCanonJCS", "combinedHashJCS", "sigHexJCS")


def base58(multibase: str) -> bytes:
    """Base 58 with the letter z before it, of a number that fits 34 bytes."""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number = 0
    for letter in multibase.removeprefix("z"):
        number = number * 58 + alphabet.index(letter)
    return number.to_bytes(34, "big")
