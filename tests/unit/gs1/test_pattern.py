"""Pure identity patterns: form, matching, and which stand for one key."""

import pytest

from gs1 import epc
from gs1.errors import EpcError
from gs1.pattern import Pattern, identity

SGTIN = "urn:epc:id:sgtin:0614141.112345.400"


@pytest.mark.parametrize(
    "text",
    [
        "urn:epc:idpat:sgtin:*.*.*",
        "urn:epc:idpat:sgtin:0614141.*.*",
        "urn:epc:idpat:sgtin:0614141.112345.*",
        "urn:epc:idpat:sgtin:0614141.112345.400",
    ],
)
def test_wider_and_narrower_patterns_match(text: str) -> None:
    pattern = Pattern.parse(text)
    assert str(pattern) == text
    assert pattern.matches(SGTIN)
    assert pattern.matches(epc.parse(SGTIN))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("urn:epc:idpat:sgtin:0614141.112345.*", "urn:epc:id:sgtin:0614141.112346.400"),
        ("urn:epc:idpat:sgtin:0614142.*.*", SGTIN),
        ("urn:epc:idpat:sgtin:0614141.112345.401", SGTIN),
        ("urn:epc:idpat:sscc:*.*", SGTIN),
        ("urn:epc:idpat:sgtin:*.*.*", "no URN"),
    ],
)
def test_others_do_not_match(text: str, other: str) -> None:
    assert not Pattern.parse(text).matches(other)


@pytest.mark.parametrize(
    "text",
    [
        "urn:epc:idpat:sscc:*.*",
        "urn:epc:idpat:giai:0614141.*",
        "urn:epc:idpat:gid:1.*.*",
        "urn:epc:idpat:usdod:2S194.*",
        "urn:epc:idpat:adi:W81X9C.3KL984PX1.*",
        "urn:epc:idpat:bic:*",
        "urn:epc:idpat:imovn:*",
        "urn:epc:idpat:cpi:0614141.*.*",
        "urn:epc:idpat:itip:4012345.012345.01.02.*",
    ],
)
def test_patterns_of_every_kind_of_scheme(text: str) -> None:
    assert str(Pattern.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "urn:epc:idpat:sgtin",
        "urn:epc:id:sgtin:0614141.112345.400",
        "urn:epc:idpat:lgtin:0614141.112345.*",
        "urn:epc:idpat:sgtin:0614141.*.400",
        "urn:epc:idpat:sgtin:*.112345.400",
        "urn:epc:idpat:sgtin:0614141.11234.*",
        "urn:epc:idpat:sgtin:0614141.*",
        "urn:epc:idpat:gid:01.*.*",
        "urn:epc:idpat:xyz:*",
        "urn:epc:idpat:sgtin:*.*.*" + "0" * 400,
    ],
)
def test_what_is_no_pattern(text: str) -> None:
    with pytest.raises(EpcError):
        Pattern.parse(text)


def test_a_plus_tag_matches_by_the_prefix_length_of_the_pattern() -> None:
    tag = epc.from_hex("F73795211411234538566CB0AFC4")
    assert Pattern.parse("urn:epc:idpat:sgtin:9521141.712345.*").matches(tag)
    assert Pattern.parse("urn:epc:idpat:sgtin:95211411.72345.*").matches(tag)
    assert Pattern.parse("urn:epc:idpat:sgtin:*.*.*").matches(tag)
    assert not Pattern.parse("urn:epc:idpat:sgtin:9521142.*.*").matches(tag)


def test_which_patterns_stand_for_one_key() -> None:
    assert identity("urn:epc:idpat:sgcn:4012345.67890.*").to_ai_items() == (
        ("255", "4012345678901"),
    )
    assert identity("urn:epc:idpat:gsrn:012345678901.01234").gs1_key() == "012345678901012342"
    assert identity(SGTIN).to_urn() == SGTIN
    for text in ("sgtin:0614141.*.*", "giai:0614141.*", "sscc:*.*", "gid:1.2.*", "bic:*"):
        with pytest.raises(EpcError):
            identity(f"urn:epc:idpat:{text}")
