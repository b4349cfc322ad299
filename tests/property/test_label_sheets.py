"""Whatever a label says: it fits its place and reads back, or is refused."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.drawing import Page, text_width
from scanner.errors import SymbolError
from scanner.label import Form, Label
from scanner.readback import unread
from scanner.sheet import TEMPLATES, Job, draw_labels
from scanner.symbols import KINDS, Kind

GTINS = {"ean-13": "9521234543213", "ean-8": "95212340", "upc-a": "012345678905"}
PLACES = [name for name in TEMPLATES if not name.startswith("logistic")]
DATE = datetime.date(2027, 12, 31)
names = st.text("Cà phê Đắk Lắk rang xay ượẫ 0123456789", max_size=120)
serials = st.text("ABCabc0123456789-./_%&>", min_size=1, max_size=20)


def label(kind: Kind, name: str, serial: str, hidden: str) -> Label:
    if kind in GTINS or kind == "itf-14":
        return Label(kind, GTINS.get(kind, "19521234543210"), name, "L1", DATE, hidden=hidden)
    data = f"(01)09521234543213(17)271231(10)L1(21){serial}"
    if kind.startswith("digital-link"):
        data = f"https://example.com/01/09521234543213/10/L1/21/{serial.encode().hex()[:20]}"
        return Label(kind, data, name, "L1", hidden=hidden)
    return Label(kind, data, name, "L1", DATE, "250 g", hidden=hidden)


def inside(page: Page) -> bool:
    """Ink on the page, no words over a symbol."""
    for box in page.ink():
        if box.left < 0 or box.top < 0:
            return False
        if box.left + box.width > page.width or box.top + box.height > page.height:
            return False
    (mark,) = page.marks
    for text in page.texts:
        width = text_width(text.content, text.size, bold=text.bold)
        left = text.x - {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
        if left < 0 or left + width > page.width or not 0 < text.baseline < page.height:
            return False
        beside = left >= mark.left + mark.width or left + width <= mark.left
        apart = (
            text.baseline - text.size * 0.7 >= mark.top + mark.height or text.baseline <= mark.top
        )
        if not (beside or apart):
            return False
    return True


@settings(max_examples=150)
@given(
    st.sampled_from(KINDS),
    st.sampled_from(PLACES),
    st.sampled_from(["pdf", "zpl"]),
    st.sampled_from([203, 300, 600]),
    names,
    serials,
    st.sampled_from(["", "23456789CDFG"]),
)
def test_a_label_fits_and_reads_or_is_refused(
    kind: Kind, place: str, form: Form, dpi: int, name: str, serial: str, hidden: str
) -> None:
    job = Job(TEMPLATES[place], dpi=dpi)
    try:
        (page,) = draw_labels([label(kind, name, serial, hidden)], job, form)
    except SymbolError:
        return
    assert (page.width, page.height) == job.template.label
    assert inside(page)
    assert unread(page, dpi) == []
    printed = " ".join(text.content for text in page.texts).replace(" ", "")
    assert not hidden or hidden in printed


@pytest.mark.parametrize("place", PLACES)
def test_the_usual_label_fits_every_place(place: str) -> None:
    usual = label("gs1-datamatrix", "Cà phê rang mộc Suối Đá nguyên hạt", "7KQ4M2XPCDFGH23", "")
    for form, dpi in (("pdf", 300), ("zpl", 203), ("zpl", 300), ("zpl", 600)):
        (page,) = draw_labels([usual], Job(TEMPLATES[place], dpi=dpi), form)  # type: ignore[arg-type]
        assert inside(page)
        assert unread(page, dpi) == []
