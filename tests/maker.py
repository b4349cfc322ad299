"""A maker's machine: calls the interface with an API key, as a party's own system would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.capture.jobs import worker
from app.runtime import Runtime
from tests.conftest import RegisteredParty

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


def document(now: datetime, *events: dict[str, Any], **members: Any) -> dict[str, Any]:
    """An EPCISDocument of these events."""
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": now.isoformat(timespec="milliseconds"),
        "epcisBody": {"eventList": list(events)},
        **members,
    }


def event(now: datetime, type_: str = "ObjectEvent", **members: Any) -> dict[str, Any]:
    """An event of a minute ago."""
    time = now - timedelta(minutes=1)
    return {
        "type": type_,
        "eventTime": time.isoformat(timespec="milliseconds"),
        "eventTimeZoneOffset": "+07:00",
        **members,
    }


def commissioning(now: datetime, epcs: list[str], **members: Any) -> dict[str, Any]:
    """The event by which serials are put into use."""
    return event(
        now, action="ADD", bizStep="commissioning", disposition="active", epcList=epcs, **members
    )


def link(gtin: str, serial: str) -> str:
    """The Digital Link of a serialised item."""
    return f"https://id.gs1.org/01/{gtin}/21/{serial}"


@dataclass
class Maker:
    """One party's machine."""

    client: FlaskClient
    rt: Runtime
    party: RegisteredParty

    def post(self, path: str, body: object, **headers: str) -> TestResponse:
        return self.client.post(path, json=body, headers={**self.party.headers, **headers})

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={**self.party.headers, **headers})

    def product(self, **members: Any) -> str:
        """Register a product and give its GTIN-14."""
        answer = self.post("/api/v1/products", {"name": "Cà phê Suối Đá", **members})
        assert answer.status_code == 201, answer.json
        gtin: str = answer.json["gtin"]
        return gtin

    def serials(self, gtin: str, count: int = 1, **members: Any) -> list[str]:
        """Issue random serials."""
        answer = self.post(f"/api/v1/products/{gtin}/serials", {"count": count, **members})
        assert answer.status_code == 201, answer.json
        found: list[str] = answer.json["serials"]
        return found

    def place(self, **members: Any) -> str:
        """Register a place and give its GLN."""
        answer = self.post("/api/v1/places", {"name": "Xưởng", **members})
        assert answer.status_code == 201, answer.json
        gln: str = answer.json["gln"]
        return gln

    def capture(self, *events: dict[str, Any], **headers: str) -> TestResponse:
        """Post a document of these events."""
        return self.post("/capture", document(self.rt.now(), *events), **headers)

    def captured(self, *events: dict[str, Any]) -> dict[str, Any]:
        """Post a document, let the worker work, and give the finished job."""
        answer = self.capture(*events)
        assert answer.status_code == 202, answer.json
        worker(self.rt).drain()
        job: dict[str, Any] = self.get(answer.headers["Location"]).json
        assert job["running"] is False
        return job
