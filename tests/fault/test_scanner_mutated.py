"""Damaged photos through a real decoder process: each is read or refused by name."""

from __future__ import annotations

import pytest

from bench.material.hostile import feed, lies, mutated
from scanner import DecoderPool, ScanError


def test_no_damaged_photo_gets_through_as_an_exception() -> None:
    tally = feed(mutated(200, seed=7))
    assert sum(tally.values()) == 200
    assert [name for name in tally if name.startswith("!")] == []
    assert {"read", "damaged-photo"} <= set(tally)


def test_lies_are_refused() -> None:
    with DecoderPool(timeout=60) as pool:
        for photo in lies():
            with pytest.raises(ScanError):
                pool.read(photo)
