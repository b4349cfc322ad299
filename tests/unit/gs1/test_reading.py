"""Which syntax a text has, and its strict reading."""

from __future__ import annotations

import pytest

from gs1.errors import DigitalLinkError, FormatError, Gs1Error
from gs1.reading import Form, form_of, read

GTIN = "09521234543213"
FORMS = {
    "]C10109521234543213": Form.SCAN,
    "]E09521234543213": Form.SCAN,
    f"https://example.com/01/{GTIN}": Form.LINK,
    f"HTTP://EXAMPLE.COM/01/{GTIN}": Form.LINK,
    "https://example.com/01/9": Form.LINK,
    f"(01){GTIN}": Form.BRACKETED,
    "(999)x": Form.BRACKETED,
    "(10) AB": Form.BRACKETED,
    "(01)": Form.BRACKETED,
    "^2A": Form.DATA,
    f"^01{GTIN}": Form.DATA,
    f"01{GTIN}": Form.RAW,
    "17271231" + f"01{GTIN}": Form.RAW,
    f"10AB\x1d01{GTIN}": Form.RAW,
    f"\x1d01{GTIN}": Form.RAW,
    "00106141412345678908": Form.RAW,
    "800309521234543213A": Form.RAW,
    "8018" + "1" * 18: Form.RAW,
    "96385074": Form.NUMBER,
    "614141007349": Form.NUMBER,
    "9521234543213": Form.NUMBER,
    GTIN: Form.NUMBER,
}


@pytest.mark.parametrize("text", FORMS)
def test_form(text: str) -> None:
    assert form_of(text) == FORMS[text]


@pytest.mark.parametrize(
    "text",
    ["", "hello", "1234567", "123456789", "1" * 11, "٩٦٣٨٥٠٧٤", "(84) 912 345 678", "()",
     "https://example.com/", "https://", "ftp://example.com/01/1", "[)>\x1e06\x1dP1\x1e\x04", "]C",
     "^", "\x1d", "a\x1db", "10ABC", "2026-11-22"],
)  # fmt: skip
def test_no_form(text: str) -> None:
    assert form_of(text) is None


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("]d2010952123454321310A", (("01", GTIN), ("10", "A"))),
        (f"https://example.com/01/{GTIN}/10/A", (("01", GTIN), ("10", "A"))),
        (f"(01){GTIN}(10)A", (("01", GTIN), ("10", "A"))),
        (f"^01{GTIN}10A", (("01", GTIN), ("10", "A"))),
        (f"10A\x1d01{GTIN}", (("10", "A"), ("01", GTIN))),
        ("9521234543213", (("01", GTIN),)),
    ],
)
def test_read(text: str, items: tuple[tuple[str, str], ...]) -> None:
    form = form_of(text)
    assert form is not None
    assert read(text, form).items == items


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (f"01{GTIN}10A^\x1d17271231", FormatError),
        (f"01{GTIN}10A^17271231", FormatError),
        ("https://example.com/01/9", Gs1Error),
        (f"https://example.com/01/{GTIN}?10=A", DigitalLinkError),
        ("]d2", Gs1Error),
        ("]zz", Gs1Error),
    ],
)
def test_refused(text: str, error: type[Gs1Error]) -> None:
    with pytest.raises(error):
        read(text, form_of(text) or Form.SCAN)
