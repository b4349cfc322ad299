"""Deleting the content of events: who may, what stays, what pages say, what files still hold."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.capture.jobs import worker
from app.capture.models import CaptureJob, Event, EventKey
from app.redaction import jobs, service
from app.redaction.models import Erasure
from app.runtime import Runtime
from app.transparency.service import register_findings
from ledger import backup, redaction
from ledger.audit import audit
from ledger.keys import PrivateKey
from ledger.schema import ledger_item, ledger_redaction
from tests.conftest import ORIGIN
from tests.maker import Maker, commissioning, event, link

SECRET = "Trần Văn Riêng 0987 654 321"
BASIS = "Luật 91/2025/QH15, Điều 14"
EVENT_ID = "urn:uuid:4f1f0f5e-70a5-4d2c-b4c4-6f7f0b7f7f01"


@pytest.fixture(autouse=True)
def leave_wal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's own tests overwrite PostgreSQL's write-ahead log; once is enough."""
    monkeypatch.setattr("ledger.scrub.MOST_SEGMENTS", 0)


@pytest.fixture
def unit(maker: Maker) -> str:
    """A unit with its making and a shipment; the shipment names the driver."""
    gtin = maker.product()
    serial = maker.serials(gtin)[0]
    epc, gln = link(gtin, serial), maker.place()
    maker.captured(commissioning(maker.rt.now(), [epc]))
    shipping = event(
        maker.rt.now(),
        eventID=EVENT_ID,
        action="OBSERVE",
        bizStep="shipping",
        disposition="in_transit",
        epcList=[epc],
        readPoint={"id": f"https://id.gs1.org/414/{gln}"},
        **{"example:driver": SECRET, "@context": [{"example": "https://example.com/ns/"}]},
    )
    maker.captured(shipping)
    return f"/01/{gtin}/21/{serial}"


def shipment(rt: Runtime) -> tuple[int, int]:
    with rt.db.read() as session:
        row = session.exec(select(Event).where(Event.event_id == EVENT_ID)).one()
        return row.entry_index, row.position


def delete(maker: Maker, **names: Any) -> Any:
    return maker.post("/api/v1/redactions", {"basis": BASIS, **names})


