"""Faults of readers: each damaged text leads back to its original, as a candidate only."""

from __future__ import annotations

import pytest

from gs1.element_string import ElementString
from gs1.errors import CheckDigitError
from gs1.faults import LONGEST, MOST, Fault, candidates
from gs1.reading import Form, form_of, read
from gs1.separators import Budget, restore

GTIN = "09521234543213"
ORIGINAL = f"(01){GTIN}(10)ABC-1(17)271231"


def repaired(text: str) -> dict[str, tuple[str, ...]]:
    return {found.text: tuple(map(str, found.faults)) for found in candidates(text)}


@pytest.mark.parametrize(
    "typed",
    ["{GS}", "<GS>", "[GS]", "\\x1d", "\\x1D", "\\u001d", "~d029", "~1", "|", "␝", "^]", "&#29;"],
)
def test_a_separator_typed_as_characters(typed: str) -> None:
    assert repaired(f"01{GTIN}10ABC-1{typed}17271231")[ORIGINAL] == ("separator_typed",)


def test_a_typed_separator_hides_in_valid_data() -> None:
    # < and > are allowed in a lot, so that the text reads well and wrongly.
    text = f"01{GTIN}10A<GS>17271231"
    assert read(text, Form.RAW).get("10") == "A<GS>17271231"
    assert f"(01){GTIN}(10)A(17)271231" in repaired(text)


@pytest.mark.parametrize(
    ("text", "original"),
    [
        (f"01{GTIN}10ABC-117271231", ORIGINAL),
        (f"]d201{GTIN}10ABC-117271231", ORIGINAL),
        (f"]C101{GTIN}10ABC-117271231", ORIGINAL),
        (f"^01{GTIN}10ABC-117271231", ORIGINAL),
        (
            f"01{GTIN}21123456789017271231" + "10LOT1",
            f"(01){GTIN}(21)1234567890(17)271231(10)LOT1",
        ),
        (
            f"01{GTIN}10LOT1\x1d21SERIALNUMBER17271231",
            f"(01){GTIN}(10)LOT1(21)SERIALNUMBER(17)271231",
        ),
        # Without the separator the lot would have 24 characters, so that it does not read at all.
        (f"01{GTIN}10ABCDEFGHIJKLMNOP17271231", f"(01){GTIN}(10)ABCDEFGHIJKLMNOP(17)271231"),
    ],
)
def test_a_lost_separator(text: str, original: str) -> None:
    found = candidates(text)
    assert (found[0].text, found[0].faults) == (original, (Fault.SEPARATOR_LOST,))


@pytest.mark.parametrize("text", [f"01{GTIN}10L21A", f"01{GTIN}10AB10C", f"01{GTIN}2137"])
def test_chance_digits_in_a_lot_raise_no_suspicion(text: str) -> None:
    assert candidates(text) == ()


# What a reader set to an American keyboard types on a French or a German computer.
KEYBOARDS = {
    # 0109521234543213 10ABC-1 GS 17271231
    'à&àç(é&é"\'(\'"é&"&àQBC)&\x1d&èéè&é"&': (ORIGINAL, Fault.KEYBOARD_AZERTY),
    # https://example.com/01/09521234543213/10/AY, typed on German keys
    "httpsÖ--example.com-01-09521234543213-10-AZ": (
        f"https://example.com/01/{GTIN}/10/AY",
        Fault.KEYBOARD_QWERTZ,
    ),
    # (01)09521234543213 on German keys: the shifted digits move.
    ")01=09521234543213": (f"(01){GTIN}", Fault.KEYBOARD_QWERTZ),
}


@pytest.mark.parametrize("typed", KEYBOARDS)
def test_another_keyboard_layout(typed: str) -> None:
    original, fault = KEYBOARDS[typed]
    assert repaired(typed)[original] == (fault,)


def test_capitals_exchanged() -> None:
    assert repaired(f"01{GTIN}10abc-1")[f"(01){GTIN}(10)ABC-1"] == ("caps_lock",)
    # A French caps lock shifts every key: the digits come out right, A comes out as q.
    assert repaired(f"01{GTIN}10qbc")[f"(01){GTIN}(10)ABC"] == ("keyboard_azerty", "caps_lock")
    assert candidates(f"01{GTIN}10ABC") == ()
    assert candidates(f"01{GTIN}10AbC") == ()


