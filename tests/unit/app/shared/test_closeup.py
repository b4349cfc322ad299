"""The shown part of a photo holds every code and lies inside the photo."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.closeup import around

WIDTH, HEIGHT = 3024, 4032
corners = st.lists(
    st.tuples(st.floats(-50, WIDTH + 50), st.floats(-50, HEIGHT + 50)), min_size=1, max_size=12
)


@given(corners)
def test_every_corner_in_the_photo_is_shown(places: list[tuple[float, float]]) -> None:
    left, top, width, height = around(WIDTH, HEIGHT, places)
    assert left >= 0 and top >= 0
    assert left + width <= WIDTH and top + height <= HEIGHT
    for x, y in places:
        assert left - 1 <= min(max(x, 0), WIDTH) <= left + width + 1
        assert top - 1 <= min(max(y, 0), HEIGHT) <= top + height + 1


def test_a_small_code_is_shown_large_and_a_large_one_whole() -> None:
    small = around(WIDTH, HEIGHT, [(1500, 2000), (1700, 2100)])
    assert small[2] < WIDTH * 0.6
    assert around(WIDTH, HEIGHT, [(0, 0), (WIDTH, HEIGHT)]) == (0, 0, WIDTH, HEIGHT)
    assert around(WIDTH, HEIGHT, []) == (0, 0, WIDTH, HEIGHT)
