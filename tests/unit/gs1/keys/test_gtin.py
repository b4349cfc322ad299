"""GTIN forms, conversions, restricted numbers and UPC-E."""

from typing import Any

import pytest

from gs1.check_digit import check_digit
from gs1.errors import CheckDigitError, FormatError
from gs1.keys import Gtin, upc
from tests import outside

_BIIP = outside.load("gs1/biip_parametrized.json")["cases"]


def _cases(test: str) -> list[dict[str, Any]]:
    return [case["params"] for case in _BIIP if case["test"].endswith(test)]


def _full(text: str) -> str:
    """UPC-E of 6 digits as the 12 digits it stands for; others as they are."""
    return Gtin.from_upc_e(text).value if 6 <= len(text) <= 8 else text


@pytest.mark.parametrize("case", _cases("upc/test_encode.py::test_as_upc_a"))
def test_upc_a(case: dict[str, str]) -> None:
    assert _full(case["value"]) == case["expected"]


@pytest.mark.parametrize("case", _cases("upc/test_encode.py::test_as_upc_e"))
def test_upc_e(case: dict[str, str]) -> None:
    assert Gtin.parse(case["value"]).to_upc_e() == case["expected"]
    assert Gtin.from_upc_e(case["expected"]).value == case["value"]


@pytest.mark.parametrize("length", [12, 13, 14])
def test_upc_e_in_more_digits(length: int) -> None:
    for case in _cases(f"upc/test_encode.py::test_as_gtin_{length}"):
        assert Gtin.from_upc_e(case["value"]).as_gtin(length) == case["expected"]


@pytest.mark.parametrize(
    "case", _cases("test_parse_upc_e_with_invalid_number_system"), ids=lambda c: str(c)
)
def test_upc_e_has_number_system_0(case: dict[str, int]) -> None:
    with pytest.raises(FormatError) as caught:
        Gtin.from_upc_e(f"{case['number_system']}425261")
    assert caught.value.code == "upc_e_number_system"


@pytest.mark.parametrize("text", ["", "42526", "425261424", "42526x", "４２５２６１"])
def test_upc_e_has_6_to_8_digits(text: str) -> None:
    with pytest.raises(FormatError):
        Gtin.from_upc_e(text)


def test_upc_e_with_wrong_check_digit() -> None:
    with pytest.raises(CheckDigitError):
        Gtin.from_upc_e("04252615")


@pytest.mark.parametrize("gtin12", ["123456789012", "614141000036", "012345678905"])
def test_most_gtins_have_no_upc_e(gtin12: str) -> None:
    with pytest.raises(FormatError) as caught:
        upc.compress(gtin12)
    assert caught.value.code == "no_upc_e_form"


@pytest.mark.parametrize(
    ("text", "natural", "gtin14"),
    [
        ("96385074", 8, "00000096385074"),
        ("614141000036", 12, "00614141000036"),
        ("4006381333931", 13, "04006381333931"),
        ("14006381333938", 14, "14006381333938"),
        ("00000096385074", 8, "00000096385074"),
    ],
)
def test_lengths(text: str, natural: int, gtin14: str) -> None:
    gtin = Gtin.parse(text)
    assert (gtin.natural_length, gtin.gtin14, gtin.ai_value) == (natural, gtin14, gtin14)
    assert gtin.shortest == gtin14[14 - natural :]
    assert str(gtin) == text


def test_the_same_number_is_equal_in_any_length() -> None:
    short, long = Gtin.parse("96385074"), Gtin.parse("0000096385074")
    assert short == long
    assert hash(short) == hash(long)
    assert short != "96385074"


@pytest.mark.parametrize("length", [8, 12, 13, 10])
def test_a_gtin_14_fits_nowhere_else(length: int) -> None:
    with pytest.raises(FormatError) as caught:
        Gtin.parse("14006381333938").as_gtin(length)
    assert caught.value.code == "gtin_does_not_fit"


def test_indicator() -> None:
    assert Gtin.parse("4006381333931").indicator == 0
    assert not Gtin.parse("4006381333931").is_variable_measure
    assert Gtin.parse("95012345678903").is_variable_measure


def test_grouping_has_its_own_check_digit() -> None:
    # Weighted by hand: 1*3+4+0+0+6*3+3+8*3+1+3*3+3+3*3+9+3*3 = 92, so the check digit is 8.
    assert Gtin.parse("4006381333931").with_indicator(1).value == "14006381333938"
    with pytest.raises(FormatError):
        Gtin.parse("4006381333931").with_indicator(0)


@pytest.mark.parametrize(
    ("body", "scope"),
    [
        ("200000000000", "region"),
        ("299999999999", "region"),
        ("020000000000", "region"),
        ("040000000000", "company"),
        ("0200000", "company"),
        ("2000000", "company"),
        ("400638133393", None),
        ("893601234000", None),
        ("030000000000", None),
        ("9638507", None),
    ],
)
def test_restricted_circulation(body: str, scope: str | None) -> None:
    gtin = Gtin.parse(body + check_digit(body))
    assert gtin.restricted_scope == scope
    assert gtin.is_restricted == (scope is not None)


def test_a_gtin_8_has_no_company_prefix() -> None:
    assert Gtin.parse("96385074").company_prefix() is None
    assert Gtin.parse("7044610873466").company_prefix() == "704461"
