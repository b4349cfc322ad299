"""Recalls over HTTP: published at once, lifted, never deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import select

from app.db import version
from app.recall.models import RecallNotice
from tests.maker import Maker


def recalled(maker: Maker, gtin: str, **members: Any) -> Any:
    body = {"gtin": gtin, "reason": "Dư lượng vượt mức", **members}
    answer = maker.post("/api/v1/recalls", body)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_recall_is_in_force_at_once_and_signed(maker: Maker) -> None:
    gtin = maker.product()
    with maker.rt.db.read() as session:
        before = version(session)
    notice = recalled(maker, gtin, lot="L1", hazard_group="A")
    with maker.rt.db.read() as session:
        row = session.exec(select(RecallNotice)).one()
        assert version(session) > before
        [payload] = (
            session.connection()
            .exec_driver_sql(
                f"SELECT payload FROM ledger_item WHERE entry_index = {row.entry_index}"
            )
            .scalars()
        )
    assert (row.lot, row.hazard_group, row.lifted_at) == ("L1", "A", None)
    assert json.loads(bytes(payload)) == {
        "type": "Recall",
        "number": notice["number"],
        "gtin": gtin,
        "lot": "L1",
        "reason": "Dư lượng vượt mức",
        "hazard_group": "A",
    }


def test_a_number_is_given_by_year_party_and_count(maker: Maker) -> None:
    gtin = maker.product()
    numbers = [recalled(maker, gtin, lot=lot)["number"] for lot in ("L1", "L2")]
    assert numbers == [f"TH-2026-{maker.party.id}-001", f"TH-2026-{maker.party.id}-002"]


def test_a_repetition_changes_nothing_and_other_data_is_a_conflict(maker: Maker) -> None:
    gtin = maker.product()
    first = recalled(maker, gtin, number="TB-12")
    body = {"gtin": gtin, "reason": "Dư lượng vượt mức", "number": "TB-12"}
    again = maker.post("/api/v1/recalls", body)
    assert (again.status_code, again.json) == (200, first)
    assert maker.post("/api/v1/recalls", {**body, "lot": "L"}).status_code == 409


def test_a_recall_is_lifted_once_and_stays(maker: Maker, partner: Maker) -> None:
    number = recalled(maker, maker.product())["number"]
    path = f"/api/v1/recalls/{number}"
    assert partner.post(f"{path}/lift", {"reason": "x"}).status_code == 403
    lifted = maker.post(f"{path}/lift", {"reason": "Kết quả kiểm nghiệm đạt"})
    assert lifted.json["liftedAt"] is not None
    maker.rt.now.forward(hours=1)  # type: ignore[attr-defined]
    assert maker.post(f"{path}/lift", {"reason": "again"}).json == lifted.json
    assert maker.get(path).json == lifted.json
    assert [item["number"] for item in maker.get("/api/v1/recalls").json["items"]] == [number]


@pytest.mark.parametrize(
    ("members", "status", "pointer"),
    [
        ({"number": "12/TB"}, 422, "/number"),
        ({"number": "TB 12"}, 422, "/number"),
        ({"number": "TB-12\n"}, 422, "/number"),
        ({"reason": ""}, 422, "/reason"),
        ({"hazard_group": "C"}, 422, "/hazard_group"),
        ({"lot": "a b"}, 422, "/lot"),
        ({"gtin": "9520001000004"}, 422, "/gtin"),
    ],
)
def test_a_recall_keeps_the_rules_of_its_fields(
    maker: Maker, members: dict[str, str], status: int, pointer: str
) -> None:
    body = {"gtin": maker.product(), "reason": "x", **members}
    answer = maker.post("/api/v1/recalls", body)
    assert answer.status_code == status
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]


def test_what_is_not_there_is_not_found(maker: Maker) -> None:
    assert maker.get("/api/v1/recalls/NONE").status_code == 404
    assert maker.post("/api/v1/recalls/NONE/lift", {"reason": "x"}).status_code == 404
    body = {"gtin": "9520001000119", "reason": "x"}
    assert maker.post("/api/v1/recalls", body).status_code == 404
