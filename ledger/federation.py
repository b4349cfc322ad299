"""A root log: one log of many logs' checkpoints, each shown to continue the one before it.

Whoever watches the root log and its witnesses watches all members. A member that shows another
history than the one entered before is refused, and the two checkpoints it signed are the proof.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from ledger import checkpoint, merkle
from ledger import entry as entries
from ledger.append import Appended
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.database import lock
from ledger.errors import ForkError, ProofError, StateError
from ledger.note import Signer, Verifier
from ledger.schema import ledger_entry, ledger_stream
from ledger.shard import state
from ledger.statement import ROOT, Root
from ledger.tiles import TileStore
from ledger.witness import evidence
from ledger.witness.evidence import Evidence


def last_entered(connection: Connection, root: str, member: str) -> bytes | None:
    """The checkpoint of a member that the root log entered last; None where it knows none."""
    link, entry = ledger_stream.c, ledger_entry.c
    query = (
        select(entry.body)
        .join_from(
            ledger_stream,
            ledger_entry,
            (entry.log == link.log) & (entry.entry_index == link.entry_index),
        )
        .where(link.log == root, link.stream == root, link.kind == ROOT)
        .order_by(link.seq.desc())
    )
    with connection.execute(query) as bodies:
        for body in bodies.scalars():
            said = entries.parse(body).statement.body
            if isinstance(said, Root) and said.origin == member:
                return said.checkpoint
    return None


def enter(
    engine: Engine,
    *,
    root: str,
    note: bytes,
    member: Verifier,
    tiles: TileStore,
    signer: Signer | LogSigner,
    now: datetime,
    folder: Path | None = None,
) -> Appended | None:
    """Enter a member's signed checkpoint in the root log; None where it is the one entered last.

    ``tiles`` are the member's public files, of which nothing is believed. Raises
    :class:`SignatureError` for a note that the member's key did not sign, :class:`StateError`
    where its tiles do not lead to it, or it is older than what was entered, and
    :class:`ForkError` where it shows another history: then ``folder`` gets the evidence.
    """
    offered = checkpoint.verify(note, member)
    if offered.size == 0:
        raise StateError(f"{member.name} has no entries yet")
    with engine.begin() as connection:
        lock(connection)
        known_note = last_entered(connection, root, member.name)
        known = None if known_note is None else checkpoint.verify(known_note, member)
        _check_tiles(tiles, offered)
        if known is not None and known_note is not None:
            if known.size > offered.size:
                raise StateError(
                    f"{member.name} shows {offered.size} entries, it has shown {known.size} before"
                )
            _check_consistent(known_note, note, member, tiles, folder)
            if known.size == offered.size:
                return None
        body = Root(member.name, note)
        return state(connection, origin=root, body=body, signer=signer, now=now)


def _check_tiles(tiles: TileStore, offered: Checkpoint) -> None:
    """Raise unless the member's own files lead to what it signed: a fork is not a lost file."""
    if merkle.range_hash(tiles.subtree(offered.size), 0, offered.size) != offered.root:
        raise StateError(f"the tiles of {offered.origin} do not lead to its checkpoint")


def _check_consistent(
    known_note: bytes, note: bytes, member: Verifier, tiles: TileStore, folder: Path | None
) -> None:
    """Raise :class:`ForkError` unless the offered tree begins with the known one."""
    known, offered = checkpoint.verify(known_note, member), checkpoint.verify(note, member)
    path: tuple[bytes, ...] = ()
    if known.size != offered.size:
        path = tuple(
            merkle.prove_consistency(tiles.subtree(offered.size), known.size, offered.size)
        )
    try:
        merkle.verify_consistency(known.size, offered.size, path, known.root, offered.root)
    except ProofError as error:
        found = Evidence(known_note, note, path, (member.format(),))
        where = evidence.write(folder, found) if folder is not None else None
        raise ForkError(
            f"{member.name} shows two histories: the {known.size} entries entered before are not"
            f" the beginning of these {offered.size}" + (f"; evidence in {where}" if where else "")
        ) from error
