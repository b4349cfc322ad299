"""The reader of known modules against another encoder: every damage shows, nothing is repaired."""

from __future__ import annotations

import random

import pytest
import zxingcpp

from scanner.datamatrix import SIZES, ascii_length, capacity, decode
from scanner.encodation import message
from scanner.errors import SymbolError

DataMatrix = zxingcpp.BarcodeFormat.DataMatrix


def modules(text: str, **options: object) -> list[str]:
    options = options or {"force_square": True}
    barcode = zxingcpp.create_barcode(text, DataMatrix, **options)
    picture = memoryview(barcode.to_image(scale=1, add_quiet_zones=False)).tolist()
    return ["".join("10"[value > 0] for value in row) for row in picture]


# Version 24, 144 × 144, interleaves its blocks by a rule of its own; no label is so large.
@pytest.mark.parametrize("version", [*range(1, 24), *range(25, 31)])
def test_every_size_that_another_encoder_writes(version: int) -> None:
    rows = modules("12", version=version)
    assert decode(rows) == "12"
    assert (len(rows), len(rows[0])) in SIZES


TEXTS = [
    "ABC DEF 123",
    "abc def-ghi, jkl.mno",
    "AbCdEfGh!\"%&'()*+,-./:;<=>?_",
    "https://example.com/01/09521234543213/21/ABC-def_1.2",
    "ABC*DEF>GHI*JKL>123",
    "A1!B2-C3.D4/E5:F6;G7<H8=I9>J0?",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_that_suit_each_encodation_scheme(text: str) -> None:
    assert decode(modules(text)) == text


def test_random_texts() -> None:
    rng = random.Random(9)
    printable = "".join(map(chr, range(32, 127)))
    for _ in range(150):
        signs = "".join(rng.sample(printable, rng.choice((4, 12, 95))))
        text = "".join(rng.choices(signs, k=rng.randint(1, 90)))
        assert decode(modules(text)) == text


def test_separators_and_first_fnc1() -> None:
    assert decode(modules("(01)09521234543213(10)AB(21)12", gs1=True, force_square=True)) == (
        "\x1d010952123454321310AB\x1d2112"
    )


def test_every_single_wrong_module_is_refused() -> None:
    rows = modules("(01)09521234543213(21)abc", gs1=True, force_square=True)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            damaged = [*rows[:y], row[:x] + "10"[int(module)] + row[x + 1 :], *rows[y + 1 :]]
            with pytest.raises(SymbolError):
                decode(damaged)


def test_sizes_that_are_none() -> None:
    with pytest.raises(SymbolError, match="11 × 10"):
        decode(["0" * 10] * 11)
    assert capacity(11, 10) == 0


def test_codewords_of_the_standard() -> None:
    """ISO/IEC 16022 annex O: "123456" is 142, 164, 186; C40 "Aim" is 91, 11 behind its latch."""
    assert message([142, 164, 186]) == "123456"
    assert message([230, 91, 11]) == "AIM"
    assert message([66, 67, 68, 129, 70]) == "ABC"


@pytest.mark.parametrize("words", [[241, 1], [233, 1], [236], [0], [255]])
def test_what_no_gs1_symbol_holds_is_refused(words: list[int]) -> None:
    with pytest.raises(SymbolError):
        message(words)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("1", 1), ("12", 1), ("123", 2), ("1A2", 3), ("\x1d01", 2)]
)
def test_length_in_ascii_encodation(text: str, count: int) -> None:
    assert ascii_length(text) == count
