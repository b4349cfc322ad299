"""URNs and bits that are read strictly, and what an EPC answers about itself."""

import pytest

from gs1 import epc
from gs1.epc import Epc
from gs1.errors import ComponentError, EpcError


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "epc_urn"),
        ("urn:epc:id", "epc_urn"),
        ("URN:EPC:ID:sscc:0614141.1234567890", "epc_urn"),
        ("urn:epc:id:sscc.0614141.1234567890", "epc_urn"),
        ("urn:epc:raw:96:x30", "epc_urn"),
        ("urn:epc:id:sscc:0614141.1234567890\n", "epc_reference"),
        ("urn:epc:id:sscc:0614141.123456789", "epc_reference"),
        ("urn:epc:id:sscc:0614141.123456789٠", "epc_reference"),
        ("urn:epc:id:sscc:061414x.1234567890", "epc_company_prefix"),
        ("urn:epc:id:sscc:0614141", "epc_parts"),
        ("urn:epc:id:sgtin:0614141.112345", "epc_parts"),
        ("urn:epc:id:sgtin:0614141.112345.", "epc_part_length"),
        ("urn:epc:id:sgtin:0614141.112345.a/b", "epc_escape"),
        ("urn:epc:id:sgtin:0614141.112345.a%2fb", "epc_escape"),
        ("urn:epc:id:sgtin:0614141.112345.a%41b", "epc_escape"),
        ("urn:epc:id:sgtin:0614141.112345.a%2", "epc_escape"),
        ("urn:epc:id:sgtin:0614141.112345.\ud800", "epc_character"),
        ("urn:epc:id:sgtin:0614141.112345.*" + "1" * 400, "epc_urn"),
        ("urn:epc:class:sgtin:0614141.112345.1", "epc_urn"),
        ("urn:epc:id:lgtin:0614141.112345.1", "epc_urn"),
        ("urn:epc:idpat:lgtin:0614141.112345.*", "epc_pattern"),
        ("urn:epc:idpat:sscc:0614141.*", "epc_pattern"),
        ("urn:epc:id:gid:1.2.03", "epc_number"),
        ("urn:epc:id:bic:CSQU305438X", "epc_container"),
        ("urn:epc:id:bic:CSQX3054383", "epc_container"),
        ("urn:epc:id:bic:1SQU3054383", "epc_container"),
        ("urn:epc:id:adi:2S194..%23" + "1" * 30, "epc_part_length"),
        ("urn:epc:tag:sgtin-97:3.0614141.112345.1", "epc_coding"),
        ("urn:epc:tag:sgtin-96:8.0614141.112345.1", "epc_filter"),
        ("urn:epc:tag:sgtin-96:03.0614141.112345.1", "epc_filter"),
        ("urn:epc:tag:sgtin-96:.0614141.112345.1", "epc_filter"),
        ("urn:epc:tag:sgtin-96:3.0614141.112345.01", "epc_not_encodable"),
        ("urn:epc:tag:sgtin-96:3.0614141.112345.274877906944", "epc_not_encodable"),
        ("urn:epc:tag:cpi-96:3.0614141.12345A.1", "epc_not_encodable"),
        ("urn:epc:tag:cpi-96:3.0614141.123456789.1", "epc_overflow"),
        ("urn:epc:raw:96.x3", "epc_raw"),
        ("urn:epc:raw:x.x3", "epc_raw"),
        ("urn:epc:raw:4.xg", "epc_raw"),
    ],
)
def test_a_wrong_urn_is_refused_with_its_rule(text: str, code: str) -> None:
    with pytest.raises(EpcError) as caught:
        epc.parse(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "epc_hex"),
        ("3", "epc_hex"),
        ("0x30", "epc_hex"),
        ("30 74", "epc_hex"),
        ("3_0", "epc_hex"),
        ("٣٠", "epc_hex"),
        ("30" * 600, "epc_hex"),
        ("00" * 12, "epc_header"),
        ("E2" * 12, "epc_header"),
        ("3016", "epc_too_short"),
        ("301C" + "0" * 20, "epc_partition"),
        ("3000FFFFFFFFFFF000000000", "epc_overflow"),
        ("3076451FD40C0E40000000010001", "data_after_epc"),
        ("3176451FD44996025A000001", "epc_reserved_bits"),
        ("3F74257BF460720000000000", "epc_numeric_string"),
        ("3674257BF6B7A600000000000000000000000000000000000000", "epc_part_length"),
        ("3674257BF6B7A6" + "00" * 17 + "0400", "epc_text"),
    ],
)
def test_wrong_bits_are_refused_with_their_rule(text: str, code: str) -> None:
    with pytest.raises(EpcError) as caught:
        epc.from_hex(text)
    assert caught.value.code == code


