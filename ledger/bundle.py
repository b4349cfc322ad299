"""Proof bundles: all that is needed to check one item offline, against the log's key or a
trust policy alone.

A bundle is canonical JSON. It is verified in numbered steps:

1. ``form``: the bundle has exactly the members it should have, in their one spelling.
2. ``checkpoint``: the checkpoint names the log and bears the signatures that are asked for.
3. ``inclusion``: the entry is the leaf with the proof's index under the checkpoint's root.
4. ``entry``: the entry parses and says of itself that it stands at this index.
5. ``keys``: each key entry of the stream is in the same tree and was authorised.
6. ``active``: the key that the statement names was active at the entry's index.
7. ``signature``: that key signed exactly the statement's bytes.
8. ``item``: SHA-256(salt || payload) is at its position under the root that was signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ledger import codec, merkle, note, statement
from ledger import entry as entries
from ledger import proof as proofs
from ledger.checkpoint import Checkpoint
from ledger.cosignature import parse_verifier
from ledger.entry import Entry
from ledger.errors import CommitmentError, FormatError, LedgerError, ProofError
from ledger.keys import KeyRing, PublicKey
from ledger.note import VerifierKey
from ledger.proof import Proof
from ledger.statement import Batch, KeyAdd, KeyRevoke, Statement
from ledger.trust import Trust

TYPE = "ledger-bundle"
VERSION = 1

Source = bytes | dict[str, Any]
"""Bytes of a bundle, which must be canonical, or the object read from such bytes."""

Log = str | VerifierKey | Trust
"""The log's key, as a vkey string or parsed, or a trust that may ask for witnesses too."""


