"""COSE receipts, judged by scitt-cose, and the published example read by us."""

from __future__ import annotations

import random
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger import bundle, log, receipt
from ledger.cli import main
from ledger.errors import FormatError, LedgerError, ProofError, SignatureError
from ledger.note import Signer
from tests.ledger_lab import Lab
from tests.outside import path as outside

scitt = pytest.importorskip("scitt_cose.receipt")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("receipt")
    lab = Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles").create()
    lab.add_key("s")
    lab.grow("s", 299)
    lab.integrate()
    return lab


def issued(lab: Lab, index: int) -> tuple[bytes, bytes]:
    """Entry and receipt."""
    with lab.engine.connect() as connection:
        entry = log.entry_at(connection, lab.origin, index)
        proof = log.prove_entry(connection, lab.tiles, origin=lab.origin, index=index)
    return entry, receipt.issue(entry, proof, lab.signer)


def public_pem(lab: Lab) -> bytes:
    key = lab.signer.private_key.public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("index", [0, 1, 255, 256, 298, 299])
def test_scitt_cose_accepts_our_receipts(lab: Lab, index: int) -> None:
    entry, data = issued(lab, index)
    result = scitt.verify_receipt(
        data, leaf_entry_hex=entry.hex(), log_public_key_pem=public_pem(lab)
    )
    assert result.ok, result.errors
    assert (result.tree_size, result.leaf_index) == (300, index)
    assert (result.issuer, result.subject) == (lab.origin, "s")
    assert receipt.verify(data, entry, lab.signer.verifier).index == index


def test_no_flipped_bit_is_accepted_by_either(lab: Lab) -> None:
    """But for sizes of trees in which the path is the same: the format does not sign them."""
    entry, data = issued(lab, 7)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        result = scitt.verify_receipt(
            bytes(changed), leaf_entry_hex=entry.hex(), log_public_key_pem=public_pem(lab)
        )
        try:
            found = receipt.verify(bytes(changed), entry, lab.signer.verifier)
        except LedgerError:
            assert not result.ok, at
        else:
            assert result.ok, at
            assert (found.index, found.size) == (7, 300 ^ 1 << at % 8)


def test_a_receipt_is_for_one_entry_and_one_log(lab: Lab) -> None:
    entry, data = issued(lab, 7)
    other, _ = issued(lab, 8)
    with pytest.raises(SignatureError):
        receipt.verify(data, other, lab.signer.verifier)
    with pytest.raises(SignatureError):
        receipt.verify(data, entry, Signer.generate(lab.origin).verifier)


def test_nothing_is_signed_that_no_checkpoint_covers(lab: Lab) -> None:
    with lab.engine.connect() as connection:
        proof = log.prove_entry(connection, lab.tiles, origin=lab.origin, index=7)
        other = log.entry_at(connection, lab.origin, 8)
    with pytest.raises(ProofError):
        receipt.issue(other, proof, lab.signer)
    with pytest.raises(SignatureError):
        receipt.issue(other, proof, Signer.generate(lab.origin))


def test_the_published_example_is_read(lab: Lab) -> None:
    """The working group's example: ES256, so its parts are read and its signature is not ours."""
    data = outside("ledger/cose-receipts/examples/inclusion-receipt.cbor").read_bytes()
    parsed = receipt.parse(data)
    assert (parsed.size, parsed.index, len(parsed.path)) == (5, 3, 3)
    assert parsed.path[0].hex().startswith("3d06455dd33da4e9bbd8090677a2d095")
    assert parsed.key_id == b"test-key-1"
    assert parsed.header[15] == {1: "https://transparency-service.example.com"}
    with pytest.raises(SignatureError):
        receipt.verify(data, b"", lab.signer.verifier)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: [body[0], body[1], b"", body[3]],
        lambda body: body[:3],
        lambda body: [body[0], {396: {-1: []}}, None, body[3]],
        lambda body: [body[0], {396: {-1: [*body[1][396][-1], *body[1][396][-1]]}}, None, body[3]],
        lambda body: [body[0], {396: {-2: body[1][396][-1]}}, None, body[3]],
        lambda body: [body[0], {396: {-1: [cbor2.dumps([300, 7])]}}, None, body[3]],
        lambda body: [body[0], {396: {-1: [cbor2.dumps([300, True, []])]}}, None, body[3]],
        lambda body: [body[0], {396: {-1: [cbor2.dumps([300, 7, [b"x"]])]}}, None, body[3]],
        lambda body: [cbor2.dumps({1: -8, 395: 2}), body[1], None, body[3]],
        lambda body: [cbor2.dumps({1: -8, 395: True}), body[1], None, body[3]],
        lambda body: [cbor2.dumps({1: -8, 395: 1.0}), body[1], None, body[3]],
        lambda body: [cbor2.dumps([]), body[1], None, body[3]],
        lambda body: ["", body[1], None, body[3]],
    ],
)
def test_other_shapes_are_refused(lab: Lab, change) -> None:  # type: ignore[no-untyped-def]
    _, data = issued(lab, 7)
    body = list(cbor2.loads(data).value)
    with pytest.raises(FormatError):
        receipt.parse(cbor2.dumps(cbor2.CBORTag(18, change(body))))
    with pytest.raises(FormatError):
        receipt.parse(cbor2.dumps(cbor2.CBORTag(17, body)))
    with pytest.raises(FormatError):
        receipt.parse(data + b"\x00")


def test_random_bytes_are_refused() -> None:
    rng = random.Random(5)
    for size in range(200):
        with pytest.raises(FormatError):
            receipt.parse(rng.randbytes(size))


def test_the_command_issues_and_checks(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, key, out = tmp_path / "bundle.json", tmp_path / "log.key", tmp_path / "r.cose"
    with lab.engine.connect() as connection:
        made = log.make_bundle(connection, lab.tiles, origin=lab.origin, index=9, position=0)
    file.write_bytes(bundle.dump(made))
    key.write_text(f"{lab.signer.format()}\n")
    assert main(["receipt", str(file), "--sign", str(key), "--out", str(out)]) == 0
    check = ["receipt", str(file), "--check", str(out), "--key"]
    assert main([*check, lab.vkey]) == 0
    assert "entry 9 of 300" in capsys.readouterr().out
    assert main([*check, Signer.generate(lab.origin).verifier.format()]) == 1
    assert main(["receipt", str(file), "--sign", str(key), "--out", str(out)]) == 1
    assert main(["receipt", str(file), "--sign", str(key)]) == 2
    assert main(["receipt", str(file), "--check", str(out)]) == 2
