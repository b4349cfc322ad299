"""The tables of AIs against the dictionary they come from."""

from __future__ import annotations

import pytest

from gs1 import dictionary
from gs1.errors import FormatError
from tests import outside

SOURCE = "gs1/data/gs1-syntax-dictionary-2026-01-27.txt"


def lines() -> list[str]:
    text = outside.path(SOURCE).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line[:1].isdigit()]


def test_the_tables_have_the_ais_of_the_dictionary_in_its_order() -> None:
    spans = [line.split()[0] for line in lines()]
    assert list(dictionary.application_identifiers()) == [
        ai for span in spans for ai in dictionary.expand(span)
    ]
    assert len(dictionary.application_identifiers()) == 541


def test_every_title_is_that_of_the_dictionary() -> None:
    for line in lines():
        facts, _, title = line.partition("#")
        for ai in dictionary.expand(facts.split()[0]):
            assert dictionary.title(ai) == title.strip()


def test_every_flag_is_that_of_the_dictionary() -> None:
    for line in lines():
        span, second = line.split()[:2]
        flags = second if second[0] in "*?" else ""
        for ai in dictionary.expand(span):
            entry = dictionary.lookup(ai)
            assert entry is not None
            assert (not entry.separator, entry.attribute) == ("*" in flags, "?" in flags)


def test_every_ai_has_a_vietnamese_title() -> None:
    for ai in dictionary.application_identifiers():
        title = dictionary.title(ai, "vi")
        assert title
        assert title == title.strip()


def test_vietnamese_titles_of_measures_keep_the_unit() -> None:
    for ai, entry in dictionary.application_identifiers().items():
        if ai[:2] in ("31", "32", "33", "34", "35", "36") and "(" in entry.title:
            unit = entry.title[entry.title.index("(") :].removesuffix(", log")
            assert dictionary.title(ai, "vi").endswith(unit)


def test_components_alternatives_and_paths() -> None:
    entry = dictionary.lookup("8030")
    assert entry is not None
    assert entry.requires[0][1] == ("01", "21")
    assert (entry.minimum, entry.maximum) == (1, 90)
    gtin = dictionary.lookup("01")
    assert gtin is not None
    assert gtin.paths == (("22", "10", "21"), ("235",))
    sscc = dictionary.lookup("00")
    assert sscc is not None
    assert sscc.paths == ((),)
    twice = dictionary.lookup("250")
    assert twice is not None
    assert twice.requires == ((("01",), ("8006",)), (("21",),))


@pytest.mark.parametrize(
    ("ai", "length", "separator"),
    [
        ("236", 90, True),
        ("3999", 90, True),
        ("419", 13, False),
        ("3160", 6, False),
        ("89", 90, True),
    ],
)
def test_an_unknown_ai_that_can_be(ai: str, length: int, separator: bool) -> None:
    # The lengths are those of the engine's own tests of vivified AIs; 3160 is known.
    entry = dictionary.unknown(ai) or dictionary.lookup(ai)
    assert entry is not None
    assert (entry.maximum, entry.separator) == (length, separator)


@pytest.mark.parametrize(
    "ai", ["", "8", "01", "011", "80", "800", "399", "2367", "4199", "12345", "٨٩"]
)
def test_an_unknown_ai_that_cannot_be(ai: str) -> None:
    assert dictionary.unknown(ai) is None


def test_an_unknown_ai_has_no_title() -> None:
    assert dictionary.title("89") == dictionary.title("89", "vi") == ""


@pytest.mark.parametrize("text", ["", "Q5", "N", "N..", "Nx", "5N"])
def test_a_notation_that_is_no_component(text: str) -> None:
    with pytest.raises(FormatError):
        dictionary.parse_component(text)
