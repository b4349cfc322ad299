"""Issuing of serials, SSCCs and labels over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import random
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from sqlmodel import select

from app.issuing import rules
from app.issuing.models import Serial, SerialIssue
from tests.maker import Maker


def faults(answer: Any) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]]


def path(gtin: str, what: str = "serials") -> str:
    return f"/api/v1/products/{gtin}/{what}"


def test_ten_thousand_serials_are_different_and_stored(maker: Maker) -> None:
    gtin = maker.product()
    serials = maker.serials(gtin, 10_000)
    assert len(set(serials)) == 10_000
    with maker.rt.db.read() as session:
        assert set(session.exec(select(Serial.serial))) == set(serials)


def test_random_serials_hold_64_bits() -> None:
    """20 signs, 15 of them: 15 · log2(20) = 64.8 bits."""
    serials = rules.random_serials(random.Random(1), 2_000)
    assert {len(serial) for serial in serials} == {15}
    assert len(set("".join(serials))) == 20


def test_hidden_codes_are_shown_once_and_kept_as_a_keyed_hash(maker: Maker) -> None:
    gtin = maker.product()
    body = {"count": 3, "hidden_codes": True}
    first = maker.post(path(gtin), body, **{"Idempotency-Key": "k"})
    again = maker.post(path(gtin), body, **{"Idempotency-Key": "k"})
    assert again.status_code == 201
    assert again.json["serials"] == first.json["serials"]
    assert "hidden_codes" not in again.json
    secret = maker.rt.settings.secret_key.get_secret_value()
    key = hashlib.sha256(b"nguon hidden-code hash v1\0" + secret.encode()).digest()
    with maker.rt.db.read() as session:
        rows = {row.serial: row.hidden_hash for row in session.exec(select(Serial))}
        kept = session.connection().exec_driver_sql("SELECT body FROM kept_reply").scalars().all()
    for serial, code in zip(first.json["serials"], first.json["hidden_codes"], strict=True):
        expected = hmac.new(key, f"{gtin}\0{serial}\0{code}".encode(), "sha256").digest()
        assert rows[serial] == expected
        assert all(code.encode() not in bytes(body) for body in kept)


def test_a_hidden_code_may_be_typed_with_spaces_and_small_letters() -> None:
    assert rules.normal_hidden("34cd-fghj 67kq") == "34CDFGHJ67KQ"


def test_an_idempotency_key_belongs_to_one_request(maker: Maker) -> None:
    gtin = maker.product()
    maker.post(path(gtin), {"count": 1}, **{"Idempotency-Key": "k"})
    other = maker.post(path(gtin), {"count": 2}, **{"Idempotency-Key": "k"})
    assert other.status_code == 409
    with maker.rt.db.read() as session:
        assert len(session.exec(select(Serial)).all()) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 65, "é"])
def test_an_idempotency_key_is_short_and_visible(maker: Maker, key: str) -> None:
    answer = maker.post("/api/v1/ssccs", {"count": 1}, **{"Idempotency-Key": key})
    assert (answer.status_code, faults(answer)) == (400, [("Idempotency-Key", "idempotency_key")])


def test_a_kept_answer_is_forgotten_after_a_day(maker: Maker) -> None:
    first = maker.post("/api/v1/ssccs", {}, **{"Idempotency-Key": "k"})
    maker.rt.now.forward(hours=23)  # type: ignore[attr-defined]
    assert maker.post("/api/v1/ssccs", {}, **{"Idempotency-Key": "k"}).json == first.json
    maker.rt.now.forward(hours=2)  # type: ignore[attr-defined]
    assert maker.post("/api/v1/ssccs", {}, **{"Idempotency-Key": "k"}).json != first.json


def test_a_makers_own_numbers_are_taken_once(maker: Maker) -> None:
    gtin = maker.product()
    body = {"serials": ["A-1", "A-2", "A/3"]}
    first, again = maker.post(path(gtin), body), maker.post(path(gtin), body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    part = maker.post(path(gtin), {"serials": ["B", "A-2"]})
    assert (part.status_code, faults(part)) == (409, [("/serials/1", "duplicate_serial")])
    some = maker.post(path(gtin), {"serials": ["A-1", "A-2"]})
    assert some.status_code == 409
    with maker.rt.db.read() as session:
        assert len(session.exec(select(Serial)).all()) == 3
        assert len(session.exec(select(SerialIssue)).all()) == 1


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "", "count_or_serials"),
        ({"count": 1, "serials": ["A"]}, "", "count_or_serials"),
        ({"count": 0}, "/count", "greater_than_equal"),
        ({"count": 10_001}, "/count", "less_than_equal"),
        ({"count": 1.5}, "/count", "int_type"),
        ({"serials": []}, "/serials", "too_short"),
        ({"serials": ["A", "A B"]}, "/serials/1", "serial_form"),
        ({"serials": ["A", "x" * 21]}, "/serials/1", "serial_form"),
        ({"serials": ["A", "B", "A"]}, "/serials/2", "duplicate_serial"),
        ({"serials": "A"}, "/serials", "list_type"),
    ],
)
def test_what_is_asked_for_wrongly_is_named(
    maker: Maker, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = maker.post(path(maker.product()), body)
    assert (answer.status_code, faults(answer)) == (422, [(pointer, code)])


def test_a_batch_must_be_registered_before_serials_are_issued_for_it(maker: Maker) -> None:
    answer = maker.post(path(maker.product()), {"count": 1, "lot": "NONE"})
    assert (answer.status_code, faults(answer)) == (404, [("/lot", "batch_unknown")])


def test_the_record_commits_to_the_list_without_showing_it(maker: Maker) -> None:
    gtin = maker.product()
    serials = maker.serials(gtin, 50)
    with maker.rt.db.read() as session:
        issue = session.exec(select(SerialIssue)).one()
        [payload] = (
            session.connection()
            .exec_driver_sql(
                f"SELECT payload FROM ledger_item WHERE entry_index = {issue.entry_index}"
            )
            .scalars()
        )
    record = json.loads(bytes(payload))
    listed = json.dumps(serials, separators=(",", ":")).encode()
    assert record["digest"] == hashlib.sha256(issue.salt + listed).hexdigest()
    assert (record["count"], len(issue.salt)) == (50, 32)
    assert all(serial.encode() not in bytes(payload) for serial in serials)


def test_ssccs_go_on_where_they_stopped(maker: Maker) -> None:
    first = maker.post("/api/v1/ssccs", {"count": 2}).json["ssccs"]
    second = maker.post("/api/v1/ssccs", {}).json["ssccs"]
    assert [number[:17] for number in first + second] == [
        "09520001000000000",
        "09520001000000001",
        "09520001000000002",
    ]


def test_serials_are_listed_page_by_page(maker: Maker) -> None:
    gtin = maker.product()
    maker.post(path(gtin, "batches"), {"lot": "L1"})
    serials = maker.serials(gtin, 5, lot="L1")
    found: list[str] = []
    address: str | None = f"{path(gtin)}?limit=2"
    while address:
        page = maker.get(address).json
        assert all(item["lot"] == "L1" for item in page["items"])
        found += [item["serial"] for item in page["items"]]
        address = page.get("next")
    assert found == sorted(serials)


@pytest.mark.parametrize(
    ("symbol", "read"),
    [
        ("ean13", "9520001000003"),
        ("datamatrix", "(01)09520001000003(10)L1(17)271101(21){}"),
        ("qr", "http://127.0.0.1:8000/01/09520001000003/10/L1/21/{}?17=271101"),
    ],
)
def test_a_label_reads_back(maker: Maker, symbol: str, read: str) -> None:
    gtin = maker.product(net_content="250 g")
    maker.post(path(gtin, "batches"), {"lot": "L1", "expiry_date": "2027-11-01"})
    serial = maker.serials(gtin, 1, lot="L1")[0]
    answer = maker.get(f"{path(gtin, 'label')}?symbol={symbol}&serial={serial}")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.data)))
    assert found.text == read.format(serial)


@pytest.mark.parametrize(
    ("form", "start", "media"),
    [("svg", b"<", "image/svg+xml"), ("pdf", b"%PDF-", "application/pdf")],
)
def test_a_label_has_three_forms(maker: Maker, form: str, start: bytes, media: str) -> None:
    answer = maker.get(f"{path(maker.product(), 'label')}?form={form}&symbol=qr")
    assert (answer.status_code, answer.mimetype) == (200, media)
    assert answer.data.startswith(start)


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ("form=gif", 422, "form"),
        ("symbol=aztec", 422, "symbol"),
        ("lot=NONE", 404, "lot"),
        ("serial=NONE", 404, "serial"),
        ("serial=a%20b", 422, "serial"),
        ("colour=red", 422, "colour"),
    ],
)
def test_a_label_is_of_what_is_registered(
    maker: Maker, query: str, status: int, pointer: str
) -> None:
    answer = maker.get(f"{path(maker.product(), 'label')}?{query}")
    assert answer.status_code == status
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]


def test_a_label_does_not_contradict_the_register(maker: Maker) -> None:
    gtin = maker.product()
    for lot in ("L1", "L2"):
        maker.post(path(gtin, "batches"), {"lot": lot})
    serial = maker.serials(gtin, 1, lot="L1")[0]
    answer = maker.get(f"{path(gtin, 'label')}?serial={serial}&lot=L2")
    assert (answer.status_code, faults(answer)) == (409, [("lot", "serial_of_other_batch")])
