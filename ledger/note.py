"""Signed notes: text with signature lines (C2SP signed-note), Ed25519 keys only (type 0x01)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ledger.codec import format_base64, parse_base64
from ledger.curve import check_public_key
from ledger.errors import FormatError, SignatureError

ED25519 = b"\x01"
MAX_SIGNATURES = 64
MAX_BYTES = 1_000_000

_DASH = "\N{EM DASH} "
_SKEY_PREFIX = "PRIVATE+KEY+"


def _check_name(name: str) -> None:
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise FormatError(f"not a key name: {name[:80]!r}")


def _key_id(name: str, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


@dataclass(frozen=True)
class Signature:
    """One signature line: the key's name, its 4-byte identifier, the signature."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line without its newline."""
        return f"{_DASH}{self.name} {format_base64(self.key_id + self.value)}"


@dataclass(frozen=True)
class Note:
    """Text that ends in a newline, and its signatures. Not verified by itself."""

    text: str
    signatures: tuple[Signature, ...]

    def format(self) -> bytes:
        """The note as it is stored and sent."""
        lines = "".join(f"{signature.line}\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()


def _parse_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise FormatError("not a signature line")
    _check_name(name)
    data = parse_base64(encoded)
    if len(data) < 5:
        raise FormatError("a signature line needs a key identifier and a signature")
    return Signature(name, data[:4], data[4:])


def parse(data: bytes) -> Note:
    """Note of these bytes; ``parse(data).format() == data`` holds for all that is accepted."""
    if len(data) > MAX_BYTES:
        raise FormatError("the note is too long")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("a note is UTF-8 text") from error
    if any(c < " " and c != "\n" for c in whole):
        raise FormatError("a note has no control characters")
    # The last empty line separates; str.splitlines would also split at U+0085 and U+2028.
    text, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise FormatError("a note ends in an empty line and signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise FormatError("the note has too many signatures")
    note = Note(text + "\n", tuple(_parse_signature(line) for line in lines))
    if note.format() != data:
        raise FormatError("not the canonical form of a note")
    return note


@dataclass(frozen=True)
class Verifier:
    """Name and Ed25519 public key whose signature on a note is trusted."""

    name: str
    public_key: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        check_public_key(self.public_key)
        object.__setattr__(self, "key_id", _key_id(self.name, self.public_key))

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Verifier of a vkey string: name, key identifier and key joined by ``+``."""
        name, _, rest = vkey.partition("+")
        key_id, _, encoded = rest.partition("+")
        data = parse_base64(encoded)
        if data[:1] != ED25519:
            raise FormatError("only Ed25519 verifier keys are supported")
        verifier = cls(name, data[1:])
        if key_id != verifier.key_id.hex():
            raise FormatError("the key identifier does not belong to name and key")
        return verifier

    def format(self) -> str:
        """The vkey string."""
        key = format_base64(ED25519 + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{key}"

    def verify(self, note: Note) -> None:
        """Raise unless the note bears this key's signature and every such signature holds."""
        mine = [s for s in note.signatures if (s.name, s.key_id) == (self.name, self.key_id)]
        if not mine:
            raise SignatureError(f"no signature of {self.name}+{self.key_id.hex()}")
        public = Ed25519PublicKey.from_public_bytes(self.public_key)
        for signature in mine:
            try:
                public.verify(signature.value, note.text.encode())
            except InvalidSignature as error:
                raise SignatureError(f"the signature of {self.name} does not hold") from error


@dataclass(frozen=True)
class Signer:
    """Name and Ed25519 private key that signs notes; the key never shows in ``repr``."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> Signer:
        """A new key."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, skey: str) -> Signer:
        """Signer of an skey string: ``PRIVATE+KEY+``, name, key identifier, key."""
        if not skey.startswith(_SKEY_PREFIX):
            raise FormatError("not a signer key")
        name, _, rest = skey.removeprefix(_SKEY_PREFIX).partition("+")
        key_id, _, encoded = rest.partition("+")
        data = parse_base64(encoded)
        if data[:1] != ED25519 or len(data) != 33:
            raise FormatError("only Ed25519 signer keys are supported")
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(data[1:]))
        if key_id != signer.verifier.key_id.hex():
            raise FormatError("the key identifier does not belong to name and key")
        return signer

    def format(self) -> str:
        """The skey string: a secret."""
        key = format_base64(ED25519 + self.private_key.private_bytes_raw())
        return f"{_SKEY_PREFIX}{self.name}+{self.verifier.key_id.hex()}+{key}"

    @property
    def verifier(self) -> Verifier:
        """The public side."""
        return Verifier(self.name, self.private_key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Signature line over a note text, which must end in a newline."""
        verifier = self.verifier
        return Signature(verifier.name, verifier.key_id, self.private_key.sign(text.encode()))


def sign(text: str, signers: Iterable[Signer], existing: Sequence[Signature] = ()) -> Note:
    """A note over ``text``, signed by all signers, after the existing signatures."""
    note = Note(text, (*existing, *(signer.sign(text) for signer in signers)))
    parse(note.format())
    return note
