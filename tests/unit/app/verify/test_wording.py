"""The words of verdicts are those that were published, in both languages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from app.i18n import translate
from app.verify import wording
from tests import outside

PUBLISHED: dict[str, Any] = json.loads(
    (outside.path("README.md").parents[1] / "domain" / "verdicts.json").read_text("utf-8")
)
# Never a result: a code cannot show it (docs/verdicts.md).
CLAIMS = re.compile(r"chính hãng|hàng thật|genuine|authentic|compliant", re.IGNORECASE)


def _percent(text: str) -> str:
    return re.sub(r"\{(\w+)\}", r"%(\1)s", text)


@pytest.mark.parametrize("state", PUBLISHED["states"], ids=lambda state: state["id"])
def test_states_say_what_was_published(state: dict[str, str]) -> None:
    words = wording.STATES[state["id"]]
    assert words.colour == state["colour"]
    assert words.title == state["en"]
    assert words.action == _percent(state["en_action"])
    assert translate("vi", words.title) == state["vi"]
    assert translate("vi", words.action) == _percent(state["vi_action"])


def test_no_further_state_is_worded() -> None:
    assert list(wording.STATES) == [state["id"] for state in PUBLISHED["states"]]


def test_no_sentence_claims_what_a_code_cannot_show() -> None:
    for sentence in wording.REASONS.values():
        assert not CLAIMS.search(sentence)
        assert not CLAIMS.search(translate("vi", sentence))


def test_translations_keep_the_parameters() -> None:
    names = re.compile(r"%\((\w+)\)s")
    for sentence in wording.REASONS.values():
        there = set(names.findall(sentence))
        assert set(names.findall(translate("vi", sentence))) == there
