"""Check digits and check character pairs."""

from __future__ import annotations

import pytest

from gs1.check_digit import check_character_pair, check_digit, verify, verify_pair, weighted_sum
from gs1.errors import CheckDigitError, FormatError

# Worked examples of GS1 General Specifications 7.9.1 and of the GS1 check digit calculator.
WHOLE = ["96385074", "416000336108", "4006381333931", "12345678901231", "123456789012345675"]


@pytest.mark.parametrize("number", WHOLE)
def test_the_check_digit_of_an_example(number: str) -> None:
    assert check_digit(number[:-1]) == number[-1]
    verify(number)
    assert weighted_sum(number) % 10 == 0


@pytest.mark.parametrize("number", WHOLE)
def test_every_other_last_digit_is_refused(number: str) -> None:
    for digit in set("0123456789") - {number[-1]}:
        with pytest.raises(CheckDigitError) as caught:
            verify(number[:-1] + digit)
        assert caught.value.markup == f"{number[:-1]}|{digit}|"
        assert caught.value.position == len(number) - 1


@pytest.mark.parametrize("body", ["", "12a", "12 ", "١٢٣", "１２３", "1\u0661"])
def test_only_ascii_digits_have_a_check_digit(body: str) -> None:
    with pytest.raises(FormatError):
        check_digit(body)


@pytest.mark.parametrize("text", ["", "1", "400638133393x"])
def test_verify_wants_a_body_and_digits(text: str) -> None:
    with pytest.raises(FormatError):
        verify(text)


# GS1 General Specifications 7.9.5, and cases of the reference engine.
@pytest.mark.parametrize(
    "text", ["1987654Ad4X4bL5ttr2310c2K", "12345678901234567890123NT", "22", "!22", "00000!HV"]
)
def test_the_pair_of_an_example(text: str) -> None:
    verify_pair(text)
    assert check_character_pair(text[:-2]) == text[-2:]


def test_a_wrong_pair_is_marked() -> None:
    with pytest.raises(CheckDigitError) as caught:
        verify_pair("1987654Ad4X4bL5ttr2310cXK")
    assert caught.value.markup == "1987654Ad4X4bL5ttr2310c|XK|"


@pytest.mark.parametrize("body", ["AB C", "ÀB", "1" * 98])
def test_a_body_that_has_no_pair(body: str) -> None:
    with pytest.raises(FormatError):
        check_character_pair(body)
