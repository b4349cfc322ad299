"""Signed notes: text with signature lines (C2SP signed-note), and Ed25519 keys (type 0x01).

The key types of cosignatures, and the choice by type, are in :mod:`ledger.cosignature`.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self

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

_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_DASH = "\N{EM DASH} "
_SKEY_PREFIX = "PRIVATE+KEY+"


def check_name(name: str) -> None:
    """Raise unless keys, and with them a log, can have this name."""
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise FormatError(f"not a key name: {name[:80]!r}")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise FormatError("a key name is UTF-8 text") from error


def _key_id(name: str, kind: bytes, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public_key).digest()[:4]


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


def check_text(text: str) -> None:
    """Raise unless all characters of the text may stand in a note."""
    if _FORBIDDEN.search(text):
        raise FormatError("a note has no control characters and no lone surrogates")


def parse_signature(line: str) -> Signature:
    """Signature of a line without its newline."""
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise FormatError("not a signature line")
    check_name(name)
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
    check_text(whole)
    # The last empty line separates; str.splitlines would also split at U+0085 and U+2028.
    text, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise FormatError("a note ends in an empty line and signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise FormatError("the note has too many signatures")
    note = Note(text + "\n", tuple(parse_signature(line) for line in lines))
    if note.format() != data:
        raise FormatError("not the canonical form of a note")
    return note


class KeyText(NamedTuple):
    """What a vkey or skey string says: name, key identifier, signature type, key material."""

    name: str
    key_id: bytes
    kind: bytes
    material: bytes

    def format(self) -> str:
        """Name, key identifier and typed key, joined by ``+``."""
        return f"{self.name}+{self.key_id.hex()}+{format_base64(self.kind + self.material)}"


def parse_key_text(text: str) -> KeyText:
    """The parts of a vkey, or of an skey without its prefix; nothing is checked against another."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    check_name(name)
    data = parse_base64(encoded)
    if len(data) < 2:
        raise FormatError("a key string needs a signature type and a key")
    if len(key_id) != 8 or any(c not in "0123456789abcdef" for c in key_id):
        raise FormatError("a key identifier is 8 lower-case hexadecimal digits")
    return KeyText(name, bytes.fromhex(key_id), data[:1], data[1:])


def parse_skey_text(skey: str) -> KeyText:
    """The parts of an skey: ``PRIVATE+KEY+``, name, key identifier, typed key."""
    if not skey.startswith(_SKEY_PREFIX):
        raise FormatError("not a signer key")
    return parse_key_text(skey.removeprefix(_SKEY_PREFIX))


@dataclass(frozen=True)
class VerifierKey(ABC):
    """Name and public key whose signatures on notes are trusted; a class for each type."""

    kind: ClassVar[bytes]
    name: str
    public_key: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        self._check_key()
        object.__setattr__(self, "key_id", _key_id(self.name, self.kind, self.public_key))

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Verifier of a vkey string: name, key identifier and key joined by ``+``."""
        return cls.of(parse_key_text(vkey))

    @classmethod
    def of(cls, text: KeyText) -> Self:
        """Verifier of the parts of a vkey string."""
        if text.kind != cls.kind:
            raise FormatError(
                f"a key of type 0x{cls.kind.hex()} is expected, not 0x{text.kind.hex()}"
            )
        verifier = cls(text.name, text.material)
        if text.key_id != verifier.key_id:
            raise FormatError("the key identifier does not belong to name and key")
        return verifier

    def format(self) -> str:
        """The vkey string."""
        return KeyText(self.name, self.key_id, self.kind, self.public_key).format()

    def signatures(self, note: Note) -> list[Signature]:
        """The lines that bear this key's name and identifier; none of them is checked."""
        return [s for s in note.signatures if (s.name, s.key_id) == (self.name, self.key_id)]

    def verify(self, note: Note) -> None:
        """Raise unless the note bears this key's signature and every such signature holds."""
        mine = self.signatures(note)
        if not mine:
            raise SignatureError(f"no signature of {self.name}+{self.key_id.hex()}")
        for signature in mine:
            try:
                self._verify_value(note.text, signature.value)
            except InvalidSignature as error:
                raise SignatureError(f"the signature of {self.name} does not hold") from error

    @abstractmethod
    def _check_key(self) -> None:
        """Raise FormatError unless the public key is one of this type."""

    @abstractmethod
    def _verify_value(self, text: str, value: bytes) -> None:
        """Raise InvalidSignature or SignatureError unless this is the key's over the text."""


@dataclass(frozen=True)
class Verifier(VerifierKey):
    """Name and Ed25519 public key whose signature on a note is trusted (type 0x01)."""

    kind = ED25519

    def _check_key(self) -> None:
        check_public_key(self.public_key)

    def _verify_value(self, text: str, value: bytes) -> None:
        Ed25519PublicKey.from_public_bytes(self.public_key).verify(value, text.encode())


def verify_known(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """The keys that signed the note; signatures of other keys are ignored.

    Raises SignatureError if a signature of one of these keys does not hold, or if none signed.
    """
    signed = tuple(key for key in keys if key.signatures(note))
    if not signed:
        raise SignatureError("no signature of a known key")
    for key in signed:
        key.verify(note)
    return signed


def format_skey(verifier: VerifierKey, private_key: bytes) -> str:
    """The skey string of a key pair: a secret."""
    return (
        _SKEY_PREFIX + KeyText(verifier.name, verifier.key_id, verifier.kind, private_key).format()
    )


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
        return cls.of(parse_skey_text(skey))

    @classmethod
    def of(cls, text: KeyText) -> Signer:
        """Signer of the parts of an skey string."""
        if text.kind != ED25519 or len(text.material) != 32:
            raise FormatError("not an Ed25519 signer key")
        signer = cls(text.name, Ed25519PrivateKey.from_private_bytes(text.material))
        if text.key_id != signer.verifier.key_id:
            raise FormatError("the key identifier does not belong to name and key")
        return signer

    def format(self) -> str:
        """The skey string: a secret."""
        return format_skey(self.verifier, self.private_key.private_bytes_raw())

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
