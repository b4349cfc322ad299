"""Keys of parties, named by their RFC 7638 thumbprint, active over a range of indexes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from ledger import algorithm
from ledger.algorithm import ED25519, ES256, base64url, check_algorithm
from ledger.errors import KeyStatusError, SignatureError
from ledger.statement import Batch, Close, Continue, KeyAdd, KeyRevoke, Redact, Root, Statement

__all__ = [
    "ED25519",
    "ES256",
    "KeyRing",
    "PrivateKey",
    "PublicKey",
    "Tenure",
    "check_algorithm",
    "key_id",
]


def key_id(alg: str, public_key: bytes) -> str:
    """JWK thumbprint with SHA-256 of the public key: RFC 7638, RFC 8037 appendix A.3."""
    return base64url(hashlib.sha256(algorithm.jwk(alg, public_key)).digest()).decode()


@dataclass(frozen=True)
class PublicKey:
    """A public key that was checked when it was made.

    ``data`` are 32 bytes for Ed25519, the uncompressed point of 65 bytes for ES256.
    """

    alg: str
    data: bytes

    def __post_init__(self) -> None:
        algorithm.load_public(self.alg, self.data)

    @cached_property
    def kid(self) -> str:
        """Key identifier: 43 characters of base64url."""
        return key_id(self.alg, self.data)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise :class:`SignatureError` unless the signature is this key's over the message."""
        try:
            algorithm.verify(algorithm.load_public(self.alg, self.data), message, signature)
        except SignatureError as error:
            raise SignatureError(f"the signature of key {self.kid} does not hold") from error


@dataclass(frozen=True)
class PrivateKey:
    """A party's private key, Ed25519 or P-256; it never shows in ``repr``."""

    key: algorithm.Private = field(repr=False)

    def __post_init__(self) -> None:
        algorithm.algorithm_of(self.key)

    @classmethod
    def generate(cls, alg: str = ED25519) -> PrivateKey:
        """A new key."""
        return cls(algorithm.generate(alg))

    @classmethod
    def from_bytes(cls, secret: bytes, alg: str = ED25519) -> PrivateKey:
        """The key of its 32 bytes: RFC 8032, section 5.1.5; for ES256 the number, big-endian."""
        return cls(algorithm.load_private(alg, secret))

    def to_bytes(self) -> bytes:
        """The 32 bytes: a secret."""
        return algorithm.dump_private(self.key)

    @property
    def alg(self) -> str:
        """Name of the algorithm."""
        return algorithm.algorithm_of(self.key)

    @cached_property
    def public(self) -> PublicKey:
        """The public side."""
        return PublicKey(self.alg, algorithm.dump_public(self.key.public_key()))

    @property
    def kid(self) -> str:
        """Key identifier of the public side."""
        return self.public.kid

    def sign(self, message: bytes) -> bytes:
        """Signature over exactly these bytes."""
        return algorithm.sign(self.key, message)


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


def _of_algorithm(key: PublicKey, statement: Statement) -> PublicKey:
    if key.alg != statement.alg:
        raise KeyStatusError(f"key {key.kid} is not one for {statement.alg}")
    return key


@dataclass
class KeyRing:
    """Keys of streams as the log's own key entries make and end them, in order of index.

    ``operator`` is the log's key. It adds a stream's first key and may add or revoke any later;
    an active key of the stream may add its successor and revoke, from that entry on. Both may
    redact, the active key only its own stream's items; only the operator speaks of the log.
    """

    operator: PublicKey | None
    streams: dict[str, dict[str, Tenure]] = field(default_factory=dict)

    def signer(self, stream: str, kid: str, index: int) -> PublicKey:
        """The stream's key with this identifier, if it was active at ``index``."""
        tenure = self._tenure(stream, kid)
        if not tenure.covers(index):
            raise KeyStatusError(f"key {kid} of stream {stream} was not active at index {index}")
        return tenure.key

    def holder(self, statement: Statement) -> PublicKey:
        """The key that a statement already in the log names, whether it is active still or not."""
        if self.operator is not None and statement.kid == self.operator.kid:
            return self.operator
        return self._tenure(statement.stream, statement.kid).key

    def _tenure(self, stream: str, kid: str) -> Tenure:
        tenure = self.streams.get(stream, {}).get(kid)
        if tenure is None:
            raise KeyStatusError(f"stream {stream} has no key {kid}")
        return tenure

    def authority(self, statement: Statement, index: int) -> PublicKey:
        """The key that must have signed this statement, if it may stand at this index."""
        body, operator = statement.body, self.operator
        # The operator never speaks for a party: its key counts for no statement about items.
        if operator is not None and statement.kid == operator.kid and not isinstance(body, Batch):
            return _of_algorithm(operator, statement)
        if isinstance(body, Close | Continue | Root):
            raise KeyStatusError("only the log's operator may say this of the log")
        if isinstance(body, KeyRevoke) and body.as_of is not None:
            raise KeyStatusError("only the log's operator may revoke for the past")
        return _of_algorithm(self.signer(statement.stream, statement.kid, index), statement)

    def check_redaction(self, statement: Statement, target: Statement) -> None:
        """Raise unless a ``log.redact`` may order what it does of the entry with ``target``."""
        order = statement.body
        if not isinstance(order, Redact) or not isinstance(target.body, Batch):
            raise KeyStatusError("only items can be redacted")
        if order.positions[-1] >= target.body.count:
            raise KeyStatusError(f"entry {order.entry} has no item {order.positions[-1]}")
        by_operator = self.operator is not None and statement.kid == self.operator.kid
        if target.stream != statement.stream and not by_operator:
            raise KeyStatusError("only the log's operator may redact items of another stream")

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
