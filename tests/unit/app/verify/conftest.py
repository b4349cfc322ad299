"""A maker with a declared pack: product, lot, serial with hidden code, put into use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.runtime import Runtime
from tests.conftest import RegisteredParty
from tests.maker import Maker, commissioning, link


@dataclass
class Pack:
    """One declared pack, and the maker who declared it."""

    maker: Maker
    gtin: str
    lot: str
    serial: str
    hidden: str

    @property
    def uri(self) -> str:
        return link(self.gtin, self.serial)

    @property
    def path(self) -> str:
        return f"/01/{self.gtin}/21/{self.serial}"

    def scan(self, client: FlaskClient, **form: str) -> TestResponse:
        """Ask for the report as JSON."""
        body = {"code": self.uri, **form}
        return client.post("/scan", data=body, headers={"Accept": "application/json"})


@pytest.fixture
def maker(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Maker:
    return Maker(client, rt, party)


@pytest.fixture
def pack(maker: Maker, rt: Runtime) -> Pack:
    gtin = maker.product(name="Cà phê Suối Đá", net_content="250 g")
    today = rt.now().date()
    lot = {
        "lot": "L2610-07",
        "production_date": (today - timedelta(days=40)).isoformat(),
        "expiry_date": (today + timedelta(days=300)).isoformat(),
    }
    assert maker.post(f"/api/v1/products/{gtin}/batches", lot).status_code == 201
    issued = maker.post(
        f"/api/v1/products/{gtin}/serials", {"count": 1, "lot": lot["lot"], "hidden_codes": True}
    ).json
    serial, hidden = issued["serials"][0], issued["hidden_codes"][0]
    job = maker.captured(commissioning(rt.now(), [link(gtin, serial)]))
    assert job["success"], job
    return Pack(maker, gtin, lot["lot"], serial, hidden)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A shopper's browser, without any cookie yet."""
    return app.test_client()
