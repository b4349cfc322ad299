"""EPC laws: every scheme goes round trip through every form, and any input has a GS1 answer."""

import json
import re
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gs1 import epc
from gs1.check_digit import CSET82
from gs1.epc import Epc, codings, plus
from gs1.epc.schemes import GS1_SCHEMES, SCHEMES, Gs1Scheme, Part, Scheme
from gs1.equivalence import Key
from gs1.errors import Gs1Error
from gs1.pattern import Pattern
from tests import outside

CSET82_TEXT = st.text(CSET82, min_size=1, max_size=20)


def _part(draw: st.DrawFn, part: Part, prefix: int) -> str:
    most = part.most - (prefix if part.shared else 0)
    if part.largest is not None:
        return str(draw(st.integers(0, part.largest)))
    if part.charset == CSET82 and draw(st.booleans()):
        # Numbers without leading zeros: only they fit the short codings.
        return str(draw(st.integers(0, min(2**38, 10**most) - 1)))
    return draw(st.text(part.charset, min_size=part.fewest, max_size=most))


@st.composite
def fields_of(draw: st.DrawFn, scheme: Scheme) -> tuple[str, ...]:
    if scheme.name == "bic":
        letters = draw(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3))
        return (
            letters
            + draw(st.sampled_from("JUZ"))
            + draw(st.text("0123456789", min_size=7, max_size=7)),
        )
    if not isinstance(scheme, Gs1Scheme):
        return tuple(_part(draw, part, 0) for part in scheme.parts)
    length = draw(st.integers(6, 12))
    digits = st.text("0123456789", min_size=length, max_size=length)
    fields = [draw(digits)]
    if scheme.digits:
        rest = scheme.digits - length
        fields.append(draw(st.text("0123456789", min_size=rest, max_size=rest)))
    fields += [_part(draw, part, length) for part in scheme.parts]
    return tuple(fields)


@st.composite
def epcs(draw: st.DrawFn, names: tuple[str, ...] = tuple(SCHEMES)) -> Epc:
    scheme = SCHEMES[draw(st.sampled_from(names))]
    return Epc(scheme.name, draw(fields_of(scheme)))


@given(epcs())
def test_urn_round_trip(made: Epc) -> None:
    assert epc.parse(made.to_urn()) == made


@given(epcs(tuple(GS1_SCHEMES)))
def test_application_identifiers_round_trip(made: Epc) -> None:
    # An ITIP with no pieces and the like are EPCs that the AIs cannot say: they still come back.
    assert epc.from_items(made.to_ai_items(), made.company_prefix_length) == made


@given(
    st.sampled_from(sorted(codings.BY_NAME)).flatmap(
        lambda name: st.tuples(st.just(name), fields_of(SCHEMES[codings.BY_NAME[name].scheme]))
    ),
    st.integers(0, 7),
)
def test_fixed_codings_round_trip(named: tuple[str, tuple[str, ...]], filter_value: int) -> None:
    name, fields = named
    coding = codings.BY_NAME[name]
    made = Epc(coding.scheme, fields)
    if not coding.filter_width:
        filter_value = 0
    try:
        text = made.to_hex(name, filter_value)
    except Gs1Error as error:
        assert error.code in {"epc_not_encodable", "epc_overflow"}
        return
    found = epc.from_hex(text)
    assert found == made
    assert found.to_hex() == text
    assert epc.parse(found.to_tag_uri()).to_hex() == text
    assert epc.parse(found.to_raw_uri()) == made
    _translation_standard_accepts(name, found.to_tag_uri(), text)


@cache
def _scheme(name: str) -> dict[str, Any]:
    file = next(
        file
        for file in outside.path("gs1/data/tdt").glob("*.json")
        if file.stem.lower() == name.lower()
    )
    scheme: dict[str, Any] = json.loads(file.read_text("utf-8"))["tdt:epcTagDataTranslation"]
    return scheme["scheme"]  # type: ignore[no-any-return]


def _translation_standard_accepts(name: str, tag_uri: str, text: str) -> None:
    """Hold our output against the regular expressions of the TDT 2.2 tables."""
    bits = f"{int(text, 16):0{4 * len(text)}b}"
    levels = {level["type"]: level["option"] for level in _scheme(name)["level"]}
    assert any(re.match(option["pattern"], bits) for option in levels["BINARY"])
    # The table's filter of USDOD-96 has one digit, its field four bits.
    if not (name == "usdod-96" and re.match("urn:epc:tag:usdod-96:1[0-5]", tag_uri)):
        assert any(re.fullmatch(option["pattern"], tag_uri) for option in levels["TAG_ENCODING"])


