"""What measurements of a print mean."""

from __future__ import annotations

from typing import get_args

import pytest

from app.print_quality import rules


@pytest.mark.parametrize(
    ("grade", "level"),
    [
        (4.0, "good"),
        (2.5, "good"),
        (2.4, "enough"),
        (1.5, "enough"),
        (1.4, "weak"),
        (0.5, "weak"),
        (0.4, "poor"),
        (0.0, "poor"),
        (None, "told"),
    ],
)
def test_levels_begin_at_half_grades(grade: float | None, level: str) -> None:
    assert rules.level(grade) == level


@pytest.mark.parametrize("caution", ["few-pixels", "defocus", "tilt", "glare", "dark"])
@pytest.mark.parametrize("grade", [0.0, 1.0, 2.0])
def test_a_doubtful_photo_is_not_blamed_on_the_print(grade: float, caution: str) -> None:
    assert rules.outcome("linear", grade, [caution]) == "photo"
    assert rules.outcome("linear", grade, []) != "photo"
    assert rules.outcome("matrix", 3.0, [caution]) == "good"


def test_what_is_not_measured_has_no_level() -> None:
    assert rules.outcome("none", None, []) == "unmeasured"
    for step in range(41):
        assert rules.outcome("matrix", step / 10, []) in get_args(rules.Outcome)


@pytest.mark.parametrize("name", ["bar-growth", "growth-across", "growth-down"])
def test_growth_tells_which_way_to_turn(name: str) -> None:
    assert rules.advice(name, 0.3, None) == "thinner"
    assert rules.advice(name, -0.3, None) == "thicker"
    assert rules.advice(name, 0.05, None) == ""
    assert rules.advice(name, None, None) == ""


def test_advice_is_given_where_a_grade_asks_for_it() -> None:
    assert rules.advice("defects", 0.3, 1.0) == "defects"
    assert rules.advice("defects", 0.1, 4.0) == ""


def test_the_worst_comes_first_and_what_is_only_told_last() -> None:
    given = [("bar-growth", None), ("symbol-contrast", 4.0), ("decode", 4.0), ("defects", 0.5)]
    assert rules.ordered(given) == ["defects", "decode", "symbol-contrast", "bar-growth"]
