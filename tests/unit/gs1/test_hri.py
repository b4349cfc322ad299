"""Human readable lines."""

from __future__ import annotations

from gs1 import hri


def test_titles_in_two_languages_and_none() -> None:
    items = (("01", "09521234543213"), ("10", "A(B"))
    assert hri.lines(items) == ["(01) 09521234543213", "(10) A(B"]
    assert hri.lines(items, "en") == ["GTIN (01) 09521234543213", "BATCH/LOT (10) A(B"]
    assert hri.lines(items, "vi")[1] == "Số lô (10) A(B"


def test_an_ai_without_title() -> None:
    assert hri.lines((("89", "X"), ("8110", "1")), "en") == ["(89) X", "(8110) 1"]
