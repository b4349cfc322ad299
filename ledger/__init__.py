"""Append-only transparency log of opaque bytes: hash chain, Merkle tree, proofs, audit."""
