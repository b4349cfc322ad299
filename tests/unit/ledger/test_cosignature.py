import base64
import hashlib
import json
import struct
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger import checkpoint, cosignature, note
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.cosignature import (
    CosignatureKey,
    Cosigner,
    Ed25519Signer,
    MlDsaSigner,
    parse_cosigners,
    parse_log_signer,
    parse_signer,
    parse_verifier,
)
from ledger.errors import FormatError, SignatureError
from ledger.note import Note, Signature, Signer
from tests import outside
from tests.ledger_lab import NOW, seed

HEAD = Checkpoint("log.example/nguon", 123, seed("root"))
TEXT = HEAD.format()
ED = Ed25519Signer("w.example/1", Ed25519PrivateKey.from_private_bytes(seed("w")))
ML = MlDsaSigner("w.example/1", MLDSA44PrivateKey.from_seed_bytes(seed("w")))
LOG = LogSigner(
    Signer("log.example/nguon", Ed25519PrivateKey.from_private_bytes(seed("log"))),
    MlDsaSigner("log.example/nguon", MLDSA44PrivateKey.from_seed_bytes(seed("log"))),
)
COSIGNERS = pytest.mark.parametrize("signer", [ED, ML], ids=["Ed25519", "ML-DSA-44"])
SECONDS = int(NOW.timestamp())

# Public keys of witnesses in operation, by witness-network.org.
REAL_WITNESSES = [
    "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    "staging.witness.transparency.goog/ring-any-bells+2e1a8dc9"
    "+BG5JTpLc3FJtwzgh1Uv+Qelz9qeOH2bfWjS1s0s+y4rL",
]
REAL_LOG = "log2025-alpha3.rekor.sigstage.dev+d3d3a70c+AZQ93VXPMmj9uZj7U/7CefQ9yy8RgYFv6mKzOseipjqp"


def key(vkey: str) -> CosignatureKey:
    found = parse_verifier(vkey)
    assert isinstance(found, CosignatureKey)
    return found


def real_checkpoint() -> bytes:
    folder = "ledger/sigstore-bundles/test/assets/bundle-verify/rekor2-dsse-happy-path"
    bundle = json.loads(outside.path(f"{folder}/bundle.sigstore.json").read_text())
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    envelope: str = entry["inclusionProof"]["checkpoint"]["envelope"]
    return envelope.encode()


@pytest.mark.parametrize("vkey", REAL_WITNESSES, ids=lambda v: v.split("+")[0])
def test_cosignatures_of_witnesses_in_operation(vkey: str) -> None:
    signed = note.parse(real_checkpoint())
    times = key(vkey).times(signed)
    assert [datetime.fromtimestamp(at, UTC).year for at in times] == [2026]
    other = Note(signed.text.replace("4026479", "4026480"), signed.signatures)
    with pytest.raises(SignatureError, match="does not hold"):
        key(vkey).verify(other)


def test_a_checkpoint_of_a_log_in_operation_with_its_witnesses() -> None:
    signed = note.parse(real_checkpoint())
    keys = [parse_verifier(vkey) for vkey in (REAL_LOG, *REAL_WITNESSES)]
    stranger = ED.verifier
    assert note.verify_known(signed, [*keys, stranger]) == tuple(keys)


WYCHEPROOF = outside.load("ledger/wycheproof/testvectors_v1/mldsa_44_verify_test.json")


def test_mldsa_of_the_library_answers_as_wycheproof_says() -> None:
    """What type 0x06 stands on: FIPS 204 without context, as the cosignatures use it."""
    counts = {"valid": 0, "invalid": 0}
    for group in WYCHEPROOF["testGroups"]:
        for case in group["tests"]:
            if case.get("ctx"):
                continue
            counts[case["result"]] += 1
            holds = True
            try:
                public = MLDSA44PublicKey.from_public_bytes(bytes.fromhex(group["publicKey"]))
                public.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            except (InvalidSignature, ValueError):
                holds = False
            assert holds == (case["result"] == "valid"), case["tcId"]
    assert counts["valid"] > 50
    assert counts["invalid"] > 20


def test_what_ed25519_signs_is_what_the_specification_writes() -> None:
    line = ED.cosign(TEXT, NOW)
    stamp, signature = line.value[:8], line.value[8:]
    assert struct.unpack(">Q", stamp) == (SECONDS,)
    message = f"cosignature/v1\ntime {SECONDS}\n{TEXT}".encode()
    Ed25519PublicKey.from_public_bytes(ED.verifier.public_key).verify(signature, message)
    digest = hashlib.sha256(b"w.example/1\n\x04" + ED.verifier.public_key).digest()
    assert line.key_id == digest[:4]


