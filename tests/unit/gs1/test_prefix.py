"""Company prefixes against biip, whose table ours is made from, and issuers against GS1's list."""

import random
import runpy
import sys
from pathlib import Path

import pytest
from biip.gs1_prefixes import GS1CompanyPrefix

from gs1 import prefix, prefix_data
from gs1.errors import FormatError
from gs1.prefix_data.biip_table import biip_tree, leaves, lines
from tests import outside


def test_the_table_is_what_the_command_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["prefix_data", str(tmp_path / "table.txt")])
    runpy.run_module("gs1.prefix_data", run_name="__main__")
    committed = Path(prefix_data.__file__).parent / "company_prefixes.txt"
    assert (tmp_path / "table.txt").read_bytes() == committed.read_bytes()


def test_same_answer_as_biip_at_every_boundary_and_in_between() -> None:
    rng = random.Random(7)
    numbers = [digits.ljust(13, "0") for digits, _ in leaves(biip_tree())][::29]
    numbers += [digits.ljust(13, "9") for digits, _ in leaves(biip_tree())][::31]
    numbers += [f"{rng.randrange(10**13):013}" for _ in range(5000)]
    for number in numbers:
        found = GS1CompanyPrefix.extract(number)
        assert prefix.company_prefix(number) == (found.value if found else None), number


def test_a_short_text_is_answered_only_when_it_is_sure() -> None:
    assert prefix.company_prefix("704461X") == "704461"
    assert prefix.company_prefix("70446") is None
    assert prefix.company_prefix("8") is None


@pytest.mark.parametrize("text", ["", "A704461", "٧04461"])
def test_a_prefix_begins_with_ascii_digits(text: str) -> None:
    with pytest.raises(FormatError):
        prefix.company_prefix(text)


def test_neighbours_of_one_length_fall_together_and_gaps_are_unknown() -> None:
    tree = {"1": {"0": 7, "1": 7, "3": 8}, "2": 8}
    assert list(lines(tree)) == ["0 0", "1 7", "12 0", "13 8", "14 0", "2 8", "3 0"]


def test_a_full_table_has_no_last_gap() -> None:
    assert list(lines({str(digit): 7 for digit in range(10)})) == ["0 7"]


def _published() -> list[tuple[str, str, str]]:
    """(first, last, name) of GS1's list, its ranges of text included."""
    rows = []
    for row in outside.load("gs1/data/gs1-mo-prefixes.json"):
        text, name = row["prefix"], row["mo"]
        if isinstance(text, list):
            # "450 - 459 GS1 Japan" stands in the wrong column there.
            first, last, name = "450", "459", text[0][10:]
        else:
            first, _, last = text.partition(" – ")
        rows.append((first, last or first, name))
    return rows


def test_every_published_prefix_has_an_issuer() -> None:
    for first, last, name in _published():
        for text in (first, last):
            found = prefix.issuer(text.ljust(13, "5"))
            assert found is not None, text
            if found.kind == "organisation":
                assert name.replace("GS1 ", "") in found.name_en


def test_what_is_not_published_is_unknown() -> None:
    published = {text for row in _published() for text in row[:2]}
    assert "384" not in published
    assert prefix.issuer("3840000000000") is None
    assert prefix.issuer("") is None


def test_demonstration_and_restricted_prefixes() -> None:
    assert prefix.issuer("9520000000000").kind == "demonstration"
    assert prefix.issuer("2000000000000").kind == "restricted-region"
    assert prefix.issuer("0400000000000").kind == "restricted-company"
    assert prefix.issuer("0000000123457").kind == "restricted-company"
    assert prefix.issuer("9780000000000").kind == "isbn"


def test_names_in_both_languages_and_never_an_origin() -> None:
    viet_nam = prefix.issuer("8936012345678")
    assert (viet_nam.name_en, viet_nam.name_vi) == ("GS1 Vietnam", "GS1 Việt Nam")
    assert (viet_nam.first, viet_nam.last) == ("893", "893")
    table = (Path(prefix_data.__file__).parent / "organisations.txt").read_text("utf-8")
    assert "origin" not in table.lower()
    assert "xuất xứ" not in table.lower()
