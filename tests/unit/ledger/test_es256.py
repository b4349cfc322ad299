"""ES256: keys and signatures as nobody here wrote them, and every other form refused."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import FormatError, SignatureError, WeakKeyError
from ledger.keys import ES256, PrivateKey, PublicKey, key_id
from tests import outside

P1363 = outside.load("ledger/wycheproof/testvectors_v1/ecdsa_secp256r1_sha256_p1363_test.json")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
KEY = PrivateKey.generate(ES256)


def test_signatures_of_wycheproof() -> None:
    judged = {"valid": 0, "invalid": 0}
    for group in P1363["testGroups"]:
        key = PublicKey(ES256, bytes.fromhex(group["publicKey"]["uncompressed"]))
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            judged[case["result"]] += 1
            if case["result"] == "valid":
                key.verify(message, signature)
            else:
                with pytest.raises(SignatureError):
                    key.verify(message, signature)
    assert judged == {"valid": 173, "invalid": 89}


def test_key_identifiers_are_thumbprints_of_the_jwk() -> None:
    """RFC 7638, section 3: the hash of the required members, sorted, without white space."""
    keys = [g for g in P1363["testGroups"] if "publicKeyJwk" in g]
    assert len(keys) > 1
    for group in keys:
        jwk: dict[str, Any] = {n: group["publicKeyJwk"][n] for n in ("crv", "kty", "x", "y")}
        digest = hashlib.sha256(json.dumps(jwk, separators=(",", ":")).encode()).digest()
        expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        assert key_id(ES256, bytes.fromhex(group["publicKey"]["uncompressed"])) == expected


@given(st.binary(max_size=200))
def test_a_signature_holds_for_its_message_only(message: bytes) -> None:
    signature = KEY.sign(message)
    assert len(signature) == 64
    KEY.public.verify(message, signature)
    for other in (message + b"x", b"x" + message):
        with pytest.raises(SignatureError):
            KEY.public.verify(other, signature)


@given(st.binary(max_size=50), st.integers(0, 511))
def test_one_flipped_bit_breaks_a_signature(message: bytes, bit: int) -> None:
    flipped = int.from_bytes(KEY.sign(message), "big") ^ 1 << bit
    with pytest.raises(SignatureError):
        KEY.public.verify(message, flipped.to_bytes(64, "big"))


def test_signatures_verify_elsewhere() -> None:
    signature = KEY.sign(b"message")
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), KEY.public.data)
    key.verify(encode_dss_signature(r, s), b"message", ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("length", [0, 32, 63, 65, 72])
def test_signatures_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(SignatureError):
        KEY.public.verify(b"", (KEY.sign(b"") * 2)[:length])


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    signature, bad = KEY.sign(b""), number.to_bytes(32, "big")
    for forged in (bad + signature[32:], signature[:32] + bad):
        with pytest.raises(SignatureError):
            KEY.public.verify(b"", forged)


def test_keys_off_the_curve_or_in_another_form_are_refused() -> None:
    point = KEY.public.data
    x, y = point[1:33], int.from_bytes(point[33:], "big")
    compressed = bytes([2 + y % 2]) + x
    hybrid = bytes([6 + y % 2]) + point[1:]
    off = point[:-1] + bytes([point[-1] ^ 1])
    beyond = b"\4" + (2**256 - 1).to_bytes(32, "big") + point[33:]
    for data in (b"", b"\0", compressed, hybrid, off, beyond, b"\4" + bytes(64), point + b"\0"):
        with pytest.raises(WeakKeyError):
            PublicKey(ES256, data)
    other = ec.generate_private_key(ec.SECP256K1())
    with pytest.raises(FormatError, match="P-256"):
        PrivateKey(other)


def test_private_keys_return_and_do_not_show() -> None:
    assert PrivateKey.from_bytes(KEY.to_bytes(), ES256).kid == KEY.kid
    assert KEY.to_bytes().hex() not in repr(KEY)
    assert (KEY.alg, KEY.public.alg) == (ES256, ES256)
    for secret in (bytes(32), ORDER.to_bytes(32, "big"), b"\1" * 31):
        with pytest.raises(FormatError):
            PrivateKey.from_bytes(secret, ES256)
