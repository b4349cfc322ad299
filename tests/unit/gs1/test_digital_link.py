"""GS1 Digital Link URIs, against the reference engine, BWIPP and the TDS."""

from __future__ import annotations

from typing import Any

import pytest

from gs1.ai_text import MOST_AIS, read_bracketed
from gs1.digital_link import CANONICAL, DigitalLink, compressed
from gs1.digital_link import path as paths
from gs1.digital_link import uri as uris
from gs1.digital_link.escape import escape, unescape
from gs1.element_string import ElementString
from gs1.errors import AssociationError, CheckDigitError, DigitalLinkError, FormatError, Gs1Error
from gs1.options import STRICT, Options
from tests import outside

Case = dict[str, Any]


def options(case: Case) -> Options:
    return Options(
        unknown_ais=case["permitUnknownAIs"],
        unknown_attributes=not case["validateUnknownAInotDLattr"],
        zero_suppressed_gtin=case["permitZeroSuppressedGTINinDLuris"],
        convenience_alphas=case.get("permitConvenienceAlphas", False),
    )


def cases(name: str) -> list[Case]:
    loaded: list[Case] = outside.load(f"gs1/{name}.json")["cases"]
    return loaded


@pytest.mark.parametrize("case", cases("engine_dl_uri_to_element_string"))
def test_reading_as_the_engine_does(case: Case) -> None:
    # The engine's test reads the URI without the associations of its AIs.
    if case["ok"]:
        _, items, _, _ = uris.read(case["input"], options(case))
        assert ElementString(items).to_data() == case["expect"]
        return
    with pytest.raises(Gs1Error) as caught:
        uris.read(case["input"], options(case))
    assert caught.value.message == case["engine_err"]


@pytest.mark.parametrize("case", cases("engine_element_string_to_dl_uri"))
def test_writing_as_the_engine_does(case: Case) -> None:
    chosen = options(case)
    elements = ElementString(tuple(read_bracketed(case["input"], 0, MOST_AIS, chosen)))
    stem = case["stem"] or CANONICAL
    if case["ok"]:
        assert elements.to_digital_link(stem, chosen) == case["expect"]
        return
    with pytest.raises(DigitalLinkError) as caught:
        elements.to_digital_link(stem, chosen)
    assert caught.value.message == case["engine_err"]


@pytest.mark.parametrize("case", cases("engine_dl_path_ai_sequence"), ids=lambda c: c["input"])
def test_sequences_of_the_engine(case: Case) -> None:
    assert paths.is_valid(tuple(case["input"].split())) is case["ok"]


def test_a_path_needs_a_key() -> None:
    assert not paths.is_valid(())
    assert not paths.is_valid(("10",))
    assert not paths.is_valid(("01", "21", "10"))
    assert not paths.is_valid(("01", "10", "235"))


@pytest.mark.parametrize("case", cases("engine_uri_escape"), ids=lambda c: c["input"])
def test_escape_of_the_engine(case: Case) -> None:
    assert escape(case["input"]) == case["expect_path"]
    assert escape(case["input"], query=True) == case["expect_query"]


@pytest.mark.parametrize("case", cases("engine_uri_unescape"), ids=lambda c: c["input"])
def test_unescape_of_the_engine(case: Case) -> None:
    assert unescape(case["input"]) == case["expect_path"]
    assert unescape(case["input"], query=True) == case["expect_query"]


@pytest.mark.parametrize("case", cases("bwipp_dl_uris"), ids=lambda c: c["input"][:60])
def test_verdict_of_bwipp(case: Case) -> None:
    # A broken %2x stays as it is in the reference engine, and BWIPP always pads short GTINs.
    expected = case["ok"] or "%2x" in case["input"]
    try:
        DigitalLink.parse(case["input"], Options(zero_suppressed_gtin=True))
    except Gs1Error:
        assert not expected
    else:
        assert expected


@pytest.mark.parametrize(
    "case",
    [c for c in cases("tds23_epcb_vectors") if "compressed_segment" in c],
    ids=lambda c: c["compressed_segment"],
)
def test_epc_binary_in_the_path(case: Case) -> None:
    uri = f"https://example.com/{case['compressed_segment']}"
    if case["ok"]:
        assert str(DigitalLink.parse(uri)) == case["dl_uri"]
        return
    with pytest.raises(DigitalLinkError):
        DigitalLink.parse(uri)


def test_epc_binary_keeps_stem_and_query() -> None:
    link = DigitalLink.parse("https://example.com/a/exMBZFlvQMDly-mRqD?17=271231&s=1")
    assert link.stem == "https://example.com/a"
    assert link.element_string.get("17") == "271231"
    assert link.other_params == ("s=1",)


@pytest.mark.parametrize(
    "uri", ["https://example.com/examples/x", "https://example.com/ehello", "x"]
)
def test_a_web_page_is_no_epc(uri: str) -> None:
    with pytest.raises(DigitalLinkError):
        DigitalLink.parse(uri)


@pytest.mark.parametrize("uri", ["x", "https://example.com/about", "https://example.com/ex"])
def test_nothing_to_expand(uri: str) -> None:
    assert compressed.expand(uri) is None


