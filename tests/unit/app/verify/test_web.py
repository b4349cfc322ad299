"""Scans over HTTP: answers, refusals, pages that are kept, hidden codes."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from app.demo.pictures import plain_qr
from app.runtime import Runtime
from app.verify.models import Scan, ScanCount
from scanner import errors, label
from scanner.reading import Reading
from tests.conftest import Clock
from tests.maker import Maker, event
from tests.unit.app.verify.conftest import Pack

JSON = {"Accept": "application/json"}


def photo(kind: str, data: str) -> dict[str, object]:
    drawn = label.render(label.Label(kind, data), "png", 300)  # type: ignore[arg-type]
    return {"photo": (io.BytesIO(drawn), "pack.png")}


def flush(app: Flask) -> None:
    app.extensions["nguon_verify"].scans.flush()


def test_a_declared_pack_matches_and_shows_its_proof(pack: Pack, visitor: FlaskClient) -> None:
    found = pack.scan(visitor).json
    assert found["state"] == "ITEM_MATCHES"
    assert found["facts"]["name"] == "Cà phê Suối Đá"
    assert found["facts"]["lot"] == pack.lot
    assert found["action"]["vi"].startswith("Bạn là người quét thứ 1.")
    proof = found["proof"]
    bundle = visitor.get(proof["bundle_url"])
    assert bundle.status_code == 200
    assert visitor.get(proof["steps_url"]).status_code == 200
    maker = next(reason for reason in found["reasons"] if reason["code"] == "unit-active")
    assert maker["speaker"] == {"kind": "producer", "name": pack.maker.party.name}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_speaks_both_languages(pack: Pack, visitor: FlaskClient, language: str) -> None:
    page = visitor.get(f"{pack.path}?lang={language}")
    words = {"vi": "Mã khớp dữ liệu", "en": "The code matches data signed"}
    assert page.status_code == 200
    assert words[language] in page.text


@pytest.mark.parametrize(
    "written",
    [
        "{gtin}",
        "(01) {gtin} (21) {serial}",
        "01{gtin}21{serial}",
        "https://id.gs1.org/01/{gtin}/21/{serial}",
        "http://127.0.0.1:8000/01/{gtin}/21/{serial}",
        "]d201{gtin}21{serial}",
    ],
)
def test_one_thing_however_it_is_written(pack: Pack, visitor: FlaskClient, written: str) -> None:
    code = written.format(gtin=pack.gtin, serial=pack.serial)
    found = visitor.post("/scan", data={"code": code}, headers=JSON).json
    expected = "PRODUCT_ONLY" if written == "{gtin}" else "ITEM_MATCHES"
    assert found["state"] == expected


def test_a_photo_is_read_drawn_and_not_kept(pack: Pack, visitor: FlaskClient) -> None:
    code = f"(01){pack.gtin}(10){pack.lot}(21){pack.serial}"
    found = visitor.post("/scan", data=photo("gs1-datamatrix", code), headers=JSON).json
    assert found["state"] == "ITEM_MATCHES"
    assert found["picture"]["data_uri"].startswith("data:image/jpeg;base64,")
    assert [symbol["chosen"] for symbol in found["symbols"]] == [True]


def test_what_is_typed_wrong_gets_repairs_and_is_not_repaired(
    pack: Pack, visitor: FlaskClient
) -> None:
    wrong = pack.gtin[:-1] + str((int(pack.gtin[-1]) + 1) % 10)
    found = visitor.post("/scan", data={"code": wrong}, headers=JSON).json
    assert found["state"] == "MALFORMED"
    assert found["repairs"][0]["code"].endswith(pack.gtin.lstrip("0"))  # registered ones first
    assert found["facts"] is None


def test_a_wrong_check_digit_is_said_plainly(pack: Pack, visitor: FlaskClient) -> None:
    page = visitor.post("/scan", data={"code": "9521234543214"})
    assert "Chữ số cuối phải là 3, bạn nhập 4." in page.text
    assert "9\u00a0521234\u00a0543214" in page.text  # what was typed, large and in groups
    assert 'value="9521234543213"' in page.text  # a button that sends the right one
    drawn = io.BytesIO()
    plain_qr("https://id.gs1.org/01/09521234543214/10/A").save(drawn, "PNG")
    sent = {"photo": (io.BytesIO(drawn.getvalue()), "pack.png")}
    shown = visitor.post("/scan", data=sent, headers=JSON).json
    assert shown["display"] == "(01) 09521234543214 (10) A"
    assert shown["reasons"][0]["text"]["en"].startswith("The last digit must be 3, the photo")


def test_a_missing_digit_is_counted(visitor: FlaskClient) -> None:
    found = visitor.get("/scan?code=952123454321", headers=JSON).json  # no UPC-A either
    assert found["state"] == "MALFORMED"
    found = visitor.get("/scan?code=95212345432", headers=JSON).json
    assert found["reasons"][0]["text"]["vi"].startswith("Bạn nhập 11 chữ số.")


def test_a_lost_separator_is_not_called_a_forged_label(pack: Pack, visitor: FlaskClient) -> None:
    code = f"01{pack.gtin}10{pack.lot}17{pack.maker.rt.now() + timedelta(days=300):%y%m%d}"
    found = visitor.post("/scan", data={"code": code}, headers=JSON).json
    assert found["state"] == "MALFORMED"
    assert found["reasons"][0]["code"] == "reader-fault"
    assert f"(10){pack.lot}" in found["repairs"][0]["code"]


def test_everyday_codes_are_named_but_not_repeated(visitor: FlaskClient) -> None:
    secret = "WIFI:T:WPA;S:shop;P:very-secret;;"
    answer = visitor.post("/scan", data={"code": secret}, headers=JSON)
    assert answer.json["state"] == "NOT_A_PRODUCT_CODE"
    assert "very-secret" not in answer.text


def test_an_unknown_product_is_an_answer(visitor: FlaskClient) -> None:
    found = visitor.get("/scan?code=9521234543213", headers=JSON)
    assert found.status_code == 200
    assert found.json["state"] == "UNREGISTERED"
    assert found.json["issuer"]["prefix"] == "952"


def test_recall_shows_on_the_next_page(pack: Pack, visitor: FlaskClient) -> None:
    assert "Đã thu hồi" not in visitor.get(pack.path).text
    notice = {"gtin": pack.gtin, "lot": pack.lot, "reason": "Histamin cao", "hazard_group": "A"}
    assert pack.maker.post("/api/v1/recalls", notice).status_code == 201
    assert "Đã thu hồi" in visitor.get(pack.path).text
    assert pack.scan(visitor).json["recall"]["reason"] == "Histamin cao"


def test_kept_pages_count_every_scan_and_hold_nothing_of_a_person(pack: Pack, app: Flask) -> None:
    numbers = []
    for _ in range(3):
        page = app.test_client().get(pack.path)
        cookie = page.headers["Set-Cookie"]
        assert "nguon_device=" in cookie and "HttpOnly" in cookie
        assert page.headers["Cache-Control"] == "private, no-store"
        assert cookie.split("=")[1].split(";")[0] not in page.text
        numbers.append(page.text.split("quét thứ ")[1].split(".")[0])
    assert numbers == ["1", "2", "3"]


def kept(app: Flask) -> int:
    return len(app.extensions["nguon_verify"].pages._pages)


def test_pages_are_kept_by_language_and_never_for_one_person(pack: Pack, app: Flask) -> None:
    english = app.test_client()
    english.set_cookie("nguon_lang", "en")
    for _ in range(2):
        assert "The code matches" in english.get(pack.path).text
        assert "Mã khớp" in app.test_client().get(pack.path).text
    assert kept(app) == 2
    signed_in = app.test_client()
    signed_in.set_cookie("nguon_session", "whatever")
    signed_in.get(pack.path)
    for personal in ("?hc=ABC", "?h%63=ABC", "?lang=en"):
        assert app.test_client().get(pack.path + personal).status_code == 200
    assert kept(app) == 2
    # A province may change what the scans say: the pages of the key are made again.
    assert app.test_client().get(f"{pack.path}?province=68").status_code == 200
    assert kept(app) == 0


def test_a_kept_page_carries_the_headers_of_the_first(pack: Pack, app: Flask) -> None:
    first, second = (app.test_client().get(pack.path) for _ in range(2))
    own = {"Set-Cookie", "Content-Length"}
    assert {k: v for k, v in first.headers if k not in own} == {
        k: v for k, v in second.headers if k not in own
    }
    assert "default-src 'none'" in second.headers["Content-Security-Policy"]
    assert first.headers["Set-Cookie"] != second.headers["Set-Cookie"]


def test_looking_ahead_is_no_scan(
    pack: Pack, visitor: FlaskClient, rt: Runtime, app: Flask
) -> None:
    visitor.head(pack.path)
    visitor.get(pack.path, headers={"Sec-Purpose": "prefetch"})
    flush(app)
    with rt.db.read() as session:
        assert session.exec(select(Scan)).all() == []


def test_scans_are_coarse(pack: Pack, visitor: FlaskClient, rt: Runtime, app: Flask) -> None:
    pack.scan(visitor, province="68")
    pack.scan(visitor, province="not a province")
    flush(app)
    with rt.db.read() as session:
        scans = session.exec(select(Scan).order_by(Scan.id)).all()  # type: ignore[arg-type]
        counted = session.get(ScanCount, scans[0].key)
    assert [scan.province for scan in scans] == ["68", ""]
    assert len({scan.device for scan in scans}) == 1
    token = visitor.get_cookie("nguon_device")
    assert token is not None and token.value != scans[0].device
    assert counted is not None and counted.number == 2


def test_copies_show_once_four_devices_in_four_provinces_scanned(
    pack: Pack, app: Flask, visitor: FlaskClient
) -> None:
    for number, province in enumerate(("01", "48", "68", "79")):
        found = pack.scan(app.test_client(), province=province).json
        assert found["state"] == "ITEM_MATCHES", number
        flush(app)
    found = pack.scan(visitor).json
    assert found["state"] == "SUSPECTED_COPY"
    assert "4 thiết bị ở 4 tỉnh" in found["action"]["vi"]
    assert "Nghi vấn" in visitor.get(pack.path).text


def test_a_hidden_code_confirms_once(pack: Pack, app: Flask, clock: Clock) -> None:
    owner, stranger = app.test_client(), app.test_client()
    first = pack.scan(owner, hidden=pack.hidden.lower()).json
    assert first["state"] == "ITEM_CONFIRMED"
    assert first["receipt"]
    clock.forward(hours=1)
    again = pack.scan(owner, hidden=pack.hidden).json
    assert (again["state"], again["receipt"]) == ("ITEM_CONFIRMED", first["receipt"])
    other = pack.scan(stranger, hidden=pack.hidden).json
    assert other["state"] == "ITEM_MATCHES"
    assert other["receipt"] is None
    assert other["reasons"][0]["code"] == "hidden-used"
    clock.forward(hours=24)
    assert pack.scan(owner, hidden=pack.hidden).json["state"] == "ITEM_MATCHES"


def test_five_wrong_hidden_codes_lock_the_unit_until_tomorrow(
    pack: Pack, visitor: FlaskClient, clock: Clock
) -> None:
    left = [pack.scan(visitor, hidden="WRONG").json["reasons"][0] for _ in range(5)]
    assert [reason["params"]["left"] for reason in left] == [4, 3, 2, 1, 0]
    assert pack.scan(visitor, hidden=pack.hidden).json["reasons"][0]["code"] == "hidden-locked"
    clock.forward(hours=24)
    assert pack.scan(visitor, hidden=pack.hidden).json["state"] == "ITEM_CONFIRMED"


def test_a_hidden_code_is_not_wasted_on_a_recalled_pack(
    pack: Pack, visitor: FlaskClient, clock: Clock
) -> None:
    notice = {"gtin": pack.gtin, "reason": "Sai nhãn"}
    number = pack.maker.post("/api/v1/recalls", notice).json["number"]
    found = pack.scan(visitor, hidden=pack.hidden).json
    assert found["state"] == "RECALLED"
    assert "hidden-not-tried" in [reason["code"] for reason in found["reasons"]]
    lifted = pack.maker.post(f"/api/v1/recalls/{number}/lift", {"reason": "Đã sửa"})
    assert lifted.status_code == 200, lifted.text
    clock.forward(minutes=1)
    assert pack.scan(visitor, hidden=pack.hidden).json["state"] == "ITEM_CONFIRMED"


def test_opening_a_link_does_not_use_up_its_hidden_code(pack: Pack, visitor: FlaskClient) -> None:
    page = visitor.get(f"{pack.path}?hc={pack.hidden}")
    assert f'value="{pack.hidden}"' in page.text
    assert pack.scan(visitor, hidden=pack.hidden).json["state"] == "ITEM_CONFIRMED"


def test_a_destroyed_unit_is_deactivated_at_once(
    pack: Pack, maker: Maker, visitor: FlaskClient, rt: Runtime
) -> None:
    visitor.get(pack.path)
    gone = event(
        rt.now(),
        action="OBSERVE",
        bizStep="destroying",
        disposition="destroyed",
        epcList=[pack.uri],
    )
    assert maker.captured(gone)["success"]
    assert "Mã đã bị vô hiệu" in visitor.get(pack.path).text


@pytest.mark.parametrize(
    ("data", "status", "title"),
    [
        (b"hello, this is text", 415, "Tệp này không phải ảnh chúng tôi đọc được"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", 415, "Tệp này không phải ảnh"),
        (b"", 422, "Chưa có gì để kiểm tra"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, 422, "Ảnh"),
    ],
    ids=["text", "svg", "empty", "broken"],
)
def test_bad_photos_are_refused_with_a_sentence_and_the_form(
    visitor: FlaskClient, data: bytes, status: int, title: str
) -> None:
    form = {"photo": (io.BytesIO(data), "x.jpg")}
    answer = visitor.post("/scan", data=form)
    assert answer.status_code == status, answer.text[:300]
    assert f"<h1>{title}" in answer.text
    assert 'name="code"' in answer.text  # the digits can still be typed


def test_too_many_pixels_and_bytes(visitor: FlaskClient, rt: Runtime) -> None:
    side = 20_000  # 400 megapixels in a whole, tiny file
    rows = zlib.compress(bytes((side // 8 + 1) * side))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", rows))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in (*parts, (b"IEND", b""))
    )
    answer = visitor.post("/scan", data={"photo": (io.BytesIO(data), "x.png")})
    assert answer.status_code == 413
    heavy = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="x.jpg"\r\n\r\n'
    heavy += bytes(rt.settings.max_photo_bytes + 5_000_000) + b"\r\n--b--\r\n"
    sent = visitor.post("/scan", data=heavy, content_type="multipart/form-data; boundary=b")
    assert sent.status_code == 413


class _Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, photo: bytes, *, preview: int = 0, effort: float = 6.0) -> Reading:
        raise self.error


def test_a_decoder_that_fails_gives_an_answer_and_a_busy_one_a_wait(
    visitor: FlaskClient, rt: Runtime
) -> None:
    some = {"photo": (io.BytesIO(b"x"), "x.jpg")}
    rt.decoders = _Failing(errors.DecoderTimeout("5 s"))  # type: ignore[assignment]
    answer = visitor.post("/scan", data=some, headers=JSON)
    assert (answer.status_code, answer.json["state"]) == (200, "UNREADABLE")
    rt.decoders = _Failing(errors.DecoderBusy("8"))  # type: ignore[assignment]
    answer = visitor.post("/scan", data={"photo": (io.BytesIO(b"x"), "x.jpg")})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_nothing_sent_is_said_so(visitor: FlaskClient) -> None:
    assert visitor.post("/scan", data={}).status_code == 422
    assert visitor.get("/scan").status_code == 303
    assert visitor.post("/scan", data={"code": "9" * 9_000}).status_code == 413


def test_a_place_code_is_no_product_but_says_what_it_is(maker: Maker, visitor: FlaskClient) -> None:
    gln = maker.place(name="Xưởng rang Suối Đá", province="68")
    found = visitor.get(f"/414/{gln}", headers=JSON).json
    assert found["state"] == "NOT_A_PRODUCT_CODE"
    said = next(reason for reason in found["reasons"] if reason["code"] == "place-declared")
    assert "Xưởng rang Suối Đá" in said["text"]["vi"]
    assert "Lâm Đồng" in said["text"]["vi"]


def test_codes_in_pages_are_text(visitor: FlaskClient) -> None:
    code = "(01)09521234543213(10)<script>"
    page = visitor.post("/scan", data={"code": code})
    assert "<script>" not in page.text.replace('<script type="module"', "")


def test_explain_takes_a_code_apart(visitor: FlaskClient) -> None:
    assert visitor.get("/explain").status_code == 200
    assert "GTIN" in visitor.get("/explain?q=9521234543213").text
    found = visitor.get("/explain?q=9521234543213", headers=JSON).json
    assert found["key"] == "https://id.gs1.org/01/09521234543213"


def test_home(visitor: FlaskClient, pack: Pack) -> None:
    notice = {"gtin": pack.gtin, "lot": pack.lot, "reason": "Histamin cao"}
    pack.maker.post("/api/v1/recalls", notice)
    page = visitor.get("/?code=123")
    assert 'value="123"' in page.text
    assert f"/01/{pack.gtin}/10/{pack.lot}" in page.text
