"""Sheets, rolls and logistic labels over HTTP, and the pages on which people print them."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageFilter

from app.accounts import service as accounts
from tests.maker import Maker

SHEET, LOGISTIC = "/api/v1/labels/sheet", "/api/v1/labels/logistic"


def faults(answer: Any) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]]


def rasters(file: bytes, dpi: int = 200) -> Iterator[Image.Image]:
    with pypdfium2.PdfDocument(file) as document:
        for page in document:
            yield page.render(scale=dpi / 72).to_pil().convert("L")


def read(image: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
    return [item.text for item in found]


@pytest.fixture
def stocked(maker: Maker) -> tuple[Maker, str, list[str]]:
    """A product with a batch and thirty serials of it."""
    gtin = maker.product(net_content="250 g")
    batch = {"lot": "L1", "expiry_date": "2027-11-01"}
    assert maker.post(f"/api/v1/products/{gtin}/batches", batch).status_code == 201
    return maker, gtin, maker.serials(gtin, 30, lot="L1")


def test_a_sheet_blurred_and_tilted_reads_back_complete(
    stocked: tuple[Maker, str, list[str]],
) -> None:
    maker, gtin, serials = stocked
    body = {"gtin": gtin, "serials": serials, "template": "a4-24", "start": 3, "cut_marks": True}
    answer = maker.post(SHEET, body)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    found: list[str] = []
    for image in rasters(answer.data):
        tilted = image.rotate(-2.5, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
        found += read(tilted.filter(ImageFilter.GaussianBlur(0.8)))
    assert sorted(found) == sorted(f"01{gtin}10L1\x1d1727110121{serial}" for serial in serials)


def test_copies_of_one_label_for_the_lot(stocked: tuple[Maker, str, list[str]]) -> None:
    maker, gtin, _ = stocked
    body = {"gtin": gtin, "lot": "L1", "template": "a4-40", "symbol": "qr", "copies": 40}
    (image,) = rasters(maker.post(SHEET, body).data)
    assert read(image) == [f"http://127.0.0.1:8000/01/{gtin}/10/L1?17=271101"] * 40


def test_hidden_codes_are_printed_only_with_their_serial(maker: Maker) -> None:
    gtin = maker.product()
    made = maker.post(f"/api/v1/products/{gtin}/serials", {"count": 2, "hidden_codes": True}).json
    assert made is not None
    serials, hidden = made["serials"], made["hidden_codes"]
    body = {"gtin": gtin, "serials": serials, "hidden_codes": hidden}
    answer = maker.post(SHEET, body)
    with pypdfium2.PdfDocument(answer.data) as document:
        page = document[0]
        words = page.get_textpage().get_text_bounded()
        page.close()
    for code in hidden:
        assert f"{code[:4]} {code[4:8]} {code[8:]}" in words
    swapped = maker.post(SHEET, {**body, "hidden_codes": hidden[::-1]})
    assert swapped.status_code == 422
    assert faults(swapped) == [
        ("/hidden_codes/0", "hidden_code"),
        ("/hidden_codes/1", "hidden_code"),
    ]
    few = maker.post(SHEET, {**body, "hidden_codes": hidden[:1]})
    assert (few.status_code, faults(few)) == (422, [("/hidden_codes", "hidden_codes")])


REFUSALS: list[tuple[dict[str, Any], int, tuple[str, str]]] = [
    ({"serials": ["NONE"]}, 404, ("/serials/0", "serial_unknown")),
    ({"lot": "L9"}, 404, ("/lot", "batch_unknown")),
    ({"lot": "L2"}, 409, ("/serials/0", "serial_of_other_batch")),
    ({"start": 25}, 422, ("/start", "start")),
    ({"start": 0}, 422, ("/start", "greater_than_equal")),
    ({"copies": 1000}, 422, ("/copies", "too_many")),
    ({"symbol": "gs1-128", "template": "a4-65"}, 422, ("/symbol", "symbol-refused")),
    ({"template": "a4-1"}, 422, ("/template", "literal_error")),
    ({"offset_x": 11.0}, 422, ("/offset_x", "less_than_equal")),
    ({"gtin": "9520001000172"}, 422, ("/gtin", "incorrect_check_digit")),
]


def test_refusals_name_the_field(stocked: tuple[Maker, str, list[str]]) -> None:
    maker, gtin, serials = stocked
    maker.post(f"/api/v1/products/{gtin}/batches", {"lot": "L2"})
    for change, status, fault in REFUSALS:
        answer = maker.post(SHEET, {"gtin": gtin, "serials": serials, **change})
        assert (answer.status_code, faults(answer)[0]) == (status, fault)


def test_a_serial_stands_once_on_a_sheet(stocked: tuple[Maker, str, list[str]]) -> None:
    maker, gtin, serials = stocked
    answer = maker.post(SHEET, {"gtin": gtin, "serials": [serials[0], serials[0]]})
    assert (answer.status_code, faults(answer)) == (422, [("/serials/1", "duplicate_serial")])


def test_nobody_prints_anothers_product(
    stocked: tuple[Maker, str, list[str]], partner: Maker
) -> None:
    _, gtin, serials = stocked
    assert partner.post(SHEET, {"gtin": gtin, "serials": serials}).status_code == 403


def test_a_roll_as_zpl(stocked: tuple[Maker, str, list[str]]) -> None:
    maker, gtin, serials = stocked
    body = {"gtin": gtin, "serials": serials[:3], "template": "roll-50x30", "form": "zpl"}
    answer = maker.post(SHEET, {**body, "dpi": 203})
    assert answer.mimetype == "application/vnd.zebra-zpl"
    assert answer.text.count("^XA") == 3
    zplkit = pytest.importorskip("zplkit")
    rendered = zplkit.render(answer.data, zplkit.Options(width=400, height=240, dpi=203))
    found = [read(Image.open(io.BytesIO(scene.png())).convert("L")) for scene in rendered.labels]
    assert found == [[f"01{gtin}10L1\x1d1727110121{serial}"] for serial in serials[:3]]


def test_a_logistic_label(stocked: tuple[Maker, str, list[str]], partner: Maker) -> None:
    maker, gtin, _ = stocked
    made = maker.post("/api/v1/ssccs", {"count": 1}).json
    assert made is not None
    (sscc,) = made["ssccs"]
    body = {"sscc": sscc, "gtin": gtin, "count": 24, "lot": "L1", "lines": ["Kho Thủ Đức"]}
    answer = maker.post(LOGISTIC, body)
    assert answer.mimetype == "application/pdf", answer.text
    (image,) = rasters(answer.data)
    assert sorted(read(image)) == sorted([f"00{sscc}", f"02{gtin}17271101", "3724\x1d10L1"])
    stolen = partner.post(LOGISTIC, {"sscc": sscc})
    assert (stolen.status_code, faults(stolen)) == (403, [("/sscc", "foreign_prefix")])
    wrong = maker.post(LOGISTIC, {"sscc": sscc[:-1] + str((int(sscc[-1]) + 1) % 10)})
    assert (wrong.status_code, faults(wrong)[0][0]) == (422, "/sscc")
    half = maker.post(LOGISTIC, {"sscc": sscc, "gtin": gtin})
    assert (half.status_code, faults(half)[0][1]) == (422, "gtin_and_count")


@pytest.fixture
def page(stocked: tuple[Maker, str, list[str]]) -> tuple[FlaskClient, str, list[str]]:
    """A person of the party, signed in."""
    maker, gtin, serials = stocked
    with maker.rt.db.write() as session:
        accounts.create_person(
            session,
            party_id=maker.party.id,
            email="in.tem@nguon.example",
            name="Người in tem",
            password="mot-mat-khau-du-dai",
            now=maker.rt.now(),
        )
    form = {"email": "in.tem@nguon.example", "password": "mot-mat-khau-du-dai"}
    assert maker.client.post("/login", data=form).status_code == 303
    return maker.client, gtin, serials


def test_a_person_prints_from_the_account(page: tuple[FlaskClient, str, list[str]]) -> None:
    """Account, form, preview, file: links and a form, without JavaScript."""
    client, gtin, serials = page
    path = f"/account/labels/{gtin}"
    assert f'href="{path}"' in client.get("/account").text
    assert 'name="template"' in client.get(path).text
    chosen = client.get(path, query_string={"each": "unit", "lot": "L1", "template": "a4-24"})
    assert chosen.status_code == 200
    ordered = sorted(serials)
    assert ordered[24] in chosen.text  # the next sheet begins there
    (download,) = re.findall(r'href="([^"]*/sheet\?[^"]*)"', chosen.text)
    (picture,) = re.findall(r'src="([^"]*/preview\?[^"]*)"', chosen.text)
    with Image.open(io.BytesIO(client.get(html.unescape(picture)).data)) as shown:
        assert shown.width / shown.height == pytest.approx(210 / 297, abs=0.01)
    answer = client.get(html.unescape(download))
    assert answer.headers["Content-Disposition"] == f"attachment; filename={gtin}-L1.pdf"
    (image,) = rasters(answer.data)
    assert sorted(text[-15:] for text in read(image)) == ordered[:24]


FORMS: list[tuple[dict[str, str], int, str]] = [
    ({"template": "a4-24", "lot": "L9"}, 404, "first"),
    ({"template": "a4-24", "lot": "L9", "each": "lot"}, 404, "lot"),
    ({"template": "a4-24", "start": "99"}, 422, "start"),
    ({"template": "a4-24", "start": "x"}, 422, "start"),
    ({"template": "a4-24", "count": "1001"}, 422, "count"),
    ({"template": "a4-24", "offset_x": "far"}, 422, "offset_x"),
    ({"template": "none"}, 422, "template"),
    ({"template": "a4-65", "symbol": "gs1-128", "each": "lot"}, 422, "symbol"),
    ({"template": "a4-24", "each": "lot", "lot": "L1"}, 200, ""),
]


def test_the_page_names_the_field_and_keeps_what_was_typed(
    page: tuple[FlaskClient, str, list[str]],
) -> None:
    client, gtin, _ = page
    for query, status, field in FORMS:
        answer = client.get(f"/account/labels/{gtin}", query_string={**query, "copies": "7"})
        assert answer.status_code == status, query
        assert 'value="7"' in answer.text
        assert (f'href="#{field}"' in answer.text) == bool(field)


def test_the_pages_are_for_the_products_party(
    page: tuple[FlaskClient, str, list[str]], partner: Maker
) -> None:
    client, _, _ = page
    foreign = partner.product()
    for what in ("", "/preview", "/sheet"):
        path = f"/account/labels/{foreign}{what}"
        assert client.get(path, query_string={"template": "a4-24"}).status_code == 403