def test_what_mldsa_signs_is_what_the_specification_writes() -> None:
    line = ML.cosign(TEXT, NOW)
    message = b"subtree/v1\n\0" + b"\x0bw.example/1" + struct.pack(">Q", SECONDS)
    message += b"\x11log.example/nguon" + struct.pack(">QQ", 0, 123) + seed("root")
    assert len(line.value) == 8 + 2420
    public = MLDSA44PublicKey.from_public_bytes(ML.verifier.public_key)
    public.verify(line.value[8:], message)
    digest = hashlib.sha256(b"w.example/1\n\x06" + ML.verifier.public_key).digest()
    assert line.key_id == digest[:4]


@COSIGNERS
def test_keys_return_and_hide(signer: Cosigner) -> None:
    assert parse_signer(signer.format()).verifier == signer.verifier
    assert parse_verifier(signer.verifier.format()) == signer.verifier
    assert signer.format()[-20:] not in repr(signer)


@COSIGNERS
def test_every_changed_line_of_the_checkpoint_is_noticed(signer: Cosigner) -> None:
    line = signer.cosign(TEXT, NOW)
    assert signer.verifier.times(Note(TEXT, (line,))) == [SECONDS]
    for other in (
        Checkpoint("log.example/nguom", 123, HEAD.root),
        Checkpoint(HEAD.origin, 124, HEAD.root),
        Checkpoint(HEAD.origin, 123, seed("other root")),
    ):
        with pytest.raises(SignatureError, match="does not hold"):
            signer.verifier.verify(Note(other.format(), (line,)))


def test_only_ed25519_covers_extension_lines() -> None:
    extended = f"{TEXT}more\n"
    with pytest.raises(SignatureError):
        ED.verifier.verify(Note(extended, (ED.cosign(TEXT, NOW),)))
    ML.verifier.verify(Note(extended, (ML.cosign(TEXT, NOW),)))


