"""The company prefix table of the installed biip (Apache-2.0) as the lines of our own file."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from importlib import resources

Node = dict[str, "Node"] | int
_DIGITS = 12


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, int]]:
    """Leading digits and company prefix length of every leaf of biip's tree, in order.

    >>> list(leaves({"8": {"9": {"3": 7, "4": 9}}}))
    [('893', 7), ('894', 9)]
    """
    if isinstance(node, int):
        yield path, node
    else:
        for digit in sorted(node):
            yield from leaves(node[digit], path + digit)


def lines(tree: Node) -> Iterator[str]:
    """``first-digits length`` where the length changes; 0 means that no prefix is known.

    A line holds for every number from its digits up to those of the next line, so neighbours of
    one length fall together: 170,843 prefixes make some 62,000 lines.

    >>> list(lines({"8": {"9": {"3": 7}}}))
    ['0 0', '893 7', '894 0']
    """
    end, last = 0, -1
    for digits, length in leaves(tree):
        start = int(digits.ljust(_DIGITS, "0"))
        if start > end and last:
            yield _line(end, 0)
            last = 0
        if length != last:
            yield _line(start, length)
            last = length
        end = int(digits.ljust(_DIGITS, "9")) + 1
    if end < 10**_DIGITS and last:
        yield _line(end, 0)


def _line(start: int, length: int) -> str:
    return f"{str(start).zfill(_DIGITS).rstrip('0') or '0'} {length}"


def biip_tree() -> Node:
    """The prefix tree that biip carries.

    >>> sorted(biip_tree())[:3]
    ['0', '1', '2']
    """
    packed = resources.files("biip") / "gs1_prefixes" / "_company_prefix_trie.json.lzma"
    tree: Node = json.loads(lzma.decompress(packed.read_bytes()))
    return tree