class State(StrEnum):
    """Outcome of a step. A step is right only if it was carried out and held."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True)
class Step:
    """One step as a reader sees it: what is claimed, how it is checked, what was found."""

    number: int
    name: str
    claim: str
    method: str
    value: str
    state: State
    error: LedgerError | None = None


@dataclass(frozen=True)
class VerifiedBundle:
    """What a bundle proves. Only verification makes one."""

    payload: bytes
    position: int
    statement: Statement
    index: int
    received_at: datetime
    entry_hash: bytes
    checkpoint: Checkpoint


@dataclass(frozen=True)
class Parts:
    """Members of a bundle, decoded but not verified."""

    payload: bytes
    salt: bytes
    position: int
    path: list[bytes]
    entry: bytes
    keys: list[tuple[bytes, list[bytes]]]
    proof: Proof


def build(
    *,
    payload: bytes,
    salt: bytes,
    position: int,
    commitments: Sequence[bytes],
    entry: bytes,
    keys: Sequence[tuple[bytes, Sequence[bytes]]],
    proof: Proof,
) -> dict[str, Any]:
    """A bundle for the item at ``position``; ``keys`` are (entry, audit path) of key entries."""
    leaves = [merkle.leaf_hash(value) for value in commitments]
    path = merkle.prove_inclusion(merkle.subtree(leaves), position, len(leaves))
    return {
        "entry": codec.format_base64(entry),
        "item": {
            "path": _dump_path(path),
            "payload": codec.format_base64(payload),
            "position": position,
            "salt": codec.format_base64(salt),
        },
        "keys": [{"entry": codec.format_base64(key), "path": _dump_path(way)} for key, way in keys],
        "proof": proof.format().decode(),
        "type": TYPE,
        "v": VERSION,
    }


def dump(bundle: dict[str, Any]) -> bytes:
    """The bundle as a file: canonical JSON (RFC 8785)."""
    return codec.dump_json(bundle)


def _dump_path(path: Sequence[bytes]) -> list[str]:
    return [codec.format_base64(value) for value in path]


def parse(source: Source) -> Parts:
    """Members of a bundle in their one form, not verified."""
    value = codec.load_json(source) if isinstance(source, bytes) else source
    codec.check_members(value, {"entry", "item", "keys", "proof", "type", "v"})
    if value["type"] != TYPE or type(value["v"]) is not int or value["v"] != VERSION:
        raise FormatError("not a bundle of a known version")
    item = codec.check_members(value["item"], {"path", "payload", "position", "salt"})
    keys = [codec.check_members(key, {"entry", "path"}) for key in _list(value["keys"])]
    return Parts(
        payload=_bytes(item["payload"]),
        salt=_bytes(item["salt"]),
        position=codec.count_of(item["position"]),
        path=_load_path(item["path"]),
        entry=_bytes(value["entry"]),
        keys=[(_bytes(key["entry"]), _load_path(key["path"])) for key in keys],
        proof=proofs.parse(codec.text_of(value["proof"]).encode()),
    )


def _bytes(value: object) -> bytes:
    return codec.parse_base64(codec.text_of(value))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise FormatError("list expected")
    return value


def _load_path(value: object) -> list[bytes]:
    return [codec.parse_hash64(codec.text_of(one)) for one in _list(value)]


class _Check:
    """The steps over one bundle; each leaves what later ones need."""

    parts: Parts
    checkpoint: Checkpoint
    entry: Entry
    ring: KeyRing
    key: PublicKey

    def __init__(self, source: Source, log: Log) -> None:
        self.source = source
        if isinstance(log, Trust):
            self.trust = log
        else:
            self.trust = Trust.of_key(parse_verifier(log) if isinstance(log, str) else log)

    def form(self) -> str:
        self.parts = parse(self.source)
        return f"item {self.parts.position} of entry {self.parts.proof.index}"

    def log(self) -> str:
        self.checkpoint = self.trust.checkpoint(self.parts.proof.checkpoint)
        seen = f"{self.checkpoint.origin}, {self.checkpoint.size} entries"
        names = self.trust.policy.cosigners(note.parse(self.parts.proof.checkpoint))
        return f"{seen}, witnesses: {', '.join(names)}" if names else seen

    def inclusion(self) -> str:
        proof = self.parts.proof
        self._verify_path(self.parts.entry, proof.index, proof.path)
        return f"leaf {proof.index}, {len(proof.path)} hashes to the root"

    def _verify_path(self, entry: bytes, index: int, path: Sequence[bytes]) -> None:
        head = self.checkpoint
        merkle.verify_inclusion(merkle.leaf_hash(entry), index, head.size, path, head.root)

    def place(self) -> str:
        self.entry = entries.parse(self.parts.entry)
        if self.entry.index != self.parts.proof.index:
            raise ProofError(f"the entry says index {self.entry.index}, the proof another")
        return f"index {self.entry.index}, received {codec.format_instant(self.entry.received_at)}"

    def keys(self) -> str:
        ring = KeyRing(self.trust.operator)
        last = -1
        for data, path in self.parts.keys:
            key = entries.parse(data)
            link = key.statement
            if not isinstance(link.body, KeyAdd | KeyRevoke) or key.index <= last:
                raise FormatError("the key entries are not key entries in order of index")
            if link.stream != self.entry.statement.stream:
                raise FormatError("a key entry belongs to another stream")
            self._verify_path(data, key.index, path)
            ring.authority(link, key.index).verify(link.format(), key.signature)
            ring.apply(link, key.index)
            last = key.index
        self.ring = ring
        return f"{len(self.parts.keys)} key entries of {self.entry.statement.stream}"

    def active(self) -> str:
        signed = self.entry.statement
        if not isinstance(signed.body, Batch):
            raise FormatError("a statement about keys or the log has no items")
        self.key = self.ring.authority(signed, self.entry.index)
        return self.key.kid

    def signature(self) -> str:
        signed = self.entry.statement
        self.key.verify(signed.format(), self.entry.signature)
        return f"{signed.stream}, statement {signed.seq}"

    def item(self) -> str:
        body, parts = self.entry.statement.body, self.parts
        if not isinstance(body, Batch):
            raise CommitmentError("the statement is not about items")
        leaf = merkle.leaf_hash(statement.commitment(parts.salt, parts.payload))
        try:
            merkle.verify_inclusion(leaf, parts.position, body.count, parts.path, body.root)
        except ProofError as error:
            raise CommitmentError("the item is not the one that was signed") from error
        return f"item {parts.position} of {body.count}, {len(parts.payload)} bytes"


@dataclass(frozen=True)
class _Plan:
    name: str
    needs: frozenset[str]
    run: Callable[[_Check], str]
    claim: str
    method: str


def _plan(name: str, needs: str, run: Callable[[_Check], str], claim: str, method: str) -> _Plan:
    return _Plan(name, frozenset(needs.split()), run, claim, method)


_PLANS = (
    _plan("form", "", _Check.form, "The bundle is complete", "canonical JSON, exact members"),
    _plan(
        "checkpoint",
        "form",
        _Check.log,
        "The log signed this checkpoint, and the witnesses asked for did",
        "signatures of the log and its witnesses over the checkpoint",
    ),
    _plan(
        "inclusion",
        "form checkpoint",
        _Check.inclusion,
        "The entry is in the log",
        "audit path to the checkpoint's root (RFC 9162)",
    ),
    _plan("entry", "form", _Check.place, "The entry stands at this index", "canonical JSON"),
    _plan(
        "keys",
        "form checkpoint entry",
        _Check.keys,
        "The party's keys were added by the log's operator or by an earlier key",
        "audit path and signature of each key entry",
    ),
    _plan(
        "active",
        "entry keys",
        _Check.active,
        "The party's key was active at this index",
        "key entries against the entry's index",
    ),
    _plan(
        "signature",
        "active",
        _Check.signature,
        "The party signed the statement",
        "the key's signature over the statement's bytes",
    ),
    _plan(
        "item",
        "form entry",
        _Check.item,
        "The item is in the statement",
        "SHA-256(salt || item), audit path to the statement's root",
    ),
)


def _run(check: _Check) -> list[Step]:
    right: set[str] = set()
    steps = []
    for number, plan in enumerate(_PLANS, 1):
        value, state, failure = "", State.NOT_CHECKED, None
        if plan.needs <= right:
            try:
                value, state = plan.run(check), State.RIGHT
                right.add(plan.name)
            except LedgerError as error:
                value, state, failure = str(error), State.WRONG, error
        steps.append(Step(number, plan.name, plan.claim, plan.method, value, state, failure))
    return steps


def steps(source: Source, log: Log) -> list[Step]:
    """All steps with their outcome, going on after a failure where a step does not depend on it.

    The bundle proves its claim only if every step is right. Raises :class:`FormatError` only for
    a ``log`` that is no key.
    """
    return _run(_Check(source, log))


def verify(source: Source, log: Log) -> VerifiedBundle:
    """What the bundle proves, if every step is right; else raises the first step's error."""
    check = _Check(source, log)
    for step in _run(check):
        if step.error is not None:
            raise step.error
    entry, parts = check.entry, check.parts
    return VerifiedBundle(
        payload=parts.payload,
        position=parts.position,
        statement=entry.statement,
        index=entry.index,
        received_at=entry.received_at,
        entry_hash=entries.hash_of(parts.entry),
        checkpoint=check.checkpoint,
    )