class TestParse:
    def test_the_parts(self) -> None:
        link = DigitalLink.parse(
            "https://example.com/a/01/x/01/09521234543213/21/1?l=vi&17=271231&m#f"
        )
        assert link.stem == "https://example.com/a/01/x"
        assert link.element_string.items == (
            ("01", "09521234543213"),
            ("21", "1"),
            ("17", "271231"),
        )
        assert link.other_params == ("l=vi", "m")
        assert str(link) == ("https://example.com/a/01/x/01/09521234543213/21/1?17=271231&l=vi&m")
        assert DigitalLink.parse(str(link)) == link

    def test_associations_are_checked(self) -> None:
        with pytest.raises(AssociationError):
            DigitalLink.parse("https://example.com/01/09521234543213?37=5")

    def test_the_content_is_told_after_the_structure(self) -> None:
        with pytest.raises(DigitalLinkError, match="path info"):
            DigitalLink.parse("https://example.com/01/09521234543214?10=A")
        with pytest.raises(CheckDigitError) as caught:
            DigitalLink.parse("https://example.com/01/09521234543214?17=271231")
        uri = "https://example.com/01/09521234543214"
        assert caught.value.position == len(uri) - 1

    @pytest.mark.parametrize(
        ("uri", "code", "at"),
        [
            ("https://a/01/09521234543213/10/ợ", "illegal_character", "ợ"),
            ("https://a$b/01/09521234543213", "illegal_domain", "$"),
            ("https://a/01/09521234543213/10/", "empty_value", ""),
            ("https://a/01/09521234543213?17=", "empty_value", ""),
            ("https://a/01/09521234543213/10/A%00", "illegal_null", "A%00"),
            ("https://a/01/09521234543213?999=1", "unknown_ai", "999"),
            ("https://a/01/09521234543213/10/" + "A" * 21, "value_too_long", "AAAA"),
        ],
    )
    def test_code_and_position(self, uri: str, code: str, at: str) -> None:
        with pytest.raises(Gs1Error) as caught:
            DigitalLink.parse(uri)
        assert caught.value.code == code
        assert caught.value.position == (uri.index(at) if at else len(uri))

    def test_an_ipv6_host_without_zone_and_a_port(self) -> None:
        link = DigitalLink.parse("http://[2001:db8::1]:8080/01/09521234543213")
        assert link.stem == "http://[2001:db8::1]:8080"

    def test_too_many_parameters(self) -> None:
        uri = "https://example.com/01/09521234543213?" + "&".join("x" * (MOST_AIS - 1))
        assert len(DigitalLink.parse(uri).other_params) == MOST_AIS - 1
        with pytest.raises(DigitalLinkError, match="Too many"):
            DigitalLink.parse(uri + "&x")
        with pytest.raises(DigitalLinkError, match="Too many"):
            DigitalLink.parse("https://example.com/01/09521234543213" + "/10/A" * MOST_AIS)

    def test_a_uri_longer_than_any_symbol(self) -> None:
        with pytest.raises(FormatError, match="Maximum data length"):
            DigitalLink.parse("https://example.com/" + "/01" * 300_000)


class TestBuild:
    def test_repeated_elements_appear_once(self) -> None:
        elements = ElementString.parse_bracketed("(01)09521234543213(10)A(01)09521234543213(10)A")
        assert str(DigitalLink.build(elements)) == "https://id.gs1.org/01/09521234543213/10/A"

    def test_the_alternative_with_more_qualifiers_wins(self) -> None:
        # With (235) in the path the lot is an attribute; with the lot there, (235) can be neither.
        link = DigitalLink.parse("https://id.gs1.org/01/09521234543213/235/X?10=A")
        assert link.canonical() == "https://id.gs1.org/01/09521234543213/235/X?10=A"
        with pytest.raises(DigitalLinkError, match="235"):
            DigitalLink.build(link.element_string)

    def test_unknown_attributes(self) -> None:
        lenient = Options(unknown_ais=True, unknown_attributes=True)
        elements = ElementString.parse_bracketed(
            "(01)09521234543213(419)1234567890123(89)X", lenient
        )
        uri = str(DigitalLink.build(elements, options=lenient))
        assert uri == "https://id.gs1.org/01/09521234543213?419=1234567890123&89=X"
        with pytest.raises(DigitalLinkError):
            DigitalLink.build(elements, options=STRICT)

    @pytest.mark.parametrize(
        "stem",
        [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://a b",
            "https://a?x",
            "https://a/#",
        ],
    )
    def test_a_stem_that_is_none(self, stem: str) -> None:
        elements = ElementString.parse_bracketed("(01)09521234543213")
        with pytest.raises(DigitalLinkError):
            DigitalLink.build(elements, stem)


@pytest.mark.parametrize(
    ("uri", "answer"),
    [
        ("https://example.com/01/1", True),
        ("https://example.com/01/09521234543213/10/A", True),
        ("https://example.com/exMBZFlvQMDly-mRqD", True),
        ("https://example.com/10/A", False),
        ("ftp://example.com/01/1", False),
        ("mailto:a", False),
        ("https://example.com/01/" + "1" * 9000, False),
    ],
)
def test_candidates(uri: str, answer: bool) -> None:
    assert DigitalLink.is_candidate(uri) is answer
