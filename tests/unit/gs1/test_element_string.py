"""Element strings, against the reference engine, BWIPP and Zint."""

from __future__ import annotations

from typing import Any

import pytest

from gs1.ai_text import GS, LONGEST, MOST_AIS, read_bracketed, read_data
from gs1.component import diagnose, reader_for
from gs1.element_string import ElementString, elements_of
from gs1.errors import AssociationError, CheckDigitError, FormatError, Gs1Error
from gs1.options import STRICT, Options
from tests import outside

Case = dict[str, Any]


def options(case: Case) -> Options:
    return Options(
        unknown_ais=case.get("permitUnknownAIs", False),
        unknown_attributes=not case.get("validateUnknownAInotDLattr", True),
        requisites=case.get("validateRequisiteAIs", True),
    )


def cases(name: str) -> list[Case]:
    loaded: list[Case] = outside.load(f"gs1/{name}.json")["cases"]
    return loaded


def bracketed_case(case: Case) -> None:
    if case["ok"]:
        items = tuple(read_bracketed(case["input"], 0, MOST_AIS, options(case)))
        if "expect" in case:
            assert ElementString(items).to_data() == case["expect"]
        return
    with pytest.raises(Gs1Error) as caught:
        read_bracketed(case["input"], 0, MOST_AIS, options(case))
    assert caught.value.message == case["engine_err"]
    marked = case.get("engine_markup") or case.get("expect_markup")
    if marked:
        assert caught.value.markup == marked


@pytest.mark.parametrize("case", cases("engine_bracketed_to_element_string"))
def test_bracketed_text_of_the_engine(case: Case) -> None:
    bracketed_case(case)


@pytest.mark.parametrize("case", cases("engine_bracketed_linter"))
def test_linter_errors_of_the_engine(case: Case) -> None:
    bracketed_case(case)


@pytest.mark.parametrize("case", cases("engine_error_markup"))
def test_markup_of_the_engine(case: Case) -> None:
    bracketed_case(case)


@pytest.mark.parametrize("case", cases("engine_element_string_syntax"))
def test_data_of_the_engine(case: Case) -> None:
    if case["ok"]:
        assert read_data(case["input"], 0, MOST_AIS, options(case))
        return
    with pytest.raises(Gs1Error) as caught:
        read_data(case["input"], 0, MOST_AIS, options(case))
    assert caught.value.message == case["engine_err"]


class Api:
    """The engine's interface as its own tests drive it: set, then get."""

    def __init__(self) -> None:
        self.elements: ElementString | None = None
        self.data = ""

    def set(self, case: Case) -> None:
        from gs1.scan_data import ScanData

        text, chosen = case["input"], options(case)
        if case["op"] == "setDataStr":
            self.elements, self.data = elements_of(text, chosen), text
        elif case["op"] == "setScanData":
            scan = ScanData.parse(text, chosen)
            self.elements, self.data = scan.element_string, scan.data
        else:
            assert case["op"] == "setAIdataStr"
            self.elements = ElementString.parse_bracketed(text, chosen)
            self.data = self.elements.to_data()

    def get(self, case: Case) -> str | None:
        from gs1.digital_link import DigitalLink
        from gs1.scan_data import Symbology, to_scan_data

        elements = self.elements
        if case["op"] == "getDataStr":
            return self.data
        if case["op"] == "getDLignoredQueryParams":
            uri = self.data if self.data.startswith("https://") else None
            return "&".join(DigitalLink.parse(uri).other_params) if uri else ""
        if case["op"] == "getScanData":
            chosen = case["output"][1:3]
            symbology = {"e0": Symbology.DATABAR_EXPANDED, "C1": Symbology.GS1_128_CCA}[chosen]
            return to_scan_data(symbology, self.data)
        if elements is None:
            return None
        if case["op"] == "getAIdataStr":
            return elements.to_bracketed()
        if case["op"] == "getHRI":
            return "|".join(elements.to_hri("en" if case["titles"] else None))
        assert case["op"] == "getDLuri"
        try:
            return elements.to_digital_link("https://example.com")
        except Gs1Error:
            return None


# The engine cuts its input at the bar of a composite; what stood behind is not recorded, only that
# it made the call fail: an unknown AI here, the 65th AI there.
CUT_AT_THE_BAR = ("(01)12312312312333", "(99)XY" * MOST_AIS)


def test_the_engines_own_session() -> None:
    api = Api()
    for case in cases("engine_api"):
        if case["op"].startswith("get"):
            if case["output"] == "" and not api.data:
                continue
            assert api.get(case) == case["output"], case
        elif case["ok"]:
            api.set(case)
        elif case["input"] not in CUT_AT_THE_BAR:
            with pytest.raises(Gs1Error) as caught:
                api.set(case)
            assert caught.value.message == case["engine_err"]


