"""GS1's own EPCIS examples at the capture interface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from app.capture import service
from app.capture.jobs import worker
from app.capture.models import Event, EventKey
from app.problems import Malformed
from app.runtime import Runtime
from tests import outside
from tests.conftest import register
from tests.maker import Maker

FOLDER = outside.path("epcis/gs1-epcis/JSON")
# Repeats the member eventID with two values, which RFC 7493 section 2.3 forbids.
REPEATS_A_MEMBER = "AssociationEvent-h.jsonld"


def events_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    body = document.get("epcisBody", {})
    body = body.get("queryResults", {}).get("resultsBody", body)
    listed: list[dict[str, Any]] = body.get("eventList", [])
    return listed


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.jsonld")), ids=lambda path: path.name)
def test_every_example_document_is_read(path: Path) -> None:
    document = json.loads(path.read_bytes())
    if path.name == REPEATS_A_MEMBER or not events_of(document):
        with pytest.raises(Malformed):
            service.read(path.read_bytes())
        return
    claims = service.read(path.read_bytes()).claims
    assert [claim.event.raw for claim in claims] == events_of(document)
    given = [event.get("eventID") for event in events_of(document)]
    named = [claim.event_id for claim in claims]
    assert all(name == own for name, own in zip(named, given, strict=True) if own)
    assert all(
        name.startswith("ni:///sha-256;") for name, own in zip(named, given, strict=True) if not own
    )


def test_the_first_example_of_the_standard_is_captured(client: FlaskClient, rt: Runtime) -> None:
    # Its places are urn:epc:id:sgln:0614141.07346 and :0012345.11111; check digits by GenSpecs 7.9.
    party = register(rt, "Shipper", "0614141000005", "0614141")
    receiver = register(rt, "Receiver", "0012345000003", "0012345")
    maker = Maker(client, rt, party)
    maker.place(gln="0614141073467")
    Maker(client, rt, receiver).place(gln="0012345111112")
    text = (FOLDER / "Example_9.6.1-ObjectEvent.jsonld").read_bytes()
    headers = {**party.headers, "Content-Type": "application/ld+json"}
    answer = client.post("/capture", data=text, headers=headers)
    assert answer.status_code == 202, answer.json
    worker(rt).drain()
    job = maker.get(answer.headers["Location"]).json
    assert (job["success"], job["errors"]) == (True, [])
    with rt.db.read() as session:
        stored = session.exec(select(Event).order_by(Event.position)).all()
        keys = set(session.exec(select(EventKey.key)))
    listed = events_of(json.loads(text))
    assert [row.biz_step for row in stored] == [event["bizStep"] for event in listed]
    # urn:epc:id:sgtin:0614141.107346.2017 is GTIN 1 0614141 07346 8 (GenSpecs 7.9), serial 2017.
    assert "https://id.gs1.org/01/10614141073464/21/2017" in keys