def test_hexadecimal_in_both_cases_and_with_padding() -> None:
    text = "3076451FD40C0E4000000001"
    assert epc.from_hex(text.lower()) == epc.from_hex(text + "0000") == epc.from_hex(text)


@pytest.mark.parametrize("segment", ["", "e", "eh3G", "EH30", "ex=", "eh" + "0" * 2000])
def test_a_wrong_compressed_segment_is_refused(segment: str) -> None:
    with pytest.raises(EpcError):
        epc.from_compressed(segment)


def test_the_withdrawn_gdti_113_is_read_and_only_written_on_demand() -> None:
    # The example of TDS 1.8: the digit 1 before the serial keeps its zeros.
    found = epc.from_hex("3A74257BF460720000000007AE7F8000")
    assert found.to_tag_uri() == "urn:epc:tag:gdti-113:3.0614141.12345.006847"
    assert found.to_hex("gdti-174").startswith("3E")
    assert (
        Epc("gdti", ("0614141", "12345", "006847"))
        .to_tag_uri()
        .startswith("urn:epc:tag:gdti-174:0.")
    )


def test_the_shortest_coding_that_fits_is_chosen() -> None:
    assert Epc("sgtin", ("0614141", "112345", "1")).to_hex().startswith("30")
    assert Epc("sgtin", ("0614141", "112345", "01")).to_hex().startswith("36")


def test_a_scheme_without_tag() -> None:
    with pytest.raises(EpcError) as caught:
        epc.parse("urn:epc:id:pgln:0614141.12345").to_hex()
    assert caught.value.code == "epc_coding"


def test_an_epc_outside_the_gs1_system() -> None:
    gid = epc.parse("urn:epc:id:gid:1.2.3")
    assert gid.to_ai_items() == ()
    assert gid.gs1_key() is None
    assert gid.company_prefix_length is None
    for ask in (gid.to_digital_link, gid.to_element_string):
        with pytest.raises(EpcError):
            ask()
    assert gid.to_tag_uri() == "urn:epc:tag:gid-96:1.2.3"


def test_a_class_of_epcs() -> None:
    trade_item = epc.parse("urn:epc:idpat:sgtin:0614141.112345.*")
    assert trade_item.is_pattern
    assert trade_item.to_ai_items() == (("01", "10614141123459"),)
    assert trade_item.to_urn() == "urn:epc:idpat:sgtin:0614141.112345.*"
    with pytest.raises(EpcError):
        trade_item.to_hex()
    assert epc.parse("urn:epc:idpat:cpi:0614141.123ABC.*").gs1_key() == "0614141123ABC"


def test_all_assets_of_a_company_have_no_single_key() -> None:
    assets = epc.parse("urn:epc:idpat:giai:0614141.*")
    assert assets.gs1_key() == "0614141*"
    with pytest.raises(EpcError):
        assets.to_ai_items()


def test_a_lot_is_a_class_urn() -> None:
    lot = epc.from_items([("01", "10614141123459"), ("10", "L/1")], 7)
    assert lot.to_urn() == "urn:epc:class:lgtin:0614141.112345.L%2F1"
    assert epc.parse(lot.to_urn()) == lot


