"""Whatever is printed: the own EAN/UPC reader reads it, or says that it cannot; never else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner import ean
from tests.unit.scanner.test_ean import drawn, photo, with_check_digit

BODIES = st.text("0123456789", min_size=12, max_size=12)


@given(
    body=BODIES,
    other=BODIES,
    module=st.floats(2, 6),
    degrees=st.floats(-180, 180),
    blur=st.floats(0, 0.9),
    noise=st.floats(0, 25),
    seed=st.integers(0, 9),
)
def test_never_agrees_with_another_number(
    body: str, other: str, module: float, degrees: float, blur: float, noise: float, seed: int
) -> None:
    text, claimed = with_check_digit(body), with_check_digit(other)
    gray, corners = photo(
        drawn("EAN13", text), module, degrees=degrees, blur=blur, noise=noise, seed=seed
    )
    answer = ean.confirm(gray, corners, claimed)
    assert answer.read in ("", text)
    assert (answer.verdict == "agrees") == (answer.read == claimed)
