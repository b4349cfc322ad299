"""Explanations for people: parts, issuer, check digits, suspicions, and what is never said."""

from __future__ import annotations

import json
import re
import string
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from gs1.explain import Explanation, explain, lines, main
from gs1.faults import Fault
from gs1.prefix import issuer
from tests import outside

TODAY = date(2026, 11, 22)
VIETNAMESE_PACK = "(01)08936012345674(10)L1(17)271231(3103)001250"
TEXTS: dict[str, list[str]] = json.loads(
    files("gs1").joinpath("tables", "explanations.json").read_text(encoding="utf-8")
)
SAMPLES = [
    VIETNAMESE_PACK,
    "9521234543213",
    "9521234543214",
    "(00)106141412345678908",
    "(414)9521141123454(254)A",
    "(8006)095211411234540102",
    "(99)ABC",
    "(01)02012345678903",
    "https://example.com/01/09521234543213/21/A",
    "urn:epc:id:sgtin:9521141.012345.S1",
    "urn:epc:id:gid:95100000.12345.400",
    "010952123454321310ABC17271231",
    "1234567890123",
    "WIFI:S:x;;",
    "BEGIN:VCARD",
    "tel:1900",
    "001099012345|123456789|A|01011990|Nam|X",
    "javascript:x",
    "https://example.com/",
    "market://x",
    "hello",
    "",
]


def test_every_text_is_in_both_languages() -> None:
    for name, (vietnamese, english) in TEXTS.items():
        assert vietnamese and english, name
        fields = [
            {field for _, field, _, _ in string.Formatter().parse(text) if field}
            for text in (vietnamese, english)
        ]
        assert fields[0] == fields[1], name


def test_every_fault_has_a_name() -> None:
    assert {f"fault.{fault}" for fault in Fault} == {
        name for name in TEXTS if name.startswith("fault.")
    }


def test_no_text_promises_authenticity_or_origin() -> None:
    forbidden = re.compile(
        r"chính hãng|hàng thật|genuine|authentic|xuất xứ|country of origin", re.I
    )
    assert [text for pair in TEXTS.values() for text in pair if forbidden.search(text)] == []


def test_a_vietnamese_pack() -> None:
    found = explain(VIETNAMESE_PACK, "vi", today=TODAY)
    gtin, lot, expiry, weight = found.parts
    assert (found.kind, found.title) == ("gs1", "Dữ liệu GS1")
    assert found.key == "https://id.gs1.org/01/08936012345674/10/L1"
    assert gtin.issuer == "Doanh nghiệp đăng ký đầu mã 893 với GS1 Việt Nam."
    assert gtin.check is not None
    assert (gtin.check.given, gtin.check.expected, gtin.check.right) == ("4", "4", True)
    assert (lot.title, lot.value, lot.check, lot.issuer) == ("Số lô", "L1", None, "")
    assert expiry.meaning == "ngày 31/12/2027"
    assert weight.meaning == "1,250 kg"
    assert any("không cho biết hàng được làm ở đâu" in text for text in found.not_said)


def test_the_same_in_english() -> None:
    found = explain(VIETNAMESE_PACK, "en", today=TODAY)
    assert found.parts[0].issuer == "The company registered its prefix, 893…, with GS1 Vietnam."
    assert found.parts[3].meaning == "1.250 kg"
    assert "where the goods were made" in " ".join(found.not_said)
    assert explain(VIETNAMESE_PACK, "en").parts[2].meaning == "31/12/27"


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("text", SAMPLES)
def test_every_sample_is_explained(text: str, lang: Any) -> None:
    found = explain(text, lang, today=TODAY)
    assert found.title
    assert found.summary
    assert found.kind == "text" or found.not_said
    assert json.loads(json.dumps(found.to_dict()))["lang"] == lang
    assert lines(found)[0] == found.title


def test_a_wrong_check_digit_shows_the_right_one() -> None:
    found = explain("9521234543214", "vi")
    assert found.parts[0].check_text == "Số kiểm tra 4 sai, phải là 3."
    assert found.parts[0].issuer.startswith("Dải 952")
    assert found.problem is not None
    assert (found.problem.code, found.problem.position) == ("incorrect_check_digit", 12)
    assert found.suspicions[0].faults == ("Một chữ số bị sai",)
    assert found.suspicions[0].text == "9521234543213"


