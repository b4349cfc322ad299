"""Publishes checkpoint, tiles, keys and proofs."""
