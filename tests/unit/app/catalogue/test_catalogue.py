"""Registration of products, places and batches over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import select

from app.catalogue.models import NumberCounter, Product
from app.catalogue.schemas import PROVINCES
from ledger import entry
from ledger import log as ledger_log
from tests import outside
from tests.maker import Maker

NAME = {"name": "Cà phê Suối Đá"}


def faults(answer: Any) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]]


def test_a_product_without_number_gets_the_next_gtin_under_the_prefix(maker: Maker) -> None:
    # Check digits by GS1 General Specifications 7.9, by hand: 9+5*3+2+0+0+0+1 = 27 → 3;
    # 27 + 1*3 = 30 → 0; 27 + 2*3 = 33 → 7.
    gtins = [maker.product() for _ in range(3)]
    assert gtins == ["09520001000003", "09520001000010", "09520001000027"]


@pytest.mark.parametrize("written", ["9520001000119", "09520001000119"])
def test_a_gtin_may_come_in_any_length(maker: Maker, written: str) -> None:
    answer = maker.post("/api/v1/products", {**NAME, "gtin": written})
    assert answer.status_code == 201, answer.json
    assert answer.json["gtin"] == "09520001000119"
    assert answer.headers["Location"] == "/api/v1/products/09520001000119"
    assert maker.get(f"/api/v1/products/{written}").json == answer.json


def test_the_next_number_skips_what_is_taken(maker: Maker) -> None:
    first = maker.product()
    second = first[:8] + "00001"
    digits = [int(d) for d in second]
    check = -sum(d * (3 if i % 2 == 0 else 1) for i, d in enumerate(digits)) % 10
    maker.product(gtin=f"{second}{check}")
    assert maker.product()[8:13] == "00002"


def test_a_repetition_changes_nothing_and_other_data_is_a_conflict(maker: Maker) -> None:
    body = {**NAME, "gtin": "9520001000119", "brand": "Suối Đá"}
    first = maker.post("/api/v1/products", body)
    again = maker.post("/api/v1/products", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    other = maker.post("/api/v1/products", {**body, "brand": "Khác", "origin": "Lâm Đồng"})
    assert other.status_code == 409
    assert faults(other) == [("/brand", "differs"), ("/origin", "differs")]


def test_texts_are_kept_in_one_form(maker: Maker) -> None:
    composed, decomposed = "Cà phê", "Ca\u0300 phe\u0302"
    first = maker.post("/api/v1/products", {"name": composed, "gtin": "9520001000119"})
    again = maker.post("/api/v1/products", {"name": f" {decomposed} ", "gtin": "9520001000119"})
    assert again.status_code == 200
    assert again.json["name"] == first.json["name"] == composed


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/name", "missing"),
        ({"name": "   "}, "/name", "empty"),
        ({"name": 5}, "/name", "string_type"),
        ({"name": "a\u202eb"}, "/name", "unprintable"),
        ({"name": "a\u0000b"}, "/name", "unprintable"),
        ({**NAME, "colour": "red"}, "/colour", "extra_forbidden"),
        ({**NAME, "gtin": "9520001000118"}, "/gtin", "check_digit"),
        ({**NAME, "gtin": "952000100011"}, "/gtin", None),
        ({**NAME, "gtin": "٩٥٢٠٠٠١٠٠٠١١٩"}, "/gtin", None),
        ({**NAME, "gtin": 9520001000119}, "/gtin", None),
        ({**NAME, "shelf_life_days": 0}, "/shelf_life_days", "greater_than_equal"),
        ({**NAME, "shelf_life_days": "30"}, "/shelf_life_days", "int_type"),
        ({**NAME, "shelf_life_days": True}, "/shelf_life_days", "int_type"),
        ({**NAME, "name_en": "x" * 201}, "/name_en", "string_too_long"),
        ([], "", None),
    ],
)
def test_a_fault_is_named_by_field_and_rule(
    maker: Maker, body: Any, pointer: str, code: str | None
) -> None:
    answer = maker.post("/api/v1/products", body)
    assert answer.status_code == 422, answer.json
    assert answer.mimetype == "application/problem+json"
    [fault] = answer.json["errors"]
    assert fault["pointer"] == pointer
    if code is not None and code != "check_digit":
        assert fault["code"] == code
    if "gtin" in str(pointer) and isinstance(body["gtin"], str):
        assert fault["clause"].startswith("GS1 General Specifications")
    with maker.rt.db.read() as session:
        assert session.exec(select(Product)).all() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"", 400), (b'{"name": "a", "name": "b"}', 400), (b'{"name": NaN}', 400)],
)
def test_what_is_not_json_is_malformed(maker: Maker, body: bytes, status: int) -> None:
    headers = {**maker.party.headers, "Content-Type": "application/json"}
    answer = maker.client.post("/api/v1/products", data=body, headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["errors"][0]["code"] in {"json", "duplicate-name"}


def test_other_media_types_and_large_bodies_are_refused(maker: Maker) -> None:
    headers = {**maker.party.headers, "Content-Type": "text/plain"}
    assert maker.client.post("/api/v1/products", data=b"{}", headers=headers).status_code == 415
    headers["Content-Type"] = "application/json"
    large = maker.client.post("/api/v1/products", data=b" " * 10_000_000, headers=headers)
    assert large.status_code == 413
    assert large.mimetype == "application/problem+json"


@pytest.mark.parametrize("gtin", ["9520002000019", "4006381333931", "96385074"])
def test_a_foreign_gtin_is_refused(maker: Maker, partner: Maker, gtin: str) -> None:
    answer = maker.post("/api/v1/products", {**NAME, "gtin": gtin})
    assert answer.status_code == 403
    assert faults(answer) == [("/gtin", "foreign_prefix")]
    assert answer.json["errors"][0]["clause"] == "GS1 General Specifications 1.4"


def test_another_partys_product_cannot_be_used(maker: Maker, partner: Maker) -> None:
    gtin = maker.product()
    for path, body in (
        (f"/api/v1/products/{gtin}/batches", {"lot": "L1"}),
        (f"/api/v1/products/{gtin}/serials", {"count": 1}),
        ("/api/v1/recalls", {"gtin": gtin, "reason": "x"}),
    ):
        answer = partner.post(path, body)
        assert answer.status_code == 403, path
    assert partner.get(f"/api/v1/products/{gtin}").status_code == 403


def test_products_are_listed_page_by_page(maker: Maker, partner: Maker) -> None:
    gtins = [maker.product() for _ in range(5)]
    partner.product()
    found: list[str] = []
    address: str | None = "/api/v1/products?limit=2"
    while address:
        page = maker.get(address).json
        found += [item["gtin"] for item in page["items"]]
        address = page.get("next")
    assert found == sorted(gtins)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "٥", "1e2", "9" * 30])
def test_a_page_size_is_a_small_whole_number(maker: Maker, limit: str) -> None:
    answer = maker.get(f"/api/v1/products?limit={limit}")
    assert (answer.status_code, faults(answer)) == (422, [("limit", "page_size")])


def test_a_batch_is_registered_once(maker: Maker) -> None:
    path = f"/api/v1/products/{maker.product()}/batches"
    body = {"lot": "L/1", "production_date": "2026-11-01", "expiry_date": "2027-11-01"}
    first, again = maker.post(path, body), maker.post(path, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert maker.post(path, {**body, "expiry_date": "2027-11-02"}).status_code == 409
    assert [item["lot"] for item in maker.get(path).json["items"]] == ["L/1"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"lot": ""}, "/lot", "lot_form"),
        ({"lot": "x" * 21}, "/lot", "lot_form"),
        ({"lot": "a b"}, "/lot", "lot_form"),
        ({"lot": "lô"}, "/lot", "lot_form"),
        ({"lot": "L\n"}, "/lot", "lot_form"),
        ({"lot": "L", "expiry_date": "2027-02-29"}, "/expiry_date", "date"),
        ({"lot": "L", "expiry_date": "20270201"}, "/expiry_date", "date"),
        ({"lot": "L", "expiry_date": 1}, "/expiry_date", "date"),
        ({"lot": "L", "expiry_date": "2027-02-01T00:00:00"}, "/expiry_date", "date"),
        (
            {"lot": "L", "production_date": "2027-02-02", "expiry_date": "2027-02-01"},
            "",
            "dates_reversed",
        ),
    ],
)
def test_a_batch_keeps_the_rules_of_its_fields(
    maker: Maker, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = maker.post(f"/api/v1/products/{maker.product()}/batches", body)
    assert (answer.status_code, faults(answer)) == (422, [(pointer, code)])


def test_a_place_without_number_gets_the_next_gln_that_is_not_the_partys_own(maker: Maker) -> None:
    places = [maker.place(), maker.place()]
    assert maker.party.gln not in places
    assert {gln[:7] for gln in places} == {"9520001"}
    assert [item["gln"] for item in maker.get("/api/v1/places").json["items"]] == sorted(places)


def test_a_place_has_one_of_the_34_provinces(maker: Maker) -> None:
    units = outside.load("domain/geo/vn_units_2026-07-25_thanglequoc_MIT.json")
    assert set(PROVINCES) == {unit["Code"] for unit in units}
    for unit in units:
        assert PROVINCES[unit["Code"]].split()[-1][0] == unit["FullName"].split()[-1][0]
    answer = maker.post("/api/v1/places", {"name": "Kho", "province": "63"})
    assert (answer.status_code, faults(answer)) == (422, [("/province", "province")])
    assert maker.post("/api/v1/places", {"name": "Kho", "province": "68"}).status_code == 201


def test_an_exhausted_prefix_is_a_conflict(maker: Maker) -> None:
    with maker.rt.db.write() as session:
        session.add(NumberCounter(prefix="9520001", key="gtin", next_reference=99_999))
    maker.product()
    answer = maker.post("/api/v1/products", NAME)
    assert answer.status_code == 409


def test_each_registration_is_a_signed_record_in_the_log(maker: Maker) -> None:
    answer = maker.post("/api/v1/products", {**NAME, "net_content": "250 g"})
    place = answer.json["record"]
    with maker.rt.db.read() as session:
        body = ledger_log.entry_at(
            session.connection(), maker.rt.settings.log_origin, place["entry"]
        )
        row = (
            session.connection()
            .exec_driver_sql(
                f"SELECT payload FROM ledger_item WHERE entry_index = {place['entry']}"
            )
            .one()
        )
    statement = entry.parse(body).statement
    assert (statement.kind, statement.stream) == ("masterdata", maker.party.gln)
    assert json.loads(row[0]) == {
        "type": "Product",
        "gtin": answer.json["gtin"],
        "name": NAME["name"],
        "net_content": "250 g",
    }
