"""Checkpoints: the signed tree head of a log (C2SP tlog-checkpoint)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger import note
from ledger.codec import format_base64, parse_decimal, parse_hash64
from ledger.errors import FormatError, SignatureError


@dataclass(frozen=True)
class Checkpoint:
    """Origin, tree size and root hash; ``extensions`` are further lines, empty in our logs."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def format(self) -> str:
        """The note text."""
        lines = [self.origin, str(self.size), format_base64(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)


def parse(text: str) -> Checkpoint:
    """Checkpoint of a note text; ``parse(text).format() == text`` for all that is accepted."""
    if not text.endswith("\n"):
        raise FormatError("a checkpoint ends in a newline")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise FormatError("a checkpoint has at least three lines, none of them empty")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, parse_decimal(size), parse_hash64(root), tuple(extensions))


def sign(checkpoint: Checkpoint, signer: note.Signer) -> bytes:
    """The signed checkpoint."""
    return note.sign(checkpoint.format(), [signer]).format()


def parse_signed(data: bytes, verifier: note.Verifier | None) -> Checkpoint:
    """The checkpoint in a signed note; its signature is checked if a verifier is given."""
    signed = note.parse(data)
    if verifier is not None:
        verifier.verify(signed)
    return parse(signed.text)


def verify(data: bytes, verifier: note.Verifier, origin: str | None = None) -> Checkpoint:
    """The checkpoint in a signed note, once its signature and its origin are checked.

    The origin is the verifier's name unless another is given (tlog-proof, step 2).
    """
    checkpoint = parse_signed(data, verifier)
    expected = verifier.name if origin is None else origin
    if checkpoint.origin != expected:
        raise SignatureError(f"this is a checkpoint of {checkpoint.origin!r}, not of {expected!r}")
    return checkpoint
