"""Subtree proofs: the probes of transparency-dev, and laws that hold for every subtree."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle, subtree
from ledger.errors import ProofError
from tests import outside

MERKLE = outside.path("ledger/merkle")
LEAVES = [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(800)]
GET = merkle.subtree(LEAVES)


def probes(kind: str) -> list[Any]:
    files = sorted((MERKLE / "testdata" / kind).rglob("*.json"))
    assert len(files) > 40
    return [
        pytest.param(json.loads(file.read_text()), id=str(file.relative_to(MERKLE / "testdata")))
        for file in files
    ]


def unbase64(values: list[str] | None) -> list[bytes]:
    return [base64.b64decode(value) for value in values or []]


@pytest.mark.parametrize("probe", probes("subtreeinclusion"))
def test_inclusion_probes_of_transparency_dev(probe: dict[str, Any]) -> None:
    leaf, root = unbase64([probe["leafHash"] or "", probe["root"] or ""])
    place = (probe["leafIdx"], probe["start"], probe["end"])
    arguments = (leaf, *place, unbase64(probe["proof"]), root)
    if probe["wantErr"]:
        with pytest.raises(ProofError):
            subtree.verify_in(*arguments)
    else:
        subtree.verify_in(*arguments)


@pytest.mark.parametrize("probe", probes("subtreeconsistency"))
def test_consistency_probes_of_transparency_dev(probe: dict[str, Any]) -> None:
    roots = unbase64([probe["root1"] or "", probe["root2"] or ""])
    place = (probe["start"], probe["end"], probe["size"])
    if probe["wantErr"]:
        with pytest.raises(ProofError):
            subtree.verify_consistency(*place, unbase64(probe["proof"]), *roots)
    else:
        subtree.verify_consistency(*place, unbase64(probe["proof"]), *roots)


def definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + definition(leaves[:k]) + definition(leaves[k:])).digest()


def is_subtree(start: int, end: int) -> bool:
    """The draft's words: start is a multiple of the smallest power of two not below the width."""
    power = 1
    while power < end - start:
        power *= 2
    return start % power == 0


@st.composite
def subtrees(draw: st.DrawFn) -> tuple[int, int]:
    width = draw(st.integers(1, 300))
    power = 1
    while power < width:
        power *= 2
    start = power * draw(st.integers(0, (len(LEAVES) - width) // power))
    return start, start + width


@given(st.integers(0, 70), st.integers(0, 70))
def test_which_intervals_are_subtrees(start: int, end: int) -> None:
    if start <= end and (start == end or is_subtree(start, end)):
        subtree.check(start, end)
    else:
        with pytest.raises(ProofError):
            subtree.check(start, end)


@given(subtrees(), st.data())
def test_every_subtree_is_proven_in_every_tree_around_it(
    place: tuple[int, int], data: st.DataObject
) -> None:
    start, end = place
    size = data.draw(st.one_of(st.just(end), st.integers(end, len(LEAVES))))
    root, inner = definition(LEAVES[:size]), definition(LEAVES[start:end])
    proof = subtree.prove_consistency(GET, start, end, size)
    subtree.verify_consistency(start, end, size, proof, inner, root)
    if start == 0:
        assert proof == merkle.prove_consistency(GET, end, size)
    other = definition([*LEAVES[start : end - 1], merkle.leaf_hash(b"other")])
    refused: list[tuple[list[bytes], bytes, bytes]] = [
        (proof, other, root),
        (proof, inner, definition(LEAVES[1 : size + 1])),
        ([*proof, inner], inner, root),
    ]
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
        refused.append(([*proof[:at], flipped, *proof[at + 1 :]], inner, root))
        refused.append((proof[:-1], inner, root))
    for wrong, hash_, tree in refused:
        with pytest.raises(ProofError):
            subtree.verify_consistency(start, end, size, wrong, hash_, tree)


@given(subtrees(), st.data())
def test_every_leaf_of_a_subtree_is_proven(place: tuple[int, int], data: st.DataObject) -> None:
    start, end = place
    index = data.draw(st.integers(start, end - 1))
    proof = subtree.prove_in(GET, index, start, end)
    root = definition(LEAVES[start:end])
    subtree.verify_in(LEAVES[index], index, start, end, proof, root)
    with pytest.raises(ProofError):
        subtree.verify_in(LEAVES[index - 1], index, start, end, proof, root)
    for outside_index in (start - 1, end):
        with pytest.raises(ProofError):
            subtree.verify_in(LEAVES[index], outside_index, start, end, proof, root)
        with pytest.raises(ProofError):
            subtree.prove_in(GET, outside_index, start, end)


def test_no_proof_of_what_is_no_subtree_or_lies_beyond() -> None:
    for start, end, size in ((1, 3, 8), (2, 6, 8), (3, 2, 8), (-1, 0, 8), (4, 8, 7)):
        with pytest.raises(ProofError):
            subtree.prove_consistency(GET, start, end, size)
        with pytest.raises(ProofError):
            subtree.verify_consistency(start, end, size, [], bytes(32), bytes(32))


def test_an_empty_subtree_proves_nothing() -> None:
    assert subtree.prove_consistency(GET, 5, 5, 8) == []
    subtree.verify_consistency(5, 5, 8, [], merkle.EMPTY_ROOT, bytes(32))


def ranges() -> list[tuple[int, int]]:
    """Pairs that the fuzzer of transparency-dev kept because they reach new code."""
    files = sorted((MERKLE / "compact" / "testdata").rglob("*"))
    texts = [file.read_text() for file in files if file.is_file()]
    pairs = [re.findall(r"^uint64\((\d+)\)$", text, re.M) for text in texts]
    return [(int(start), int(end)) for start, end in pairs]


def test_ranges_of_the_fuzzer_of_transparency_dev() -> None:
    """Every range is a row of complete subtrees; with the tree before it they make the root."""
    found = ranges()
    assert len(found) >= 16
    for start, end in ((a, b) for a, b in found if a <= b <= len(LEAVES)):
        stack = merkle.compact(LEAVES[:start])
        for leaf in LEAVES[start:end]:
            merkle.push(stack, leaf)
        assert merkle.fold(stack) == definition(LEAVES[:end])
        assert [1 << height for height, _ in stack] == [
            1 << bit for bit in reversed(range(end.bit_length())) if end >> bit & 1
        ]
        if start:
            proof = merkle.prove_consistency(GET, start, end)
            old, new = definition(LEAVES[:start]), definition(LEAVES[:end])
            merkle.verify_consistency(start, end, proof, old, new)