@pytest.mark.parametrize("case", cases("bwipp_ai_strings"))
def test_verdict_of_bwipp(case: Case) -> None:
    # BWIPP lets a CPID serial of zero pass; the reference engine does not.
    expected = case["ok"] and case["input"] != "(8010)12345ABC(8011)0"
    try:
        ElementString.parse_bracketed(case["input"], Options(requisites=case["lintreqs"]))
    except Gs1Error:
        assert not expected
    else:
        assert expected


def zint_items(case: Case) -> ElementString:
    """Zint writes [AI]; its raw mode has no leading FNC1 and no rules on associations."""
    text = case["input"]
    lenient = Options(requisites=False)
    if case["input_mode"] == "GS1RAW_MODE":
        return ElementString.parse_raw(text, lenient)
    if text.startswith("^"):
        return ElementString(tuple(read_data(text, 0, MOST_AIS, STRICT)))
    text = text.replace("(", "\\(").replace("[", "(").replace("]", ")")
    return ElementString(tuple(read_bracketed(text, 0, MOST_AIS, STRICT)))


@pytest.mark.parametrize("case", cases("zint_gs1_lint") + cases("zint_gs1_verify"))
def test_verdict_and_value_of_zint(case: Case) -> None:
    # The same conflict as with BWIPP.
    expected = case["ok"] and case["input"] != "[8011]0"
    try:
        elements = zint_items(case)
    except Gs1Error:
        assert not expected
    else:
        assert expected
        assert elements.to_raw() == case["expect"]


def plain_zint(case: Case) -> bool:
    return bool(
        case["symbology"].startswith(("BARCODE_GS1_128", "BARCODE_DBAR_EXP"))
        and case["input_mode"] == "-1"
        and not case["composite"]
        and case["severity"] == "ok"
        and case["expect_hrt"]
    )


@pytest.mark.parametrize("case", [case for case in cases("zint_hrt") if plain_zint(case)])
def test_human_readable_text_of_zint(case: Case) -> None:
    text = case["input"]
    if text.startswith("^"):
        items = tuple(read_data(text, 0, MOST_AIS, STRICT))
    else:
        text = text.replace("(", "\\(").replace("[", "(").replace("]", ")")
        items = tuple(read_bracketed(text, 0, MOST_AIS, STRICT))
    lines = ElementString(items).to_hri()
    assert "".join(line.replace(") ", ")", 1) for line in lines) == case["expect_hrt"]


class TestTexts:
    def test_one_content_three_texts(self) -> None:
        elements = ElementString.parse_bracketed("(01)09521234543213(10)A(21)B(17)271231")
        # The two brackets above are AIs; values are A and B.
        assert elements.to_data() == "^010952123454321310A^21B^17271231"
        assert elements.to_raw() == f"010952123454321310A{GS}21B{GS}17271231"
        assert ElementString.parse_data(elements.to_data()) == elements
        assert ElementString.parse_raw(elements.to_raw()) == elements
        assert ElementString.parse_bracketed(elements.to_bracketed()) == elements

    def test_gs_may_stand_for_fnc1(self) -> None:
        data = f"{GS}010952123454321310A{GS}17271231"
        assert ElementString.parse_data(data).get("17") == "271231"
        assert ElementString.parse_raw(data).get("10") == "A"

    @pytest.mark.parametrize("text", [f"{GS}10A^99B", f"^10A{GS}99B"])
    def test_the_two_forms_of_fnc1_do_not_mix(self, text: str) -> None:
        with pytest.raises(Gs1Error):
            ElementString.parse_data(text)

    def test_an_escaped_bracket(self) -> None:
        elements = ElementString.parse_bracketed("(01)09521234543213(10)\\(A\\(\\((99)B\\(")
        assert elements.items[1:] == (("10", "(A(("), ("99", "B("))
        assert ElementString.parse_bracketed(elements.to_bracketed()) == elements

    def test_get_gives_the_first_or_nothing(self) -> None:
        elements = ElementString.parse_bracketed("(01)09521234543213")
        assert elements.get("01") == "09521234543213"
        assert elements.get("10") is None

    def test_an_unknown_ai_where_permitted(self) -> None:
        lenient = Options(unknown_ais=True)
        assert ElementString.parse_data("^8299ABC^99X", lenient).to_data() == "^8299ABC^99X"
        assert ElementString.parse_bracketed("(89)ABC(99)X", lenient).to_data() == "^89ABC^99X"
        # Without knowing the length of the AI, data cannot be divided.
        with pytest.raises(FormatError):
            ElementString.parse_data("^89ABC", lenient)


