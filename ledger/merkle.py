"""Merkle trees: hashes, roots, inclusion and consistency proofs (RFC 6962, RFC 9162 section 2.1).

Pure functions over SHA-256 hashes; sizes and indexes are Python integers, proofs run from the
leaf's side to the root's side. ``verify_*`` returns nothing and raises :class:`ProofError`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from ledger.codec import HASH_BYTES
from ledger.errors import ProofError

Subtree = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree over the leaves [start, end)."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry): RFC 9162, section 2.1.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right): RFC 9162, section 2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than ``size``, which is at least 2.

    >>> split(8), split(9)
    (4, 8)
    """
    return 1 << ((size - 1).bit_length() - 1)


def root(leaves: Sequence[bytes]) -> bytes:
    """Merkle tree hash over leaf hashes."""
    return fold(compact(leaves))


def compact(leaves: Iterable[bytes]) -> list[tuple[int, bytes]]:
    """The complete subtrees of a tree, left to right, as (height, hash)."""
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        push(stack, leaf)
    return stack


def push(stack: list[tuple[int, bytes]], leaf: bytes) -> None:
    """Append one leaf hash to the complete subtrees of :func:`compact`."""
    height, value = 0, leaf
    while stack and stack[-1][0] == height:
        value = node_hash(stack.pop()[1], value)
        height += 1
    stack.append((height, value))


def fold(stack: Sequence[tuple[int, bytes]]) -> bytes:
    """Root of the tree with these complete subtrees."""
    if not stack:
        return EMPTY_ROOT
    value = stack[-1][1]
    for _, left in reversed(stack[:-1]):
        value = node_hash(left, value)
    return value


def subtree(leaves: Sequence[bytes]) -> Subtree:
    """Look-up of subtree hashes over leaf hashes held in memory."""
    return lambda start, end: root(leaves[start:end])


def range_hash(get: Subtree, start: int, end: int) -> bytes:
    """Merkle tree hash of the leaves [start, end), from complete subtrees only."""
    size = end - start
    if size & (size - 1) == 0:
        return get(start, end)
    middle = start + split(size)
    return node_hash(get(start, middle), range_hash(get, middle, end))


def prove_inclusion(get: Subtree, index: int, size: int) -> list[bytes]:
    """Audit path of leaf ``index`` in the tree of ``size`` leaves: RFC 9162, section 2.1.3.1."""
    if not 0 <= index < size:
        raise ProofError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(range_hash(get, middle, end))
            end = middle
        else:
            path.append(range_hash(get, start, middle))
            start = middle
    return path[::-1]


def prove_consistency(get: Subtree, first: int, second: int) -> list[bytes]:
    """Proof that the tree of ``first`` leaves begins that of ``second``: section 2.1.4.1."""
    if not 0 < first <= second:
        raise ProofError(f"no consistency proof from {first} to {second}")
    path: list[bytes] = []
    start, end = 0, second
    while first != end:
        middle = start + split(end - start)
        if first <= middle:
            path.append(range_hash(get, middle, end))
            end = middle
        else:
            path.append(range_hash(get, start, middle))
            start = middle
    if start:
        path.append(range_hash(get, start, end))
    return path[::-1]


def check_hashes(values: Iterable[bytes]) -> None:
    """Raise unless all have the length of a hash."""
    if any(len(value) != HASH_BYTES for value in values):
        raise ProofError("every hash must have 32 bytes")


def inclusion_root(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to: RFC 9162, section 2.1.3.2.

    The path must have exactly the length that index and size demand.
    """
    if not 0 <= index < size:
        raise ProofError(f"no leaf {index} in a tree of {size}")
    check_hashes([leaf, *proof])
    # Up to the height where leaf and last leaf meet, the path has a sibling on every level;
    # above it only left siblings, one for each bit set in the index.
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise ProofError(f"a path of {len(proof)} hashes is not one of leaf {index} in {size}")
    value = leaf
    for height, sibling in enumerate(proof):
        left = height >= inner or index >> height & 1
        value = node_hash(sibling, value) if left else node_hash(value, sibling)
    return value


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes
) -> None:
    """Raise unless ``proof`` places the leaf hash at ``index`` under ``root_hash``."""
    if inclusion_root(leaf, index, size, proof) != root_hash:
        raise ProofError(f"the path of leaf {index} does not lead to the root of size {size}")


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Raise unless the tree of ``first`` leaves is a beginning of that of ``second``.

    RFC 9162, section 2.1.4.2, with its preconditions checked: from an empty tree nothing can be
    proven, and equal sizes need equal roots and an empty proof.
    """
    if not 0 < first <= second:
        raise ProofError(f"no consistency proof from {first} to {second}")
    if first == second:
        if proof or first_root != second_root:
            raise ProofError(f"two trees of {first} leaves are not the same")
        return
    check_hashes([first_root, second_root, *proof])
    roots = consistency_roots(0, first, second, proof, first_root)
    if roots != (first_root, second_root):
        raise ProofError(f"the tree of {first} leaves does not begin the tree of {second}")


def consistency_roots(
    start: int, end: int, size: int, proof: Sequence[bytes], root_hash: bytes
) -> tuple[bytes, bytes]:
    """Hash of the leaves [start, end) and root of the tree of ``size``, as the proof gives them.

    Steps 2 to 7 of RFC 9162, section 2.1.4.2, for any subtree; that of RFC 9162 starts at 0.
    """
    # The last complete subtree inside [start, end) is a node of the tree as well. The path of
    # that node leads to the root; its left siblings inside alone lead to the subtree's hash.
    # Where all of [start, end) is one node, the path is that of the subtree itself.
    whole = (end - start - 1).bit_length()
    height = whole if end == size else min(whole, (end & -end).bit_length() - 1)
    path = [root_hash, *proof] if height == whole else list(proof)
    index, first, last = (end - 1) >> height, start >> height, (size - 1) >> height
    inner = (index ^ last).bit_length()
    if len(path) != 1 + inner + (index >> inner).bit_count():
        raise ProofError(f"{len(proof)} hashes cannot join [{start}, {end}) and {size} leaves")
    old = new = path[0]
    # The levels with a sibling: all up to inner, above it those where the index has a bit.
    levels = [n for n in range(max(inner, index.bit_length())) if n < inner or index >> n & 1]
    for level, sibling in zip(levels, path[1:], strict=True):
        if index >> level & 1:
            new = node_hash(sibling, new)
            old = node_hash(sibling, old) if first >> level < index >> level else old
        else:
            new = node_hash(new, sibling)
    return old, new
