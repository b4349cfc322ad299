"""Every key family: valid and invalid numbers, and what a refusal says."""

import pytest

from gs1.errors import CheckDigitError, FormatError, Gs1Error
from gs1.keys import (
    Cpid,
    Gcn,
    Gdti,
    Giai,
    Ginc,
    Gln,
    Gmn,
    Grai,
    Gsin,
    Gsrn,
    GsrnProvider,
    Gtin,
    IdentificationKey,
    Itip,
    Sscc,
)
from tests import outside

# Keys of the epcpy cases, by scheme: texts that another library made.
_BY_SCHEME: dict[str, type[IdentificationKey]] = {
    "SGTIN": Gtin,
    "LGTIN": Gtin,
    "SSCC": Sscc,
    "SGLN": Gln,
    "PGLN": Gln,
    "GRAI": Grai,
    "GIAI": Giai,
    "GSRN": Gsrn,
    "GSRNP": GsrnProvider,
    "GDTI": Gdti,
    "SGCN": Gcn,
    "GSIN": Gsin,
    "GINC": Ginc,
}
_CASES = [
    (case["scheme"], case["gs1_key"])
    for case in outside.load("gs1/epcpy_epc_vectors.json")["cases"]
    if case["ok"] and "gs1_key" in case and "*" not in case["gs1_key"]
]
_ELEMENTS = [
    element["ai"]
    for element in outside.load("gs1/engine_oracle.jsonl.gz")
    if element["ok"] and element["op"] == "bracketed"
]
_BY_AI = {
    cls.ai: cls
    for cls in (
        *_BY_SCHEME.values(),
        Cpid,
        Gmn,
        Itip,
    )
}


@pytest.mark.parametrize(("scheme", "text"), _CASES)
def test_keys_that_another_library_made(scheme: str, text: str) -> None:
    assert str(_BY_SCHEME[scheme].parse(text)) == text


def test_keys_that_the_reference_engine_accepts() -> None:
    seen = set()
    for text in _ELEMENTS:
        for part in text.replace("\\(", "\0").split("(")[1:]:
            ai, _, value = part.partition(")")
            cls = _BY_AI.get("414" if ai == "417" else ai)
            if cls:
                value = value.replace("\0", "(")
                assert cls.from_ai_value(value).ai_value == value
                seen.add(cls)
    assert len(seen) > 10


@pytest.mark.parametrize(
    ("cls", "text", "code", "position"),
    [
        (Gln, "", "non_digit_character", 0),
        (Gln, "952114112345", "wrong_length", 12),
        (Gln, "95211411234540", "wrong_length", 13),
        (Gln, "952114112345x", "non_digit_character", 12),
        (Gln, "٩521141123454", "non_digit_character", 0),
        (Gln, "9521141123455", "incorrect_check_digit", 12),
        (Gtin, "123456789", "wrong_length", 9),
        (Sscc, "106141412345678909", "incorrect_check_digit", 17),
        (Grai, "9521141123454" + "A" * 17, "too_long", 29),
        (Grai, "9521141123454 ", "invalid_character", 13),
        (Gcn, "9521141678909A", "invalid_character", 13),
        (Giai, "952", "company_prefix_too_short", 3),
        (Giai, "95A14132a/b", "company_prefix_too_short", 2),
        (Giai, "9521" + "A" * 27, "too_long", 30),
        (Ginc, "9521 1", "invalid_character", 4),
        (Cpid, "95211415pq", "invalid_character", 8),
        (Gmn, "1987654Ad4X4bL5ttr2310c2J", "incorrect_check_pair", 23),
        (Itip, "095211411234540002", "zero_piece", 14),
        (Itip, "095211411234540100", "zero_piece", 16),
        (Itip, "095211411234540302", "piece_above_total", 14),
        (Itip, "095211411234530102", "incorrect_check_digit", 13),
        (Gsin, "0614141123450123\ud800", "non_digit_character", 16),
    ],
)
def test_a_refusal_names_rule_place_and_clause(
    cls: type[IdentificationKey], text: str, code: str, position: int
) -> None:
    with pytest.raises(Gs1Error) as caught:
        cls.parse(text)
    error = caught.value
    assert (error.code, error.position, error.ai) == (code, position, cls.ai)
    assert error.clause is not None
    assert isinstance(error, FormatError | CheckDigitError)


def test_a_wrong_check_digit_is_marked() -> None:
    with pytest.raises(CheckDigitError) as caught:
        Gln.parse("9521141123455")
    assert caught.value.markup == "952114112345|5|"


def test_the_filler_of_ai_8003_is_no_part_of_the_grai() -> None:
    assert Grai.from_ai_value("095211411234545678").value == "95211411234545678"
    assert Grai.parse("95211411234545678").ai_value == "095211411234545678"
    with pytest.raises(FormatError, match="begins with the digit 0"):
        Grai.from_ai_value("195211411234545678")


def test_a_type_key_without_serial_names_the_type() -> None:
    assert Gdti.parse("9521141123454").serial is None
    assert Gdti.parse("9521141123454A1").type_number == "9521141123454"


def test_provider_and_recipient_are_not_the_same_thing() -> None:
    text = "952114112345678906"
    assert GsrnProvider.parse(text) != Gsrn.parse(text)
    assert hash(Gsrn.parse(text)) == hash(Gsrn.parse(text))


def test_itip_parts() -> None:
    itip = Itip.parse("095211411234540102")
    assert itip.gtin == Gtin.parse("9521141123454")


def test_format_gives_the_text_read() -> None:
    assert Gtin.parse("96385074").format() == "96385074"


def test_company_prefix_of_keys() -> None:
    assert Gln.parse("7044610873466").company_prefix() == "704461"
    assert Sscc.parse("070446100000000008").company_prefix() == "704461"
