"""Dates of AIs: sliding century, day 00 and impossible dates."""

from __future__ import annotations

from datetime import date

import pytest

from gs1.dates import century, expiry_date, parse_date
from gs1.errors import ComponentError


# General Specifications 7.12: 51 years ahead or more is the last century, 50 back or more the next.
@pytest.mark.parametrize(
    ("year", "today", "full"),
    [
        (26, 2026, 2026),
        (76, 2026, 2076),
        (77, 2026, 1977),
        (99, 2026, 1999),
        (0, 2026, 2000),
        (0, 2049, 2000),
        (0, 2050, 2100),
        (25, 2075, 2125),
        (26, 2075, 2026),
        (49, 1998, 1949),
        (48, 1998, 2048),
    ],
)
def test_the_century_slides(year: int, today: int, full: int) -> None:
    assert century(year, date(today, 6, 1)) == full


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("261231", date(2026, 12, 31)),
        ("260200", date(2026, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("280229", date(2028, 2, 29)),
        ("2604300930", date(2026, 4, 30)),
    ],
)
def test_the_day_of_a_value(value: str, day: date) -> None:
    assert parse_date(value, date(2026, 1, 1)) == day
    assert expiry_date(value, date(2026, 1, 1)) == day


def test_a_leap_day_of_a_common_century_year() -> None:
    # The linter has no clock and takes 00 for 2000; seen from 2060 the year is 2100.
    assert parse_date("000229", date(2060, 1, 1)) == date(2100, 2, 28)


@pytest.mark.parametrize("value", ["", "2613", "261301", "260230", "26٠101", "26010a"])
def test_a_date_that_does_not_exist(value: str) -> None:
    with pytest.raises(ComponentError) as caught:
        parse_date(value, date(2026, 1, 1))
    assert caught.value.code
