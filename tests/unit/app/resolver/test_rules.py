"""From codes to the things they name, and which code of a photo is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.resolver import rules
from gs1.digital_link import DigitalLink
from gs1.keys.key import CSET82

OWN = frozenset({"https://nguon.example"})
GTIN = "09521234543213"


@pytest.mark.parametrize(
    ("text", "kind", "fault"),
    [
        ("9521234543213", "gtin", ""),
        (f"(01){GTIN}(10)A", "lgtin", ""),
        (f"https://nguon.example/01/{GTIN}/21/7", "sgtin", ""),
        ("(00)395212345432100002", "malformed", "check-digit"),
        ("(414)9521321000018", "gln", "place-code"),
        ("(8004)9521321ABC", "giai", "other-key"),
        ("9521234543214", "malformed", "check-digit"),
        ("(01)123", "malformed", "syntax"),
        ("(91)ABC", "other", "other-text"),
        ("00020101021138530010A000000727", "payment", "payment-code"),
        ("WIFI:S:x;;", "wifi", "wifi"),
        ("BEGIN:VCARD", "contact", "contact"),
        ("https://example.com/sale", "link", "link"),
        ("hello", "text", "other-text"),
    ],
)
def test_what_a_code_is(text: str, kind: str, fault: str) -> None:
    found = rules.read_code(text, own_stems=OWN)
    assert (found.kind, found.fault) == (kind, fault)


def test_a_link_elsewhere_names_its_host_and_ours_does_not() -> None:
    assert rules.read_code(f"https://shop.example/01/{GTIN}", own_stems=OWN).host == "shop.example"
    assert rules.read_code(f"https://nguon.example/01/{GTIN}", own_stems=OWN).host == ""
    assert rules.read_code(f"https://id.gs1.org/01/{GTIN}", own_stems=OWN).host == ""


def test_hidden_codes_come_in_a_link_or_alone() -> None:
    link = rules.read_code(f"https://nguon.example/01/{GTIN}/21/7?hc=ABC", own_stems=OWN)
    assert (link.kind, link.hidden) == ("sgtin", "ABC")
    assert rules.read_code("NGUON-HC: ABCD ").hidden == "ABCD"


def test_digits_are_read_as_people_group_them() -> None:
    for text in ("9 521234 543213", "952-1234-543213", "9\u00a0521234\u00a0543213"):
        assert rules.typed(text) == "9521234543213"
    # Digits of other scripts are not ours to guess at.
    assert rules.typed("٩٥٢") == "٩٥٢"


@given(st.text(max_size=60))
def test_any_text_is_something(text: str) -> None:
    found = rules.read_code(rules.typed(text))
    assert (found.key is not None and not found.fault) or found.fault or found.hidden
    assert isinstance(rules.display(found), str)


_values = st.text(alphabet=CSET82, min_size=1, max_size=20).filter(
    lambda value: value.strip("/") == value
)


@given(_values, _values)
def test_a_path_that_a_server_decoded_is_put_together_again(lot: str, serial: str) -> None:
    # Where a value itself holds an AI between slashes nobody can tell any more.
    if any(f"/{ai}/" in f"/{lot}/" for ai in ("10", "21", "235")):
        return
    decoded = f"/01/{GTIN}/10/{lot}/21/{serial}"
    link = DigitalLink.parse("https://nguon.example" + rules.requoted(decoded))
    assert (link.element_string.get("10"), link.element_string.get("21")) == (lot, serial)


def test_the_most_telling_code_of_a_photo_is_meant() -> None:
    texts = [
        "00020101021138530010A000000727",
        "9521234543214",
        "(414)9521321000018",
        "9521234543213",
        f"(01){GTIN}(10)A",
        "(00)395212345432100004",
        f"(01){GTIN}(21)7",
    ]
    subjects = [rules.read_code(text) for text in texts]
    ranked = sorted(subjects, key=lambda subject: rules.rank(subject, frozenset()))
    assert [rules.read_code(text).kind for text in reversed(texts)] == [s.kind for s in ranked]


def test_a_registered_product_comes_before_another() -> None:
    known, other = rules.read_code("9521234543213"), rules.read_code("96385074")
    assert rules.rank(known, frozenset({GTIN})) < rules.rank(other, frozenset({GTIN}))


@pytest.mark.parametrize(
    ("gtins", "contradict"),
    [
        (["09521234543213", "09521234543213"], False),
        (["09521234543213", "09521141123454"], True),
        (["09521234543213", "19521234543210"], False),  # a case of the same item
        (["09521234543213", "09521141123454", "00000096385074"], False),  # a shelf
        (["09521234543213"], False),
    ],
)
def test_contradicting_numbers(gtins: list[str], contradict: bool) -> None:
    assert rules.contradict_each_other(gtins) is contradict


def test_codes_are_shown_as_printed() -> None:
    assert rules.display(rules.read_code("96385074")) == "96385074"
    assert rules.display(rules.read_code("9521234543213")) == "9521234543213"
    assert rules.display(rules.read_code("(01)19521234543210")) == "19521234543210"


# GTIN of GS1's own examples with its check digit 3 replaced.
@pytest.mark.parametrize(
    ("text", "shown", "given"),
    [
        ("9521234543214", "9521234543214", "4"),
        ("(01)09521234543214(10)AB-1", "(01) 09521234543214 (10) AB-1", "4"),
        ("010952123454321410AB-1", "(01) 09521234543214 (10) AB-1", "4"),
        ("]d2010952123454321410AB-1", "(01) 09521234543214 (10) AB-1", "4"),
        (
            "https://id.gs1.org/01/09521234543214/10/AB-1",
            "(01) 09521234543214 (10) AB-1",
            "4",
        ),
    ],
)
def test_a_wrong_check_digit_is_shown_beside_the_right_one(
    text: str, shown: str, given: str
) -> None:
    found = rules.read_code(text)
    assert rules.display(found) == shown
    assert (found.params["given"], found.params["expected"]) == (given, "3")
    offered = {c.text: rules.why_offered(found, c) for c in found.candidates}
    right = [text for text, why in offered.items() if why == "last_digit"]
    assert len(right) == 1
    assert "9521234543213" in right[0]


def test_other_malformed_text_is_shown_as_it_was_read() -> None:
    found = rules.read_code("(01)09521234543213(17)271345")
    assert rules.display(found) == "(01)09521234543213(17)271345"
    assert "expected" not in found.params
    long = "(10)" + "A" * 500
    assert len(rules.display(rules.read_code(long))) <= 161


@pytest.mark.parametrize("count", range(1, 30))
def test_digits_too_few_or_too_many(count: int) -> None:
    found = rules.miscounted("1" * count)
    assert (found is not None) is (6 <= count <= 20)
    assert rules.miscounted("1" * count + "x") is None
    assert rules.miscounted("١" * count) is None
