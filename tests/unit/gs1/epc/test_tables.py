"""Our tables against the EPC Tag Data Translation 2.2 artefacts."""

import json
import re
from typing import Any

import pytest

from gs1.epc import codings, plus
from gs1.epc.ai_values import formats
from gs1.epc.alphanumeric import METHODS
from gs1.epc.bits import decimal_width
from gs1.epc.identity import QUALIFIERS
from gs1.equivalence import RULES
from tests import outside

_LETTERS = {
    "Fixed-length numeric": "B",
    "Fixed-Bit-Length Numeric String": "I",
    "Variable-length alphanumeric": "X",
    "Variable-length numeric string without encoding indicator": "V",
    "Delimited/terminated numeric": "T",
    "6-digit date YYMMDD": "D",
    "10-digit date+time YYMMDDhhmm": "D",
    "Variable-format date / date range": "R",
    "Variable-precision date+time": "P",
    "Country code (ISO 3166-1 alpha-2)": "A",
    "Single data bit": "F",
    "Optional minus sign in 1 bit": "M",
    "Sequence indicator": "S",
}


def _table(letter: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = outside.load(f"gs1/data/tdt/TDT_Table{letter}.json")["rows"]
    return rows


def test_table_f_has_the_same_ais_and_formats() -> None:
    ours = {ai: "".join(part.letter for part in parts) for ai, parts in formats().items()}
    theirs = {
        row["a"]: _LETTERS[row["b"]] + (_LETTERS[row["i"]] if "i" in row else "")
        for row in _table("F")
    }
    assert ours == theirs


def test_table_f_has_the_same_sizes() -> None:
    for row in _table("F"):
        for part, columns in zip(formats()[row["a"]], ("defgh", "klmno"), strict=False):
            chars, bits, _, length_bits, most = (row.get(column) for column in columns)
            if part.letter == "B":
                assert (str(part.size), str(4 * part.size)) == (chars, bits)
            elif part.letter == "I":
                assert (str(part.size), str(decimal_width(part.size))) == (chars, bits)
            elif part.letter in "XVT":
                assert (str(part.size), str(part.size.bit_length())) == (most, length_bits)


def test_table_b_has_the_same_widths() -> None:
    for row in _table("B"):
        widths = [str(METHODS[number].width(int(row["a"]))) for number in range(6)]
        assert widths == [row["b"], row["c"], row["d"], row["f"], row["g"], row["e"]]


def test_table_e_has_the_same_alphabets() -> None:
    for row in _table("E"):
        alphabet = re.compile(row["f"])
        ours = METHODS[int(row["a"])].alphabet.replace("#", "")
        theirs = "".join(chr(code) for code in range(128) if alphabet.fullmatch(chr(code)))
        assert sorted(ours) == sorted(theirs)


def test_table_k_has_the_same_ai_lengths() -> None:
    lengths = {row["a"]: int(row["b"]) for row in _table("K")}
    for ai in formats():
        assert len(ai) == lengths[ai[:2]]


def _schemes() -> list[dict[str, Any]]:
    folder = outside.path("gs1/data/tdt")
    names = [
        entry["file"]
        for entry in json.loads((folder / "manifest.json").read_text())["definitionFiles"]
    ]
    return [
        json.loads((folder / name).read_text("utf-8"))["tdt:epcTagDataTranslation"]["scheme"]
        for name in names
    ]


def _level(scheme: dict[str, Any], kind: str) -> dict[str, Any]:
    level: dict[str, Any] = next(level for level in scheme["level"] if level["type"] == kind)
    return level


@pytest.mark.parametrize("scheme", _schemes(), ids=lambda scheme: scheme["name"])
def test_headers_and_names(scheme: dict[str, Any]) -> None:
    header = int(_level(scheme, "BINARY")["prefixMatch"], 2)
    name = scheme["name"].lower()
    if name.endswith("+"):
        coding, with_host = plus.BY_HEADER[header]
        assert (coding.name, with_host) == (name, False)
        ais = [entry["ai"] for entry in _level(scheme, "BINARY")["option"][0]["encodedAI"]]
        assert [coding.key.ai, *coding.qualifiers] == ais
    else:
        assert codings.BY_HEADER[header].name == name


@pytest.mark.parametrize("scheme", _schemes(), ids=lambda scheme: scheme["name"])
def test_tag_lengths(scheme: dict[str, Any]) -> None:
    if "tagLength" not in scheme:
        return
    coding = codings.BY_NAME[scheme["name"].lower()]
    for option in _level(scheme, "TAG_ENCODING")["option"]:
        # The smallest EPC of each partition: every part at its shortest, all zeros.
        parts = [
            "0" * int(field.get("length", 1)) if "cage" not in field["name"] else "00000"
            for field in option["field"]
            if field["name"] != "filter"
        ]
        assert coding.write(tuple(parts), 0).size == int(scheme["tagLength"])


def test_dates_of_dsgtin_in_the_order_of_their_indicators() -> None:
    scheme = next(scheme for scheme in _schemes() if scheme["name"] == "DSGTIN+")
    ais = [option["aiSequence"][2] for option in _level(scheme, "GS1_AI_JSON")["option"]]
    assert list(plus.DATE_AIS) == ais


def _digital_link_keys() -> dict[str, set[str]]:
    """Primary keys and all their qualifiers, as the GS1 Syntax Dictionary has them."""
    text = outside.path("gs1/data/gs1-syntax-dictionary-2026-01-27.txt").read_text("utf-8")
    found = re.findall(r"^([0-9]{2,4}) .*\bdlpkey(?:=(\S+))?", text, re.MULTILINE)
    return {ai: set(re.split("[,|]", names)) - {""} for ai, names in found}


def test_key_qualifiers_are_those_of_the_syntax_dictionary() -> None:
    published = _digital_link_keys()
    ours = {ai: set(names) for ai, names in QUALIFIERS.items()}
    # AI (415) needs its qualifier and has no EPC.
    assert ours == {ai: names for ai, names in published.items() if names and ai != "415"}


def test_every_digital_link_key_is_the_key_of_a_thing() -> None:
    for ai, qualifiers in _digital_link_keys().items():
        # AI (8006) has the same qualifiers as a GTIN, where a variant makes a class of its own.
        identifying = {name for rule in RULES[ai] for name in rule.qualifiers}
        assert identifying == qualifiers - ({"22"} if ai == "8006" else set()), ai
    assert set(RULES) == set(_digital_link_keys())
