"""Readers that nobody of this project wrote accept what the log publishes."""

from __future__ import annotations

import pytest

from ledger import checkpoint, log, merkle
from ledger.tiles import TileStore
from tests.ledger_lab import Lab
from tests.outside import path

scales = pytest.importorskip("tlog_scales.tlog")
backend = pytest.importorskip("tlog_scales.backend")
reader = pytest.importorskip("tlog_scales.reader")
signing = pytest.importorskip("tlog_scales.signing")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("outside")
    lab = Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles").create()
    lab.add_key("s")
    for step in (1, 3, 250, 2, 300, 1):
        lab.grow("s", step)
        lab.integrate()
    return lab


def test_tlog_scales_reads_and_verifies_the_whole_log(grown: Lab) -> None:
    tiles = reader.TilesReader(backend.LocalBackend(grown.tiles.folder))
    head = tiles.get_checkpoint()
    head.verify(signing.Vkey.from_string(grown.vkey))
    assert (head.origin, head.size) == (grown.origin, 558)
    assert tiles.calculate_root_hash() == head.root_hash
    with grown.engine.connect() as connection:
        for index in range(head.size):
            entry = tiles.get_entry(index)
            assert entry == log.entry_at(connection, grown.origin, index)


def test_tlog_scales_makes_the_same_proofs(grown: Lab) -> None:
    tiles = reader.TilesReader(backend.LocalBackend(grown.tiles.folder))
    size = tiles.get_checkpoint().size
    for index in range(0, size, 7):
        assert tiles.get_inclusion_proof(index, size).node_hashes == log.prove(
            grown.tiles, index, size
        )
    for first in range(1, size, 13):
        assert tiles.get_consistency_proof(first, size).node_hashes == log.consistency(
            grown.tiles, first, size
        )


def test_tlog_scales_checks_our_proofs(grown: Lab) -> None:
    tiles = reader.TilesReader(backend.LocalBackend(grown.tiles.folder))
    head = tiles.get_checkpoint()
    for index in (0, 255, 256, 511, 557):
        proof = scales.InclusionProof(index, head.size, log.prove(grown.tiles, index, head.size))
        leaf = tiles._get_from_tile(0, *divmod(index, 256))
        proof.check(leaf, head.root_hash)
        with pytest.raises(scales.InclusionProofInvalid):
            proof.check(leaf, bytes(32))
    for first in (2, 5, 255, 257, 557):
        old = tiles.mth(0, first)
        steps = log.consistency(grown.tiles, first, head.size)
        scales.ConsistencyProof(first, head.size, steps).check(old, head.root_hash)


def test_our_store_serves_a_log_written_by_others() -> None:
    """The complete log of another implementation, read through our tiles."""
    folder = path("ledger/tessera-log/testdata/log")
    tiles = TileStore(folder)
    for size in range(2, 16):
        head = checkpoint.parse_signed((folder / f"checkpoint.{size}").read_bytes(), None)
        for index in range(size):
            leaf = tiles.subtree(size)(index, index + 1)
            proof = log.prove(tiles, index, size)
            merkle.verify_inclusion(leaf, index, size, proof, head.root)
        for first in range(1, size):
            old = checkpoint.parse_signed((folder / f"checkpoint.{first}").read_bytes(), None)
            proof = log.consistency(tiles, first, size)
            merkle.verify_consistency(first, size, proof, old.root, head.root)
