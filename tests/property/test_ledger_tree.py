"""Laws of the tree that hold for every size."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger import merkle
from ledger.builder import TileBuilder
from ledger.errors import ProofError, StateError
from ledger.tile import Tile, parse_entries, parse_hashes

LEAVES = [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(700)]


def definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: slow, and written apart from the code under test."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + definition(leaves[:k]) + definition(leaves[k:])).digest()


sizes = st.integers(1, len(LEAVES))


@given(st.integers(0, len(LEAVES)))
def test_root_is_the_definition(size: int) -> None:
    assert merkle.root(LEAVES[:size]) == definition(LEAVES[:size])


@given(sizes, st.data())
def test_every_leaf_is_proven_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.prove_inclusion(merkle.subtree(LEAVES), index, size)
    root = definition(LEAVES[:size])
    merkle.verify_inclusion(LEAVES[index], index, size, path, root)
    other = data.draw(
        st.integers(0, size - 1).filter(lambda n: n != index) if size > 1 else st.just(size)
    )
    with pytest.raises(ProofError):
        merkle.verify_inclusion(LEAVES[index], other, size, path, root)
    with pytest.raises(ProofError):
        merkle.verify_inclusion(LEAVES[(index + 1) % len(LEAVES)], index, size, path, root)


@given(sizes, st.data())
def test_one_flipped_bit_breaks_an_inclusion_proof(size: int, data: st.DataObject) -> None:
    assume(size > 1)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.prove_inclusion(merkle.subtree(LEAVES), index, size)
    at, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
    flipped = int.from_bytes(path[at], "big") ^ 1 << bit
    path[at] = flipped.to_bytes(32, "big")
    with pytest.raises(ProofError):
        merkle.verify_inclusion(LEAVES[index], index, size, path, definition(LEAVES[:size]))


@given(sizes, sizes)
def test_a_tree_begins_every_later_one(first: int, second: int) -> None:
    assume(first <= second)
    proof = merkle.prove_consistency(merkle.subtree(LEAVES), first, second)
    old, new = definition(LEAVES[:first]), definition(LEAVES[:second])
    merkle.verify_consistency(first, second, proof, old, new)


@given(sizes, sizes, st.data())
def test_a_rewritten_history_is_not_consistent(
    first: int, second: int, data: st.DataObject
) -> None:
    assume(first < second)
    at = data.draw(st.integers(0, first - 1))
    other = [*LEAVES[:at], merkle.leaf_hash(b"other"), *LEAVES[at + 1 : second]]
    proof = merkle.prove_consistency(merkle.subtree(other), first, second)
    with pytest.raises(ProofError):
        merkle.verify_consistency(
            first, second, proof, definition(LEAVES[:first]), definition(other)
        )


@given(st.lists(st.binary(max_size=40), max_size=600), st.integers(0, 600))
def test_tiles_hold_the_tree_however_it_was_grown(entries: list[bytes], cut: int) -> None:
    cut = min(cut, len(entries))
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    written: dict[Tile, bytes] = {}
    builder = TileBuilder()
    for entry in entries[:cut]:
        written.update(builder.add(entry))
    written.update(builder.partial())
    assert builder.root() == definition(leaves[:cut])

    def read(tile: Tile) -> list[bytes]:
        return parse_hashes(written[tile], tile.width)

    resumed = TileBuilder.resume(cut, builder.root(), read, entries[cut - cut % 256 : cut])
    for entry in entries[cut:]:
        written.update(resumed.add(entry))
    written.update(resumed.partial())
    assert resumed.root() == definition(leaves)
    for tile, content in written.items():
        if tile.level == 0:
            first = tile.index * 256
            assert parse_hashes(content, tile.width) == leaves[first : first + tile.width]
        elif tile.level < 0:
            first = tile.index * 256
            assert parse_entries(content, tile.width) == entries[first : first + tile.width]
        else:
            rows = [definition(leaves[n * 256 : n * 256 + 256]) for n in range(tile.width)]
            assert parse_hashes(content, tile.width) == rows


@given(st.integers(1, 600), st.data())
def test_tiles_of_another_tree_are_not_believed(size: int, data: st.DataObject) -> None:
    entries = [bytes([n % 251]) for n in range(size)]
    written: dict[Tile, bytes] = {}
    builder = TileBuilder()
    for entry in entries:
        written.update(builder.add(entry))
    partial = dict(builder.partial())
    tile = data.draw(st.sampled_from(sorted(t for t in partial if t.level >= 0)))
    bit = data.draw(st.integers(0, len(partial[tile]) * 8 - 1))
    damaged = bytearray(partial[tile])
    damaged[bit // 8] ^= 1 << bit % 8
    partial[tile] = bytes(damaged)
    with pytest.raises(StateError):
        TileBuilder.resume(
            size,
            builder.root(),
            lambda at: parse_hashes(partial[at], at.width),
            entries[size - size % 256 :],
        )
