"""Statements: what a party signs. One link of the party's own chain, as canonical JSON.

The signature covers exactly these bytes. They never hold a newline, and the text of a signed
note always does: a key that signs both cannot have one taken for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger import body as bodies
from ledger import codec, merkle
from ledger.body import (
    CLOSE,
    CONTINUE,
    KEY_ADD,
    KEY_REVOKE,
    REDACT,
    ROOT,
    Batch,
    Body,
    Close,
    Continue,
    KeyAdd,
    KeyRevoke,
    Redact,
    Root,
    check_stream,
)
from ledger.errors import CommitmentError, ContinuityError, FormatError

__all__ = [
    "CLOSE",
    "CONTINUE",
    "KEY_ADD",
    "KEY_REVOKE",
    "REDACT",
    "ROOT",
    "SALT_BYTES",
    "VERSION",
    "Batch",
    "Body",
    "Close",
    "Continue",
    "KeyAdd",
    "KeyRevoke",
    "Redact",
    "Root",
    "Statement",
    "batch_of",
    "build",
    "build_key_add",
    "build_key_revoke",
    "build_log",
    "check_items",
    "check_place",
    "check_stream",
    "commitment",
    "from_members",
    "genesis",
    "parse",
]

VERSION = 1
SALT_BYTES = 16
_COMMON = {"alg", "kid", "kind", "prev", "seq", "signedAt", "stream", "v"}
_KINDS = {Redact: REDACT, Close: CLOSE, Continue: CONTINUE, Root: ROOT}


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed statement; ``signed_at`` is the party's claim, in UTC with milliseconds."""

    stream: str
    seq: int
    prev: bytes
    kind: str
    alg: str
    kid: str
    signed_at: datetime
    body: Body

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
                **bodies.dump(self.body),
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


def build_log(
    body: Redact | Close | Continue | Root,
    *,
    stream: str,
    seq: int,
    prev: bytes,
    alg: str,
    kid: str,
    signed_at: datetime,
) -> bytes:
    """Bytes of a statement about the log itself: a redaction, its end, its beginning, another's."""
    return _checked(Statement(stream, seq, prev, _KINDS[type(body)], alg, kid, signed_at, body))


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
    bodies.check_kind(kind)
    codec.check_members(value, _COMMON | bodies.member_names(kind))
    if type(value["v"]) is not int or value["v"] != VERSION:
        raise FormatError(f"unknown version of a statement: {value['v']!r:.32}")
    return Statement(
        stream=check_stream(codec.text_of(value["stream"])),
        seq=codec.count_of(value["seq"]),
        prev=codec.parse_hash(codec.text_of(value["prev"])),
        kind=kind,
        alg=bodies.check_name(value["alg"]),
        kid=bodies.check_name(value["kid"]),
        signed_at=codec.parse_instant(codec.text_of(value["signedAt"])),
        body=bodies.load(kind, value),
    )


def check_place(statement: Statement, origin: str, index: int) -> None:
    """Raise unless a statement about the log itself may stand at this index of log ``origin``."""
    match statement.body:
        case Close() | Continue() | Root() if statement.stream != origin:
            raise ContinuityError("what the log says of itself stands in the stream of its origin")
        case Continue() if index:
            raise ContinuityError("only the first entry continues another log")
        case Redact(entry) if entry >= index:
            raise ContinuityError(f"there is no entry {entry} before {index} to redact")
        case _:
            pass