@pytest.mark.parametrize(
    ("items", "urn"),
    [
        ([("01", "10614141123459")], "urn:epc:idpat:sgtin:0614141.112345.*"),
        ([("8003", "00614141123452")], "urn:epc:idpat:grai:0614141.12345.*"),
        ([("8010", "0614141123ABC")], "urn:epc:idpat:cpi:0614141.123ABC.*"),
        ([("8006", "106141411234590102")], "urn:epc:idpat:itip:0614141.112345.01.02.*"),
        ([("10", "L"), ("17", "261231"), ("00", "106141412345678908")],
         "urn:epc:id:sscc:0614141.1234567890"),
    ],
)  # fmt: skip
def test_epc_of_application_identifiers(items: list[tuple[str, str]], urn: str) -> None:
    assert epc.from_items(items, 7).to_urn() == urn


@pytest.mark.parametrize(
    ("items", "length", "code"),
    [
        ([("10", "L1")], None, "epc_no_scheme"),
        ([("01", "10614141123458")], 7, "epc_key"),
        ([("01", "1061414112345")], 7, "epc_key"),
        ([("01", "10614141123459")], 5, "epc_company_prefix"),
        ([("01", "10614141123459")], 13, "epc_company_prefix"),
        ([("8003", "10614141123452")], 7, "epc_key"),
        ([("8004", "0614141")], 7, "epc_part_length"),
        ([("8004", "x")], None, "company_prefix_unknown"),
        ([("01", "08930000000006")], None, "company_prefix_unknown"),
    ],
)
def test_application_identifiers_without_epc(
    items: list[tuple[str, str]], length: int | None, code: str
) -> None:
    with pytest.raises(EpcError) as caught:
        epc.from_items(items, length)
    assert caught.value.code == code


def test_the_prefix_length_comes_from_the_table() -> None:
    assert epc.from_items([("414", "7044610873466")]).to_urn() == "urn:epc:id:sgln:704461.087346.0"


def test_a_gtin_8_has_its_gs1_8_prefix_in_place_of_a_company_prefix() -> None:
    found = epc.from_items([("01", "00000095010939"), ("21", "Serial")])
    assert found.to_urn() == "urn:epc:id:sgtin:00000950.01093.Serial"


def test_the_element_string_is_checked_by_the_rules_of_the_ais() -> None:
    good = epc.parse("urn:epc:id:itip:4012345.012345.01.02.987")
    assert good.to_element_string().to_bracketed() == "(8006)040123451234560102(21)987"
    with pytest.raises(ComponentError):
        epc.parse("urn:epc:id:itip:4012345.012345.00.00.987").to_element_string()


def test_batch_answers_for_any_text() -> None:
    answer = epc.batch_epc("urn:epc:id:sgtin:0614141.112345.400")
    assert answer["dl"] == "https://id.gs1.org/01/10614141123459/21/400"
    assert answer["data"] == "^0110614141123459" + "21400"
    assert answer["hri"] == ["(01) 10614141123459", "(21) 400"]
    assert epc.batch_hex("zz")["ok"] is False
    assert epc.batch_hex("3500E86F8000A9E000000586") == {
        "ok": True,
        "scheme": "gid",
        "coding": "GID-96",
        "epc": "urn:epc:id:gid:952056.2718.1414",
        "tag": "urn:epc:tag:gid-96:952056.2718.1414",
        "hex": "3500E86F8000A9E000000586",
    }


@pytest.mark.parametrize(
    ("scheme", "fields", "code"),
    [
        ("sgtin", (), "epc_parts"),
        ("sgtin", ("0614141", "112345"), "epc_parts"),
        ("sgtin", ("0614141", "112345", "a b"), "epc_character"),
        ("sgtin", ("0614141", None, "1"), "epc_pattern"),
        ("sgtin", ("0614141", "11234", None), "epc_reference"),
        ("xyz", ("1",), "epc_scheme"),
    ],
)
def test_an_epc_that_exists_is_valid(
    scheme: str, fields: tuple[str | None, ...], code: str
) -> None:
    with pytest.raises(EpcError) as caught:
        Epc(scheme, fields)
    assert caught.value.code == code
