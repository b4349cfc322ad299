"""Offline proof that an entry is in the log (C2SP tlog-proof)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger import checkpoint, merkle, note
from ledger.checkpoint import Checkpoint
from ledger.codec import format_base64, parse_base64, parse_decimal, parse_hash64
from ledger.errors import FormatError

HEADER = "c2sp.org/tlog-proof@v1"
_MAX_PATH = 63


@dataclass(frozen=True)
class Proof:
    """Index of the entry, audit path from the leaf up, signed checkpoint, unsigned extra data."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def format(self) -> bytes:
        """The proof as text."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {format_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(format_base64(value) for value in self.path)
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint


def parse(data: bytes) -> Proof:
    """Proof of these bytes; ``parse(data).format() == data`` for all that is accepted."""
    head, separator, signed = data.partition(b"\n\n")
    if not separator:
        raise FormatError("a proof holds an empty line and then a checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise FormatError("the head of a proof is ASCII text") from error
    if lines[0] != HEADER:
        raise FormatError(f"a proof begins with {HEADER}")
    rest = lines[1:]
    extra = None
    if rest and rest[0].startswith("extra "):
        extra = parse_base64(rest.pop(0).removeprefix("extra "))
    if not rest or not rest[0].startswith("index "):
        raise FormatError("a proof names an index")
    index = parse_decimal(rest[0].removeprefix("index "))
    if len(rest) - 1 > _MAX_PATH:
        raise FormatError("the audit path is too long")
    path = tuple(parse_hash64(line) for line in rest[1:])
    checkpoint.parse_signed(signed, None)
    return Proof(index, path, signed, extra)


def verify(proof: Proof, entry: bytes, verifier: note.Verifier) -> Checkpoint:
    """The checkpoint that commits to ``entry`` at the proof's index (steps 1, 2 and 4)."""
    signed = checkpoint.verify(proof.checkpoint, verifier)
    leaf = merkle.leaf_hash(entry)
    merkle.verify_inclusion(leaf, proof.index, signed.size, proof.path, signed.root)
    return signed