@pytest.mark.parametrize("gtin", ["08936012345675", "8936012345675"])
def test_the_issuer_of_a_faulty_number_is_that_of_its_own_prefix(gtin: str) -> None:
    assert "GS1 Việt Nam" in explain(gtin).parts[0].issuer


def test_a_fault_without_a_marked_digit_has_no_parts() -> None:
    found = explain("(01)123")
    assert found.parts == ()
    assert found.problem is not None
    assert found.problem.text == "Giá trị quá ngắn."
    # The first digit of a GRAI is 0; a GMN ends in a pair of check characters.
    for text in ["(8003)19521234543213", "(8013)1987654Ad4X4bL5ttr2310c2L", "]E3952123454321412"]:
        found = explain(text)
        assert found.parts == ()
        assert found.problem is not None


def test_an_unknown_rule_still_has_words() -> None:
    found = explain("]C1(")
    assert found.problem is not None
    assert found.problem.text
    assert found.problem.detail


def test_suspicions_of_valid_data() -> None:
    found = explain("010952123454321310ABC17271231", "en")
    assert [(one.faults, one.text) for one in found.suspicions] == [
        (("A separator between fields was lost",), "(01)09521234543213(10)ABC(17)271231")
    ]


def test_internal_numbers_are_named() -> None:
    assert TEXTS["silent.restricted"][1] in explain("(01)02012345678903", "en").not_said
    assert TEXTS["silent.restricted"][1] not in explain("9521234543213", "en").not_said


def test_granularity_is_said() -> None:
    assert TEXTS["silent.class"][1] in explain("9521234543213", "en").not_said
    assert TEXTS["silent.lot"][1] in explain("(01)09521234543213(10)A", "en").not_said
    serial = explain("(01)09521234543213(21)A", "en").not_said
    assert not {TEXTS["silent.lot"][1], TEXTS["silent.class"][1]} & set(serial)


def test_whose_link_it_is() -> None:
    text = "https://nguon.example/01/09521234543213"
    own = explain(text, "en", own_stems=frozenset({"https://nguon.example"}))
    assert own.summary.endswith(TEXTS["summary.own"][1])
    assert explain(text, "en").summary.endswith("The link is run by nguon.example.")


def test_an_unassigned_prefix() -> None:
    assert issuer("1410000000000") is None
    found = explain("(414)1410000000004", "en")
    assert found.parts[0].issuer == TEXTS["issuer.unknown"][1]


def test_a_payment_code_hides_its_account() -> None:
    payload = (
        outside.path("domain/vietqr/payloads_from_npm_vietnam-qr-pay_MIT.txt")
        .read_text(encoding="ascii")
        .splitlines()[5]
    )
    found = explain(payload, "en")
    assert [(part.title, part.value) for part in found.parts] == [
        ("Payment scheme", "vietqr"),
        ("Bank (BIN)", "970416"),
        ("Account (masked)", "••••••859"),
        ("Amount", "1000"),
    ]
    assert "257678859" not in json.dumps(found.to_dict())
    damaged = explain(payload[:-1] + "X", "en")
    assert damaged.parts == ()
    assert damaged.problem is not None
    assert damaged.problem.text == TEXTS["error.payment_crc"][1]


def test_a_personal_code_is_not_repeated() -> None:
    found = explain("001099012345|123456789|Nguyễn Văn A|01011990|Nam|Hà Nội|01012021")
    assert found.kind == "identity_card"
    assert "Nguy" not in json.dumps(found.to_dict(), ensure_ascii=False)


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([VIETNAMESE_PACK]) == 0
    shown = capsys.readouterr().out
    assert "(10) Số lô: L1" in shown
    assert "→ https://id.gs1.org/01/08936012345674/10/L1" in shown
    assert main(["9521234543214", "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "Check digit 4 is wrong; it should be 3." in shown
    assert "? … +8" in shown


def test_command_line_survives_undecodable_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://\udcff.example/"]) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize(("argv", "code"), [([], 2), (["a", "--lang", "fr"], 2), (["-h"], 0)])
def test_command_line_usage(argv: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == code
    shown = capsys.readouterr()
    assert "usage" in shown.out + shown.err


def test_an_explanation_is_data() -> None:
    found = explain("", "en")
    assert found == Explanation("en", "text", "Plain text", TEXTS["summary.text"][1])
