import pytest

from ledger.curve import check_public_key
from ledger.errors import SignatureError, WeakKeyError
from ledger.keys import PublicKey
from tests import outside

CCTV = outside.load("ledger/cctv-ed25519/ed25519/ed25519vectors.json")
WYCHEPROOF = outside.load("ledger/wycheproof/testvectors_v1/ed25519_test.json")


def test_weak_keys_of_cctv_are_refused_and_sound_ones_taken() -> None:
    taken = 0
    for vector in CCTV:
        weak = {"low_order_A", "non_canonical_A", "low_order_component_A"} & {
            *(vector["flags"] or [])
        }
        key = bytes.fromhex(vector["key"])
        if weak:
            with pytest.raises(WeakKeyError):
                check_public_key(key)
        else:
            check_public_key(key)
            taken += 1
    assert 0 < taken < len(CCTV) == 914


def test_signatures_of_cctv_under_sound_keys_are_judged_as_by_most() -> None:
    """ref10, Go, OpenSSL: non-canonical R and a low-order residue are refused, the rest taken."""
    judged = 0
    for vector in CCTV:
        flags = {*(vector["flags"] or [])}
        if flags & {"low_order_A", "non_canonical_A", "low_order_component_A"}:
            continue
        key = PublicKey("Ed25519", bytes.fromhex(vector["key"]))
        arguments = (vector["msg"].encode(), bytes.fromhex(vector["sig"]))
        judged += 1
        if flags & {"non_canonical_R", "low_order_residue", "reencoded_k"}:
            with pytest.raises(SignatureError):
                key.verify(*arguments)
        else:
            key.verify(*arguments)
    assert judged > 20


def test_signatures_of_wycheproof() -> None:
    valid = invalid = 0
    for group in WYCHEPROOF["testGroups"]:
        key = PublicKey("Ed25519", bytes.fromhex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            if case["result"] == "valid":
                key.verify(message, signature)
                valid += 1
            else:
                with pytest.raises(SignatureError):
                    key.verify(message, signature)
                invalid += 1
    assert valid > 50 and invalid > 50


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33)])
def test_a_key_has_32_bytes(data: bytes) -> None:
    with pytest.raises(WeakKeyError, match="32 bytes"):
        check_public_key(data)


def test_bytes_off_the_curve_are_refused() -> None:
    # y = 2 has no x: RFC 8032, section 5.1.3, step 3.
    with pytest.raises(WeakKeyError, match="not a point"):
        check_public_key((2).to_bytes(32, "little"))
