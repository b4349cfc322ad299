"""Short run of the fuzz target, driven by hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gs1.digital_link import DigitalLink, LinkTemplate
from tests.fuzz import fuzz_gs1

EVENT = b"""{"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "eventTimeZoneOffset": "+07:00",
"eventTime": "2026-03-01T08:00:00+07:00", "epcList": ["urn:epc:id:sgtin:9521141.012345.1"]}"""
#: By operation: at least one text that it accepts.
SEEDS = [
    b"\x00(01)09521234543213(10)A\\(B(17)271231",
    b"\x01^010952123454321310ABC^17271231|^99X",
    b"\x01https://example.com/01/09521234543213/10/A%2FB?17=271231&s=1#f",
    b"\x02]C1010952123454321310ABC\x1d17271231",
    b"\x02]E09521234543213|]e099ABC",
    b"\x03urn:epc:id:sgtin:9521141.012345.4711",
    b"\x043074257BF7194E4000001A85",
    b"\x05010952123454321310ABC17271231",
    b'\x06{"op": "lint", "linter": "couponcode", "in": "012345612345611110123"}',
    b"\x07\x0d4006381333931",
    b"\x08https://example.com/01/09521234543213",
    b"\x09" + EVENT,
    b"\x0ahttps://example.com/p/{gtin}{?lot,serial}",
    b"\x0b(01)09521234543213(21)A%",
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


@given(mutated() | st.binary(max_size=200))
@example(b"")
@example(b"\x06" + b"[" * 8000)
@example(b"\x09" + b"[" * 8000)
@example(b"\x00" + b"\\(" * 4000)
@example(b"\x01https://a/" + b"01/" * 2700)
@example(b"\x0ahttps://a/" + b"{?lot}" * 1300)
def test_any_octets_have_an_answer(data: bytes) -> None:
    fuzz_gs1.try_one(data)


def test_every_operation_has_a_seed() -> None:
    assert {seed[0] for seed in SEEDS} == set(range(len(fuzz_gs1.OPERATIONS)))


def test_an_error_of_another_kind_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(template: LinkTemplate, link: DigitalLink) -> str:
        raise KeyError(link)

    monkeypatch.setattr(LinkTemplate, "expand", broken)
    with pytest.raises(KeyError):
        fuzz_gs1.try_one(b"\x0ahttps://example.com/")


def test_the_clock_is_a_process_of_its_own() -> None:
    clock = fuzz_gs1.Clock()
    try:
        assert clock.seconds(SEEDS[0]) > 0
        assert clock.process.poll() is None
    finally:
        clock.process.communicate(timeout=30)
    assert clock.process.returncode == 0


def test_the_target_says_that_atheris_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(fuzz_gs1, "import_module", absent)
    monkeypatch.setattr(fuzz_gs1.sys, "argv", ["fuzz_gs1.py"])
    assert fuzz_gs1.main() == 2
    assert "atheris" in capsys.readouterr().err
