"""What is written to logs and error pages: names of routes, never of people, packs or secrets."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from structlog.testing import LogCapture

from app.accounts import service as accounts
from app.runtime import Runtime
from app.settings import Settings
from tests.conftest import RegisteredParty
from tests.maker import Maker, commissioning, link

ADDRESS, EMAIL, PASSWORD = "203.0.113.77", "lan@suoi-da.example", "bảy con suối chảy về nguồn"


SERIAL = "7KQ4M2XPT9VW"


@pytest.fixture
def captured() -> Iterator[LogCapture]:
    """Every line that is logged, before it is written."""
    capture, before = LogCapture(), structlog.get_config()
    structlog.configure(processors=[capture])
    yield capture
    structlog.configure(**before)


def written(captured: LogCapture) -> str:
    """The lines as they would be written, tracebacks with them."""
    lines = []
    for entry in captured.entries:
        fault = entry.get("exc_info")
        lines.append(repr({k: v for k, v in entry.items() if k != "exc_info"}))
        if isinstance(fault, BaseException):
            lines += traceback.format_exception(fault)
    return "\n".join(lines)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A shopper with an address of their own."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = ADDRESS
    return client


def test_logs_name_nobody_and_nothing(
    captured: LogCapture, rt: Runtime, party: RegisteredParty, visitor: FlaskClient
) -> None:
    with rt.db.write() as session:
        accounts.create_person(
            session, party_id=party.id, email=EMAIL, name="Lan", password=PASSWORD, now=rt.now()
        )
    maker = Maker(visitor, rt, party)
    gtin = maker.product()
    issued = maker.post(f"/api/v1/products/{gtin}/serials", {"count": 1, "hidden_codes": True}).json
    serial, hidden = issued["serials"][0], issued["hidden_codes"][0]
    job = maker.captured(commissioning(rt.now(), [link(gtin, serial)]))
    scan = visitor.post("/scan", data={"code": link(gtin, serial), "hidden": hidden})
    assert scan.status_code == 200
    for _ in range(2):  # fresh, and kept
        assert visitor.get(f"/01/{gtin}/21/{serial}", headers={"Accept": "text/html"}).status_code
    visitor.post("/login", data={"email": EMAIL, "password": "wrong wrong wrong"})
    assert visitor.post("/login", data={"email": EMAIL, "password": PASSWORD}).status_code == 303
    cookies = [cookie.value for cookie in visitor._cookies.values()]
    assert len(cookies) == 2

    lines = written(captured)
    assert lines.count("'endpoint'") >= 9
    private = [ADDRESS, EMAIL, PASSWORD, "wrong wrong", party.token, party.token[-20:], gtin]
    for secret in [*private, serial, hidden, job["captureID"], *cookies]:
        assert secret not in lines


def test_a_fault_of_ours_shows_nothing_of_the_request(
    captured: LogCapture,
    app: Flask,
    rt: Runtime,
    visitor: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(session: Any, *_others: object, **_more: object) -> None:
        session.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": SERIAL})

    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("app.verify.queries.newest_recalls", broken)
    answer = visitor.get("/", query_string={"code": SERIAL})
    assert answer.status_code in (500, 503)
    for secret in ("nowhere", "Traceback", "sqlalchemy"):
        assert secret not in answer.text
    assert SERIAL not in written(captured)
    assert "nowhere" in written(captured)  # the operator is told what failed


def test_settings_do_not_print_their_secrets() -> None:
    settings = Settings(
        environment="test",
        secret_key="a secret of thirty-two characters",
        log_key="PRIVATE+KEY+x",
        database_url="postgresql+psycopg://nguon:geheim@db/nguon",
    )
    for secret in ("thirty-two", "PRIVATE+KEY", "geheim"):
        assert secret not in repr(settings)
        assert secret not in str(settings)


def test_the_service_does_not_run_in_debug_mode(app: Flask, client: FlaskClient) -> None:
    assert app.debug is False
    answer = client.get("/console")
    assert answer.status_code == 404
    assert "Werkzeug" not in answer.headers.get("Server", "")


def test_a_form_larger_than_any_of_ours_is_refused_unread(client: FlaskClient) -> None:
    body = b"a=b&" * 70_000
    answer = client.post("/scan", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
