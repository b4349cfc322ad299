"""The content of a log replayed entry by entry: chains, keys, signatures, the log's own statements.

It knows no database and no files: both audits feed it. Memory grows with the number of streams
and keys, not with the log.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from ledger import codec, statement
from ledger import entry as entries
from ledger.entry import Entry
from ledger.errors import FormatError, LedgerError, MissingError
from ledger.findings import Finding
from ledger.keys import KeyRing, PublicKey, Tenure
from ledger.locate import first_difference
from ledger.signatures import SignatureQueue, Signed
from ledger.statement import Batch, Close, KeyRevoke, Redact, Statement

Bodies = Callable[[int, int], Iterable[bytes]]
"""Gives the entries [start, end) once more."""


@dataclass
class Replay:
    """What the entries so far lead to, and what the next one must be."""

    origin: str
    ring: KeyRing
    bodies: Bodies
    queue: SignatureQueue
    on_entry: Callable[[Entry], None] | None = None
    """Is given each entry that can be read, whether it is right or not."""
    size: int = 0
    prev: frozenset[bytes] = frozenset()
    """What the next entry may name. Two hashes after an entry that is damaged: either may be."""
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    closed: int | None = None
    repudiated: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.size:
            self.prev = frozenset({entries.genesis(self.origin)})

    def take(self, body: bytes, known_hash: bytes | None = None) -> Iterator[Finding]:
        """Check the next entry and go on behind it; ``known_hash`` is what is stored as its hash.

        Damage that makes the bytes unreadable ends the checks of this entry, not of the log.
        """
        index, prev = self.size, self.prev
        hash_ = entries.hash_of(body)
        self.size += 1
        self.prev = frozenset({hash_, hash_ if known_hash is None else known_hash})
        try:
            entry = entries.parse(body)
        except LedgerError as error:
            yield Finding("ledger_entry", str(index), str(error), index, "", _unreadable(body))
            return
        if self.on_entry is not None:
            self.on_entry(entry)
        yield from self._place(entry, index, prev, body)
        yield from self._continuity(entry, index)
        try:
            yield from self._authority(entry, index)
        except LedgerError as error:
            stream = entry.statement.stream
            yield Finding("ledger_entry", str(index), str(error), index, stream)

    def _place(
        self, entry: Entry, index: int, prev: frozenset[bytes], body: bytes
    ) -> Iterator[Finding]:
        stream = entry.statement.stream
        if entry.index != index:
            reason = f"the body says that it is entry {entry.index}"
            at = body.index(b'"index":') + 8
            yield Finding("ledger_entry", str(index), reason, index, stream, at)
        if entry.prev not in prev:
            reason = "the previous hash does not continue the chain"
            expected = next(iter(prev))
            at = _offset(body, b'"prev":"', entry.prev.hex(), expected.hex())
            yield Finding("ledger_entry", str(index), reason, index, stream, at)
        if self.closed is not None:
            reason = f"entry {self.closed} closed the log"
            yield Finding("ledger_entry", str(index), reason, index, stream)

    def _continuity(self, entry: Entry, index: int) -> Iterator[Finding]:
        signed = entry.statement
        first = (0, statement.genesis(self.origin, signed.stream))
        if (signed.seq, signed.prev) != self.heads.get(signed.stream, first):
            reason = f"does not continue the stream {signed.stream}"
            yield Finding("ledger_entry", str(index), reason, index, signed.stream)
        self.heads[signed.stream] = (signed.seq + 1, signed.hash)

    def _authority(self, entry: Entry, index: int) -> Iterator[Finding]:
        signed = entry.statement
        statement.check_place(signed, self.origin, index)
        if isinstance(signed.body, Redact):
            self.ring.check_redaction(signed, self.at(signed.body.entry).statement)
        key = self._key(signed, index)
        if key is not None and isinstance(signed.body, Batch):
            yield from self.queue.put(
                Signed(index, signed.stream, key, signed.format(), entry.signature)
            )
            return
        # What changes what later entries mean is verified before it counts.
        if key is not None:
            key.verify(signed.format(), entry.signature)
        self.ring.apply(signed, index)
        if isinstance(signed.body, KeyRevoke) and signed.body.as_of is not None:
            self.repudiated += self._signed(signed, signed.body, index)
        if isinstance(signed.body, Close):
            self.closed = index

    def _key(self, signed: Statement, index: int) -> PublicKey | None:
        """The key that must have signed; None where only the log's could, and it is not given."""
        known = signed.kid in self.ring.streams.get(signed.stream, {})
        if self.ring.operator is None and not known and not isinstance(signed.body, Batch):
            return None
        return self.ring.authority(signed, index)

    def at(self, index: int) -> Entry:
        """An earlier entry once more."""
        # To the end, so that no cursor is left open in the server.
        found = list(self.bodies(index, index + 1))
        if not found:
            raise MissingError(f"no entry {index}")
        return entries.parse(found[0])

    def _signed(self, revoke: Statement, body: KeyRevoke, end: int) -> Iterator[int]:
        """Indexes of the stream's entries under a key from where it no longer counts."""
        start = end if body.as_of is None else body.as_of
        for index, data in enumerate(self.bodies(start, end), start):
            # A look at the bytes spares reading most of the others.
            if body.kid.encode() in data:
                signed = entries.parse(data).statement
                if (signed.stream, signed.kid) == (revoke.stream, body.kid):
                    yield index

    def dump(self) -> dict[str, Any]:
        """State as JSON, for :meth:`load`."""
        return {
            "closed": self.closed,
            "heads": {name: [seq, value.hex()] for name, (seq, value) in self.heads.items()},
            "keys": {
                name: [_dump_tenure(tenure) for tenure in tenures.values()]
                for name, tenures in self.ring.streams.items()
            },
            "prev": sorted(value.hex() for value in self.prev),
            "repudiated": self.repudiated,
            "size": self.size,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`dump` gave."""
        names = {"closed", "heads", "keys", "prev", "repudiated", "size"}
        codec.check_members(state, names)
        self.closed = state["closed"]
        self.heads = {
            name: (codec.count_of(seq), codec.parse_hash(value))
            for name, (seq, value) in state["heads"].items()
        }
        for name, tenures in state["keys"].items():
            loaded = [_load_tenure(tenure) for tenure in tenures]
            self.ring.streams[name] = {tenure.key.kid: tenure for tenure in loaded}
        self.prev = frozenset(codec.parse_hash(value) for value in state["prev"])
        self.repudiated = [codec.count_of(index) for index in state["repudiated"]]
        self.size = codec.count_of(state["size"])


def _dump_tenure(tenure: Tenure) -> list[Any]:
    public = codec.format_base64(tenure.key.data)
    return [tenure.key.alg, public, tenure.added, tenure.revoked, tenure.until]


def _load_tenure(state: list[Any]) -> Tenure:
    alg, public, added, revoked, until = state
    key = PublicKey(alg, base64.b64decode(public, validate=True))
    return Tenure(key, codec.count_of(added), revoked, until)


def _unreadable(body: bytes) -> int | None:
    """Where reading stops, for bytes that are no canonical JSON."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return len(error.doc[: error.pos].encode())
    try:
        written = codec.dump_json(value)
    except FormatError:  # nested deeper than is written
        return None
    return None if written == body else first_difference(body, written)


def _offset(body: bytes, name: bytes, found: str, expected: str) -> int:
    """Offset of the first wrong character of a member's text, in an entry that is canonical."""
    start = body.index(name) + len(name)
    return start + first_difference(found.encode(), expected.encode())
