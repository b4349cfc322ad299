"""Dates and times of day as components.

A linter has no clock. A two-digit year divisible by four is a leap year: under the sliding century
of General Specifications 7.12, ``00`` means 2000 until the year 2050.
"""

from __future__ import annotations

from functools import lru_cache

from gs1.linters.charset import csetnumeric
from gs1.linters.fault import Fault, whole

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


# Goods of one day share their dates, so the few thousand dates in use are worth remembering.
@lru_cache(maxsize=4096)
def yymmd0(value: str) -> Fault | None:
    """Date YYMMDD; day 00 stands for the end of the month.

    >>> yymmd0("251200")
    >>> yymmd0("250229")
    Fault(code='illegal_day', start=4, length=2)
    """
    return _date(value, 2, day_zero=True)


@lru_cache(maxsize=4096)
def yymmdd(value: str) -> Fault | None:
    """Date YYMMDD with a real day.

    >>> yymmdd("251200")
    Fault(code='illegal_day', start=4, length=2)
    """
    return _date(value, 2, day_zero=False)


def yyyymmd0(value: str) -> Fault | None:
    """Date YYYYMMDD; day 00 stands for the end of the month.

    >>> yyyymmd0("20251300")
    Fault(code='illegal_month', start=4, length=2)
    """
    return _date(value, 4, day_zero=True)


def yyyymmdd(value: str) -> Fault | None:
    """Date YYYYMMDD with a real day.

    >>> yyyymmdd("20000229")
    """
    return _date(value, 4, day_zero=False)


def _date(value: str, digits: int, *, day_zero: bool) -> Fault | None:
    if len(value) != digits + 4:
        return whole(f"date_too_{'short' if len(value) < digits + 4 else 'long'}", value)
    if fault := csetnumeric(value):
        return fault
    year, month, day = int(value[:digits]), int(value[digits:-2]), int(value[-2:])
    if not 1 <= month <= 12:
        return Fault("illegal_month", digits, 2)
    # A year of two digits has no century to be an exception of.
    leap = year % 4 == 0 and (digits == 2 or year % 100 != 0 or year % 400 == 0)
    last = 29 if month == 2 and leap else _DAYS[month - 1]
    return None if (0 if day_zero else 1) <= day <= last else Fault("illegal_day", digits + 2, 2)


def hh(value: str) -> Fault | None:
    """Hour 00 to 23.

    >>> hh("24")
    Fault(code='illegal_hour', start=0, length=2)
    """
    return _two_digits(value, "23", "hour")


def mi(value: str) -> Fault | None:
    """Minute 00 to 59.

    >>> mi("60")
    Fault(code='illegal_minute', start=0, length=2)
    """
    return _two_digits(value, "59", "minute")


def ss(value: str) -> Fault | None:
    """Second 00 to 59.

    >>> ss("60")
    Fault(code='illegal_second', start=0, length=2)
    """
    return _two_digits(value, "59", "second")


def _two_digits(value: str, greatest: str, unit: str) -> Fault | None:
    if len(value) != 2:
        return whole(f"{unit}_too_{'short' if len(value) < 2 else 'long'}", value)
    if fault := csetnumeric(value):
        return fault
    return whole(f"illegal_{unit}", value) if value > greatest else None


def hhmi(value: str) -> Fault | None:
    """Hour and minute HHMM.

    >>> hhmi("0060")
    Fault(code='illegal_minute', start=2, length=2)
    """
    if len(value) != 4:
        return whole(f"hour_with_minute_too_{'short' if len(value) < 4 else 'long'}", value)
    if fault := hh(value[:2]):
        return fault
    fault = mi(value[2:])
    return Fault(fault.code, fault.start + 2, fault.length) if fault else None
