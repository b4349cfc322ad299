"""Cosignatures of checkpoints: timestamped Ed25519 and ML-DSA-44 (C2SP tlog-cosignature).

A cosignature says: at this time, this was the largest tree of this log that I had seen, and it was
consistent with all I saw before. Type 0x04 signs the whole text of the checkpoint, type 0x06 signs
origin, size, root and the cosigner's own name. A log signs its own checkpoints with type 0x06 too.
"""

from __future__ import annotations

import struct
from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
)

from ledger import checkpoint, note
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.codec import MAX_SIZE
from ledger.curve import check_public_key
from ledger.errors import FormatError, SignatureError
from ledger.note import KeyText, Note, Signature, VerifierKey

ED25519_COSIGNATURE = b"\x04"
MLDSA_COSIGNATURE = b"\x06"
MLDSA_KEY_BYTES = 1312

_TIME = struct.Struct(">Q")
_LABEL = b"subtree/v1\n\x00"
_LONGEST_NAME = 255


def timestamp(at: datetime) -> int:
    """POSIX seconds as they are signed; before 1970 zero, which says nothing about the time."""
    if at.tzinfo is None:
        raise FormatError("a time needs a time zone")
    return max(0, int(at.timestamp()))


def _opaque(name: str) -> bytes:
    data = name.encode()
    if not 1 <= len(data) <= _LONGEST_NAME:
        raise FormatError(f"a name of 1 to {_LONGEST_NAME} bytes is expected: {name[:80]!r}")
    return bytes([len(data)]) + data


def check_names(cosigner: str, origin: str) -> None:
    """Raise FormatError unless type 0x06 can sign in this name for a log of this origin."""
    _opaque(cosigner)
    _opaque(origin)


def ed25519_message(text: str, at: int) -> bytes:
    """What type 0x04 signs: header and time, then the checkpoint's text."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def mldsa_message(cosigner: str, at: int, head: Checkpoint) -> bytes:
    """What type 0x06 signs: ``cosigned_message`` of the tree from leaf 0 to the head's size."""
    span = struct.pack(">QQ", 0, head.size)
    return b"".join(
        [_LABEL, _opaque(cosigner), _TIME.pack(at), _opaque(head.origin), span, head.root]
    )


class CosignatureKey(VerifierKey):
    """A key whose signatures on checkpoints carry a time."""

    def times(self, signed: Note) -> list[int]:
        """Times in POSIX seconds of this key's cosignatures; raises unless they all hold."""
        self.verify(signed)
        return [_TIME.unpack(found.value[:8])[0] for found in self.signatures(signed)]

    def _verify_value(self, text: str, value: bytes) -> None:
        try:
            head = checkpoint.parse(text)
        except FormatError as error:
            raise SignatureError("a cosignature holds for a checkpoint only") from error
        if len(value) <= 8 or (at := _TIME.unpack(value[:8])[0]) > MAX_SIZE:
            raise SignatureError(f"the cosignature of {self.name} carries no proper time")
        self._verify_at(text, head, at, value[8:])

    @abstractmethod
    def _verify_at(self, text: str, head: Checkpoint, at: int, signature: bytes) -> None:
        """Raise InvalidSignature unless this key signed the checkpoint at that time."""


@dataclass(frozen=True)
class Ed25519Verifier(CosignatureKey):
    """Name and Ed25519 key of a cosigner (type 0x04)."""

    kind = ED25519_COSIGNATURE

    def _check_key(self) -> None:
        check_public_key(self.public_key)

    def _verify_at(self, text: str, head: Checkpoint, at: int, signature: bytes) -> None:
        key = Ed25519PublicKey.from_public_bytes(self.public_key)
        key.verify(signature, ed25519_message(text, at))


@dataclass(frozen=True)
class MlDsaVerifier(CosignatureKey):
    """Name and ML-DSA-44 key of a cosigner, or of a log (type 0x06)."""

    kind = MLDSA_COSIGNATURE

    def _check_key(self) -> None:
        if len(self.public_key) != MLDSA_KEY_BYTES:
            raise FormatError(f"an ML-DSA-44 public key has {MLDSA_KEY_BYTES} bytes")
        _opaque(self.name)

    def _verify_at(self, text: str, head: Checkpoint, at: int, signature: bytes) -> None:
        try:
            message = mldsa_message(self.name, at, head)
        except FormatError as error:
            raise SignatureError(str(error)) from error
        MLDSA44PublicKey.from_public_bytes(self.public_key).verify(signature, message)


def _line(key: VerifierKey, at: int, signature: bytes) -> Signature:
    return Signature(key.name, key.key_id, _TIME.pack(at) + signature)


