"""The page that checks a printed label, with real photos through a real decoder process."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.runtime import Runtime
from tests import prints
from tests.pictures import as_bytes

NEVER = re.compile(r"compliant|ISO grade|đạt chuẩn ISO|Grade [A-F]\b", re.I)


def ean(light: float = 0.9, ink: float = 0.1) -> bytes:
    return as_bytes(prints.photo(prints.bars(prints.ean_modules(), light=light, ink=ink)), "PNG")


def send(client: FlaskClient, photo: bytes, accept: str = "text/html", **more: str) -> TestResponse:
    fields = {"photo": (io.BytesIO(photo), "label.png"), **more}
    return client.post(
        "/print-quality?lang=en",
        data=fields,
        content_type="multipart/form-data",
        headers={"Accept": accept},
    )


def test_the_form_says_what_it_is_not(client: FlaskClient) -> None:
    page = client.get("/print-quality?lang=en").text
    assert 'enctype="multipart/form-data"' in page
    assert "No verifier" in page


def test_a_good_print_is_called_good_and_shows_ten_scans(client: FlaskClient) -> None:
    answer = send(client, ean())
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    page = answer.text
    assert "<h1>The print looks good</h1>" in page
    assert "data:image/jpeg;base64," in page
    assert page.count('class="profile"') == 11  # the weakest, and all ten
    assert page.count('class="s-good"') == 10
    assert "uncalibrated photo" in page
    assert not NEVER.search(page)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_fault_has_a_sentence_and_an_advice_in_both_languages(
    client: FlaskClient, lang: str
) -> None:
    client.get(f"/print-quality?lang={lang}")
    fields = {"photo": (io.BytesIO(ean(light=0.8, ink=0.55)), "label.png")}
    page = client.post("/print-quality", data=fields, headers={"Accept": "text/html"}).text
    title, advice = {
        "en": ("The print is too poor to scan reliably", "use black, more heat"),
        "vi": ("Bản in quá kém để quét ổn định", "dùng mực đen, tăng nhiệt"),
    }[lang]
    assert f"<h1>{title}</h1>" in page
    assert advice in page


def test_a_photo_with_few_pixels_is_not_blamed_on_the_print(client: FlaskClient) -> None:
    soft = prints.photo(prints.blurred(prints.bars(prints.ean_modules()), 4)).resize((286, 70))
    page = send(client, as_bytes(soft, "PNG")).text
    assert "<h1>This photo is not good enough to judge the print</h1>" in page
    assert "Too few pixels for each module" in page


def test_json_has_values_grades_and_thresholds(client: FlaskClient) -> None:
    answer = send(client, ean(light=0.8, ink=0.2), "application/json")
    assert answer.mimetype == "application/json"
    told = answer.get_json()
    assert told["basis"] == "method, uncalibrated photo"
    (symbol,) = told["symbols"]
    assert symbol["standard"] == "ISO/IEC 15416"
    values = {item["name"]: item for item in symbol["parameters"]}
    assert values["symbol-contrast"]["value"] == pytest.approx(0.6, abs=0.01)
    assert values["symbol-contrast"]["thresholds"] == [0.7, 0.55, 0.4, 0.2]
    assert "picture" not in symbol


def test_a_card_changes_the_scale(client: FlaskClient) -> None:
    # The paper beside the bars is told to reflect 45 %, the widest bar 5 %: half of what it seems.
    photo = ean(light=0.9, ink=0.1)
    bar = 120 + 10 * int(prints.ean_modules()[0].argmax())
    dark = f"{bar + 1}, 60, 8, 100, 5"
    told = send(client, photo, "application/json", light="10, 60, 60, 100, 45", dark=dark)
    assert told.get_json()["basis"] == "method, indicative, calibrated by card"
    (symbol,) = told.get_json()["symbols"]
    values = {item["name"]: item["value"] for item in symbol["parameters"]}
    assert values["symbol-contrast"] == pytest.approx(0.4, abs=0.01)


def test_a_card_can_be_printed(client: FlaskClient) -> None:
    answer = client.get("/print-quality/card.pdf?light=90&dark=5&lang=en")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    for wrong in ("light=5&dark=90", "light=100", "light=-1", "light=x", "dark=٤"):
        assert client.get(f"/print-quality/card.pdf?{wrong}").status_code == 422


@pytest.mark.parametrize(
    ("light", "dark"),
    [
        ("10,10,10,10,90", ""),
        ("10,10,10,10", "20,20,10,10,3"),
        ("10,10,10,10,190", "20,20,10,10,3"),
        ("١٠,10,10,10,90", "20,20,10,10,3"),
        ("9999,10,10,10,90", "20,20,10,10,3"),
        ("10,10,10,10,90", "30,10,10,10,3"),
    ],
)
def test_patches_that_cannot_serve_are_refused(client: FlaskClient, light: str, dark: str) -> None:
    answer = send(client, ean(), light=light, dark=dark)
    assert answer.status_code == 422
    assert "The patches of the card cannot be used" in answer.text


def test_what_is_no_photo_is_refused_in_words(client: FlaskClient) -> None:
    assert send(client, b"").status_code == 422
    assert "There is nothing to check yet" in send(client, b"").text
    assert send(client, b"words").status_code == 415


def test_a_photo_without_a_code_says_so(client: FlaskClient) -> None:
    empty = as_bytes(prints.photo(prints.bars(prints.ean_modules()) * 0 + 0.8), "PNG")
    page = send(client, empty).text
    assert "<h1>No code was found in the photo</h1>" in page
    assert "Nothing was measured." in page
    assert "standard's method" not in page


def test_a_photo_above_the_limit_is_refused(client: FlaskClient, rt: Runtime) -> None:
    heavy = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="x.jpg"\r\n\r\n'
    heavy += bytes(rt.settings.max_photo_bytes + 5_000_000) + b"\r\n--b--\r\n"
    form = "multipart/form-data; boundary=b"
    assert client.post("/print-quality", data=heavy, content_type=form).status_code == 413


def test_a_kind_that_is_not_measured_is_not_said_to_be(client: FlaskClient) -> None:
    drawn = prints.bars(prints.modules("NGUON", zxingcpp.BarcodeFormat.Code39)[:1])
    page = send(client, as_bytes(prints.photo(drawn), "PNG")).text
    assert "<h1>This kind of code is read, but not measured here</h1>" in page
    assert "Measured are EAN and UPC" in page
    assert "standard's method" not in page


def test_a_refused_file_leads_back_to_the_form(client: FlaskClient) -> None:
    answer = send(client, b"no picture at all")
    assert answer.status_code == 415
    assert "Choose a photo or a scan of the printed code." in answer.text
    assert '<a class="btn" href="/print-quality">' in answer.text
