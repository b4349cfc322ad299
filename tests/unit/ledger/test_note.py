import base64
import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import checkpoint, note
from ledger.checkpoint import Checkpoint
from ledger.errors import FormatError, SignatureError
from ledger.note import Note, Signature, Signer, Verifier
from tests import outside
from tests.ledger_lab import seed

NOTES = outside.load("ledger/extracted/signed_notes.json")
TESSERA = outside.path("ledger/tessera-log/testdata/log")
EXAMPLE = NOTES[0]


@pytest.mark.parametrize("case", NOTES, ids=[case["name"] for case in NOTES])
def test_notes_signed_by_others(case: dict[str, str]) -> None:
    data = case["note"].encode()
    verifier = Verifier.parse(case["vkey"])
    assert verifier.format() == case["vkey"]
    parsed = note.parse(data)
    assert parsed.format() == data
    verifier.verify(parsed)


@pytest.mark.parametrize("size", range(16))
def test_checkpoints_of_a_real_log(size: int) -> None:
    verifier = Verifier.parse(next(c["vkey"] for c in NOTES if c["name"].startswith("tessera")))
    data = (TESSERA / f"checkpoint.{size}").read_bytes()
    assert checkpoint.verify(data, verifier).size == size


def test_checkpoint_whose_origin_is_not_the_key_name() -> None:
    case = next(c for c in NOTES if c["name"].startswith("sum.golang.org"))
    verifier, data = Verifier.parse(case["vkey"]), case["note"].encode()
    with pytest.raises(SignatureError, match="sum database tree"):
        checkpoint.verify(data, verifier)
    assert checkpoint.verify(data, verifier, "go.sum database tree").size > 0


@pytest.mark.parametrize("case", [EXAMPLE, NOTES[-1]], ids=["short", "checkpoint"])
def test_every_flipped_bit_is_refused(case: dict[str, str]) -> None:
    verifier, data = Verifier.parse(case["vkey"]), case["note"].encode()
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((FormatError, SignatureError)):
            verifier.verify(note.parse(bytes(flipped)))


def test_every_truncation_is_refused() -> None:
    data = EXAMPLE["note"].encode()
    for length in range(len(data)):
        with pytest.raises(FormatError):
            note.parse(data[:length])


LINE = EXAMPLE["note"].split("\n\n")[1]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "text\n",
        f"text\n{LINE}",
        f"text\n\n{LINE}\n",
        f"text\n\n{LINE.rstrip()}",
        f"text\n\n\u2014{LINE[1:].replace(' ', chr(0xA0))}",
        f"te\txt\n\n{LINE}",
        f"te\rxt\n\n{LINE}",
        f"te\x00xt\n\n{LINE}",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n\u2014  AAAAAAA=\n",
        "text\n\n\u2014 na+me AAAAAAA=\n",
        "text\n\n\u2014 na\u2003me AAAAAAA=\n",
        "text\n\n\u2014 name AAAAAAB=\n",
        "text\n\n\u2014 name AAAAAAA\n",
        "text\n\n\u2014 name AAAA\n",
        "text\n\n\u2014 name\n",
        "text\n\n" + "\u2014 name AAAAAAA=\n" * 65,
    ],
)
def test_other_forms_are_refused(data: str) -> None:
    with pytest.raises(FormatError):
        note.parse(data.encode())


@pytest.mark.parametrize("data", [b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n", b"a" * 1_000_001])
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        note.parse(data)


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029", "\x7f"])
def test_only_a_newline_ends_a_line(mark: str) -> None:
    signer = Signer.parse(_skey())
    signed = note.sign(f"one{mark}two\n", [signer])
    assert note.parse(signed.format()).text == f"one{mark}two\n"
    signer.verifier.verify(note.parse(signed.format()))


def _skey() -> str:
    private = seed("note")
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    key_id = hashlib.sha256(b"name\n\x01" + public).hexdigest()[:8]
    return f"PRIVATE+KEY+name+{key_id}+{base64.b64encode(bytes([1]) + private).decode()}"


def test_signer_keys_return() -> None:
    signer = Signer.parse(_skey())
    assert signer.format() == _skey()
    assert _skey()[-20:] not in repr(signer)


def test_new_keys_differ() -> None:
    assert Signer.generate("name").verifier != Signer.generate("name").verifier


@pytest.mark.parametrize(
    "change",
    [
        lambda k: k.replace("PRIVATE", "PUBLIC"),
        lambda k: k.replace("+name+", "+other+"),
        lambda k: k.replace("+A", "+B"),
        lambda k: k[:-4],
        lambda k: k + "AAAA",
    ],
)
def test_damaged_signer_keys_are_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(FormatError):
        Signer.parse(change(_skey()))


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fooo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_damaged_verifier_keys_are_refused(vkey: str) -> None:
    with pytest.raises(FormatError):
        Verifier.parse(vkey)


def test_unknown_signatures_are_ignored_and_known_ones_must_hold() -> None:
    verifier, parsed = Verifier.parse(EXAMPLE["vkey"]), note.parse(EXAMPLE["note"].encode())
    own = parsed.signatures[0]
    stranger = Signature(own.name, bytes(4), own.value)
    verifier.verify(Note(parsed.text, (stranger, own)))
    with pytest.raises(SignatureError, match="no signature"):
        verifier.verify(Note(parsed.text, (stranger,)))
    with pytest.raises(SignatureError, match="does not hold"):
        verifier.verify(Note(parsed.text, (own, Signature(own.name, own.key_id, bytes(64)))))


ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"o\n0\n{ROOT}",
        "o\n0\n",
        f"\n0\n{ROOT}\n",
        f"o\n00\n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n\u0663\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n0\n{ROOT[:-1]}\n",
        "o\n0\nAAAA\n",
        f"o\n0\n{ROOT}\n\n",
        f"o\r\n0\r\n{ROOT}\r\n",
        f"o\u20280\u2028{ROOT}\n",
        f"o\r\n0\n{ROOT}\n",
        f"o\t\n0\n{ROOT}\n",
        f"o\ud800\n0\n{ROOT}\n",
        f"o\n0\n{ROOT}\nmore\x00\n",
    ],
)
def test_other_forms_of_a_checkpoint_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        checkpoint.parse(text)


def test_extension_lines_are_kept() -> None:
    text = f"o\n7\n{ROOT}\nmore\n"
    parsed = checkpoint.parse(text)
    assert parsed == Checkpoint("o", 7, parsed.root, ("more",))
    assert parsed.format() == text
