"""Entries: what the log stores. A statement with its signature, and its place in the chain."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger import codec
from ledger.errors import FormatError, TooLargeError
from ledger.statement import Statement, from_members
from ledger.tile import MAX_ENTRY

VERSION = 1
_NAMES = {"index", "prev", "receivedAt", "signature", "statement", "v"}


@dataclass(frozen=True)
class Entry:
    """A parsed entry; ``received_at`` is the log's clock, in UTC with milliseconds."""

    index: int
    prev: bytes
    received_at: datetime
    signature: bytes
    statement: Statement

    def format(self) -> bytes:
        """Canonical JSON: the leaf of the tree, and the link of the chain."""
        return build(
            index=self.index,
            prev=self.prev,
            received_at=self.received_at,
            signature=self.signature,
            statement=self.statement.format(),
        )


def genesis(origin: str) -> bytes:
    """``prev`` of the first entry: ties the chain to this log."""
    return hashlib.sha256(origin.encode()).digest()


def hash_of(entry: bytes) -> bytes:
    """What the next entry names as ``prev``."""
    return hashlib.sha256(entry).digest()


def build(
    *, index: int, prev: bytes, received_at: datetime, signature: bytes, statement: bytes
) -> bytes:
    """Bytes of an entry around the exact bytes of a statement.

    The statement is canonical JSON already, so the entry is too if its members stand in order.
    """
    data = b'{"index":%d,"prev":"%s","receivedAt":"%s","signature":"%s","statement":%s,"v":%d}' % (
        index,
        prev.hex().encode(),
        codec.format_instant(received_at).encode(),
        codec.format_base64(signature).encode(),
        statement,
        VERSION,
    )
    if len(data) > MAX_ENTRY:
        raise TooLargeError(f"an entry may have at most {MAX_ENTRY} bytes, this has {len(data)}")
    return data


def parse(data: bytes) -> Entry:
    """Entry of these bytes; ``parse(data).format() == data`` for all that is accepted."""
    if len(data) > MAX_ENTRY:
        raise TooLargeError(f"an entry may have at most {MAX_ENTRY} bytes, this has {len(data)}")
    value = codec.check_members(codec.load_json(data), _NAMES)
    if type(value["v"]) is not int or value["v"] != VERSION:
        raise FormatError(f"unknown version of an entry: {value['v']!r:.32}")
    return Entry(
        index=codec.count_of(value["index"]),
        prev=codec.parse_hash(codec.text_of(value["prev"])),
        received_at=codec.parse_instant(codec.text_of(value["receivedAt"])),
        signature=codec.parse_base64(codec.text_of(value["signature"])),
        statement=from_members(_object(value["statement"])),
    )


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FormatError("a statement is a JSON object")
    return value