@COSIGNERS
def test_every_flipped_byte_of_the_signature_line_is_noticed(signer: Cosigner) -> None:
    line = signer.cosign(TEXT, NOW)
    for at in (*range(12), len(line.value) // 2, len(line.value) - 1):
        value = bytearray(line.value)
        value[at] ^= 1
        with pytest.raises(SignatureError):
            signer.verifier.verify(Note(TEXT, (Signature(line.name, line.key_id, bytes(value)),)))


@COSIGNERS
@pytest.mark.parametrize("value", [b"x", bytes(8), bytes(9), bytes(72), b"\xff" * 72, bytes(2428)])
def test_values_that_are_no_cosignature(signer: Cosigner, value: bytes) -> None:
    line = Signature(signer.name, signer.verifier.key_id, value)
    with pytest.raises(SignatureError):
        signer.verifier.verify(Note(TEXT, (line,)))


@COSIGNERS
def test_a_time_beyond_63_bits_is_refused_even_if_it_is_signed(signer: Cosigner) -> None:
    if isinstance(signer, Ed25519Signer):
        at = 2**63
        signature = signer.private_key.sign(cosignature.ed25519_message(TEXT, at))
    else:
        at = 2**63
        signature = signer.private_key.sign(cosignature.mldsa_message(signer.name, at, HEAD))
    line = Signature(signer.name, signer.verifier.key_id, struct.pack(">Q", at) + signature)
    with pytest.raises(SignatureError, match="no proper time"):
        signer.verifier.verify(Note(TEXT, (line,)))


@COSIGNERS
def test_a_note_that_is_no_checkpoint_is_not_cosigned(signer: Cosigner) -> None:
    with pytest.raises(FormatError):
        signer.cosign("just a text\n", NOW)
    with pytest.raises(SignatureError, match="checkpoint only"):
        signer.verifier.verify(Note("just a text\n", (signer.cosign(TEXT, NOW),)))


def test_mldsa_commits_to_the_name_of_its_key() -> None:
    other = MlDsaSigner("w.example/2", ML.private_key)
    line = ML.cosign(TEXT, NOW)
    moved = Signature(other.name, other.verifier.key_id, line.value)
    with pytest.raises(SignatureError, match="does not hold"):
        other.verifier.verify(Note(TEXT, (moved,)))


def test_names_longer_than_255_bytes_do_not_fit_mldsa() -> None:
    with pytest.raises(FormatError, match="255"):
        MlDsaSigner.generate("é" * 128).verifier.format()
    far = Checkpoint("o" * 256, 1, HEAD.root).format()
    with pytest.raises(FormatError, match="255"):
        ML.cosign(far, NOW)
    with pytest.raises(SignatureError, match="255"):
        ML.verifier.verify(Note(far, (ML.cosign(TEXT, NOW),)))


def test_a_clock_before_1970_signs_no_time() -> None:
    early = datetime(1960, 1, 1, tzinfo=UTC)
    signed = note.parse(LOG.sign(HEAD, early))
    assert LOG.mldsa is not None
    assert LOG.mldsa.verifier.times(signed) == [0]
    with pytest.raises(FormatError, match="time zone"):
        ED.cosign(TEXT, NOW.replace(tzinfo=None))


def test_a_log_signs_with_both_keys_under_its_own_name() -> None:
    signed = LOG.sign(HEAD, NOW)
    parsed = note.parse(signed)
    assert [len(line.value) for line in parsed.signatures] == [64, 2428]
    assert note.verify_known(parsed, LOG.verifiers) == LOG.verifiers
    for one in LOG.verifiers:
        assert checkpoint.verify(signed, one) == HEAD


def test_one_bad_signature_of_a_known_key_refuses_the_whole_note() -> None:
    good, pq = note.parse(LOG.sign(HEAD, NOW)).signatures
    bad = Signature(pq.name, pq.key_id, pq.value[:-1] + bytes([pq.value[-1] ^ 1]))
    with pytest.raises(SignatureError, match="does not hold"):
        note.verify_known(Note(TEXT, (good, bad)), LOG.verifiers)
    assert note.verify_known(Note(TEXT, (good, bad)), [LOG.verifier]) == (LOG.verifier,)
    with pytest.raises(SignatureError, match="known key"):
        note.verify_known(Note(TEXT, (good, pq)), [ED.verifier])


def test_sixteen_large_signatures_fit_into_a_note() -> None:
    signers = [MlDsaSigner.generate(f"w.example/{number}") for number in range(16)]
    at = [NOW + timedelta(seconds=number) for number in range(16)]
    lines = tuple(s.cosign(TEXT, t) for s, t in zip(signers, at, strict=True))
    parsed = note.parse(Note(TEXT, lines).format())
    keys = [signer.verifier for signer in signers]
    assert note.verify_known(parsed, keys) == tuple(keys)


def typed(kind: int, key: bytes, name: str = "n.example") -> str:
    data = bytes([kind]) + key
    digest = hashlib.sha256(f"{name}\n".encode() + data).hexdigest()[:8]
    return f"{name}+{digest}+{base64.b64encode(data).decode()}"


@pytest.mark.parametrize("kind", [0x00, 0x02, 0x03, 0x05, 0x07, 0xFA, 0xFF])
def test_other_types_of_keys_are_refused_by_name(kind: int) -> None:
    with pytest.raises(FormatError, match=f"0x{kind:02x} is not supported"):
        parse_verifier(typed(kind, ED.verifier.public_key))
    with pytest.raises(FormatError, match=f"0x{kind:02x} is not supported"):
        parse_signer(f"PRIVATE+KEY+{typed(kind, seed('x'))}")


@pytest.mark.parametrize(
    "vkey",
    [
        typed(0x04, bytes(31)),
        typed(0x04, bytes(32)),
        typed(0x04, b"\x01" + bytes(31)),
        typed(0x06, bytes(1311)),
        typed(0x06, bytes(1313)),
        typed(0x06, ED.verifier.public_key),
        ED.verifier.format().replace("+", "-"),
        ED.verifier.format() + "\n",
        " " + ED.verifier.format(),
        ML.verifier.format().replace("w.example/1", "w.example/2"),
    ],
)
def test_damaged_verifier_keys_are_refused(vkey: str) -> None:
    with pytest.raises(FormatError):
        parse_verifier(vkey)


@pytest.mark.parametrize("kind", [0x01, 0x04, 0x06])
@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_private_keys_of_other_lengths_are_refused(kind: int, size: int) -> None:
    with pytest.raises(FormatError):
        parse_signer(f"PRIVATE+KEY+{typed(kind, bytes(size))}")


def test_the_key_file_of_a_log() -> None:
    ed, ml = LOG.format().splitlines()
    assert parse_log_signer(LOG.format()).verifiers == LOG.verifiers
    assert parse_log_signer(LOG.format().rstrip()).verifiers == LOG.verifiers
    assert parse_log_signer(ed).verifiers == (LOG.verifier,)
    for wrong in (
        "",
        ml,
        f"{ml}\n{ed}",
        f"{ed}\n{ed}",
        f"{ed}\n{ml}\n{ml}",
        f"{ed}\n\n{ml}",
        f"{ed}\r\n{ml}",
        f"{ed}\n{ML.format()}",
        ED.format(),
    ):
        with pytest.raises(FormatError):
            parse_log_signer(wrong)


def test_the_key_file_of_a_witness() -> None:
    both = f"{ED.format()}\n{ML.format()}\n"
    assert [k.verifier for k in parse_cosigners(both)] == [ED.verifier, ML.verifier]
    assert [k.verifier for k in parse_cosigners(ML.format())] == [ML.verifier]
    other = MlDsaSigner.generate("w.example/2").format()
    for wrong in ("", LOG.format(), f"{ED.format()}\n{other}", f"{ED.format()}\n{ED.format()}"):
        with pytest.raises(FormatError):
            parse_cosigners(wrong)
