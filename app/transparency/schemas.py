"""What a page shows of the log: records with their proof, steps of a bundle, the overview."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.redaction.schemas import Deletion

Integrity = Literal["proven", "pending", "deleted", "proof-failed", "signature-failed"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of the register that rests on a signed record; ``row`` are the facts to compare.

    ``stream``: whose statement the record must stand in. ``named``: the canonical keys that the
    record must name, by the role they play, where it is an event.
    """

    entry_index: int
    position: int
    row: Mapping[str, object] = field(default_factory=dict)
    stream: str = ""
    named: Mapping[str, Collection[str]] = field(default_factory=dict)
    deleted: bool = False  # the register says that its content was deleted


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a record gave; ``received_at`` is the log's clock, None if unreadable."""

    integrity: Integrity
    received_at: datetime | None = None
    payload: Mapping[str, Any] | None = None
    deletion: Deletion | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last signed checkpoint."""

    origin: str
    size: int
    root: str  # base64
    at: datetime


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in the list of the newest; ``items`` is 0 for an entry about keys."""

    index: int
    party: str
    kind: str
    items: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """The log as its page shows it; ``head`` is None before the first checkpoint.

    ``witnesses`` are names and algorithms of their keys, with the time of the cosignature on the
    published checkpoint; None means that it is not there.
    """

    head: Head | None
    log_keys: tuple[str, ...]
    checkpoint: str
    entries: tuple[EntryLine, ...]
    witnesses: tuple[tuple[str, str, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One step of verifying a bundle; ``name`` as in ledger.bundle, ``state`` as there."""

    number: int
    name: str
    value: str
    state: str  # right, wrong, not-checked


@dataclass(frozen=True, slots=True)
class ProvenRecord:
    """The record that a proof is about; empty values where the log is broken."""

    entry_index: int
    position: int
    tree_size: int = 0
    root: str = ""
    origin: str = ""
    party: str = ""
    payload: str = ""  # as it was signed, indented for reading
    received_at: datetime | None = None
    checkpoint_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProofPage:
    """The steps for one record and whether all of them hold."""

    record: ProvenRecord
    steps: tuple[ProofStep, ...]
    holds: bool
    bundle_url: str  # empty where no bundle can be made
    log_key: str
    deletion: Deletion | None = None
