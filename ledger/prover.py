"""Proofs from the tiles, and what the log publishes about keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from ledger import bundle, codec, merkle
from ledger import entry as entries
from ledger.append import entry_at, key_entries
from ledger.errors import MissingError, RedactedError, StateError
from ledger.keys import KeyRing
from ledger.merkle import leaf_hash
from ledger.note import Verifier
from ledger.proof import Proof
from ledger.schema import ledger_item
from ledger.sequencer import Stored, published_checkpoint
from ledger.tiles import TileStore


def prove(tiles: TileStore, index: int, size: int) -> list[bytes]:
    """Audit path of entry ``index`` in the tree of ``size``, a size that was signed."""
    return merkle.prove_inclusion(tiles.subtree(size), index, size)


def consistency(tiles: TileStore, first: int, second: int) -> list[bytes]:
    """Proof that the tree of ``first`` entries begins that of ``second``, both signed sizes."""
    return merkle.prove_consistency(tiles.subtree(second), first, second)


def prove_entry(connection: Connection, tiles: TileStore, *, origin: str, index: int) -> Proof:
    """Proof of an entry against the last checkpoint, verified before it is handed out.

    Raises :class:`MissingError` while no checkpoint covers the entry.
    """
    head = _head(connection, origin, index)
    path = _path(tiles, head, entry_at(connection, origin, index), index)
    return Proof(index, tuple(path), head.published)


def _head(connection: Connection, origin: str, index: int) -> Stored:
    head = published_checkpoint(connection, origin)
    if head is None or index >= head.size:
        raise MissingError(f"no checkpoint covers entry {index} yet")
    return head


def _path(tiles: TileStore, head: Stored, entry: bytes, index: int) -> list[bytes]:
    """Audit path that leads to the checkpoint's root: tiles are not trusted."""
    path = prove(tiles, index, head.size)
    if merkle.inclusion_root(leaf_hash(entry), index, head.size, path) != head.root:
        tiles.forget()
        raise StateError(f"entry {index} or the tiles do not lead to checkpoint {head.size}")
    return path


def make_bundle(
    connection: Connection, tiles: TileStore, *, origin: str, index: int, position: int
) -> dict[str, Any]:
    """Proof bundle of the item at ``position`` in entry ``index``, from the ledger's own tables.

    Raises :class:`MissingError` where no such item is, :class:`RedactedError` where it was
    destroyed.
    """
    table = ledger_item.c
    where = (table.log == origin, table.entry_index == index)
    item = connection.execute(
        select(table.payload, table.salt).where(*where, table.position == position)
    ).one_or_none()
    if item is None:
        raise MissingError(f"no item {position} in entry {index}")
    if item.payload is None or item.salt is None:
        raise RedactedError(f"item {position} of entry {index} was destroyed")
    head = _head(connection, origin, index)
    body = entry_at(connection, origin, index)
    stream = entries.parse(body).statement.stream
    keys = [
        (key, _path(tiles, head, key, at))
        for key in key_entries(connection, origin, stream)
        if (at := entries.parse(key).index) < head.size
    ]
    return bundle.build(
        payload=item.payload,
        salt=item.salt,
        position=position,
        commitments=list(
            connection.scalars(select(table.commitment).where(*where).order_by(table.position))
        ),
        entry=body,
        keys=keys,
        proof=Proof(index, tuple(_path(tiles, head, body, index)), head.published),
    )


def key_list(connection: Connection, *, origin: str, verifier: Verifier) -> bytes:
    """All keys of all streams as JSON, for people and pages; the entries are what counts."""
    ring = KeyRing(None)
    for body in key_entries(connection, origin):
        entry = entries.parse(body)
        ring.apply(entry.statement, entry.index)
    return codec.dump_json(
        {
            "keys": [
                {
                    "added": tenure.added,
                    "alg": tenure.key.alg,
                    "kid": kid,
                    "publicKey": codec.format_base64(tenure.key.data),
                    "revoked": tenure.revoked,
                    "stream": stream,
                    "until": tenure.until,
                }
                for stream, tenures in sorted(ring.streams.items())
                for kid, tenure in tenures.items()
            ],
            "log": verifier.format(),
            "v": 1,
        }
    )
