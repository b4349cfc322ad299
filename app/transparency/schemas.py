"""What a page shows of the log: records with their proof, steps of a bundle, the overview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.i18n import N_

Integrity = Literal["proven", "pending", "proof-failed", "signature-failed"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of the register that rests on a signed record; ``row`` are the facts to compare."""

    entry_index: int
    position: int
    row: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a record gave; ``received_at`` is the log's clock, None if unreadable."""

    integrity: Integrity
    received_at: datetime | None = None
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last signed checkpoint."""

    origin: str
    size: int
    root: str  # base64
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """The log as its page shows it; ``head`` is None before the first checkpoint."""

    origin: str
    verifier_key: str
    entries: int
    head: Head | None
    checkpoint: str


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One step of verifying a bundle, in words: ``claim`` and ``method`` are msgids."""

    number: int
    name: str
    claim: str
    method: str
    value: str
    state: str  # right, wrong, not-checked


@dataclass(frozen=True, slots=True)
class ProofPage:
    """The steps for one record, with the first that failed, if one did."""

    entry_index: int
    position: int
    holds: bool
    steps: tuple[ProofStep, ...]
    head: Head | None
    received_at: datetime | None
    bundle_url: str  # empty where no bundle can be made
    log_key: str
    payload: str  # the record as it was signed, indented for reading
    party: str


# Claim and method of each step of ledger.bundle, for people.
STEPS: Mapping[str, tuple[str, str]] = {
    "form": (
        N_("The bundle is complete"),
        N_("It has exactly the parts it should have, each written in its one way."),
    ),
    "checkpoint": (
        N_("The log signed this checkpoint"),
        N_("Ed25519 signature of the log over its size and root."),
    ),
    "inclusion": (
        N_("The entry is in the log"),
        N_("From the entry up to the root of the tree, one hash a level (RFC 9162)."),
    ),
    "entry": (
        N_("The entry stands where it says"),
        N_("The entry itself names the index that the path belongs to."),
    ),
    "keys": (
        N_("The party's key belongs to the party"),
        N_("Each key was entered in the same log, signed by its operator or an earlier key."),
    ),
    "active": (
        N_("The key was in force"),
        N_("It was added before this entry and not revoked before it."),
    ),
    "signature": (
        N_("The party signed it"),
        N_("Ed25519 signature of the party over the exact bytes of its statement."),
    ),
    "item": (
        N_("The content is unchanged"),
        N_("Its fingerprint (SHA-256 of salt and content) is under what was signed."),
    ),
}
