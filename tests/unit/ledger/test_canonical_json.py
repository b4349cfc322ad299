"""Canonical JSON against the vectors of RFC 8785's author, as far as the ledger's rule reaches.

The ledger's JSON has ASCII member names and whole numbers. What these vectors hold beyond that is
refused or never made; inside it, the bytes must be theirs, in the library and in the one file.
"""

from __future__ import annotations

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
