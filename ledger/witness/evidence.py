"""What a log signed that does not go together, in a file that a third party can judge offline."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger import checkpoint, merkle, note
from ledger.checkpoint import Checkpoint
from ledger.codec import check_members, format_base64, parse_hash64, text_of
from ledger.cosignature import parse_verifier
from ledger.errors import FormatError, ProofError, SignatureError
from ledger.note import VerifierKey

TYPE = "ledger-evidence"
_MEMBERS = {"known", "logKeys", "offered", "proof", "type", "v"}
_MAX_FILES = 10_000
_MAX_PROVEN = 20_000


@dataclass(frozen=True)
class Finding:
    """What a piece of evidence shows; only a fork is proven by the two notes alone."""

    proven: bool
    text: str


@dataclass(frozen=True)
class Evidence:
    """Two checkpoints of one log, the known one and the one offered, and the proof that came."""

    known: bytes
    offered: bytes
    proof: tuple[bytes, ...]
    log_keys: tuple[str, ...]

    def format(self) -> bytes:
        """The file: JSON for people and programs."""
        content = {
            "known": self.known.decode(),
            "logKeys": list(self.log_keys),
            "offered": self.offered.decode(),
            "proof": [format_base64(value) for value in self.proof],
            "type": TYPE,
            "v": 1,
        }
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()

    @property
    def name(self) -> str:
        """File name; the same offer against the same checkpoint has the same."""
        heads = [note.parse(data).text for data in (self.known, self.offered)]
        digest = hashlib.sha256("\n".join(heads).encode()).hexdigest()
        return f"evidence-{digest[:32]}.json"


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise FormatError("a list of texts is expected")
    return tuple(text_of(one) for one in value)


def parse(data: bytes) -> Evidence:
    """Evidence of the bytes of a file."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError("evidence is JSON") from error
    members = check_members(content, _MEMBERS)
    if members["type"] != TYPE or type(members["v"]) is not int or members["v"] != 1:
        raise FormatError("not evidence of this version")
    return Evidence(
        text_of(members["known"]).encode(),
        text_of(members["offered"]).encode(),
        tuple(parse_hash64(line) for line in _strings(members["proof"])),
        _strings(members["logKeys"]),
    )


def _head(data: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    signed = note.parse(data)
    head = checkpoint.parse(signed.text)
    mine = [key for key in keys if key.name == head.origin]
    if not mine:
        raise SignatureError(f"no key of the log {head.origin!r} is given")
    note.verify_known(signed, mine)
    return head


def judge(evidence: Evidence, keys: Sequence[VerifierKey] | None = None) -> Finding:
    """What the evidence shows, if both notes are signed by the log; otherwise SignatureError.

    ``keys`` are the log's keys from elsewhere; without them those in the file are taken, and the
    judgement holds only if they are the log's.
    """
    trusted = [parse_verifier(key) for key in evidence.log_keys] if keys is None else keys
    known, offered = _head(evidence.known, trusted), _head(evidence.offered, trusted)
    if known.origin != offered.origin:
        raise FormatError("the checkpoints are of two logs")
    if known.size == offered.size:
        if known.root == offered.root:
            return Finding(False, "nothing: both checkpoints are of the same tree")
        return Finding(True, f"a fork: the log signed two trees of {known.size} entries")
    if any(head.size == 0 and head.root != merkle.EMPTY_ROOT for head in (known, offered)):
        return Finding(True, "a false root: the empty tree has another")
    if known.size == 0:
        return Finding(False, "nothing: every tree continues the empty one")
    if offered.size < known.size:
        return Finding(
            False,
            f"a step back: the log offered {offered.size} entries after {known.size}; it is a fork"
            " unless the log can prove the larger tree to continue the smaller",
        )
    try:
        merkle.verify_consistency(
            known.size, offered.size, evidence.proof, known.root, offered.root
        )
    except ProofError as error:
        return Finding(
            False,
            f"no consistency from {known.size} to {offered.size} entries ({error}); it is a fork"
            " unless the log has another proof",
        )
    return Finding(False, "nothing: the proof holds")


def write(folder: Path, evidence: Evidence, *, proven: bool = False) -> Path | None:
    """Keep the evidence durably; None if the same is kept already or the folder is full.

    Anybody can offer old checkpoints, which prove nothing, until the folder is full of them: for
    what is ``proven`` there is room beyond.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target, room = folder / evidence.name, _MAX_PROVEN if proven else _MAX_FILES
    if target.exists() or sum(1 for _ in folder.iterdir()) >= room:
        return None
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as file:
        file.write(evidence.format())
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())
    Path(file.name).replace(target)
    return target
