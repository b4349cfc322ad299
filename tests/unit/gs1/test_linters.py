"""Linters, against the cases of the GS1 reference implementation."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from gs1.errors import FormatError
from gs1.linters import LINTERS, MESSAGES, WITHDRAWN, lint
from tests import outside

CASES = outside.load("gs1/gs1_linters.json")["cases"]


class FakeLookup:
    """A company prefix source that answers as the recorded test made it answer."""

    def __init__(self, result: int, countdown: int) -> None:
        self.result = result
        self.countdown = countdown

    def __call__(self, prefix: str) -> bool | None:
        self.countdown -= 1
        if self.result == 0 or self.countdown >= 0:
            return True
        return False if self.result == 1 else None


def judged(case: dict[str, Any]) -> tuple[str | None, str | None]:
    lookup = FakeLookup(case["gcp_lookup_result"], case["gcp_lookup_countdown"])
    value = case["input"]
    fault = lint(case["linter"], value, lookup)
    if fault is None:
        return None, None
    end = fault.start + fault.length
    marked = f"{value[: fault.start]}*{value[fault.start : end]}*{value[end:]}"
    return f"GS1_LINTER_{fault.code.upper()}", marked


@pytest.mark.parametrize("linter", sorted({case["linter"] for case in CASES}))
def test_every_recorded_case_of_a_linter(linter: str) -> None:
    differing = []
    for case in CASES:
        if case["linter"] == linter:
            expected = (case.get("error"), case.get("highlight"))
            if judged(case) != (expected if not case["ok"] else (None, None)):
                differing.append((case, judged(case)))
    assert not differing


def test_every_linter_of_the_engine_is_there() -> None:
    assert {case["linter"] for case in CASES} <= set(LINTERS)
    assert len(set(LINTERS) - set(WITHDRAWN)) == 39


def test_the_text_of_every_code_is_that_of_the_engine() -> None:
    recorded = Counter[str]()
    for case in outside.load("gs1/engine_bracketed_linter.json")["cases"]:
        if not case["ok"]:
            code = case["linter_error"].removeprefix("GS1_LINTER_").lower()
            assert MESSAGES[code] == case["engine_err"].partition(": ")[2]
            recorded[code] += 1
    assert len(recorded) > 80


def test_every_code_of_a_recorded_case_has_a_text() -> None:
    codes = {c["error"].removeprefix("GS1_LINTER_").lower() for c in CASES if not c["ok"]}
    assert codes <= set(MESSAGES)


def test_an_unknown_linter_is_an_error() -> None:
    with pytest.raises(FormatError, match="unknown linter"):
        lint("spelling", "x")


# Rules of the published linters that their own tests leave out.
@pytest.mark.parametrize(
    ("linter", "value", "code"),
    [
        ("csum", "", "too_short_for_check_digit"),
        ("csum", "١٢٣٤٥٦٧", "non_digit_character"),
        ("csumalpha", "2", "too_short_for_check_pair"),
        ("gcppos2", "", "too_short_for_gcp"),
        ("iban", "GB82WEST12345698765432" + "1" * 13, "iban_too_long"),
        ("iban", "GB82WEST", "iban_too_short"),
        ("importeridx", "", "importer_idx_must_be_one_character"),
        ("hhmi", "2400", "illegal_hour"),
        ("hh", "123", "hour_too_long"),
        ("mi", "1", "minute_too_short"),
        ("longitude", "3600000001", "invalid_longitude"),
        ("longitude", "1", "longitude_invalid_length"),
        ("hyphen", "-0", "not_hyphen"),
        ("hyphen", "", "not_hyphen"),
        ("gcppos2", "I", "too_short_for_gcp"),
        ("hhmi", "24x0", "illegal_hour"),
        ("nozeroprefix", "0A", "illegal_zero_prefix"),
        ("posinseqslash", "0/1", "illegal_zero_prefix"),
        ("posinseqslash", "10/9", "position_exceeds_end"),
        ("yyyymmdd", "20250100", "illegal_day"),
        ("yymmdd", "25010１", "non_digit_character"),
    ],
)
def test_rules_beyond_the_recorded_cases(linter: str, value: str, code: str) -> None:
    fault = lint(linter, value)
    assert fault is not None
    assert fault.code == code
    assert fault.start + fault.length <= len(value)


@pytest.mark.parametrize(
    ("linter", "value", "start", "length"),
    [("hyphen", "XX", 0, 2), ("gcppos2", "I", 0, 1), ("hhmi", "000x", 3, 1), ("csum", "", 0, 0)],
)
def test_where_the_fault_is_beyond_the_recorded_cases(
    linter: str, value: str, start: int, length: int
) -> None:
    fault = lint(linter, value)
    assert fault is not None
    assert (fault.start, fault.length) == (start, length)