def page(maker: Maker, path: str, language: str = "vi") -> str:
    maker.rt.now.forward(seconds=61)  # type: ignore[attr-defined]
    answer = maker.client.get(f"{path}?lang={language}", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    found: str = answer.get_data(as_text=True)
    return found


def report(maker: Maker, path: str) -> dict[str, Any]:
    maker.rt.now.forward(seconds=61)  # type: ignore[attr-defined]
    found: dict[str, Any] = maker.client.get(path, headers={"Accept": "application/json"}).json
    return found


def test_the_party_deletes_its_own_event(maker: Maker, unit: str) -> None:
    place = shipment(maker.rt)
    answer = delete(maker, event=EVENT_ID)
    assert answer.status_code == 200, answer.json
    (order,) = answer.json["orders"]
    assert (answer.json["entry"], answer.json["positions"]) == (place[0], [place[1]])
    assert (order["by"], order["basis"]) == (maker.party.name, BASIS)
    again = delete(maker, event=EVENT_ID)
    assert again.json == answer.json
    assert delete(maker, entry=place[0], positions=[place[1]]).json == answer.json


def test_others_may_not_and_learn_nothing(maker: Maker, partner: Maker, unit: str) -> None:
    place = shipment(maker.rt)
    for names in ({"event": EVENT_ID}, {"entry": place[0], "positions": [place[1]]}):
        refused = delete(partner, **names)
        assert refused.status_code == 404
    missing = delete(partner, event="urn:uuid:none")
    assert missing.json == {**delete(partner, event=EVENT_ID).json}
    with maker.rt.db.read() as session:
        assert session.exec(select(Erasure)).all() == []
        assert session.execute(ledger_redaction.select()).all() == []


def test_an_order_names_events_in_one_way_and_a_basis(maker: Maker, unit: str) -> None:
    faults: list[dict[str, Any]] = [
        {},
        {"event": EVENT_ID, "entry": 1, "positions": [0]},
        {"entry": 1},
        {"positions": [0]},
        {"event": EVENT_ID, "basis": ""},
        {"event": EVENT_ID, "basis": "two\nlines"},
        {"event": EVENT_ID, "basis": "x" * 501},
        {"event": EVENT_ID, "by": "x" * 201},
        {"entry": -1, "positions": [0]},
        {"entry": 1, "positions": []},
        {"entry": True, "positions": [0]},
    ]
    for names in faults:
        assert delete(maker, **names).status_code == 422, names
    with maker.rt.db.read() as session:
        assert session.exec(select(Erasure)).all() == []


def test_no_such_event_and_no_event_at_all(maker: Maker, unit: str) -> None:
    place = shipment(maker.rt)
    for entry, positions in ((place[0], [0, 1]), (0, [0]), (10**6, [0])):
        assert delete(maker, entry=entry, positions=positions).status_code == 404


def test_the_journey_says_so_and_the_proof_remains(maker: Maker, unit: str) -> None:
    place = shipment(maker.rt)
    before = report(maker, unit)
    assert before["state"] == "ITEM_MATCHES"
    delete(maker, event=EVENT_ID)
    waiting = page(maker, unit)
    assert "Nội dung đã bị xóa" in waiting
    worker(maker.rt).drain()
    shown = page(maker, unit)
    assert f"Nội dung đã bị xóa ngày 22/11/2026 theo {maker.party.name}" in shown
    assert BASIS in shown
    assert f"/proof/{place[0]}/{place[1]}" in shown
    english = page(maker, unit, "en")
    assert "Content deleted on" in english and "The proof remains." in english
    after = report(maker, unit)
    assert after["state"] == "ITEM_MATCHES"
    steps = [stop["step"] for stop in after["journey"]]
    assert steps.count("deleted") == 1
    assert "commissioning" in steps and "shipping" not in steps


def test_a_deleted_making_proves_no_unit(maker: Maker, unit: str) -> None:
    with maker.rt.db.read() as session:
        made = session.exec(select(Event).where(Event.biz_step == "commissioning")).one()
    assert delete(maker, entry=made.entry_index, positions=[made.position]).status_code == 200
    worker(maker.rt).drain()
    found = report(maker, unit)
    assert found["state"] == "PRODUCT_ONLY"
    codes = [reason["code"] for reason in found["reasons"]]
    assert "content-deleted" in codes
    assert "moved-before-made" not in codes


def test_deleting_its_end_does_not_bring_a_unit_back(maker: Maker, unit: str) -> None:
    epc = f"https://id.gs1.org{unit}"
    ended = event(
        maker.rt.now(),
        action="DELETE",
        bizStep="destroying",
        disposition="destroyed",
        epcList=[epc],
        eventID="urn:uuid:4f1f0f5e-70a5-4d2c-b4c4-6f7f0b7f7f02",
    )
    maker.captured(ended)
    assert report(maker, unit)["state"] == "DEACTIVATED"
    assert delete(maker, event=ended["eventID"]).status_code == 200
    worker(maker.rt).drain()
    assert report(maker, unit)["state"] == "DEACTIVATED"
    refused = maker.capture(commissioning(maker.rt.now(), [epc]))
    assert refused.status_code == 400


def test_what_was_deleted_is_not_taken_again(maker: Maker, unit: str) -> None:
    delete(maker, event=EVENT_ID)
    again = maker.capture(
        event(
            maker.rt.now(),
            eventID=EVENT_ID,
            action="OBSERVE",
            epcList=[f"https://id.gs1.org{unit}"],
        )
    )
    assert again.status_code == 400
    assert [fault["pointer"] for fault in again.json["errors"]] == [
        "/epcisBody/eventList/0/eventID"
    ]


def test_the_proof_page_explains_and_the_bundle_is_gone(maker: Maker, unit: str) -> None:
    index, position = shipment(maker.rt)
    delete(maker, event=EVENT_ID)
    bundle = f"/proof/{index}/{position}.json"
    early = maker.client.get(bundle)
    assert early.status_code == 410
    worker(maker.rt).drain()
    gone = maker.client.get(bundle, headers={"Accept": "application/json"})
    assert (gone.status_code, gone.mimetype) == (410, "application/problem+json")
    assert BASIS in gone.json["detail"] and maker.party.name in gone.json["detail"]
    shown = page(maker, f"/proof/{index}/{position}")
    assert "<h1>Nội dung đã bị xóa, bằng chứng vẫn còn</h1>" in shown
    assert BASIS in shown and SECRET not in shown
    with maker.rt.db.read() as session:
        row = session.execute(
            select(ledger_item.c.commitment).where(
                ledger_item.c.entry_index == index, ledger_item.c.position == position
            )
        ).one()
    assert bytes(row.commitment).hex() in shown


def test_content_that_is_gone_without_an_order_is_a_failed_proof(maker: Maker, unit: str) -> None:
    index, position = shipment(maker.rt)
    with maker.rt.db.write() as session:
        item = ledger_item.c
        session.execute(
            ledger_item.update()
            .where(item.entry_index == index, item.position == position)
            .values(payload=None, salt=None)
        )
    found = report(maker, unit)
    assert found["state"] == "CONTRADICTED"
    answer = maker.client.get(f"/proof/{index}/{position}")
    assert answer.status_code == 500


def test_a_row_marked_as_deleted_whose_content_is_there_is_a_failed_proof(
    maker: Maker, unit: str
) -> None:
    index, _ = shipment(maker.rt)
    secret = maker.rt.settings.secret_key.get_secret_value()
    with maker.rt.db.write() as session:
        row = session.exec(select(Event).where(Event.entry_index == index)).one()
        service._blank(session, row, service.marker(secret))
        session.execute(text("UPDATE change_counter SET number = number + 1"))
    assert report(maker, unit)["state"] == "CONTRADICTED"


def test_audits_of_log_and_register_find_nothing_wrong(maker: Maker, unit: str) -> None:
    delete(maker, event=EVENT_ID)
    worker(maker.rt).drain()
    rt = maker.rt
    done = audit(rt.db.engine, origin=ORIGIN, verifier=rt.signer.verifier, tiles=rt.tiles)
    assert done.findings == []
    assert done.redacted == 1
    assert register_findings(rt.db.engine, ORIGIN) == []


def spellings(value: str) -> set[bytes]:
    plain = value.encode()
    return {plain, json.dumps(value).encode()[1:-1], plain.hex().encode()} | {
        base64.b64encode(plain[shift:])[:-4] for shift in range(3)
    }


def overwrite(rt: Runtime) -> None:
    """Let the worker look until it is done: an older transaction, autovacuum's say, holds it up."""
    for _ in range(5):
        jobs.scrub(rt)
        with rt.db.read() as session:
            if not service.is_due(session):
                return
    raise AssertionError("the worker did not finish")


def traces(rt: Runtime, folder: Path) -> list[str]:
    """Files that hold the driver's name or the event's own identifier, however written."""
    folders = [folder]
    if rt.db.engine.dialect.name == "postgresql":
        with rt.db.engine.connect() as connection:
            connection.execute(text("CHECKPOINT"))
            data = connection.scalar(text("SHOW data_directory"))
            number = connection.scalar(
                text("SELECT oid FROM pg_database WHERE datname = current_database()")
            )
        folders.append(Path(str(data)) / "base" / str(number))
    wanted = spellings(SECRET) | spellings(EVENT_ID)
    return sorted(
        str(file)
        for where in folders
        for file in where.rglob("*")
        if file.is_file() and any(one in file.read_bytes() for one in wanted)
    )


def test_no_file_holds_it_afterwards_nor_a_backup(maker: Maker, unit: str, tmp_path: Path) -> None:
    rt = maker.rt
    kept = rt.settings.backups / f"before{backup.SUFFIX}"
    backup.backup(rt.db.engine, kept, rt.now())
    assert len(traces(rt, tmp_path)) >= 2
    delete(maker, event=EVENT_ID)
    worker(rt).drain()
    overwrite(rt)
    assert traces(rt, tmp_path) == []
    with rt.db.read() as session:
        (erasure,) = session.exec(select(Erasure)).all()
        assert erasure.scrubbed_at is not None
    backup.verify(kept)
    assert jobs.scrub(rt) is False


def test_a_backup_of_a_waiting_document_is_cleared_too(
    maker: Maker, unit: str, tmp_path: Path
) -> None:
    rt = maker.rt
    gtin = maker.product()
    epc = link(gtin, maker.serials(gtin)[0])
    name = "urn:uuid:4f1f0f5e-70a5-4d2c-b4c4-6f7f0b7f7f03"
    waits = commissioning(rt.now(), [epc], eventID=name)
    assert maker.capture(waits).status_code == 202
    kept = rt.settings.backups / f"waiting{backup.SUFFIX}"
    backup.backup(rt.db.engine, kept, rt.now())
    assert name.encode() in kept.read_bytes()
    worker(rt).drain()
    assert delete(maker, event=name).status_code == 200
    overwrite(rt)
    assert name.encode() not in kept.read_bytes()
    with backup.reading(kept) as opened:
        states = opened.execute(select(CaptureJob.state, CaptureJob.body)).all()
    assert ("failed", b"") in [tuple(row) for row in states]
    assert {state for state, _body in states} == {"succeeded", "failed"}


def test_the_register_follows_an_order_that_came_otherwise(
    maker: Maker, unit: str, tmp_path: Path
) -> None:
    """As by ``python -m ledger redact`` on the service's database."""
    rt = maker.rt
    index, position = shipment(rt)
    key = PrivateKey(rt.signer.private_key)
    with rt.db.engine.begin() as connection:
        redaction.redact(
            connection,
            origin=ORIGIN,
            entry=index,
            positions=[position],
            by="Toà án",
            basis=BASIS,
            key=key,
            now=rt.now(),
            operator=key.public,
        )
    worker(rt).drain()
    overwrite(rt)
    assert traces(rt, tmp_path) == []
    assert "Toà án" in page(maker, unit)


def test_only_beginnings_and_ends_are_kept_of_a_row(maker: Maker, unit: str) -> None:
    rt = maker.rt
    index, position = shipment(rt)
    delete(maker, event=EVENT_ID)
    with rt.db.read() as session:
        row = session.exec(select(Event).where(Event.entry_index == index)).one()
        keys = session.exec(select(EventKey).where(EventKey.event_id == row.id)).all()
    assert row.position == position
    assert (row.biz_step, row.disposition, row.read_point, row.biz_location) == (None,) * 4
    assert row.event_time == row.record_time
    assert [key.role for key in keys] == ["epc"]
    assert all(unit.rpartition("/")[2] not in key.key for key in keys)
