"""Proofs about subtrees: the leaves [start, end) of a tree, as one hash.

As in the IETF draft on Merkle tree certificates, whose subtrees witnesses cosign (C2SP
tlog-cosignature): ``start`` is a multiple of the power of two that the width fills, so that the
hash of the interval can be computed from nodes of any tree that contains it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import ProofError
from ledger.merkle import (
    EMPTY_ROOT,
    Subtree,
    check_hashes,
    consistency_roots,
    prove_inclusion,
    range_hash,
    split,
    verify_inclusion,
)


def check(start: int, end: int) -> None:
    """Raise unless [start, end) can be a subtree; an empty interval is one.

    >>> check(4, 7)
    """
    power = 1 << max(end - start - 1, 0).bit_length()
    if not 0 <= start <= end or start % power:
        raise ProofError(f"[{start}, {end}) is no subtree")


def prove_in(get: Subtree, index: int, start: int, end: int) -> list[bytes]:
    """Audit path of leaf ``index`` in the subtree [start, end)."""
    _check_inside(index, start, end)
    return prove_inclusion(
        lambda first, last: get(start + first, start + last), index - start, end - start
    )


def verify_in(
    leaf: bytes, index: int, start: int, end: int, proof: Sequence[bytes], root_hash: bytes
) -> None:
    """Raise unless ``proof`` places the leaf hash at ``index`` in the subtree of this hash."""
    _check_inside(index, start, end)
    verify_inclusion(leaf, index - start, end - start, proof, root_hash)


def _check_inside(index: int, start: int, end: int) -> None:
    check(start, end)
    if not start <= index < end:
        raise ProofError(f"leaf {index} is not in [{start}, {end})")


def prove_consistency(get: Subtree, start: int, end: int, size: int) -> list[bytes]:
    """Proof that the tree of ``size`` leaves contains the subtree [start, end)."""
    _check_of_tree(start, end, size)
    if start == end:
        return []
    path: list[bytes] = []
    low, high, whole = 0, size, True
    while (low, high) != (start, end):
        middle = low + split(high - low)
        if end <= middle:
            path.append(range_hash(get, middle, high))
            high = middle
        else:
            path.append(range_hash(get, low, middle))
            # Below here only the right part of the subtree is followed: its hash is needed.
            whole = whole and middle <= start
            low, start = middle, max(start, middle)
    if not whole:
        path.append(range_hash(get, low, high))
    return path[::-1]


def verify_consistency(
    start: int,
    end: int,
    size: int,
    proof: Sequence[bytes],
    subtree_hash: bytes,
    root_hash: bytes,
) -> None:
    """Raise unless the subtree [start, end) of this hash is one of the tree of ``size`` leaves.

    An empty subtree is one of every tree that reaches to it.
    """
    _check_of_tree(start, end, size)
    if start == end:
        if proof or subtree_hash != EMPTY_ROOT:
            raise ProofError("an empty subtree has the hash of the empty tree and no proof")
        return
    check_hashes([subtree_hash, root_hash, *proof])
    roots = consistency_roots(start, end, size, proof, subtree_hash)
    if roots != (subtree_hash, root_hash):
        raise ProofError(f"[{start}, {end}) is not a subtree of the tree of {size} leaves")


def _check_of_tree(start: int, end: int, size: int) -> None:
    check(start, end)
    if end > size:
        raise ProofError(f"[{start}, {end}) is not in a tree of {size} leaves")
