"""What a text is: every kind of the union, and what its JSON form tells."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from gs1.digital_link import DigitalLink
from gs1.identify import (
    DigitalLinkUri,
    EpcUrn,
    Gs1Data,
    Identified,
    Malformed,
    Payment,
    PlainGtin,
    Text,
    identify,
)
from tests import outside

GTIN = "09521234543213"
ID = f"https://id.gs1.org/01/{GTIN}"
VIETQR = (
    outside.path("domain/vietqr/payloads_from_npm_vietnam-qr-pay_MIT.txt")
    .read_text(encoding="ascii")
    .splitlines()[1]
)

KINDS = {
    f"(01){GTIN}": "gs1",
    f"^01{GTIN}10A": "gs1",
    f"01{GTIN}10A\x1d17271231": "gs1",
    f"]d201{GTIN}": "gs1",
    f"]Q301{GTIN}": "gs1",
    "]E3952123454321312": "gs1",
    "(00)106141412345678908": "gs1",
    "00106141412345678908": "gs1",
    f"https://example.com/01/{GTIN}": "digital_link",
    f"]Q1https://example.com/01/{GTIN}": "digital_link",
    f"]d1https://example.com/01/{GTIN}": "digital_link",
    "9521234543213": "gtin",
    " 9521234543213\r\n": "gtin",
    "96385074": "gtin",
    "04252614": "gtin",
    "]E09521234543213": "gtin",
    "]E496385074": "gtin",
    "]I109521234543213": "gtin",
    "urn:epc:id:sgtin:9521141.012345.S1": "epc",
    "URN:EPC:id:sgtin:9521141.012345.S1": "malformed",
    "urn:epc:id:sgtin:x": "malformed",
    "9521234543214": "malformed",
    "(01)9521234543214": "malformed",
    "https://example.com/01/9521234543214": "malformed",
    "]C1hello": "malformed",
    "(10)ABC": "malformed",
    f"01{GTIN}10A{{GS}}17271231": "malformed",
    f"1{GTIN}10AB": "malformed",
    VIETQR: "payment",
    VIETQR[:-1] + "0": "payment",
    f"]Q1{VIETQR}": "payment",
    "WIFI:S:x;;": "wifi",
    "BEGIN:VCARD": "contact",
    "001099012345|123456789|Nguyễn Văn A|01011990|Nam|Hà Nội|01012021": "identity_card",
    "tel:19001234": "phone",
    "sms:8088": "sms",
    "geo:21,105": "geo",
    "https://play.google.com/store/apps/details?id=x": "app_store",
    "https://example.com/01": "link",
    "verigoods.vn/x": "link",
    "": "text",
    "]": "text",
    "]C0hello": "text",
    "hello": "text",
    "Cà phê rang xay 250 g": "text",
    "0912345678": "text",
    "x" * 9000: "text",
}


@pytest.mark.parametrize("text", KINDS, ids=lambda text: repr(text[:40]))
def test_kind(text: str) -> None:
    found = identify(text)
    assert found.kind == KINDS[text]
    assert json.loads(json.dumps(found.to_dict()))["kind"] == KINDS[text]


def test_every_kind_of_the_union_is_tried() -> None:
    found = {type(identify(text)) for text in KINDS}
    assert found == set(get_args(Identified))


def test_the_symbology_decides() -> None:
    assert identify(f"01{GTIN}", "]C1") == identify(f"]C101{GTIN}")
    assert identify(f"]C101{GTIN}", "]C1").kind == "gs1"
    assert identify("10ABC", "]C1").kind == "malformed"
    assert identify("10ABC", "]C0").kind == "text"
    assert identify("10ABC", "]zz").kind == "text"
    assert identify("12345678", "]E4").kind == "malformed"
    assert identify("hello", "]E0").kind == "malformed"
    assert identify("952123454321", "]E0").kind == "malformed"
    assert identify("]E09521234543213", "]E0").kind == "gtin"


def test_upc_e_only_with_eight_digits() -> None:
    # General Specifications 5.2.2.4.2: 04252614 stands for 042100005264.
    found = identify("04252614")
    assert isinstance(found, PlainGtin)
    assert str(found.gtin) == "042100005264"
    assert found.element_string.get("01") == "00042100005264"
    assert identify("425261").kind == "text"
    assert identify("04252615").kind == "malformed"


def test_what_the_union_tells() -> None:
    data = identify(f"(01){GTIN}(10)A(21)B")
    assert isinstance(data, Gs1Data)
    assert data.to_dict() == {
        "kind": "gs1",
        "ai": f"(01){GTIN}(10)A(21)B",
        "key": f"{ID}/21/B",
        "key_kind": "sgtin",
        "granularity": "instance",
        "candidates": [],
    }
    link = identify(f"https://example.com/p/01/{GTIN}?17=271231&x=1")
    assert isinstance(link, DigitalLinkUri)
    assert isinstance(link.link, DigitalLink)
    assert link.element_string.get("17") == "271231"
    assert (link.to_dict()["stem"], link.to_dict()["own"]) == ("https://example.com/p", False)
    epc = identify("urn:epc:id:sgtin:9521141.012345.S1")
    assert isinstance(epc, EpcUrn)
    assert epc.to_dict()["key"] == "https://id.gs1.org/01/09521141123454/21/S1"


def test_data_without_a_key() -> None:
    found = identify("(99)ABC")
    assert isinstance(found, Gs1Data)
    assert found.key is None
    assert found.to_dict()["key"] is None


def test_the_key_of_a_shipping_unit_with_contents() -> None:
    found = identify(f"(02){GTIN}(37)5(00)106141412345678908(400)A")
    assert isinstance(found, Gs1Data)
    assert found.key is not None
    assert found.key.kind == "sscc"


@pytest.mark.parametrize(
    ("stem", "own"),
    [
        ("https://nguon.example", True),
        ("https://NGUON.example/", True),
        ("HTTPS://nguon.example", True),
        ("http://nguon.example", False),
        ("https://nguon.example.evil.example", False),
        ("https://nguon.example/P", False),
    ],
)
def test_own_links(stem: str, own: bool) -> None:
    found = identify(f"https://nguon.example/01/{GTIN}", own_stems=frozenset({stem}))
    assert isinstance(found, DigitalLinkUri)
    assert found.own is own


def test_malformed_carries_error_and_candidates() -> None:
    found = identify("(01)09521234543214")
    assert isinstance(found, Malformed)
    assert found.error.code == "incorrect_check_digit"
    told = found.to_dict()
    assert told["error"]["ai"] == "01"  # type: ignore[index]
    assert {"faults": ["wrong_digit"], "text": f"(01){GTIN}"} in told["candidates"]  # type: ignore[operator]


def test_valid_data_may_still_be_doubted() -> None:
    found = identify(f"01{GTIN}10ABC17271231")
    assert isinstance(found, Gs1Data)
    assert [one.text for one in found.candidates] == [f"(01){GTIN}(10)ABC(17)271231"]


def test_payments() -> None:
    found = identify(VIETQR)
    assert isinstance(found, Payment)
    assert found.to_dict() == {
        "kind": "payment",
        "scheme": "vietqr",
        "bank_bin": "970416",
        "account": "••••••859",
        "amount": None,
        "currency": "704",
    }
    damaged = identify(VIETQR[:-1] + "0")
    assert damaged.to_dict() == {"kind": "payment", "error": "payment_crc"}


def test_an_sscc_that_begins_like_a_payment_code() -> None:
    # SSCC 020112345678901237: check digit by GS1's calculator rule.
    body = "02011234567890123"
    digit = -sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(body)) % 10
    found = identify(f"00{body}{digit}")
    assert isinstance(found, Gs1Data)
    assert found.key is not None
    assert found.key.kind == "sscc"
    assert identify(f"00{body}{(digit + 1) % 10}").kind == "payment"
    assert identify(f"00{body}{digit}", "]C1").kind == "gs1"


def test_no_personal_text_is_kept() -> None:
    for text in ("001099012345|123456789|Nguyễn Văn A|01011990|Nam|Hà Nội|01012021", "tel:0912"):
        assert "Nguy" not in repr(identify(text))
        assert "0912" not in repr(identify(text))
    assert identify("anything private") == Text()


def test_identify_agrees_with_the_reference_engine() -> None:
    """What GS1's engine reads as element strings is GS1 data here too, with the same elements."""
    compared = 0
    for case in outside.load("gs1/engine_oracle.jsonl.gz"):
        text = case["in"]
        if case["op"] not in {"bracketed", "data", "scan"} or not text.startswith(
            ("(", "^", "]", "h")
        ):
            continue
        found = identify(text)
        if not case["ok"]:
            assert found.kind not in {"gs1", "digital_link", "gtin"}, text
        elif case.get("ai"):
            assert isinstance(found, Gs1Data | DigitalLinkUri | PlainGtin), text
            assert found.element_string.to_bracketed() == case["ai"], text
            compared += 1
    assert compared > 1000
