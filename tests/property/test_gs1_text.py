"""Laws of the GS1 texts: what is written can be read, and any text has an answer."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gs1 import dictionary
from gs1.batch import answer, answer_line
from gs1.check_digit import check_character_pair, check_digit, verify, verify_pair
from gs1.component import READERS, diagnose
from gs1.dates import parse_date
from gs1.digital_link import DigitalLink, LinkTemplate
from gs1.digital_link.escape import escape, unescape
from gs1.element_string import ElementString
from gs1.errors import FormatError, Gs1Error
from gs1.linters import LINTERS, lint
from gs1.options import Options
from gs1.scan_data import ScanData, Symbology, to_scan_data

CSET82 = "!\"%&'()*+,-./0123456789:;<=>?_" + string.ascii_letters
#: Every code point there is, lone surrogates and NUL among them.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
#: Text that comes close to GS1 data.
NEARLY = st.text("()^\x1d|]\\/?&=%#.0123456789CdeEQJhtps:ABñ٠０ ", max_size=60)
OPERATIONS = ("bracketed", "data", "scan", "epc", "hex", "identify")


def values(ai: str) -> st.SearchStrategy[str]:
    """Values of the right lengths and character sets; its linters may still refuse one."""
    entry = dictionary.lookup(ai)
    assert entry is not None
    sets = {"N": string.digits, "X": CSET82, "Y": "#-/" + string.digits + string.ascii_uppercase}
    sets["Z"] = string.ascii_letters + string.digits + "-_"
    parts = [
        st.text(sets[part.kind], min_size=part.minimum, max_size=part.maximum)
        for part in entry.components
        if not part.optional
    ]
    return st.tuples(*parts).map("".join).map(lambda text: repaired(ai, text))


def repaired(ai: str, value: str) -> str:
    """The value with the check digit its AI wants, so that more values are valid."""
    entry = dictionary.lookup(ai)
    assert entry is not None
    part = entry.components[0]
    if "csum" in part.linters:
        body = value[: part.maximum - 1]
        return body + check_digit(body) + value[part.maximum :]
    return value


ITEM = st.sampled_from(sorted(dictionary.application_identifiers())).flatmap(
    lambda ai: st.tuples(st.just(ai), values(ai))
)


@st.composite
def element_strings(draw: st.DrawFn) -> ElementString:
    items = draw(st.lists(ITEM, min_size=1, max_size=5, unique_by=lambda item: item[0]))
    kept = tuple((ai, value) for ai, value in items if READERS[ai].accepts(value))
    assume(kept)
    return ElementString(kept)


LENIENT = Options(requisites=False)


@given(element_strings())
def test_every_text_of_an_element_string_reads_back(elements: ElementString) -> None:
    try:
        read = ElementString.parse_bracketed(elements.to_bracketed(), LENIENT)
    except Gs1Error as error:
        assert error.code in ("exclusive_ais", "serial_not_present")
        return
    assert read == elements
    assert ElementString.parse_data(elements.to_data(), LENIENT) == elements
    assert ElementString.parse_raw(elements.to_raw(), LENIENT) == elements
    assert ElementString.parse_scan("]d2" + elements.to_raw(), LENIENT) == elements


@given(element_strings(), st.sampled_from(["https://id.gs1.org", "http://a.vn:81/x/y"]))
def test_a_digital_link_reads_back(elements: ElementString, stem: str) -> None:
    try:
        link = DigitalLink.build(elements, stem)
        read = DigitalLink.parse(str(link), LENIENT)
    except Gs1Error:
        return
    assert read == link
    assert str(read) == str(link)
    assert sorted(read.element_string.items) == sorted(elements.items)
    assert DigitalLink.parse(read.canonical(), LENIENT).element_string == read.element_string


@given(element_strings(), st.sampled_from([Symbology.QR, Symbology.DATA_MATRIX]))
def test_scan_data_reads_back(elements: ElementString, symbology: Symbology) -> None:
    try:
        text = to_scan_data(symbology, elements.to_data(), options=LENIENT)
    except Gs1Error:
        return
    scan = ScanData.parse(text, LENIENT)
    assert (scan.symbology, scan.element_string) == (symbology, elements)


@given(NEARLY)
@example("")
@example("\\^")
def test_plain_data_is_transmitted_as_it_is(text: str) -> None:
    assume(not text.startswith("http"))
    scan = ScanData.parse("]Q1" + text)
    assume("|" not in text)
    assert to_scan_data(Symbology.QR, scan.data) == "]Q1" + text


@given(st.sampled_from(OPERATIONS), ANY_TEXT | NEARLY)
@example("data", "https://example.com/01/٠٩٥٢١٢٣٤٥٤٣٢١٣")
@example("bracketed", "(01)\ud800")
@example("scan", "]E0" + "٩" * 13)
@example("bracketed", "(10)" + "\\(" * 2000)
@example("data", "^10" + "\0")
def test_any_text_has_an_answer(operation: str, text: str) -> None:
    assert isinstance(answer({"op": operation, "in": text})["ok"], bool)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(JSON | st.fixed_dictionaries({"op": JSON, "in": JSON, "linter": JSON}))
def test_any_json_has_an_answer(request_: object) -> None:
    assert isinstance(answer(request_)["ok"], bool)


@given(ANY_TEXT)
def test_any_line_has_an_answer(line: str) -> None:
    assert isinstance(answer_line(line)["ok"], bool)


@given(st.sampled_from(sorted(LINTERS)), ANY_TEXT | st.text(CSET82, max_size=40))
def test_a_linter_names_a_part_of_the_value(name: str, value: str) -> None:
    fault = lint(name, value)
    if fault is not None:
        assert 0 <= fault.start <= fault.start + fault.length <= len(value)


@given(ITEM.flatmap(lambda item: st.tuples(st.just(item[0]), st.just(item[1]) | NEARLY)))
def test_the_fast_check_refuses_what_the_slow_one_does(item: tuple[str, str]) -> None:
    ai, value = item
    reader = READERS[ai]
    assume(value and len(value) <= reader.entry.maximum)
    with pytest.raises(Gs1Error) as caught:
        diagnose(reader.entry, value, 0)
    # Where no rule is broken, all that diagnose can say is that the data goes on.
    assert (caught.value.code == "data_too_long") == bool(reader.accepts(value))


@given(st.text(string.digits, min_size=1, max_size=40))
def test_a_check_digit_verifies(body: str) -> None:
    verify(body + check_digit(body))


@given(st.text(CSET82, max_size=97))
def test_a_check_character_pair_verifies(body: str) -> None:
    verify_pair(body + check_character_pair(body))


@given(ANY_TEXT)
def test_only_ascii_digits_get_a_check_digit(text: str) -> None:
    assume(not (text and set(text) <= set(string.digits)))
    with pytest.raises(FormatError):
        check_digit(text)


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\0")))
def test_escapes_read_back(text: str) -> None:
    assert unescape(escape(text)) == text
    assert unescape(escape(text, query=True), query=True) == text


@given(st.text("{}?&,gtinlo01/:hps.a", max_size=40))
def test_a_template_is_refused_or_expands(text: str) -> None:
    link = DigitalLink.parse("https://id.gs1.org/01/09521234543213/10/A")
    try:
        template = LinkTemplate.parse("https://example.com/" + text)
    except Gs1Error:
        return
    assert not set("{}") & set(template.expand(link))


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)), st.integers(-49, 50))
def test_a_date_within_the_sliding_century_reads_back(today: date, ahead: int) -> None:
    day = date(today.year + ahead, 6, 30)
    assert parse_date(f"{day:%y%m%d}", today) == day
