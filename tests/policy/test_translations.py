"""Both languages are complete, say the same, and never say more than was checked."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app import i18n
from app.verify.wording import STATES
from tests import outside

APP = Path(__file__).parents[2] / "app"
TEMPLATES = APP / "templates"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS: dict[str, None] = {"_": None, "N_": None}

# Claims that no scan can support, and words that may only stand where something is denied.
NEVER = re.compile(r"chính hãng|hàng thật|genuine|compliant|hàng chuẩn|đạt chuẩn|100 ?%", re.I)
DENIED_ONLY = re.compile(r"\bgiả\b|\bfake\b|\bcounterfeit\b|xác thực|\bverified\b", re.I)
DENIAL = re.compile(r"\bkhông\b|\bchưa\b|\bnot\b|\bnone\b|\bnever\b|\bno\b", re.I)
# States and names that the domain experts worded with such a word.
WORDED = {"Confirmed by the hidden code, first use"}


@cache
def extracted() -> frozenset[str]:
    found = extract_from_dir(str(APP), METHODS, keywords=KEYWORDS)
    return frozenset(str(message) for _file, _line, message, _comments, _context in found)


@cache
def catalogue() -> Catalog:
    with i18n.CATALOGUE.open("rb") as file:
        return read_po(file, locale="vi")


def vietnamese() -> dict[str, str]:
    return {str(entry.id): str(entry.string) for entry in catalogue() if entry.id}


def test_every_sentence_has_its_vietnamese() -> None:
    assert sorted(extracted() - {id for id, text in vietnamese().items() if text}) == []


def test_nothing_is_kept_that_no_page_says() -> None:
    assert sorted(vietnamese().keys() - extracted()) == []
    assert list(catalogue().obsolete) == []


def test_nothing_is_fuzzy() -> None:
    assert [entry.id for entry in catalogue() if entry.id and entry.fuzzy] == []


def test_both_languages_fill_in_the_same_values() -> None:
    def values(text: str) -> list[str]:
        return sorted(re.findall(r"%\((\w+)\)s", text))

    assert [id for id, text in vietnamese().items() if values(id) != values(text)] == []


def test_percent_signs_are_placeholders_only() -> None:
    stray = re.compile(r"%(?!\(\w+\)s)")
    assert [id for pair in vietnamese().items() for id in pair if stray.search(id)] == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_sentence_claims_more_than_was_checked(language: str) -> None:
    for id, text in vietnamese().items():
        said = text if language == "vi" else id
        assert not NEVER.search(said), said
        if DENIED_ONLY.search(said) and id not in WORDED:
            assert DENIAL.search(said), said


@pytest.mark.parametrize("state", outside.verdict_states(), ids=lambda state: state["id"])
def test_states_are_worded_as_the_domain_experts_did(state: dict[str, str]) -> None:
    def filled(text: str) -> str:
        return re.sub(r"\{(\w+)\}", r"%(\1)s", text)

    wording = STATES[state["id"]]
    assert wording.colour == state["colour"]
    assert (wording.title, wording.action) == (state["en"], filled(state["en_action"]))
    said = vietnamese()
    assert said[wording.title] == state["vi"]
    assert said[wording.action] == filled(state["vi_action"])


def test_the_sentence_about_prefix_893_is_on_every_page() -> None:
    always = json.loads(outside.path("../domain/verdicts.json").read_text("utf-8"))["always"]
    assert f'_("{always["en"]}")' in (TEMPLATES / "base.html").read_text(encoding="utf-8")
    assert vietnamese()[always["en"]] == always["vi"]


# What a template may say without translation: names, and the languages' own names.
NAMES = {"Nguồn", "GTIN", "SHA", "RFC", "Ed", "python", "m", "ledger", "verify", "bundle", "json"}
NAMES |= {"key", "nguon", "lang", "ML", "DSA"}


def _spoken(template: str) -> set[str]:
    text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", " ", template, flags=re.S)
    text = re.sub(r"<svg.*?</svg>|<!.*?>|<[^>]*>|&\w+;", " ", text, flags=re.S)
    return set(re.findall(r"[^\W\d_]+", text))


def test_words_stand_in_the_catalogue_only() -> None:
    spoken = {
        f"{path.relative_to(TEMPLATES)}: {word}"
        for path in TEMPLATES.rglob("*.html")
        if path.parent.name != "map"
        for word in _spoken(path.read_text(encoding="utf-8")) - NAMES
    }
    assert sorted(spoken) == []
