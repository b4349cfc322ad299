"""Codes that are no product codes: recognised, and nothing personal kept."""

from __future__ import annotations

import json

import pytest

from gs1.everyday import Action, Contact, IdentityCard, Link, Wifi, recognise

CARDS = [
    "001099012345|123456789|Nguyễn Văn A|01011990|Nam|Hoàn Kiếm, Hà Nội|25042021",
    "079199000001||Trần Thị B|31121999|Nữ|Quận 1, TP Hồ Chí Minh|01072024||A|B|",
    "001099012345|123456789|NGUYEN VAN A|01011990|Nam|",
]
OTHERS = {
    "wifi:T:WPA;S:quan;P:matkhau;;": Wifi(),
    "BEGIN:VCARD\nVERSION:3.0\nN:A;B\nEND:VCARD": Contact(),
    "MECARD:N:A;TEL:0912345678;;": Contact(),
    "mailto:a@example.com": Contact(),
    "TEL:+84912345678": Action("phone"),
    "smsto:8088:OK": Action("sms"),
    "geo:21.03,105.85": Action("geo"),
    "https://apps.apple.com/vn/app/x/id1": Link("app_store", "https", "apps.apple.com"),
    "market://details?id=x": Link("app_store", "market", "details"),
    "https://Example.COM:8443/a?b#c": Link("link", "https", "example.com"),
    "http://user@example.com/": Link("link", "http", "example.com"),
    "www.example.vn": Link("link", "https", "www.example.vn"),
    "example.com/abc": Link("link", "https", "example.com"),
    "ftp://example.com": Link("link", "ftp", "example.com"),
    "javascript:alert(1)": Link("link", "javascript", ""),
    "DATA:text/html,x": Link("link", "data", ""),
    "http://[::1": Link("link", "http", ""),
    "https://еxample.com/": Link("link", "https", "\\u0435xample.com"),
}  # fmt: skip


@pytest.mark.parametrize("text", CARDS)
def test_an_identity_card_leaves_no_trace(text: str) -> None:
    found = recognise(text)
    assert found == IdentityCard()
    assert json.dumps(found.to_dict()) == '{"kind": "identity_card"}'


@pytest.mark.parametrize("text", OTHERS)
def test_recognised(text: str) -> None:
    assert recognise(text) == OTHERS[text]


def test_a_link_tells_its_host() -> None:
    found = Link("link", "https", "example.com")
    assert found.to_dict() == {"kind": "link", "scheme": "https", "host": "example.com"}
    assert Contact().to_dict() == {"kind": "contact"}


@pytest.mark.parametrize("text", ["wifi:S:x;P:secret;;", "mailto:a@b.c", "tel:0912345678"])
def test_personal_codes_keep_their_kind_only(text: str) -> None:
    found = recognise(text)
    assert found is not None
    assert list(found.to_dict()) == ["kind"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "wifi",
        "1.5",
        "a.b",
        "a|b|c|d|e|f",
        "٠٠١٠٩٩٠١٢٣٤٥|123456789|A|01011990|Nam|X",
        "001099012345|12345|A|01011990|Nam|X",
        "001099012345|123456789|A|1990|Nam|X",
        "001099012345|123456789|A|01011990|Nam",
        "http://",
        "x://y",
        "hello world.com",
    ],
)
def test_not_recognised(text: str) -> None:
    assert recognise(text) is None
