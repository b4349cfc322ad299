"""Requests and answers of C2SP tlog-witness as bytes: strict both ways, no network."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ledger import checkpoint, note
from ledger.checkpoint import Checkpoint
from ledger.codec import format_base64, parse_decimal, parse_hash64
from ledger.errors import FormatError
from ledger.note import Note, Signature

SIZE_TYPE = "text/x.tlog.size"
NOTE_TYPE = "text/plain; charset=utf-8"
MAX_PATH = 63
MAX_REQUEST = 262_144
MAX_ANSWER = 262_144


@dataclass(frozen=True)
class AddCheckpoint:
    """Body of ``add-checkpoint``: size the witness should know, consistency proof, signed note."""

    old: int
    proof: tuple[bytes, ...]
    signed: Note

    @property
    def head(self) -> Checkpoint:
        """The checkpoint."""
        return checkpoint.parse(self.signed.text)

    def format(self) -> bytes:
        """The body as it is sent."""
        lines = [f"old {self.old}", *(format_base64(value) for value in self.proof), "", ""]
        return "\n".join(lines).encode() + self.signed.format()


def parse_request(body: bytes) -> AddCheckpoint:
    """Body of these bytes; ``parse_request(body).format() == body`` for all that is accepted."""
    head, separator, signed = body.partition(b"\n\n")
    if not separator:
        raise FormatError("a request holds an empty line and then a checkpoint")
    try:
        first, *proof = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise FormatError("the head of a request is ASCII text") from error
    if not first.startswith("old "):
        raise FormatError("a request begins with the old size")
    if len(proof) > MAX_PATH:
        raise FormatError(f"a proof has at most {MAX_PATH} hashes")
    request = AddCheckpoint(
        parse_decimal(first.removeprefix("old ")),
        tuple(parse_hash64(line) for line in proof),
        note.parse(signed),
    )
    checkpoint.parse(request.signed.text)
    return request


def format_lines(signatures: tuple[Signature, ...]) -> bytes:
    """Signature lines as a witness answers them."""
    return "".join(f"{signature.line}\n" for signature in signatures).encode()


def parse_lines(body: bytes) -> tuple[Signature, ...]:
    """Signature lines of a witness's answer; at least one."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("signature lines are UTF-8 text") from error
    if not text.endswith("\n"):
        raise FormatError("a signature line ends in a newline")
    lines = text[:-1].split("\n")
    if len(lines) > note.MAX_SIGNATURES:
        raise FormatError("too many signature lines")
    found = tuple(note.parse_signature(line) for line in lines)
    if format_lines(found) != body:
        raise FormatError("not the canonical form of signature lines")
    return found


def format_size(size: int) -> bytes:
    """Body of a 409 answer."""
    return f"{size}\n".encode()


def parse_size(body: bytes) -> int:
    """Size in a 409 answer."""
    if not body.endswith(b"\n") or not body.isascii():
        raise FormatError("a size is a line of ASCII text")
    return parse_decimal(body[:-1].decode("ascii"))


def origin_hash(origin: str) -> str:
    """Name of a log in the monitoring addresses: SHA-256 of its origin in hexadecimal."""
    return hashlib.sha256(origin.encode()).hexdigest()