class TestComposite:
    TEXT = "(01)12312312312333(10)ABC123|(99)XYZ\\(TM)"

    def test_the_bar_is_kept(self) -> None:
        elements = ElementString.parse_bracketed(self.TEXT)
        assert elements.composite == 2
        assert elements.to_bracketed() == self.TEXT
        assert elements.to_data() == "^011231231231233310ABC123|^99XYZ(TM)"
        assert ElementString.parse_data(elements.to_data()) == elements

    def test_associations_span_both_parts(self) -> None:
        with pytest.raises(AssociationError):
            ElementString.parse_data("^0112345678901231|^0212345678901231")

    def test_the_bar_counts_as_an_ai(self) -> None:
        most = "^99XY" * (MOST_AIS - 2)
        assert len(ElementString.parse_data(f"{most}|^99XY").items) == MOST_AIS - 1
        with pytest.raises(FormatError, match="Too many AIs"):
            ElementString.parse_data(f"{most}|^99XY^99XY")
        with pytest.raises(FormatError, match="Too many AIs"):
            ElementString.parse_data("^99XY" * MOST_AIS + "|^99XY")

    def test_a_plain_linear_part(self) -> None:
        elements = elements_of("416000336108|^99ABC")
        assert elements is not None
        assert (elements.items, elements.composite) == ((("99", "ABC"),), 0)
        with pytest.raises(FormatError):
            ElementString.parse_data("416000336108|^99ABC")
        with pytest.raises(FormatError):
            elements_of("a|b")


class TestErrors:
    def test_position_and_clause(self) -> None:
        with pytest.raises(CheckDigitError) as caught:
            ElementString.parse_data("^10A^0109521234543214")
        error = caught.value
        assert (error.ai, error.code, error.position) == ("01", "incorrect_check_digit", 20)
        assert error.markup == "(01)0952123454321|4|"
        assert error.clause

    def test_position_after_escapes_is_that_in_the_text(self) -> None:
        text = "(01)09521234543213(10)\\(\\(A~"
        with pytest.raises(Gs1Error) as caught:
            ElementString.parse_bracketed(text)
        assert caught.value.position == text.index("~")
        assert caught.value.markup == "(10)((A|~|"

    def test_position_in_the_second_part_of_a_composite(self) -> None:
        text = "^99AB|^99CD~"
        with pytest.raises(Gs1Error) as caught:
            ElementString.parse_data(text)
        assert caught.value.position == text.index("~")

    @pytest.mark.parametrize("start", ["", GS])
    def test_position_in_raw_text(self, start: str) -> None:
        for parse in (ElementString.parse_raw, ElementString.parse_data)[: 1 + len(start)]:
            with pytest.raises(Gs1Error) as caught:
                parse(f"{start}10A{GS}0109521234543214")
            assert caught.value.position == len(start) + 19

    def test_the_position_of_a_caret(self) -> None:
        text = "(01)09521234543213(10)AB^C"
        with pytest.raises(FormatError) as caught:
            ElementString.parse_bracketed(text)
        assert caught.value.position == text.index("^")

    @pytest.mark.parametrize("text", ["", "(", "(01", "01)", "(01)", "(01)09521234543213("])
    def test_broken_brackets(self, text: str) -> None:
        with pytest.raises(FormatError):
            ElementString.parse_bracketed(text)

    @pytest.mark.parametrize("digits", ["٠٩٥٢١٢٣٤٥٤٣٢١٣", "０９５２１２３４５４３２１３"])
    def test_other_digits_are_no_digits(self, digits: str) -> None:
        with pytest.raises(Gs1Error, match="non-digit"):
            ElementString.parse_bracketed(f"(01){digits}")

    def test_other_digits_are_no_ai(self) -> None:
        with pytest.raises(FormatError, match="Unrecognised AI"):
            ElementString.parse_bracketed("(٠١)09521234543213", Options(unknown_ais=True))

    def test_a_text_longer_than_any_symbol(self) -> None:
        for parse in (
            ElementString.parse_bracketed,
            ElementString.parse_data,
            ElementString.parse_raw,
            ElementString.parse_scan,
        ):
            with pytest.raises(Gs1Error) as caught:
                parse("]Q1" + "(" * 1_000_000)
            assert caught.value.code in ("input_too_long", "illegal_caret")
        assert LONGEST == 8191

    def test_items_from_elsewhere_are_checked(self) -> None:
        assert ElementString.of((("01", "09521234543213"),)).to_data() == "^0109521234543213"
        for items in ((("01", "1"),), (("xx", "1"),), (("10", "A"),), (("10", "A" * 21),)):
            with pytest.raises(Gs1Error):
                ElementString.of(items)

    def test_more_elements_than_one_object_has(self) -> None:
        most = "(99)XY" * MOST_AIS
        assert len(ElementString.parse_bracketed(most).items) == MOST_AIS
        with pytest.raises(FormatError, match="Too many AIs"):
            ElementString.parse_bracketed(most + "(99)XY")

    def test_all_that_is_wrong_may_be_that_data_follows(self) -> None:
        reader = reader_for("423")
        assert reader is not None
        for value in ("528", "528528", "528528528528528"):
            with pytest.raises(FormatError) as caught:
                diagnose(reader.entry, value, 7)
            assert (caught.value.code, caught.value.position) == ("data_too_long", 7 + len(value))
