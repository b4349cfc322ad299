"""Templates of links, checked when they are registered."""

from __future__ import annotations

import pytest

from gs1.digital_link import DigitalLink, LinkTemplate
from gs1.errors import DigitalLinkError

LINK = DigitalLink.parse("https://id.gs1.org/01/09521234543213/10/A%2FB/21/x?17=271231")


@pytest.mark.parametrize(
    ("template", "uri"),
    [
        ("https://example.com/{gtin}", "https://example.com/09521234543213"),
        ("https://example.com/{01}/{lot}", "https://example.com/09521234543213/A%2FB"),
        ("https://example.com/{gtin,serial}", "https://example.com/09521234543213,x"),
        (
            "https://example.com/p{?gtin,sscc,expiry}",
            "https://example.com/p?gtin=09521234543213&expiry=271231",
        ),
        ("https://example.com/p?a=1{&batch}", "https://example.com/p?a=1&batch=A%2FB"),
        ("https://example.com/p{?sscc}", "https://example.com/p"),
        ("https://example.com/{cpv}/x", "https://example.com//x"),
        ("https://example.com", "https://example.com"),
    ],
)
def test_expansion(template: str, uri: str) -> None:
    parsed = LinkTemplate.parse(template)
    assert parsed.expand(LINK) == uri
    assert str(parsed) == template


def test_the_variables_are_known() -> None:
    template = LinkTemplate.parse("https://example.com/{gtin}{?lot,3103}")
    assert template.variables == ("gtin", "lot", "3103")


@pytest.mark.parametrize(
    "template",
    [
        "https://example.com/{colour}",
        "https://example.com/{}",
        "https://example.com/{gtin,}",
        "https://example.com/{gtin",
        "https://example.com/gtin}",
        "https://example.com/{{gtin}}",
        "https://example.com/{+gtin}",
        "https://example.com/{gtin:3}",
        "https://example.com/{٠١}",
        "https://{gtin}.example.com/",
        "https://example.com{gtin}/",
        "https://example.com/ợ",
        "https://example.com/a b",
        "javascript:alert({gtin})",
        "//example.com/{gtin}",
        "",
    ],
)
def test_a_template_that_cannot_be_registered(template: str) -> None:
    with pytest.raises(DigitalLinkError):
        LinkTemplate.parse(template)
