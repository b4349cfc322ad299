"""Short run of the fuzz target, driven by hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz import fuzz_gs1

#: A busy machine is no failure.
untimed = settings(deadline=None)
SEEDS = [
    b"\x00(01)09521234543213(10)A\\(B(17)271231",
    b"\x01^010952123454321310ABC^17271231|^99X",
    b"\x01https://example.com/01/09521234543213/10/A%2FB?17=271231&s=1#f",
    b"\x02]C1010952123454321310ABC\x1d17271231",
    b"\x02]E09521234543213|]e099ABC",
    b'\x07{"op": "lint", "linter": "couponcode", "in": "012345612345611110123"}',
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A seed with some of its octets replaced, removed or repeated."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data) - 1))
        size = draw(st.integers(0, 3))
        data[at : at + size] = draw(st.binary(max_size=4)) * draw(st.integers(1, 50)) or b"\x00"
    return bytes(data)


@untimed
@given(mutated() | st.binary(max_size=200))
@example(b"")
@example(b"\x07" + b"[" * 8000)
@example(b"\x00" + b"\\(" * 4000)
@example(b"\x01https://a/" + b"01/" * 2700)
def test_any_octets_have_an_answer(data: bytes) -> None:
    fuzz_gs1.try_one(data)


def test_the_target_says_that_atheris_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(fuzz_gs1, "import_module", absent)
    assert fuzz_gs1.main() == 2
    assert "atheris" in capsys.readouterr().err