@given(
    st.sampled_from(sorted(plus.BY_NAME)).flatmap(
        lambda name: st.tuples(st.just(name), fields_of(SCHEMES[plus.BY_NAME[name].scheme]))
    ),
    st.integers(0, 7),
    st.sampled_from([None, "example.com", "id.co.vn", "A-B.TECH", "qr.www.gs1.org.vn"]),
    CSET82_TEXT,
)
def test_plus_codings_round_trip(
    named: tuple[str, tuple[str, ...]], filter_value: int, hostname: str | None, lot: str
) -> None:
    name, fields = named
    made = Epc(plus.BY_NAME[name].scheme, fields)
    extra = (("17", "261231"), ("10", lot), ("3103", "001250"))
    try:
        text = made.to_hex(name, filter_value, hostname=hostname, extra=extra)
    except Gs1Error as error:
        # Only pieces of an ITIP can be out of the rules of their AI.
        assert (made.scheme, error.code) == ("itip", "epc_key")
        return
    found = epc.from_hex(text)
    assert found.to_ai_items() == made.to_ai_items()
    assert found.to_urn(made.company_prefix_length) == made.to_urn()
    assert found.tag is not None
    assert (found.tag.filter_value, found.tag.extra) == (filter_value, extra)
    assert found.tag.hostname == (hostname.lower() if hostname else None)
    assert epc.from_hex(found.to_hex()) == found


@given(st.sampled_from(sorted(plus.BY_HEADER) + sorted(codings.BY_HEADER)), st.binary(max_size=64))
def test_any_bits_are_an_epc_or_refused(header: int, rest: bytes) -> None:
    text = f"{header:02X}{rest.hex()}"
    try:
        found = epc.from_hex(text)
    except Gs1Error:
        return
    again = epc.from_hex(found.to_hex())
    assert again == found
    assert again.to_items() == found.to_items()
    assert epc.batch_hex(text)["ok"] is True


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    for answer in (epc.batch_epc(text), epc.batch_hex(text)):
        assert isinstance(answer["ok"], bool)
    for kind in ("id:sgtin", "tag:sgtin-96", "idpat:sgtin", "raw", "id:adi", "class:lgtin"):
        answer = epc.batch_epc(f"urn:epc:{kind}:{text}")
        assert isinstance(answer["ok"], bool)


@given(st.text(max_size=40))
def test_what_is_read_is_written_alike(text: str) -> None:
    for urn in (f"urn:epc:id:giai:0614141.{text}", f"urn:epc:id:sgtin:0614141.112345.{text}"):
        try:
            assert epc.parse(urn).to_urn() == urn
        except Gs1Error as error:
            assert error.clause


@given(epcs(tuple(GS1_SCHEMES)))
def test_one_key_for_urn_element_string_and_link(made: Epc) -> None:
    try:
        key = Key.from_epc(made)
    except Gs1Error:
        assume(False)
    assert Key.from_epc_urn(made.to_urn()) == key
    assert Key.from_items(made.to_ai_items()[::-1]) == key or made.scheme == "itip"
    assert key.canonical == made.to_digital_link()
    for parent in key.parents():
        assert parent.contains(key)
        assert not key.contains(parent)


@given(
    st.sampled_from(["", "(01)09521141123454", "^01", "urn:epc:", "https://a.vn/01/", "]C1", "("]),
    st.text(max_size=30),
)
def test_any_text_is_a_key_or_refused(start: str, rest: str) -> None:
    try:
        key = Key.parse(start + rest)
    except Gs1Error as error:
        assert error.code
        return
    assert Key.parse(key.canonical) == key


@given(epcs())
def test_every_pattern_of_an_epc_matches_it(made: Epc) -> None:
    assume(SCHEMES[made.scheme].urn_type == "id")
    assume("*" not in made.fields)
    for known in range(len(made.fields) + 1):
        fields = (*made.fields[:known], *[None] * (len(made.fields) - known))
        pattern = Pattern.parse(str(Pattern(made.scheme, fields)))
        assert pattern.fields == fields
        assert pattern.matches(made)


@pytest.mark.parametrize("length", [10**6])
def test_a_very_long_text_is_refused_at_once(length: int) -> None:
    for text in ("0" * length, "urn:epc:id:sgtin:" + "1" * length, "urn:epc:idpat:" + "%" * length):
        assert epc.batch_epc(text)["ok"] is False
        assert epc.batch_hex(text)["ok"] is False
        with pytest.raises(Gs1Error):
            Key.parse(text)
