"""Checkpoints: the signed tree head of a log (C2SP tlog-checkpoint)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import note
from ledger.codec import format_base64, parse_decimal, parse_hash64
from ledger.errors import FormatError, SignatureError

if TYPE_CHECKING:
    from ledger.cosignature import MlDsaSigner


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
    note.check_text(text)
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise FormatError("a checkpoint has at least three lines, none of them empty")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, parse_decimal(size), parse_hash64(root), tuple(extensions))


def sign(checkpoint: Checkpoint, signer: note.Signer) -> bytes:
    """The signed checkpoint."""
    return note.sign(checkpoint.format(), [signer]).format()


@dataclass(frozen=True)
class LogSigner:
    """The keys of a log: Ed25519 for every reader, ML-DSA-44 against quantum computers.

    Both bear the name that is the origin of the log's checkpoints.
    """

    ed25519: note.Signer
    mldsa: MlDsaSigner | None = None

    def __post_init__(self) -> None:
        if self.mldsa is not None and self.mldsa.name != self.ed25519.name:
            raise FormatError("the two keys of a log bear the same name")

    @property
    def name(self) -> str:
        """The origin of the log."""
        return self.ed25519.name

    @property
    def private_key(self) -> Ed25519PrivateKey:
        """The key that also signs the operator's statements."""
        return self.ed25519.private_key

    @property
    def verifier(self) -> note.Verifier:
        """The public side of the Ed25519 key."""
        return self.ed25519.verifier

    @property
    def verifiers(self) -> tuple[note.VerifierKey, ...]:
        """The public sides of all keys."""
        return (self.verifier,) if self.mldsa is None else (self.verifier, self.mldsa.verifier)

    def sign(self, checkpoint: Checkpoint, at: datetime) -> bytes:
        """The checkpoint with a signature of each key; only ML-DSA-44 signs the time."""
        text = checkpoint.format()
        extra = [] if self.mldsa is None else [self.mldsa.cosign(text, at)]
        signed = note.Note(text, (self.ed25519.sign(text), *extra)).format()
        note.parse(signed)
        return signed

    def format(self) -> str:
        """The key file: a secret, one skey a line."""
        keys = [self.ed25519.format(), *([] if self.mldsa is None else [self.mldsa.format()])]
        return "".join(f"{key}\n" for key in keys)


def parse_signed(data: bytes, verifier: note.VerifierKey | None) -> Checkpoint:
    """The checkpoint in a signed note; its signature is checked if a verifier is given."""
    signed = note.parse(data)
    if verifier is not None:
        verifier.verify(signed)
    return parse(signed.text)


def verify(data: bytes, verifier: note.VerifierKey, origin: str | None = None) -> Checkpoint:
    """The checkpoint in a signed note, once its signature and its origin are checked.

    The origin is the verifier's name unless another is given (tlog-proof, step 2).
    """
    checkpoint = parse_signed(data, verifier)
    expected = verifier.name if origin is None else origin
    if checkpoint.origin != expected:
        raise SignatureError(f"this is a checkpoint of {checkpoint.origin!r}, not of {expected!r}")
    return checkpoint
