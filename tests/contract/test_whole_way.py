"""The whole way over HTTP: register, issue, print, capture, scan, prove, recall, audit."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageFilter
from sqlalchemy import text

from app.capture import jobs as capture_jobs
from app.runtime import Runtime
from gs1.epcis import canonical_json
from tests.conftest import RegisteredParty

GTIN = "09520001000171"
PLACE = "9520001000201"
JSON = {"Accept": "application/json"}


@pytest.fixture
def pack(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> str:
    """A serial that was registered, issued and put into use over HTTP."""
    product = {"gtin": "9520001000171", "name": "Cà phê rang mộc 250 g", "net_content": "250 g"}
    assert client.post("/api/v1/products", json=product, headers=party.headers).status_code == 201
    place = {"gln": PLACE, "name": "Xưởng rang", "province": "68"}
    assert client.post("/api/v1/places", json=place, headers=party.headers).status_code == 201
    batch = {"lot": "L1", "production_date": "2026-11-01", "expiry_date": "2027-11-01"}
    path = f"/api/v1/products/{GTIN}"
    made = client.post(f"{path}/batches", json=batch, headers=party.headers)
    assert made.status_code == 201
    issued = client.post(f"{path}/serials", json={"count": 2, "lot": "L1"}, headers=party.headers)
    assert issued.status_code == 201
    assert issued.json is not None
    serial: str = issued.json["serials"][0]
    capture(client, rt, party, commissioning(rt, serial))
    return serial


def commissioning(rt: Runtime, serial: str) -> dict[str, Any]:
    site = {"id": f"https://id.gs1.org/414/{PLACE}"}
    event = {
        "type": "ObjectEvent",
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "epcList": [f"https://id.gs1.org/01/{GTIN}/21/{serial}"],
        "eventTime": (rt.now() - timedelta(hours=1)).isoformat(timespec="seconds"),
        "eventTimeZoneOffset": "+07:00",
        "readPoint": site,
        "bizLocation": site,
    }
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": rt.now().isoformat(timespec="seconds"),
        "epcisBody": {"eventList": [event]},
    }


def capture(
    client: FlaskClient, rt: Runtime, party: RegisteredParty, document: dict[str, Any]
) -> None:
    answer = client.post("/capture", json=document, headers=party.headers)
    assert answer.status_code == 202, answer.text
    job = answer.headers["Location"]
    assert client.get(job, headers=party.headers).json["running"] is True  # type: ignore[index]
    capture_jobs.worker(rt).drain()
    finished = client.get(job, headers=party.headers).json
    assert finished is not None
    assert (finished["running"], finished["success"]) == (False, True), finished


def scan(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/scan", data=fields, headers=JSON)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json or {}
    return report


def test_a_printed_label_scans_back_to_its_unit(
    client: FlaskClient, party: RegisteredParty, pack: str
) -> None:
    query = {"form": "pdf", "symbol": "qr", "lot": "L1", "serial": pack}
    path = f"/api/v1/products/{GTIN}/label"
    label = client.get(path, query_string=query, headers=party.headers)
    assert label.mimetype == "application/pdf"
    page = pypdfium2.PdfDocument(label.data)[0]
    photo = io.BytesIO()
    page.render(scale=300 / 72).to_pil().save(photo, "PNG")
    report = scan(client, photo=(io.BytesIO(photo.getvalue()), "label.png"))
    assert report["state"] == "ITEM_MATCHES"
    assert report["key"] == f"https://id.gs1.org/01/{GTIN}/21/{pack}"


def test_a_printed_sheet_photographed_badly_reads_back_complete(
    client: FlaskClient, rt: Runtime, party: RegisteredParty, pack: str
) -> None:
    """Product, batch, serials, sheet as PDF; at 200 dpi, blurred and tilted, no label is lost."""
    issue = {"count": 24, "lot": "L1"}
    path = f"/api/v1/products/{GTIN}/serials"
    issued = client.post(path, json=issue, headers=party.headers).json
    assert issued is not None
    body = {"gtin": GTIN, "lot": "L1", "serials": issued["serials"], "template": "a4-24"}
    sheet = client.post("/api/v1/labels/sheet", json=body, headers=party.headers)
    page = pypdfium2.PdfDocument(sheet.data)[0]
    image = page.render(scale=200 / 72).to_pil().convert("L")
    tilted = image.rotate(4, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    photo = io.BytesIO()
    tilted.filter(ImageFilter.GaussianBlur(1)).save(photo, "PNG")
    reading = rt.decoders.read(photo.getvalue(), budget=10)
    assert {symbol.text for symbol in reading.symbols} == {
        f"01{GTIN}10L1\x1d1727110121{serial}" for serial in issued["serials"]
    }


def test_what_was_posted_is_on_the_page_at_once(client: FlaskClient, pack: str) -> None:
    page = client.get(f"/01/{GTIN}/21/{pack}")
    assert page.status_code == 200
    assert "Cà phê rang mộc 250 g" in page.text
    assert "Xưởng rang" in page.text


def test_a_recalled_lot_is_red_at_once(
    client: FlaskClient, rt: Runtime, party: RegisteredParty, pack: str
) -> None:
    notice = {"gtin": GTIN, "lot": "L1", "reason": "Có dị vật", "hazard_group": "A"}
    made = client.post("/api/v1/recalls", json=notice, headers=party.headers)
    assert made.status_code == 201
    report = scan(client, code=f"https://id.gs1.org/01/{GTIN}/21/{pack}")
    assert report["state"] == "RECALLED"
    assert "Có dị vật" in client.get(f"/01/{GTIN}/21/{pack}").text


def test_nobody_registers_or_releases_under_anothers_prefix(
    client: FlaskClient,
    rt: Runtime,
    party: RegisteredParty,
    other_party: RegisteredParty,
    pack: str,
) -> None:
    product = {"gtin": "9520001000188", "name": "Hàng nhái"}
    refused = client.post("/api/v1/products", json=product, headers=other_party.headers)
    assert refused.status_code == 403
    assert refused.mimetype == "application/problem+json"
    document = commissioning(rt, "NHAI1")
    refused = client.post("/capture", json=document, headers=other_party.headers)
    assert refused.status_code == 400
    assert refused.json is not None
    assert refused.json["errors"][0]["pointer"].startswith("/epcisBody/eventList/0")


@pytest.fixture
def bundle(client: FlaskClient, pack: str) -> dict[str, Any]:
    report = scan(client, code=f"https://id.gs1.org/01/{GTIN}/21/{pack}")
    answer = client.get(report["proof"]["bundle_url"])
    assert answer.status_code == 200
    document: dict[str, Any] = json.loads(answer.data)
    return document


def verify(bundle: dict[str, Any], key: str, folder: Path) -> int:
    path = folder / "bundle.json"
    path.write_bytes(canonical_json(bundle))
    command = [sys.executable, "-m", "ledger", "verify", str(path), "--key", key]
    return subprocess.run(command, check=False, capture_output=True).returncode


def test_the_bundle_verifies_offline_and_any_change_is_refused(
    bundle: dict[str, Any], rt: Runtime, tmp_path: Path
) -> None:
    key = rt.signer.verifier.format()
    assert verify(bundle, key, tmp_path) == 0
    event = base64.b64decode(bundle["item"]["payload"])
    assert GTIN.encode() in event
    bundle["item"]["payload"] = base64.b64encode(event.replace(b"171", b"188")).decode()
    assert verify(bundle, key, tmp_path) == 1


def test_an_event_edited_by_one_byte_is_found_by_the_audit(
    app: Flask, rt: Runtime, pack: str, tmp_path: Path
) -> None:
    command = [
        *(sys.executable, "-m", "ledger", "audit"),
        *("--database", rt.settings.database_url, "--key", rt.signer.verifier.format()),
    ]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    with rt.db.write() as session:
        found = session.execute(
            text("SELECT entry_index, position, payload FROM ledger_item")
        ).all()
        index, position, payload = next(row for row in found if pack.encode() in bytes(row[2]))
        forged = bytes(payload).replace(b"commissioning", b"decommissioni", 1)
        assert len(forged) == len(bytes(payload))
        session.execute(
            text("UPDATE ledger_item SET payload = :p WHERE entry_index = :i AND position = :n"),
            {"p": forged, "i": index, "n": position},
        )
    audit = subprocess.run(command, check=False, capture_output=True, text=True)
    assert audit.returncode == 1
    assert f"{index}" in audit.stdout


def test_a_database_file_edited_by_one_byte_is_found(rt: Runtime, pack: str) -> None:
    if rt.db.engine.dialect.name != "sqlite":
        pytest.skip("edits the file of SQLite")
    path = Path(rt.db.engine.url.database or "")
    rt.db.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    content = bytearray(path.read_bytes())
    at = content.index(b'"bizStep":"commissioning"')
    content[at + 12] ^= 1
    path.write_bytes(content)
    command = [
        *(sys.executable, "-m", "ledger", "audit"),
        *("--database", rt.settings.database_url, "--key", rt.signer.verifier.format()),
    ]
    audit = subprocess.run(command, check=False, capture_output=True, text=True)
    assert audit.returncode == 1, audit.stdout
    assert "Traceback" not in audit.stderr
