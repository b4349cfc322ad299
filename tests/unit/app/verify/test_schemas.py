"""How a journey is divided for reading."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.verify.schemas import Speaker, Stop, stretches

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def stop(name: str, through: str) -> Stop:
    return Stop(name, name, NOON, Speaker("nguon"), through=through)


def shape(kinds: str) -> list[tuple[int, int, str]]:
    """First number, length and fold of each stretch; ``i`` is an input, ``s`` the thing itself."""
    names = {"i": "input", "s": "self"}
    found = stretches(tuple(stop(str(n), names[kind]) for n, kind in enumerate(kinds)))
    return [(stretch.first, len(stretch.stops), stretch.fold) for stretch in found]


def test_a_short_journey_is_open() -> None:
    assert shape("") == []
    assert shape("iisss") == [(1, 5, "")]
    assert shape("s" * 9) == [(1, 9, "")]


def test_inputs_are_folded_behind_the_first() -> None:
    assert shape("i" * 9 + "s" * 8) == [(1, 1, ""), (2, 8, "inputs"), (10, 8, "")]
    assert shape("ss" + "iii" + "s") == [(1, 2, ""), (3, 3, "inputs"), (6, 1, "")]


def test_a_long_chain_is_folded_in_its_middle() -> None:
    assert shape("s" * 20) == [(1, 3, ""), (4, 12, "middle"), (16, 5, "")]


@given(st.text("is", max_size=40))
def test_every_stop_stands_once_in_its_place(kinds: str) -> None:
    names = {"i": "input", "s": "self"}
    stops = tuple(stop(str(n), names[kind]) for n, kind in enumerate(kinds))
    found = stretches(stops)
    assert tuple(s for stretch in found for s in stretch.stops) == stops
    assert [f.first for f in found] == [stops.index(f.stops[0]) + 1 for f in found]
    # Two open stretches never meet, and what stands last is never hidden behind a fold of inputs.
    assert all(a.fold or b.fold for a, b in pairwise(found))