@dataclass(frozen=True)
class Ed25519Signer:
    """Name and Ed25519 private key of a cosigner (type 0x04)."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> Ed25519Signer:
        """A new key."""
        return cls(name, Ed25519PrivateKey.generate())

    @property
    def verifier(self) -> Ed25519Verifier:
        """The public side."""
        return Ed25519Verifier(self.name, self.private_key.public_key().public_bytes_raw())

    def cosign(self, text: str, at: datetime) -> Signature:
        """Cosignature of the checkpoint with this text."""
        checkpoint.parse(text)
        seconds = timestamp(at)
        signature = self.private_key.sign(ed25519_message(text, seconds))
        return _line(self.verifier, seconds, signature)

    def format(self) -> str:
        """The skey string: a secret."""
        return note.format_skey(self.verifier, self.private_key.private_bytes_raw())


@dataclass(frozen=True)
class MlDsaSigner:
    """Name and ML-DSA-44 private key (its seed of 32 bytes) of a cosigner or a log (type 0x06)."""

    name: str
    private_key: MLDSA44PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> MlDsaSigner:
        """A new key."""
        return cls(name, MLDSA44PrivateKey.generate())

    @property
    def verifier(self) -> MlDsaVerifier:
        """The public side."""
        return MlDsaVerifier(self.name, self.private_key.public_key().public_bytes_raw())

    def cosign(self, text: str, at: datetime) -> Signature:
        """Cosignature of the checkpoint with this text."""
        seconds = timestamp(at)
        message = mldsa_message(self.name, seconds, checkpoint.parse(text))
        return _line(self.verifier, seconds, self.private_key.sign(message))

    def format(self) -> str:
        """The skey string: a secret."""
        return note.format_skey(self.verifier, self.private_key.private_bytes_raw())


Cosigner = Ed25519Signer | MlDsaSigner

_VERIFIERS: dict[bytes, type[VerifierKey]] = {
    kind.kind: kind for kind in (note.Verifier, Ed25519Verifier, MlDsaVerifier)
}


def parse_verifier(vkey: str) -> VerifierKey:
    """Verifier of a vkey string, by its signature type: 0x01, 0x04 or 0x06; others are refused."""
    text = note.parse_key_text(vkey)
    if text.kind not in _VERIFIERS:
        raise FormatError(f"signature type 0x{text.kind.hex()} is not supported")
    return _VERIFIERS[text.kind].of(text)


def parse_signer(skey: str) -> note.Signer | Cosigner:
    """Signer of an skey string, by its signature type: 0x01, 0x04 or 0x06; others are refused."""
    text = note.parse_skey_text(skey)
    if text.kind == note.ED25519:
        return note.Signer.of(text)
    if text.kind not in _VERIFIERS:
        raise FormatError(f"signature type 0x{text.kind.hex()} is not supported")
    return _cosigner(text)


def _cosigner(text: KeyText) -> Cosigner:
    if len(text.material) != 32:
        raise FormatError("a private key has 32 bytes")
    signer: Cosigner
    if text.kind == ED25519_COSIGNATURE:
        signer = Ed25519Signer(text.name, Ed25519PrivateKey.from_private_bytes(text.material))
    else:
        signer = MlDsaSigner(text.name, MLDSA44PrivateKey.from_seed_bytes(text.material))
    if signer.verifier.key_id != text.key_id:
        raise FormatError("the key identifier does not belong to name and key")
    return signer


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def parse_log_signer(text: str) -> LogSigner:
    """Keys of a log from its key file: Ed25519, then perhaps ML-DSA-44, a line each.

    The last newline may be missing, as settings lose it.
    """
    first, *more = [parse_signer(line) for line in _lines(text)]
    if not isinstance(first, note.Signer) or len(more) > 1:
        raise FormatError("a log's key file holds one Ed25519 key, then at most one ML-DSA-44 key")
    if not more:
        return LogSigner(first)
    if not isinstance(more[0], MlDsaSigner):
        raise FormatError("the second key of a log is an ML-DSA-44 key (type 0x06)")
    return LogSigner(first, more[0])


def parse_cosigners(text: str) -> tuple[Cosigner, ...]:
    """Keys of a witness from its key file: cosigner keys of one name, a line each."""
    keys = [parse_signer(line) for line in _lines(text)]
    cosigners = tuple(key for key in keys if not isinstance(key, note.Signer))
    if len(cosigners) != len(keys):
        raise FormatError("the keys of a witness are of type 0x04 or 0x06")
    if len({key.name for key in cosigners}) != 1 or len({type(k) for k in cosigners}) != len(keys):
        raise FormatError("a witness has one name and at most one key of each type")
    return cosigners


def generate_log_signer(name: str) -> LogSigner:
    """New keys of both types for a log."""
    return LogSigner(note.Signer.generate(name), MlDsaSigner.generate(name))
