"""What callers hand in and get back, and what can be checked before the log's state is known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger import statement as statements
from ledger.keys import PublicKey
from ledger.statement import Statement

Item = tuple[bytes, bytes]
"""Payload and its salt of 16 random bytes."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A signed statement, and the items behind its commitments where the log is to keep them."""

    statement: bytes
    signature: bytes
    items: Sequence[Item] | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a statement stands: index, hash that the next entry names, entry bytes.

    ``replayed``: it stood there before, nothing was written, and this is the first answer again.
    """

    index: int
    entry_hash: bytes
    entry_bytes: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A submission whose form and items hold, and whose signature does if ``verified`` is a key.

    Whether that key may sign at this place is for the log's state to say.
    """

    submission: Submission
    statement: Statement
    link: bytes
    """Hash of the statement: what the next one of the stream names as ``prev``."""
    commitments: list[bytes]
    verified: PublicKey | None = None


def check(submission: Submission, keys: Mapping[str, PublicKey] | None = None) -> Checked:
    """Parse a submission and check its items; its signature too if ``keys`` has the named key.

    Keys are looked up by their identifier, which is a hash of the key: any source will do.
    """
    statement = statements.parse(submission.statement)
    key = keys.get(statement.kid) if keys else None
    if key is not None:
        key.verify(submission.statement, submission.signature)
    commitments: list[bytes] = []
    if submission.items is not None:
        commitments = [statements.commitment(salt, item) for item, salt in submission.items]
        statements.check_items(statement, commitments)
    # The bytes were canonical, so their hash is that of the parsed statement.
    link = hashlib.sha256(submission.statement).digest()
    return Checked(submission, statement, link, commitments, key)
