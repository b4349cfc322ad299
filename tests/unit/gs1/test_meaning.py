"""What values mean, by the rules of the General Specifications sections 3.3 to 3.8."""

from __future__ import annotations

from datetime import date

import pytest

from gs1.meaning import meaning

TODAY = date(2026, 11, 22)
CASES = [
    ("17", "271231", [("date", {"date": "31/12/2027"})]),
    ("17", "271200", [("month", {"date": "12/2027"})]),
    ("11", "770101", [("date", {"date": "01/01/1977"})]),
    ("7003", "2710111530", [("date", {"date": "11/10/2027"}), ("text", {"text": "15:30"})]),
    ("7007", "260901260930", [("date", {"date": "01/09/2026"}), ("date", {"date": "30/09/2026"})]),
    ("7007", "260901", [("date", {"date": "01/09/2026"})]),
    ("7250", "19900203", [("date", {"date": "03/02/1990"})]),
    ("3103", "001250", [("measure", {"number": "1.250", "unit": "kg"})]),
    ("3100", "001250", [("measure", {"number": "1250", "unit": "kg"})]),
    ("3105", "000001", [("measure", {"number": "0.00001", "unit": "kg"})]),
    ("3205", "000000", [("measure", {"number": "0.00000", "unit": "lb"})]),
    ("3922", "1250", [("number", {"number": "12.50"})]),
    ("3932", "7041250", [("currency", {"code": "704"}), ("number", {"number": "12.50"})]),
    ("3941", "0125", [("percent", {"number": "12.5"})]),
    ("30", "00012", [("number", {"number": "12"})]),
    ("37", "5", [("number", {"number": "5"})]),
    ("422", "704", [("country", {"code": "704"})]),
    ("4321", "1", [("yes", {})]),
    ("4321", "0", [("no", {})]),
    ("4300", "C%C3%B4ng+ty", [("text", {"text": "Công ty"})]),
    ("10", "ABC", []),
    ("01", "09521234543213", []),
    ("20", "01", []),
    ("abc", "x", []),
]


@pytest.mark.parametrize(("ai", "value", "expected"), CASES)
def test_meaning(ai: str, value: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert [(one.kind, one.values) for one in meaning(ai, value, TODAY)] == expected


def test_without_a_day_of_reading_the_century_stays_open() -> None:
    [found] = meaning("17", "271231")
    assert found.values == {"date": "31/12/27"}
    [found] = meaning("17", "271200")
    assert (found.kind, found.values) == ("month", {"date": "12/27"})


def test_a_date_that_does_not_exist_is_shown_as_it_stands() -> None:
    [found] = meaning("17", "279999", TODAY)
    assert (found.kind, found.values) == ("text", {"text": "279999"})
