"""Statements: what a party signs. One link of the party's own chain, as canonical JSON.

The signature covers exactly these bytes. They never hold a newline, and the text of a signed
note always does: a key that signs both cannot have one taken for the other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger import codec, merkle
from ledger.errors import CommitmentError, FormatError

VERSION = 1
SALT_BYTES = 16
KEY_ADD = "key.add"
KEY_REVOKE = "key.revoke"

# Characters that JSON writes as they are, so that every reader agrees on the bytes.
_STREAM = re.compile(r"[!#-\[\]-~]{1,200}\Z", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9.-]{0,31}\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
_COMMON = {"alg", "kid", "kind", "prev", "seq", "signedAt", "stream", "v"}


@dataclass(frozen=True)
class Batch:
    """Body of a statement about items: their number and the Merkle root over their commitments."""

    count: int
    root: bytes


@dataclass(frozen=True)
class KeyAdd:
    """Body of ``key.add``: a further public key of the stream."""

    alg: str
    public_key: bytes


@dataclass(frozen=True)
class KeyRevoke:
    """Body of ``key.revoke``: the key counts only below index ``as_of``, or below this entry."""

    kid: str
    as_of: int | None


@dataclass(frozen=True)
class Statement:
    """A parsed statement; ``signed_at`` is the party's claim, in UTC with milliseconds."""

    stream: str
    seq: int
    prev: bytes
    kind: str
    alg: str
    kid: str
    signed_at: datetime
    body: Batch | KeyAdd | KeyRevoke

    def format(self) -> bytes:
        """The bytes that are signed."""
        return codec.dump_json(
            {
                "alg": self.alg,
                "kid": self.kid,
                "kind": self.kind,
                "prev": self.prev.hex(),
                "seq": self.seq,
                "signedAt": codec.format_instant(self.signed_at),
                "stream": self.stream,
                "v": VERSION,
                **_dump_body(self.body),
            }
        )

    @property
    def hash(self) -> bytes:
        """What the next statement of the stream names as ``prev``."""
        return hashlib.sha256(self.format()).digest()


def genesis(origin: str, stream: str) -> bytes:
    """``prev`` of a stream's first statement: ties the whole chain to this log and stream."""
    return hashlib.sha256(f"{origin}\n{stream}".encode()).digest()


def commitment(salt: bytes, event: bytes) -> bytes:
    """SHA-256(salt || event). The salt has 16 random bytes and hides events that can be guessed."""
    if len(salt) != SALT_BYTES:
        raise FormatError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return hashlib.sha256(salt + event).digest()


def batch_of(commitments: Sequence[bytes]) -> Batch:
    """Number and Merkle root of these commitments, each taken as an RFC 6962 leaf."""
    if not commitments:
        raise FormatError("a statement is about at least one item")
    return Batch(len(commitments), merkle.root([merkle.leaf_hash(c) for c in commitments]))


def check_items(statement: Statement, commitments: Sequence[bytes]) -> None:
    """Raise unless the statement is about exactly these commitments."""
    if not commitments or statement.body != batch_of(commitments):
        raise CommitmentError("the items are not those that the statement signed")


def build(
    *,
    stream: str,
    seq: int,
    prev: bytes,
    commitments: Sequence[bytes],
    alg: str,
    kid: str,
    signed_at: datetime,
    kind: str = "events",
) -> bytes:
    """Bytes of a statement about items, ready to sign."""
    body = batch_of(commitments)
    return _checked(Statement(stream, seq, prev, kind, alg, kid, signed_at, body))


def build_key_add(
    *,
    stream: str,
    seq: int,
    prev: bytes,
    key_alg: str,
    public_key: bytes,
    alg: str,
    kid: str,
    signed_at: datetime,
) -> bytes:
    """Bytes of a statement that adds a key; ``alg`` and ``kid`` name the key that authorises."""
    body = KeyAdd(key_alg, public_key)
    return _checked(Statement(stream, seq, prev, KEY_ADD, alg, kid, signed_at, body))


def build_key_revoke(
    *,
    stream: str,
    seq: int,
    prev: bytes,
    revoked: str,
    as_of: int | None,
    alg: str,
    kid: str,
    signed_at: datetime,
) -> bytes:
    """Bytes of a statement that ends key ``revoked``, for the past only if ``as_of`` is given."""
    body = KeyRevoke(revoked, as_of)
    return _checked(Statement(stream, seq, prev, KEY_REVOKE, alg, kid, signed_at, body))


def _checked(statement: Statement) -> bytes:
    data = statement.format()
    parse(data)
    return data


def parse(data: bytes) -> Statement:
    """Statement of these bytes; ``parse(data).format() == data`` for all that is accepted."""
    return from_members(codec.load_json(data))


def from_members(value: dict[str, Any]) -> Statement:
    """Statement of a JSON object that was read from canonical bytes."""
    kind = codec.text_of(value.get("kind"))
    body_names = {KEY_ADD: {"key"}, KEY_REVOKE: {"revoke"}}.get(kind, {"count", "root"})
    codec.check_members(value, _COMMON | body_names)
    if type(value["v"]) is not int or value["v"] != VERSION:
        raise FormatError(f"unknown version of a statement: {value['v']!r:.32}")
    if not _KIND.match(kind) or (kind.startswith("key.") and kind not in (KEY_ADD, KEY_REVOKE)):
        raise FormatError(f"not a kind of statement: {kind[:40]!r}")
    return Statement(
        stream=check_stream(codec.text_of(value["stream"])),
        seq=codec.count_of(value["seq"]),
        prev=codec.parse_hash(codec.text_of(value["prev"])),
        kind=kind,
        alg=_name(value["alg"]),
        kid=_name(value["kid"]),
        signed_at=codec.parse_instant(codec.text_of(value["signedAt"])),
        body=_load_body(kind, value),
    )


def check_stream(text: str) -> str:
    """The text itself, if it is the name of a stream: 1 … 200 visible ASCII characters."""
    if not _STREAM.match(text):
        raise FormatError(f"not the name of a stream: {text[:80]!r}")
    return text


def _name(value: object) -> str:
    text = codec.text_of(value)
    if not _NAME.match(text):
        raise FormatError(f"not an algorithm or key identifier: {text[:80]!r}")
    return text


def _load_body(kind: str, value: dict[str, Any]) -> Batch | KeyAdd | KeyRevoke:
    if kind == KEY_ADD:
        key = codec.check_members(value["key"], {"alg", "publicKey"})
        public_key = codec.parse_base64(codec.text_of(key["publicKey"]))
        return KeyAdd(_name(key["alg"]), public_key)
    if kind == KEY_REVOKE:
        revoke = codec.check_members(value["revoke"], {"asOf", "kid"})
        as_of = revoke["asOf"]
        return KeyRevoke(_name(revoke["kid"]), None if as_of is None else codec.count_of(as_of))
    count = codec.count_of(value["count"])
    if count == 0:
        raise FormatError("a statement is about at least one item")
    return Batch(count, codec.parse_hash(codec.text_of(value["root"])))


def _dump_body(body: Batch | KeyAdd | KeyRevoke) -> dict[str, Any]:
    match body:
        case Batch(count, root):
            return {"count": count, "root": root.hex()}
        case KeyAdd(alg, public_key):
            return {"key": {"alg": alg, "publicKey": codec.format_base64(public_key)}}
        case KeyRevoke(kid, as_of):
            return {"revoke": {"asOf": as_of, "kid": kid}}
