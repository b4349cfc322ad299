"""Bodies of statements: what each kind says, as members of the canonical JSON.

Kinds that begin with ``key.`` or ``log.`` are the log's own words; every other kind is about
items and opaque to the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ledger import checkpoint, codec
from ledger.errors import FormatError

KEY_ADD = "key.add"
KEY_REVOKE = "key.revoke"
REDACT = "log.redact"
CLOSE = "log.close"
CONTINUE = "log.continue"
ROOT = "log.root"

MAX_BASIS = 500
MAX_BY = 200

_RESERVED = ("key.", "log.")
_KIND = re.compile(r"[a-z][a-z0-9.-]{0,31}\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
# Characters that JSON writes as they are, so that every reader agrees on the bytes.
_STREAM = re.compile(r"[!#-\[\]-~]{1,200}\Z", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
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
class Redact:
    """Body of ``log.redact``: payloads and salts of these items of an earlier entry are destroyed.

    ``basis`` is the legal basis and ``by`` who ordered it, in words; when is the entry's time.
    """

    entry: int
    positions: tuple[int, ...]
    basis: str
    by: str


@dataclass(frozen=True)
class Close:
    """Body of ``log.close``: the last entry of a log; ``next`` is the origin that goes on."""

    next: str


@dataclass(frozen=True)
class Continue:
    """Body of ``log.continue``: the final signed checkpoint of the log that this one continues."""

    origin: str
    checkpoint: bytes


@dataclass(frozen=True)
class Root:
    """Body of ``log.root``: a signed checkpoint of another log, entered in a log of checkpoints."""

    origin: str
    checkpoint: bytes


Body = Batch | KeyAdd | KeyRevoke | Redact | Close | Continue | Root


def check_kind(kind: str) -> None:
    """Raise unless this names a kind of statement; reserved names only as defined here."""
    if not _KIND.match(kind) or (kind.startswith(_RESERVED) and kind not in _MEMBER):
        raise FormatError(f"not a kind of statement: {kind[:40]!r}")


def check_stream(text: str) -> str:
    """The text itself, if it is the name of a stream: 1 … 200 visible ASCII characters."""
    if not _STREAM.match(text):
        raise FormatError(f"not the name of a stream: {text[:80]!r}")
    return text


def check_name(value: object) -> str:
    """The text itself, if it can name an algorithm or a key."""
    text = codec.text_of(value)
    if not _NAME.match(text):
        raise FormatError(f"not an algorithm or key identifier: {text[:80]!r}")
    return text


def member_names(kind: str) -> set[str]:
    """Members of the statement's JSON that hold its body."""
    return {_MEMBER[kind]} if kind in _MEMBER else {"count", "root"}


def load(kind: str, value: dict[str, Any]) -> Body:
    """Body of a statement's JSON object that has the members of this kind."""
    name = _MEMBER.get(kind)
    return _load_batch(value) if name is None else _LOADERS[name](value[name])


def dump(body: Body) -> dict[str, Any]:
    """Members of the statement's JSON that hold this body."""
    match body:
        case Batch(count, root):
            return {"count": count, "root": root.hex()}
        case KeyAdd(alg, public_key):
            return {"key": {"alg": alg, "publicKey": codec.format_base64(public_key)}}
        case KeyRevoke(kid, as_of):
            return {"revoke": {"asOf": as_of, "kid": kid}}
        case Redact(entry, positions, basis, by):
            places = {"entry": entry, "positions": positions}
            return {"redact": {"basis": basis, "by": by, **places}}
        case Close(successor):
            return {"close": {"next": successor}}
        case Continue(origin, note):
            return {"continue": _dump_checkpoint(origin, note)}
        case Root(origin, note):
            return {"root": _dump_checkpoint(origin, note)}


def _load_batch(value: dict[str, Any]) -> Batch:
    count = codec.count_of(value["count"])
    if count == 0:
        raise FormatError("a statement is about at least one item")
    return Batch(count, codec.parse_hash(codec.text_of(value["root"])))


def _load_key(value: object) -> KeyAdd:
    key = codec.check_members(value, {"alg", "publicKey"})
    return KeyAdd(check_name(key["alg"]), codec.parse_base64(codec.text_of(key["publicKey"])))


def _load_revoke(value: object) -> KeyRevoke:
    revoke = codec.check_members(value, {"asOf", "kid"})
    as_of = revoke["asOf"]
    return KeyRevoke(check_name(revoke["kid"]), None if as_of is None else codec.count_of(as_of))


def _load_redact(value: object) -> Redact:
    order = codec.check_members(value, {"basis", "by", "entry", "positions"})
    if not isinstance(order["positions"], list):
        raise FormatError("positions are a list")
    positions = tuple(codec.count_of(position) for position in order["positions"])
    if not positions or any(a >= b for a, b in pairwise(positions)):
        raise FormatError("positions are ascending, at least one")
    basis, by = _words(order["basis"], MAX_BASIS), _words(order["by"], MAX_BY)
    return Redact(codec.count_of(order["entry"]), positions, basis, by)


def _words(value: object, limit: int) -> str:
    text = codec.text_of(value)
    if not 1 <= len(text) <= limit or text != text.strip(" ") or _CONTROL.search(text):
        raise FormatError(f"1 … {limit} characters of one line expected, not {text[:40]!r}")
    return text


def _load_close(value: object) -> Close:
    return Close(_origin(codec.check_members(value, {"next"})["next"]))


def _load_checkpoint(value: object) -> tuple[str, bytes]:
    """Origin and signed note; whose key it must bear is for the reader to say."""
    members = codec.check_members(value, {"checkpoint", "origin"})
    note = codec.parse_base64(codec.text_of(members["checkpoint"]))
    origin = _origin(members["origin"])
    if checkpoint.parse_signed(note, None).origin != origin:
        raise FormatError(f"the note is not a checkpoint of {origin}")
    return origin, note


def _dump_checkpoint(origin: str, note: bytes) -> dict[str, str]:
    return {"checkpoint": codec.format_base64(note), "origin": origin}


def _origin(value: object) -> str:
    """The name of a log: it names a stream and, in signed notes, a key (no plus sign there)."""
    text = check_stream(codec.text_of(value))
    if "+" in text:
        raise FormatError(f"not the origin of a log: {text[:80]!r}")
    return text


_MEMBER = {
    KEY_ADD: "key",
    KEY_REVOKE: "revoke",
    REDACT: "redact",
    CLOSE: "close",
    CONTINUE: "continue",
    ROOT: "root",
}
_LOADERS: dict[str, Callable[[object], Body]] = {
    "key": _load_key,
    "revoke": _load_revoke,
    "redact": _load_redact,
    "close": _load_close,
    "continue": lambda value: Continue(*_load_checkpoint(value)),
    "root": lambda value: Root(*_load_checkpoint(value)),
}
