"""A clock that jumps: order and proofs rest on indexes and hashes, never on times."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger import bundle, log
from tests.ledger_lab import NOW, Lab

YEARS = timedelta(days=3652)
WAYS = {
    "ten years ahead": [YEARS, YEARS],
    "ten years behind": [-YEARS, -YEARS],
    "ahead and back again": [YEARS, timedelta()],
    "backwards, step by step": [timedelta(hours=-1), timedelta(hours=-2)],
    "standing still": [timedelta(), timedelta()],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_order_and_proofs_do_not_depend_on_the_clock(lab: Lab, way: list[timedelta]) -> None:
    lab.add_key("s")
    lab.append("s", b"before")
    lab.integrate()
    for number, offset in enumerate(way):
        lab.clock = NOW + offset
        assert lab.append("s", f"event {number}".encode()).index == number + 2
        assert lab.integrate().size == number + 3
    assert lab.recover() == len(way) + 2
    assert not lab.audit().findings
    with lab.engine.connect() as connection:
        for index in range(1, len(way) + 2):
            made = log.make_bundle(
                connection, lab.tiles, origin=lab.origin, index=index, position=0
            )
            bundle.verify(bundle.dump(made), lab.signer.verifier)


def test_a_key_counts_by_index_even_if_times_say_otherwise(lab: Lab) -> None:
    """What was signed before the revocation stays valid, though its clock ran ten years ahead."""
    lab.add_key("s")
    lab.clock = NOW + YEARS
    lab.append("s", b"signed in the future")
    lab.clock = NOW
    lab.revoke_key("s", lab.key("s").kid)
    lab.integrate()
    report = lab.audit()
    assert not report.findings
    assert not report.repudiated
