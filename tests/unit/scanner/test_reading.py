"""The wire form: what goes in comes out, and nothing else gets through."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from scanner.reading import Disagreement, Reading, Symbol, from_wire, to_wire

PLACE = ((1, 2), (3, 4), (5, 6), (7, 8))
READING = Reading(
    symbols=(
        Symbol(
            "A\x1dB",
            b"A\x1dB\xff",
            "GS1 DataMatrix",
            "]d2",
            PLACE,
            ("zxing-cpp",),
            "probable",
            ("x",),
        ),
    ),
    disagreements=(Disagreement(PLACE, (("zxing-cpp", "1"), ("zbar", "2"))),),
    width=640,
    height=480,
    image_format="JPEG",
    decoders=("zxing-cpp", "zbar"),
    attempt="plain",
    elapsed_ms=1.5,
)


def test_round_trip_through_json() -> None:
    wire = json.loads(json.dumps(to_wire(READING)))
    assert from_wire(wire, None) == READING
    assert from_wire(wire, b"jpeg") == replace(READING, preview=b"jpeg")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tier", "certain"),
        ("raw", "zz"),
        ("raw", 7),
        ("polygon", [[1, 2]]),
        ("polygon", None),
        ("decoders", 3),
    ],
)
def test_malformed_symbol_is_refused(key: str, value: Any) -> None:
    wire = to_wire(READING)
    wire["symbols"][0][key] = value
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_wire(wire, None)


def test_missing_field_is_refused() -> None:
    with pytest.raises(KeyError):
        from_wire({"symbols": []}, None)