@pytest.mark.parametrize(
    ("text", "original"),
    [
        (f"1{GTIN}10AB", f"(01){GTIN}(10)AB"),
        (f"01{GTIN[1:]}10AB", f"(01){GTIN}(10)AB"),
        (f"(01){GTIN[1:]}(10)AB", f"(01){GTIN}(10)AB"),
        (f"https://example.com/01/{GTIN[1:]}", f"https://example.com/01/{GTIN}"),
        ("https://example.com/01/96385074/10/A", "https://example.com/01/00000096385074/10/A"),
        ("42100005264", "042100005264"),
        ("106141412345678908", "(00)106141412345678908"),
        (f"{GTIN}10AB", f"(01){GTIN}(10)AB"),
    ],
)
def test_a_dropped_zero_or_identifier(text: str, original: str) -> None:
    assert "leading_zero" in str(repaired(text)[original]) or "ai_lost" in repaired(text)[original]


def test_a_dropped_zero_of_an_sscc() -> None:
    # SSCC 006141410000000019 without its two AI digits and without its first zero.
    body = "00614141000000001"
    sscc = body + str(-sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(body)) % 10)
    assert repaired(sscc[1:])[f"(00){sscc}"] == ("ai_lost", "leading_zero")


def test_neighbours_of_a_wrong_digit() -> None:
    found = repaired("9521234543214")
    assert found["9521234543213"] == ("wrong_digit",)
    assert len(found) == 13
    for text in found:
        assert sum(a != b for a, b in zip(text, "9521234543214", strict=True)) == 1
        ElementString.parse_bracketed(f"(01)0{text}")


def test_neighbours_of_exchanged_digits_come_first() -> None:
    found = candidates("9521234543231")
    assert (found[0].text, found[0].faults) == ("9521234543213", (Fault.TRANSPOSED,))


@pytest.mark.parametrize(
    ("text", "original"),
    [
        ("(01)09521234543214(10)A", "(01)09521234543213(10)A"),
        ("]C10109521234543214", "(01)09521234543213"),
        ("^0109521234543214", "(01)09521234543213"),
        ("https://example.com/01/09521234543214", "https://example.com/01/09521234543213"),
        ("(01)09521234543213(410)9521234543214", "(01)09521234543213(410)9521234543213"),
        ("(8003)09521234543214ABC", "(8003)09521234543213ABC"),
    ],
)
def test_a_wrong_digit_inside_other_data(text: str, original: str) -> None:
    assert repaired(text)[original] == ("wrong_digit",)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "(01)", "1234567", "6385070", "425261", f"{GTIN[:-1]}410AB", "xin chào",
     "(10)", "]d2", "https://example.com", "\ud800", f"01{GTIN}", f"01{GTIN}10ABC\x1d17271231",
     f"https://example.com/01/{GTIN}/10/ABC", "(8013)1987654Ad4X4bL5ttr2310c2L"],
)  # fmt: skip
def test_nothing_to_repair(text: str) -> None:
    assert candidates(text) == ()


def test_bounds() -> None:
    assert candidates(f"01{GTIN}10" + "A" * LONGEST) == ()
    assert restore("", Budget()) == []
    assert restore("1" * 161, Budget()) == []
    assert restore(f"01{GTIN}10ABC17271231", Budget(0)) == []
    for text in ["95" * 6, "01" + "1" * 14 + "10" * 60, "21" * 80, "]C1" + "10A" * 80]:
        assert len(candidates(text)) <= MOST


def test_the_search_looks_at_few_values() -> None:
    """Hostile text ends the search; two long values and a date are found well before."""
    patient = Budget(10_000)
    restore(f"01{GTIN}10" + "1221" * 35, patient)
    assert patient.left < 9_000
    hasty = Budget()
    restore(f"01{GTIN}10" + "1221" * 35, hasty)
    assert hasty.left < 0
    serial, lot = "90817263544536271809", "55667788990011223344"
    text = f"01{GTIN}21{serial}10{lot}17271231"
    assert f"(01){GTIN}(21){serial}(10){lot}(17)271231" in repaired(text)


def test_data_that_begins_with_no_identifier_costs_nothing() -> None:
    budget = Budget()
    whole = budget.left
    assert restore("50" + "0" * 27 + "69" * 60, budget) == []
    assert budget.left == whole


def test_a_full_house_of_candidates_is_cut() -> None:
    # In alternating digits every exchange of neighbours changes the check sum alike.
    counts = [len(candidates(f"(00){f'{a}{b}' * 9}")) for a in range(10) for b in range(10)]
    assert max(counts) == MOST


def test_every_candidate_reads_strictly() -> None:
    for text in [*KEYBOARDS, "9521234543214", f"01{GTIN}10ABC17271231", f"1{GTIN}10AB"]:
        for found in candidates(text):
            form = form_of(found.text)
            assert form is not None
            assert read(found.text, form).items == found.element_string.items


def test_reading_never_repairs() -> None:
    with pytest.raises(CheckDigitError):
        read("9521234543214", Form.NUMBER)
