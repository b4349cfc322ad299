"""Dates of AIs as calendar dates; the day of reading is passed in."""

from __future__ import annotations

import calendar
from datetime import date

from gs1.errors import ComponentError
from gs1.linters import MESSAGES, lint


def century(year: int, today: date) -> int:
    """Full year of a two-digit ``year``: at most 49 years back and 50 ahead of ``today``.

    General Specifications 7.12.

    >>> century(76, date(2026, 1, 1)), century(77, date(2026, 1, 1))
    (2076, 1977)
    """
    full = today.year - today.year % 100 + year
    ahead = year - today.year % 100
    if ahead >= 51:
        return full - 100
    return full + 100 if ahead <= -50 else full


def parse_date(value: str, today: date) -> date:
    """Date of ``YYMMDD``, of which further characters (a time of day) are left out.

    Day 00 gives the last day of the month. Raises ComponentError for a date that does not exist.

    >>> parse_date("271200", date(2026, 1, 1))
    datetime.date(2027, 12, 31)
    """
    fault = lint("yymmd0", value[:6])
    if fault:
        raise ComponentError(
            MESSAGES[fault.code],
            code=fault.code,
            position=fault.start,
            clause="GS1 General Specifications 7.12",
        )
    year, month, day = century(int(value[:2]), today), int(value[2:4]), int(value[4:6])
    last = calendar.monthrange(year, month)[1]
    # 29 February of a year 00 that the century makes a common year.
    return date(year, month, min(day or last, last))


def expiry_date(value: str, today: date) -> date:
    """Last day on which goods with this AI (15), (16), (17) or (7003) value may be sold or used.

    >>> expiry_date("260131", date(2026, 1, 1))
    datetime.date(2026, 1, 31)
    """
    return parse_date(value, today)
