import base64
import json
from typing import Any

import pytest

from ledger import merkle
from ledger.errors import ProofError
from tests import outside

PROBES = outside.path("ledger/merkle/testdata")


def probes(kind: str) -> list[Any]:
    files = sorted((PROBES / kind).rglob("*.json"))
    assert len(files) > 40
    return [
        pytest.param(json.loads(file.read_text()), id=str(file.relative_to(PROBES)))
        for file in files
    ]


def unbase64(values: list[str] | None) -> list[bytes]:
    return [base64.b64decode(value) for value in values or []]


@pytest.mark.parametrize("probe", probes("inclusion"))
def test_inclusion_probes_of_transparency_dev(probe: dict[str, Any]) -> None:
    leaf, root = unbase64([probe["leafHash"] or "", probe["root"] or ""])
    arguments = (leaf, probe["leafIdx"], probe["treeSize"], unbase64(probe["proof"]), root)
    if probe["wantErr"]:
        with pytest.raises(ProofError):
            merkle.verify_inclusion(*arguments)
    else:
        merkle.verify_inclusion(*arguments)


@pytest.mark.parametrize("probe", probes("consistency"))
def test_consistency_probes_of_transparency_dev(probe: dict[str, Any]) -> None:
    first_root, second_root = unbase64([probe["root1"] or "", probe["root2"] or ""])
    proof = unbase64(probe["proof"])
    arguments = (probe["size1"], probe["size2"], proof, first_root, second_root)
    if probe["wantErr"]:
        with pytest.raises(ProofError):
            merkle.verify_consistency(*arguments)
    else:
        merkle.verify_consistency(*arguments)


def test_roots_of_rfc_6962_reference() -> None:
    reference = outside.load("ledger/extracted/rfc6962_reference.json")
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in reference["leaves"]]
    roots = [merkle.root(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert roots == reference["roots"]


def test_every_subtree_hash_of_rfc_6962_reference_occurs() -> None:
    reference = outside.load("ledger/extracted/rfc6962_reference.json")
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in reference["leaves"]]
    ours = {
        merkle.root(leaves[start : start + (1 << height)]).hex()
        for height in range(4)
        for start in range(0, 8, 1 << height)
    }
    assert ours == set(reference["node_hashes"])


@pytest.mark.parametrize("index, size", [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_for_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        merkle.prove_inclusion(lambda start, end: b"", index, size)


@pytest.mark.parametrize("first, second", [(0, 3), (4, 3), (-1, 3)])
def test_no_consistency_proof_from_nothing_or_backwards(first: int, second: int) -> None:
    with pytest.raises(ProofError):
        merkle.prove_consistency(lambda start, end: b"", first, second)


def test_hashes_of_another_length_are_refused() -> None:
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(2)]
    with pytest.raises(ProofError):
        merkle.verify_inclusion(leaves[0], 0, 2, [leaves[1] + b"\0"], merkle.root(leaves))
