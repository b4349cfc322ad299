"""What a service says while a part of it is away: a refusal that names when to come back."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text

from app import commands
from app.capture.jobs import worker
from app.db import connect
from app.runtime import Runtime
from scanner.label import Label, render
from scanner.pool import DecoderPool
from tests.conftest import Clock, RegisteredParty
from tests.maker import Maker, commissioning, event, link

JSON = {"Accept": "application/json"}
# A decoder process on a machine without the system library: pyzbar then fails to import.
WITHOUT_ZBAR = """
import sys
sys.modules["pyzbar"] = None
from scanner import worker
worker.main(sys.argv[1:])
"""


@pytest.fixture
def maker(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Maker:
    return Maker(client, rt, party)


@contextmanager
def locked(rt: Runtime) -> Iterator[None]:
    """Another process holds the writer's lock of a SQLite file."""
    path = make_url(rt.settings.database_url).database or ""
    rt.db.engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def sqlite_only(rt: Runtime) -> None:
    if rt.db.engine.dialect.name != "sqlite":
        pytest.skip("about SQLite's lock")


def test_a_locked_database_refuses_writes_and_answers_reads(
    maker: Maker, rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_only(rt)
    monkeypatch.setattr("ledger.database.BUSY_MILLISECONDS", 50)
    gtin = maker.product()
    seen = event(rt.now(), action="OBSERVE", epcList=["https://id.gs1.org/8004/95200011"])
    with locked(rt):
        for answer in (maker.post("/api/v1/products", {"name": "x"}), maker.capture(seen)):
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "5"
            assert answer.mimetype == "application/problem+json"
        assert maker.client.get(f"/01/{gtin}").status_code == 200
        scan = maker.client.post("/scan", data={"code": gtin}, headers=JSON)
        assert scan.json["state"] == "PRODUCT_ONLY"
        assert maker.client.get("/readyz").status_code == 200
    assert maker.capture(seen).status_code == 202


@pytest.fixture
def gone(app: Flask, rt: Runtime) -> Iterator[FlaskClient]:
    """A client of a service whose database went away after a page was kept."""
    client = app.test_client()
    assert client.get("/01/09520001000119").status_code == 200
    rt.db.engine.dispose()
    if rt.db.engine.dialect.name == "sqlite":
        path = Path(make_url(rt.settings.database_url).database or "")
        for file in path.parent.glob(path.name + "*"):
            file.unlink()
        path.mkdir()  # no file can be opened here
    else:
        nowhere = make_url(rt.settings.database_url).set(database="nowhere_to_be_found")
        rt.db.engine = rt.db._reader = connect(nowhere.render_as_string(hide_password=False)).engine
    yield client
    rt.db.engine.dispose()


def test_a_database_that_is_away_is_unavailable_not_broken(gone: FlaskClient) -> None:
    for path in ("/", "/01/09520001000119", "/scan?code=9520001000119", "/log", "/log/keys"):
        answer = gone.get(path)
        assert (path, answer.status_code) == (path, 503)
        assert answer.headers["Retry-After"] == "5"
        assert "Content-Security-Policy" in answer.headers
    assert gone.get("/livez").status_code == 200
    ready = gone.get("/readyz")
    assert ready.status_code == 503
    assert ready.json["database"]["ok"] is False


def test_an_unknown_schema_is_not_served(rt: Runtime, client: FlaskClient) -> None:
    with rt.db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    assert client.get("/readyz").status_code == 503
    with pytest.raises(SystemExit, match="schema"):
        commands.require_schema(rt)


def test_a_decoder_that_cannot_start_is_told(rt: Runtime, client: FlaskClient) -> None:
    rt.decoders = DecoderPool(command=("/nonexistent/decoder",))
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["decoders"]) == (503, [])
    photo = {"photo": (Path(__file__).open("rb"), "x.py")}  # noqa: SIM115 - the client closes it
    assert client.post("/scan", data=photo).status_code == 415
    assert client.post("/scan", data={"code": "9520001000119"}).status_code == 200


def test_photos_are_read_without_libzbar(rt: Runtime, client: FlaskClient) -> None:
    with DecoderPool(timeout=20, command=(sys.executable, "-c", WITHOUT_ZBAR)) as pool:
        rt.decoders = pool
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json["decoders"]) == (200, ["zxing-cpp"])
        uri = "https://id.gs1.org/01/09520001000119/21/7Q"
        label = render(Label(kind="digital-link-qr", data=uri), "png")
        photo = {"photo": (io.BytesIO(label), "a.png")}
        found = client.post("/scan", data=photo, headers=JSON).json
        assert found["state"] == "UNREGISTERED"
        assert "09520001000119" in found["key"]


def test_a_clock_that_goes_back_breaks_no_chain(maker: Maker, clock: Clock) -> None:
    rt = maker.rt
    gtin = maker.product()
    first, second = maker.serials(gtin, 2)
    assert maker.captured(commissioning(rt.now(), [link(gtin, first)]))["success"]
    clock.time -= timedelta(hours=3)
    assert maker.captured(commissioning(rt.now(), [link(gtin, second)]))["success"]
    worker(rt).drain()
    clock.time += timedelta(hours=4)
    for serial in (first, second):
        found = maker.client.get(f"/01/{gtin}/21/{serial}", headers=JSON).json
        assert found["state"] == "ITEM_MATCHES"
    commands.recover_log(rt)
