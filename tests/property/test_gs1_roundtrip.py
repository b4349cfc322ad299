"""Random valid GS1 data is written and read back; the same data with one fault is refused.

The whole promise, 10,000 of each, is kept by ``bench/labels.py --roundtrip``.
"""

from __future__ import annotations

import random

import pytest

from scanner.symbols import KINDS
from tests.gs1_data import FAULTS, bracketed, case, is_refused, read, spoilt


def test_valid_data_is_read_back() -> None:
    rng = random.Random()
    cases = [case(rng) for _ in range(500)]
    assert {item.kind for item in cases} == set(KINDS)
    for item in cases:
        assert read(item.kind, item.data) == [(item.text, item.identifier)], item


def test_spoilt_data_is_refused() -> None:
    rng = random.Random()
    for _ in range(1000):
        kind, data = spoilt(rng)
        assert is_refused(kind, data), (kind, data)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_refused_by_every_kind(fault: object) -> None:
    rng = random.Random()
    for kind in KINDS:
        if kind.startswith(("gs1-", "databar-")):
            data = bracketed(fault(rng))  # type: ignore[operator]
            assert is_refused(kind, data), (kind, data)
