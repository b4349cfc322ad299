"""Which looks confirm a text, which leave it probable, and when it is in dispute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner import evidence, vin, zbar
from scanner.reading import Polygon, Symbol
from scanner.sighting import ZXING, Sighting

A, B = "9521234543213", "4006381333931"
ZBAR = zbar.NAME
SHARP: Polygon = ((10, 10), (295, 10), (295, 110), (10, 110))  # three pixels per module
FINE: Polygon = ((10, 10), (130, 10), (130, 60), (10, 60))
THIN: Polygon = ((10, 10), (295, 10), (295, 12), (10, 12))


def seen(
    text: str,
    decoder: str = ZXING,
    group: str = "EAN/UPC",
    *,
    look: str = "plain",
    reserve: float = 0.0,
    place: Polygon = SHARP,
) -> Sighting:
    name = "EAN-13" if group == "EAN/UPC" else group
    symbol = Symbol(text, text.encode(), name, "]E0", place, (decoder,), "probable")
    symbol = replace(symbol, variants=(f"{decoder}: {look}",))
    return Sighting(symbol, group, decoder, reserve)


def looks(text: str, group: str, *names: str) -> list[Sighting]:
    return [seen(text, group=group, look=name) for name in names]


GTIN14 = "10614141543219"  # General Specifications: check digit 9


@pytest.mark.parametrize(
    ("sightings", "profile", "tier"),
    [
        ([seen(A)], "", "probable"),
        ([seen(A)], A, "confirmed"),
        ([seen(A), seen(A, ZBAR)], "", "confirmed"),
        (looks(A, "EAN/UPC", "plain", "crop", "enlarged"), "", "probable"),  # one reader's echo
        ([seen(A, place=FINE), seen(A, ZBAR)], "", "probable"),  # both misread aliased bars
        ([seen(A, place=FINE), seen(A, ZBAR)], A, "confirmed"),
        ([seen(A, place=THIN), seen(A, ZBAR)], "", "probable"),
        ([seen("05096893", place=THIN), seen("05096893", ZBAR)], "05096893", "confirmed"),
        (looks("X1", "Code 128", "plain", "crop"), "", "probable"),
        (looks("X1", "Code 128", "plain", "crop", "enlarged"), "", "confirmed"),
        (looks("X1", "Code 128", "plain", "plain", "plain"), "", "probable"),  # one look thrice
        ([seen("X1", group="Code 39"), seen("X1", ZBAR, "Code 39")], "", "confirmed"),
        ([seen("0829220875", group="ITF"), seen("0829220875", ZBAR, "ITF")], "", "probable"),
        ([seen(GTIN14, group="ITF"), seen(GTIN14, ZBAR, "ITF")], "", "confirmed"),
        ([seen(GTIN14[:-1] + "8", group="ITF")] * 2, "", "probable"),
        ([seen("X", group="QR Code")], "", "probable"),
        ([seen("X", group="QR Code", reserve=0.5)], "", "confirmed"),
        ([seen("X", group="QR Code", reserve=0.49)], "", "probable"),
    ],
)
def test_tier(sightings: list[Sighting], profile: str, tier: str) -> None:
    symbol = evidence.weighed(sightings, profile)
    assert isinstance(symbol, Symbol)
    assert symbol.tier == tier
    assert ("profile" in symbol.variants) == (profile != "")


@pytest.mark.parametrize(
    ("sightings", "profile", "winner"),
    [
        ([seen(A), seen(B)], "", None),
        ([seen(A), seen(A, look="crop"), seen(B, ZBAR)], "", None),  # one reader against another
        ([seen(A), seen(A, ZBAR), seen(B, ZBAR)], "", A),
        ([seen(A), seen(B), seen(B, ZBAR)], "", B),
        ([seen(A), seen(A, ZBAR), seen(B), seen(B, ZBAR)], "", None),
        ([seen(A), seen(B, ZBAR)], A, A),
        ([seen(A), seen(A, ZBAR)], B, A),  # both decoders against the profile: not confirmed
        ([seen(A)], B, None),
    ],
)
def test_dispute(sightings: list[Sighting], profile: str, winner: str | None) -> None:
    result = evidence.weighed(sightings, profile)
    if winner is None:
        assert not isinstance(result, Symbol)
        assert {text for _decoder, text in result.texts} == {A, B}
    else:
        assert isinstance(result, Symbol)
        assert (result.text, result.tier) == (winner, "probable")


HALF = "0178100000449"  # also the left half of 9780441014989


@pytest.mark.parametrize(
    ("symbology", "text", "tier"),
    [
        ("UPC-E", HALF, "probable"),
        ("UPC-E", "0012345000065", "confirmed"),  # number system 0: no such half
        ("EAN-13", HALF, "confirmed"),  # all bars of UPC-A were seen
    ],
)
def test_what_may_be_half_a_symbol_is_not_confirmed(symbology: str, text: str, tier: str) -> None:
    one, other = seen(text), seen(text, ZBAR)
    one = replace(one, symbol=replace(one.symbol, symbology=symbology))
    for sightings in ([one, other], [other, one]):
        symbol = evidence.weighed(sightings, text)
        assert isinstance(symbol, Symbol)
        assert symbol.tier == tier


def test_qr_codes_are_not_disputed_over_a_character_set() -> None:
    result = evidence.weighed([seen("é", group="QR Code"), seen("Ã©", ZBAR, "QR Code")])
    assert isinstance(result, Symbol)


# 49 CFR 565 and ISO 3779 examples in wide use: check digits X and 1.
@pytest.mark.parametrize("number", ["1M8GDM9AXKP042788", "11111111111111111"])
def test_vehicle_numbers_lose_their_data_identifier_in_the_text_only(number: str) -> None:
    symbol = seen("I" + number, group="Code 39").symbol
    bare = vin.without_identifier(symbol)
    assert (bare.text, bare.raw) == (number, b"I" + number.encode())
    assert "check-digit" in bare.checks


@pytest.mark.parametrize(
    "text", ["I1M8GDM9A1KP042788", "X1M8GDM9AXKP042788", "I1M8GDM9AXKP04278", "IOQ", ""]
)
def test_other_texts_are_left_alone(text: str) -> None:
    symbol = seen(text, group="Code 39").symbol
    assert vin.without_identifier(symbol) == symbol


@pytest.mark.parametrize(("place", "text"), [(THIN, B), (SHARP, A)])
def test_the_profile_outvotes_two_decoders_that_saw_a_few_rows(place: Polygon, text: str) -> None:
    result = evidence.weighed([seen(A, place=place), seen(A, ZBAR, place=place)], B)
    assert isinstance(result, Symbol)
    assert (result.text, result.raw, result.tier) == (text, text.encode(), "probable")


def test_two_readers_outvote_one_that_repeats_itself() -> None:
    result = evidence.weighed([seen(A), *[seen(B, ZBAR, look=str(i)) for i in range(3)]], A)
    assert isinstance(result, Symbol)
    assert (result.text, result.tier) == (A, "probable")
