"""Photos of several packs give a list; photos that leave a doubt give a question first."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.resolver import rules
from app.runtime import Runtime
from gs1.check_digit import check_digit
from scanner.label import render_symbol
from scanner.reading import Disagreement, Reading, Symbol
from tests.maker import Maker


def gtin13(number: int) -> str:
    body = f"9529998{number:05d}"
    return body + str(check_digit(body))


def shelf_photo(rows: list[list[str]]) -> bytes:
    """EAN-13 symbols in rows, as a camera straight in front of a shelf would see them."""
    photo = Image.new("L", (560 * max(map(len, rows)) + 80, 380 * len(rows) + 80), 210)
    for y, row in enumerate(rows):
        for x, gtin in enumerate(row):
            symbol = Image.open(io.BytesIO(render_symbol("ean-13", gtin, "png", 300)))
            photo.paste(symbol.convert("L"), (60 + 560 * x, 60 + 380 * y + 25 * (x % 2)))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=90)
    return out.getvalue()


def post(client: FlaskClient, photo: bytes, **headers: str) -> Any:
    data = {"photo": (io.BytesIO(photo), "shelf.jpg")}
    return client.post("/scan", data=data, headers={"Accept": "text/html", **headers})


@dataclass
class Decoders:
    """Gives one reading for every photo: a real one, with the evidence a test needs."""

    reading: Reading

    def read(self, photo: bytes, *, preview: int = 0, effort: float = 6.0) -> Reading:
        return self.reading


def numbers_in_order(page: str) -> list[str]:
    return re.findall(r'name="code" value="\(01\)0([0-9]{13})"', page)


def test_a_shelf_is_a_list_in_reading_order(maker: Maker, client: FlaskClient) -> None:
    known = maker.product(name="Trà Shan tuyết")
    rows = [[gtin13(1), known[1:], gtin13(2)], [gtin13(3), gtin13(4)]]
    answer = post(client, shelf_photo(rows))
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert numbers_in_order(page) == [gtin for row in rows for gtin in row]
    assert "Trà Shan tuyết" in page
    assert "5 sản phẩm" in page


def test_units_of_one_product_are_lines_of_their_own(client: FlaskClient) -> None:
    """Each serial number has an answer of its own; the product's bare barcode says nothing more."""
    photo = Image.new("L", (1200, 500), 210)
    for place, serial in enumerate(("A1", "B2", "C3", "A1")):
        data = f"(01)0{gtin13(5)}(21){serial}"
        symbol = Image.open(io.BytesIO(render_symbol("gs1-datamatrix", data, "png", 300)))
        photo.paste(symbol.convert("L"), (40 + 290 * place, 60))
    symbol = Image.open(io.BytesIO(render_symbol("ean-13", gtin13(5), "png", 200)))
    photo.paste(symbol.convert("L"), (300, 260))
    out = io.BytesIO()
    photo.save(out, "PNG")
    page = post(client, out.getvalue()).get_data(as_text=True)
    lines = re.findall(r'name="code" value="\(01\)0[0-9]{13}\(21\)([A-C][1-3])"', page)
    assert lines == ["A1", "B2", "C3"]


def test_a_line_of_the_list_asks_for_the_whole_answer(client: FlaskClient) -> None:
    page = post(client, shelf_photo([[gtin13(1), gtin13(2), gtin13(3)]])).get_data(as_text=True)
    code = f"(01)0{numbers_in_order(page)[0]}"
    answer = client.post("/scan", data={"code": code}, headers={"Accept": "application/json"})
    assert answer.json["state"] == "UNREGISTERED"


def test_a_machine_gets_the_other_codes_beside_the_first(client: FlaskClient) -> None:
    photo = shelf_photo([[gtin13(1), gtin13(2), gtin13(3)]])
    answer = post(client, photo, Accept="application/json")
    found = {answer.json["key"][-13:], *(c["code"][-13:] for c in answer.json["other_codes"])}
    assert found == {gtin13(1), gtin13(2), gtin13(3)}


def test_two_codes_are_one_pack_and_no_shelf(client: FlaskClient) -> None:
    page = post(client, shelf_photo([[gtin13(1), gtin13(2)]])).get_data(as_text=True)
    assert 'class="slab verdict' in page


@pytest.fixture
def reading(rt: Runtime) -> Reading:
    found = rt.decoders.read(shelf_photo([[gtin13(7)]]), preview=320)
    assert [symbol.text for symbol in found.symbols] == [gtin13(7)]
    return found


def ask(rt: Runtime, client: FlaskClient, reading: Reading) -> str:
    rt.decoders = Decoders(reading)  # type: ignore[assignment]
    text: str = post(client, b"any").get_data(as_text=True)
    return text


def test_a_confirmed_number_is_answered_at_once(
    rt: Runtime, client: FlaskClient, reading: Reading
) -> None:
    sure = replace(reading, symbols=(replace(reading.symbols[0], tier="confirmed"),))
    assert 'class="slab verdict' in ask(rt, client, sure)


def test_a_doubtful_number_is_asked_about_before_anything_is_said(
    rt: Runtime, client: FlaskClient, reading: Reading
) -> None:
    doubtful = replace(reading, symbols=(replace(reading.symbols[0], tier="probable"),))
    page = ask(rt, client, doubtful)
    assert "Đây có phải số in dưới các vạch không?" in page
    assert numbers_in_order(page) == [gtin13(7)]
    assert 'class="slab verdict' not in page


