"""CBV 2.0 words against the terms of GS1's own JSON-LD contexts."""

from __future__ import annotations

import pytest

from gs1.epcis import vocabulary
from gs1.epcis.vocabulary import Vocabulary
from tests import outside

FOLDER = "epcis/gs1-epcis/JSON-LD-Context"
LISTS = {
    "cbv-context-bizstep": (vocabulary.BIZ_STEP, "urn:epcglobal:cbv:bizstep:"),
    "cbv-context-disposition": (vocabulary.DISPOSITION, "urn:epcglobal:cbv:disp:"),
    "cbv-context-biztransaction-type": (
        vocabulary.BIZ_TRANSACTION_TYPE,
        "urn:epcglobal:cbv:btt:",
    ),
    "cbv-context-sourcedest-type": (vocabulary.SOURCE_DEST_TYPE, "urn:epcglobal:cbv:sdt:"),
    "cbv-context-error-reason": (vocabulary.ERROR_REASON, "urn:epcglobal:cbv:er:"),
    "cbv-context-component": (vocabulary.COMPONENT, "urn:epcglobal:cbv:comp:"),
    "gs1-context-measurement-type": (vocabulary.MEASUREMENT_TYPE, None),
    "gs1-context-sensor-alert-type": (vocabulary.SENSOR_ALERT_TYPE, None),
}
SPACES = {"cbv": "https://ref.gs1.org/cbv/", "gs1": "https://gs1.org/voc/"}


def terms(name: str) -> dict[str, str]:
    context = outside.load(f"{FOLDER}/{name}.jsonld")["@context"]
    return {
        term: meaning
        for term, meaning in context.items()
        if isinstance(meaning, str) and meaning.startswith(("cbv:", "gs1:"))
    }


@pytest.mark.parametrize("name", LISTS)
def test_every_form_of_every_word_is_one(name: str) -> None:
    words, urn = LISTS[name]
    official = terms(name)
    assert words.words == set(official)
    for word, compact in official.items():
        prefix, _, local = compact.partition(":")
        assert words.normalise(word) == word
        assert words.normalise(compact) == word
        assert words.web_uri(word) == SPACES[prefix] + local
        assert words.normalise(SPACES[prefix] + local) == word
        assert words.urn(word) == (f"{urn}{word}" if urn else word)
        assert words.normalise(words.urn(word)) == word


@pytest.mark.parametrize("words", [pair[0] for pair in LISTS.values()], ids=lambda v: v.name)
@pytest.mark.parametrize("text", ["", "x", "Shipping", "https://example.com/x", "urn:x:y", "cbv:x"])
def test_other_text_stays(words: Vocabulary, text: str) -> None:
    if text not in words.words:
        assert words.normalise(text) == words.urn(text) == words.web_uri(text) == text
