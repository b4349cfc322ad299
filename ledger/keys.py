"""Keys of parties: Ed25519, named by their RFC 7638 thumbprint, active over a range of indexes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ledger.curve import check_public_key
from ledger.errors import FormatError, KeyStatusError, SignatureError
from ledger.statement import KeyAdd, KeyRevoke, Statement

ED25519 = "Ed25519"


def key_id(alg: str, public_key: bytes) -> str:
    """JWK thumbprint with SHA-256 of the public key: RFC 7638, RFC 8037 appendix A.3."""
    check_algorithm(alg)
    x = base64.urlsafe_b64encode(public_key).decode().rstrip("=")
    jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    digest = hashlib.sha256(jwk.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def check_algorithm(alg: str) -> None:
    """Raise :class:`FormatError` unless signatures of this algorithm can be verified here."""
    if alg != ED25519:
        raise FormatError(f"unknown signature algorithm: {alg[:32]!r}")


@dataclass(frozen=True)
class PublicKey:
    """A public key that was checked when it was made; 32 bytes for Ed25519."""

    alg: str
    data: bytes

    def __post_init__(self) -> None:
        check_algorithm(self.alg)
        check_public_key(self.data)

    @cached_property
    def kid(self) -> str:
        """Key identifier: 43 characters of base64url."""
        return key_id(self.alg, self.data)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise :class:`SignatureError` unless the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.data).verify(signature, message)
        except InvalidSignature as error:
            raise SignatureError(f"the signature of key {self.kid} does not hold") from error


@dataclass(frozen=True)
class PrivateKey:
    """A party's private key; it never shows in ``repr``."""

    key: Ed25519PrivateKey = field(repr=False)
    alg: str = ED25519

    @classmethod
    def generate(cls) -> PrivateKey:
        """A new Ed25519 key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, seed: bytes) -> PrivateKey:
        """The key of a 32-byte seed (RFC 8032, section 5.1.5)."""
        if len(seed) != 32:
            raise FormatError(f"an Ed25519 private key has 32 bytes, not {len(seed)}")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def to_bytes(self) -> bytes:
        """The 32-byte seed: a secret."""
        return self.key.private_bytes_raw()

    @property
    def public(self) -> PublicKey:
        """The public side."""
        return PublicKey(self.alg, self.key.public_key().public_bytes_raw())

    @property
    def kid(self) -> str:
        """Key identifier of the public side."""
        return self.public.kid

    def sign(self, message: bytes) -> bytes:
        """Signature over exactly these bytes."""
        return self.key.sign(message)


@dataclass(frozen=True)
class Tenure:
    """A key of a stream and the half-open range of indexes where its signatures count."""

    key: PublicKey
    added: int
    revoked: int | None = None
    """Index of the ``key.revoke`` entry."""
    until: int | None = None
    """First index where the key no longer counts; may lie before ``revoked``."""

    def covers(self, index: int) -> bool:
        """Whether an entry at this index may bear the key's signature."""
        return self.added < index and (self.until is None or index < self.until)


@dataclass
class KeyRing:
    """Keys of streams as the log's own key entries make and end them, in order of index.

    ``operator`` is the log's key. It adds a stream's first key and may add or revoke any later;
    an active key of the stream may add its successor and revoke, from that entry on.
    """

    operator: PublicKey | None
    streams: dict[str, dict[str, Tenure]] = field(default_factory=dict)

    def signer(self, stream: str, kid: str, index: int) -> PublicKey:
        """The stream's key with this identifier, if it was active at ``index``."""
        tenure = self.streams.get(stream, {}).get(kid)
        if tenure is None:
            raise KeyStatusError(f"stream {stream} has no key {kid}")
        if not tenure.covers(index):
            raise KeyStatusError(f"key {kid} of stream {stream} was not active at index {index}")
        return tenure.key

    def authority(self, statement: Statement, index: int) -> PublicKey:
        """The key that must have signed this statement, if it may stand at this index."""
        body = statement.body
        about_keys = isinstance(body, KeyAdd | KeyRevoke)
        if about_keys and self.operator is not None and statement.kid == self.operator.kid:
            return self.operator
        if isinstance(body, KeyRevoke) and body.as_of is not None:
            raise KeyStatusError("only the log's operator may revoke for the past")
        key = self.signer(statement.stream, statement.kid, index)
        if key.alg != statement.alg:
            raise KeyStatusError(f"key {key.kid} is not one for {statement.alg}")
        return key

    def apply(self, statement: Statement, index: int) -> None:
        """Take in a key statement already authorised; other statements change nothing."""
        match statement.body:
            case KeyAdd(alg, public_key):
                self._add(statement.stream, PublicKey(alg, public_key), index)
            case KeyRevoke(kid, as_of):
                self._revoke(statement.stream, kid, index, index if as_of is None else as_of)
            case _:
                pass

    def _add(self, stream: str, key: PublicKey, index: int) -> None:
        if self.operator is not None and key.kid == self.operator.kid:
            raise KeyStatusError("the log's own key cannot be a party's key")
        tenures = self.streams.setdefault(stream, {})
        if key.kid in tenures:
            raise KeyStatusError(f"key {key.kid} was added to stream {stream} before")
        tenures[key.kid] = Tenure(key, index)

    def _revoke(self, stream: str, kid: str, index: int, until: int) -> None:
        tenure = self.streams.get(stream, {}).get(kid)
        if tenure is None or tenure.until is not None:
            raise KeyStatusError(f"stream {stream} has no active key {kid} to revoke")
        if not tenure.added < until <= index:
            raise KeyStatusError(f"key {kid} cannot end at index {until}")
        self.streams[stream][kid] = Tenure(tenure.key, tenure.added, index, until)