def test_texts_in_dispute_are_offered_side_by_side(
    rt: Runtime, client: FlaskClient, reading: Reading
) -> None:
    place = reading.symbols[0].polygon
    texts = (("zxing-cpp", gtin13(7)), ("zbar", gtin13(8)))
    dispute = replace(reading, symbols=(), disagreements=(Disagreement(place, texts),))
    page = ask(rt, client, dispute)
    assert "Số nào được in dưới các vạch?" in page
    assert numbers_in_order(page) == [gtin13(7), gtin13(8)]


def test_a_hidden_code_beside_a_doubtful_number_is_kept_for_the_answer(
    rt: Runtime, client: FlaskClient, reading: Reading
) -> None:
    symbol = replace(reading.symbols[0], tier="probable")
    hidden = replace(symbol, text="NGUON-HC:ABCD-EFGH-JKLM-NPQR", symbology_identifier="]Q1")
    page = ask(rt, client, replace(reading, symbols=(symbol, hidden)))
    assert 'name="hidden" value="' in page


def symbol_at(reading: Reading, x: int, y: int) -> Symbol:
    place = ((x, y), (x + 80, y), (x + 80, y + 40), (x, y + 40))
    return replace(reading.symbols[0], polygon=place)


def test_rows_are_read_from_the_top_each_from_the_left(reading: Reading) -> None:
    """Heights within a row differ by less than half a symbol, as on a real shelf."""
    places = [(300, 15), (0, 0), (150, 10), (150, 110), (0, 105), (0, 220)]
    subject = rules.Subject("gtin")
    shuffled = [(subject, symbol_at(reading, x, y)) for x, y in reversed(places)]
    found = [symbol.polygon[0] for _subject, symbol in rules.in_rows(shuffled)]
    assert found == [(0, 0), (150, 10), (300, 15), (0, 105), (150, 110), (0, 220)]


def test_a_shelf_sums_up_its_answers_and_what_it_left_out(
    maker: Maker, client: FlaskClient
) -> None:
    known = maker.product(name="Trà Shan tuyết")
    page = post(client, shelf_photo([[gtin13(1), known[1:], gtin13(2)]])).get_data(as_text=True)
    assert re.findall(r'href="(#item-\d)">.*?</svg>([^<]+)</a>', page, re.DOTALL) == [
        ("#item-1", "Chưa biết: 2"),
        ("#item-2", "Có khai báo: 1"),
    ]
    assert 'id="item-2"' in page
    assert "Không kể" not in page


def test_codes_that_name_no_product_are_counted_beside_a_shelf(
    rt: Runtime, client: FlaskClient
) -> None:
    found = rt.decoders.read(shelf_photo([[gtin13(1), gtin13(2), gtin13(3)]]), preview=320)
    text = replace(found.symbols[0], text="KHO-7", symbology="Code 39", symbology_identifier="]A0")
    page = ask(rt, client, replace(found, symbols=(*found.symbols, text, text)))
    assert "Không kể 1 mã khác" in page


def test_a_small_code_is_shown_large_with_its_outline(
    rt: Runtime, client: FlaskClient, reading: Reading
) -> None:
    sure = replace(reading.symbols[0], tier="confirmed")
    place = ((1000, 1500), (1400, 1500), (1400, 1700), (1000, 1700))
    far = replace(reading, width=2400, height=3200, symbols=(replace(sure, polygon=place),))
    page = ask(rt, client, far)
    assert 'viewBox="560 1216 1280 768"' in page
    assert "Loại mã: EAN-13." in page


def test_a_dispute_is_outlined_too(rt: Runtime, client: FlaskClient, reading: Reading) -> None:
    texts = (("zxing-cpp", gtin13(7)), ("zbar", gtin13(8)))
    place = ((10, 10), (60, 10), (60, 30), (10, 30))
    page = ask(
        rt, client, replace(reading, symbols=(), disagreements=(Disagreement(place, texts),))
    )
    assert 'points="10,10 60,10 60,30 10,30"' in page


@pytest.mark.parametrize(
    ("text", "symbology", "printed", "kind"),
    [
        ("0614141543212", "EAN-13", "6 14141 54321 2", "UPC-A"),
        ("0042100005264", "UPC-E", "0 425261 4", "UPC-E"),
    ],
)
def test_a_number_is_shown_as_the_pack_prints_it(
    rt: Runtime,
    client: FlaskClient,
    reading: Reading,
    text: str,
    symbology: str,
    printed: str,
    kind: str,
) -> None:
    symbol = replace(reading.symbols[0], text=text, symbology=symbology)
    sure, doubtful = (replace(symbol, tier=tier) for tier in ("confirmed", "probable"))
    page = ask(rt, client, replace(reading, symbols=(sure,)))
    assert f"<b>{printed}</b>" in page
    assert "Viết đủ cả số 0 mà bao bì không in" in page
    assert f"Loại mã: {kind}." in page
    assert f'<p class="bignum code">{printed}</p>' in ask(
        rt, client, replace(reading, symbols=(doubtful,))
    )


def test_a_text_of_the_trade_is_not_treated_like_a_link(
    rt: Runtime, client: FlaskClient, reading: Reading
) -> None:
    text = replace(
        reading.symbols[0], text="KHO-7", symbology="Code 39", symbology_identifier="]A0"
    )
    page = ask(rt, client, replace(reading, symbols=(text,)))
    assert "Mã này dùng cho việc khác" in page
    assert "Không điền thông tin gì" not in page
    assert "KHO-7" not in page
