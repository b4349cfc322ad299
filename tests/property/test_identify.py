"""Laws of identification: total over all Unicode, bounded, and never silent about a repair."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gs1.check_digit import check_digit
from gs1.explain import explain, lines
from gs1.faults import LONGEST, MOST, candidates
from gs1.identify import Gs1Data, Identified, Malformed, PlainGtin, identify
from gs1.payment import PaymentQr
from gs1.reading import form_of, read

PIECES = st.sampled_from(
    ["01", "09521234543213", "10", "21", "17", "271231", "(01)", "(10)", "^", "\x1d", "{GS}", "|",
     "]C1", "]E0", "]d2", "https://", "example.com", "/01/", "?17=", "urn:epc:id:", "sgtin:",
     "000201", "6304", "WIFI:", "\ud800", "٣", "é", "0", "9", "A", "\\(", "%41", ".", "\x00", " "]
)  # fmt: skip
HOSTILE = st.lists(PIECES, max_size=24).map("".join) | st.text(
    st.characters(exclude_categories=()), max_size=80
)
LOT = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=1, max_size=10)
GTIN = st.from_regex(r"[1-9][0-9]{11}", fullmatch=True).map(lambda body: body + check_digit(body))


@settings(max_examples=400)
@given(HOSTILE)
def test_identify_and_explain_are_total(text: str) -> None:
    found = identify(text)
    assert isinstance(found, get_args(Identified))
    assert json.loads(json.dumps(found.to_dict()))["kind"] == found.kind
    for lang in ("vi", "en"):
        for line in lines(explain(text, lang)):
            assert line


@pytest.mark.parametrize("piece", ["(01)", "^01", "\x1d", "|", "é", "01" * 9, "]C1", "(", "\\("])
def test_a_megabyte_is_no_burden(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert identify(text).kind == "text"
    assert candidates(text) == ()
    assert identify(text[:8000]).kind in {"text", "malformed", "gs1"}


@settings(max_examples=300)
@given(HOSTILE)
def test_candidates_are_few_and_each_reads_strictly(text: str) -> None:
    found = candidates(text)
    assert len(found) <= MOST
    assert not found or len(text) <= LONGEST
    for one in found:
        assert one.faults
        assert one.text != text
        form = form_of(one.text)
        assert form is not None
        assert read(one.text, form).items == one.element_string.items


@given(GTIN, LOT)
def test_a_lost_separator_before_a_date_is_found(gtin: str, lot: str) -> None:
    found = identify(f"010{gtin}10{lot}17271231")
    assert isinstance(found, Gs1Data)
    assert f"(01)0{gtin}(10){lot}(17)271231" in [one.text for one in found.candidates]


@given(GTIN, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_leads_back(gtin: str, at: int, shift: int) -> None:
    digit = str((int(gtin[at]) + shift) % 10)
    found = identify(gtin[:at] + digit + gtin[at + 1 :])
    assert isinstance(found, Malformed)
    assert gtin in [one.text for one in found.candidates]


@given(GTIN)
def test_a_right_number_is_taken_as_it_is(gtin: str) -> None:
    found = identify(gtin)
    assert isinstance(found, PlainGtin)
    assert str(found.gtin) == gtin


@given(st.text("0123456789AB", max_size=60).map(lambda tail: f"000201{tail}"))
def test_a_payment_code_is_read_or_refused_with_a_reason(text: str) -> None:
    found = identify(text)
    assert found.kind in {"payment", "gs1"}
    if found.kind == "payment" and found.to_dict().get("error") is None:
        assert PaymentQr.parse(text)
