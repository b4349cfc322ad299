"""Rotation: a log ends, and the next begins with its final checkpoint as the first entry.

A log's origin names operator and period, for example ``example.com/2026``. The last entry of the
old log names the new one, the first entry of the new log holds the old one's final checkpoint: so
the seam is signed from both sides, and nobody can put another log in between or leave one out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from ledger import checkpoint, codec, merkle
from ledger import entry as entries
from ledger import statement as statements
from ledger.append import Appended, append, entry_at, key_entries, log_head, stream_head
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.database import DEFERRED, lock
from ledger.entry import Entry
from ledger.errors import ContinuityError, FormatError, ProofError, StateError
from ledger.keys import ED25519, KeyRing, PrivateKey, PublicKey
from ledger.note import Signer, Verifier
from ledger.prover import prove
from ledger.sequencer import integrate, published_checkpoint
from ledger.statement import Close, Continue, Root
from ledger.tiles import TileStore
from ledger.witness.client import Witnesses


@dataclass(frozen=True)
class Ending:
    """The end of a log: its final checkpoint, its last entry, and that entry's audit path."""

    final: bytes
    last: bytes
    path: tuple[bytes, ...]

    def format(self) -> bytes:
        """Canonical JSON, a file to be handed on."""
        return codec.dump_json(
            {
                "checkpoint": codec.format_base64(self.final),
                "entry": codec.format_base64(self.last),
                "path": [codec.format_base64(value) for value in self.path],
                "type": "ledger-ending",
                "v": 1,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Ending:
        """The end in a file, not verified; raises :class:`FormatError`."""
        names = {"checkpoint", "entry", "path", "type", "v"}
        value = codec.check_members(codec.load_json(data), names)
        if value["type"] != "ledger-ending" or type(value["v"]) is not int or value["v"] != 1:
            raise FormatError("not the end of a log")
        if not isinstance(value["path"], list):
            raise FormatError("a path is a list")
        return cls(
            codec.parse_base64(codec.text_of(value["checkpoint"])),
            codec.parse_base64(codec.text_of(value["entry"])),
            tuple(codec.parse_hash64(codec.text_of(one)) for one in value["path"]),
        )


def state(
    connection: Connection,
    *,
    origin: str,
    body: Close | Continue | Root,
    signer: Signer | LogSigner,
    now: datetime,
) -> Appended:
    """Append what the operator says of the log itself, in the caller's transaction."""
    key = PrivateKey(signer.private_key)
    lock(connection)
    seq, prev = stream_head(connection, origin, origin)
    link = statements.build_log(
        body, stream=origin, seq=seq, prev=prev, alg=key.alg, kid=key.kid, signed_at=now
    )
    return _append(connection, origin, link, key, now)


def close(
    engine: Engine,
    *,
    origin: str,
    successor: str,
    signer: Signer | LogSigner,
    tiles: TileStore,
    now: datetime,
    witnesses: Witnesses | None = None,
) -> Ending:
    """End a log in favour of ``successor``, sign and publish its final checkpoint.

    Done again, it finishes what a crash left. Raises :class:`ContinuityError` where the log was
    closed in favour of another.
    """
    with engine.begin() as connection:
        lock(connection)
        named = successor_of(connection, origin)
        if named is None:
            state(connection, origin=origin, body=Close(successor), signer=signer, now=now)
        elif named != successor:
            raise ContinuityError(f"the log was closed, and {named} goes on, not {successor}")
    integrate(engine, origin=origin, signer=signer, now=now, tiles=tiles, witnesses=witnesses)
    with engine.connect().execution_options(sqlite_begin=DEFERRED) as connection:
        return ending(connection, tiles, origin)


def successor_of(connection: Connection, origin: str) -> str | None:
    """The log that goes on where this one was closed; None for a log that is open."""
    size, _ = log_head(connection, origin)
    if size == 0:
        return None
    body = entries.parse(entry_at(connection, origin, size - 1)).statement.body
    return body.next if isinstance(body, Close) else None


def ending(connection: Connection, tiles: TileStore, origin: str) -> Ending:
    """The end of a closed log, to be handed to its successor and to auditors.

    Raises :class:`StateError` while the log is open or its final checkpoint is not published.
    """
    size, _ = log_head(connection, origin)
    final = published_checkpoint(connection, origin)
    if successor_of(connection, origin) is None or final is None or final.size != size:
        raise StateError(f"the log {origin} is not closed under a final checkpoint")
    last = entry_at(connection, origin, size - 1)
    return Ending(final.published, last, tuple(prove(tiles, size - 1, size)))


def begin(
    engine: Engine,
    *,
    origin: str,
    ended: Ending,
    predecessor: Verifier,
    signer: Signer | LogSigner,
    now: datetime,
) -> Appended:
    """Begin a log that continues one that ended, whose key is given; the entry has index 0.

    Done again, it gives that entry. Raises an error of the ledger where the end does not verify or
    does not name this log, and :class:`ContinuityError` where this log began otherwise.
    """
    final = verify_ending(ended, predecessor, origin)
    body = Continue(final.origin, ended.final)
    with engine.begin() as connection:
        lock(connection)
        if log_head(connection, origin)[0] == 0:
            return state(connection, origin=origin, body=body, signer=signer, now=now)
        first = entry_at(connection, origin, 0)
        if entries.parse(first).statement.body != body:
            raise ContinuityError(f"the log {origin} has entries and does not begin with this end")
        return Appended(0, entries.hash_of(first), first, replayed=True)


def verify_ending(ended: Ending, predecessor: Verifier, successor: str) -> Checkpoint:
    """The final checkpoint, once its last entry is shown to close the log for ``successor``."""
    final = checkpoint.verify(ended.final, predecessor)
    last = entries.parse(ended.last)
    if final.size == 0 or last.index != final.size - 1:
        raise ProofError("the entry is not the last under the final checkpoint")
    leaf = merkle.leaf_hash(ended.last)
    merkle.verify_inclusion(leaf, last.index, final.size, ended.path, final.root)
    _verify_operator(last, predecessor)
    if last.statement.body != Close(successor):
        raise ContinuityError(f"the log was not closed for {successor}")
    return final


def verify_continuation(
    first: bytes, ended: Ending, *, predecessor: Verifier, successor: Verifier
) -> Checkpoint:
    """The final checkpoint of the old log, once the seam to the new one holds from both sides.

    ``first`` is the new log's entry 0, whose inclusion there the caller has checked. Raises an
    error of the ledger where signature, place, names or proof do not fit.
    """
    begun = entries.parse(first)
    genesis = entries.genesis(successor.name)
    if begun.index != 0 or begun.prev != genesis:
        raise ContinuityError("this is not the first entry of the new log")
    _verify_operator(begun, successor)
    body = begun.statement.body
    if not isinstance(body, Continue):
        raise ContinuityError("the new log continues no other")
    final = verify_ending(ended, predecessor, successor.name)
    named = checkpoint.verify(body.checkpoint, predecessor)
    if (body.origin, named) != (final.origin, final):
        raise ContinuityError("the new log continues from another checkpoint")
    return final


def _verify_operator(entry: Entry, log: Verifier) -> None:
    """Raise unless the log itself said this, in the stream of its own name."""
    signed, key = entry.statement, PublicKey(ED25519, log.public_key)
    if (signed.stream, signed.kid) != (log.name, key.kid):
        raise ContinuityError(f"this is not what the log {log.name} says of itself")
    key.verify(signed.format(), entry.signature)


def carry_keys(
    connection: Connection, *, old: str, new: str, signer: Signer | LogSigner, now: datetime
) -> list[Appended]:
    """Add every key in force at the end of the old log to the same stream of the new one.

    The new log's operator signs. Done again, keys that were carried over are left out.
    """
    lock(connection)
    rings = {origin: _ring(connection, origin) for origin in (old, new)}
    key, added = PrivateKey(signer.private_key), []
    for stream, tenures in rings[old].streams.items():
        there = rings[new].streams.get(stream, {})
        for kid, tenure in tenures.items():
            if tenure.until is not None or kid in there:
                continue
            seq, prev = stream_head(connection, new, stream)
            link = statements.build_key_add(
                stream=stream,
                seq=seq,
                prev=prev,
                key_alg=tenure.key.alg,
                public_key=tenure.key.data,
                alg=key.alg,
                kid=key.kid,
                signed_at=now,
            )
            added.append(_append(connection, new, link, key, now))
    return added


def _ring(connection: Connection, origin: str) -> KeyRing:
    ring = KeyRing(None)
    for body in key_entries(connection, origin):
        entry = entries.parse(body)
        ring.apply(entry.statement, entry.index)
    return ring


def _append(
    connection: Connection, origin: str, link: bytes, key: PrivateKey, now: datetime
) -> Appended:
    return append(
        connection,
        origin=origin,
        statement=link,
        signature=key.sign(link),
        received_at=now,
        operator=key.public,
    )
