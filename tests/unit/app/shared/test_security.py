"""Caps and limits: too large a body, too many calls, and what the answers say."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.runtime import Runtime
from tests.conftest import RegisteredParty


def _client(rt: Runtime, **changes: object) -> FlaskClient:
    rt.settings = rt.settings.model_copy(update=changes)
    return create_app(parts=rt).test_client()


def test_a_body_over_its_cap_is_refused_as_a_problem(rt: Runtime, party: RegisteredParty) -> None:
    client = _client(rt, max_body_bytes=1000)
    headers = {**party.headers, "Content-Type": "application/json"}
    answer = client.post("/capture", data=b"[" * 2000, headers=headers)
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def test_photos_have_a_cap_of_their_own(rt: Runtime) -> None:
    client = _client(rt, max_body_bytes=1000, max_photo_bytes=200_000)
    photo = (io.BytesIO(b"\xff\xd8" + bytes(150_000)), "photo.jpg")
    assert client.post("/scan", data={"photo": photo}).status_code != 413
    photo = (io.BytesIO(bytes(300_000)), "photo.jpg")
    assert client.post("/scan", data={"photo": photo}).status_code == 413


def test_calls_over_the_rate_wait(rt: Runtime, party: RegisteredParty) -> None:
    client = _client(rt, rate_scan="2/minute")
    answers = [client.post("/scan", data={"code": "95212340"}) for _ in range(3)]
    assert [a.status_code for a in answers][2] == 429
    assert answers[0].status_code == answers[1].status_code == 200
    assert int(answers[2].headers["Retry-After"]) >= 1


def test_one_partys_rate_is_not_anothers(
    rt: Runtime, party: RegisteredParty, other_party: RegisteredParty
) -> None:
    client = _client(rt, rate_capture="2/minute")
    for _ in range(2):
        assert client.get("/api/v1/products", headers=party.headers).status_code == 200
    assert client.get("/api/v1/products", headers=party.headers).status_code == 429
    assert client.get("/api/v1/products", headers=other_party.headers).status_code == 200


@pytest.mark.parametrize("path", ["/readyz", "/livez"])
def test_health_answers(rt: Runtime, path: str) -> None:
    assert _client(rt).get(path).status_code == 200


def test_readiness_names_decoders_database_and_log(rt: Runtime) -> None:
    state = _client(rt).get("/readyz").json
    assert state is not None
    assert "zxing-cpp" in state["decoders"]
    assert state["database"]["ok"] is True
    assert state["log"]["origin"] == rt.settings.log_origin


def test_metrics_are_for_this_machine(rt: Runtime) -> None:
    client = _client(rt)
    client.get("/livez")
    assert "nguon_http_requests_total" in client.get("/metrics").text
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", environ_base=far).status_code == 403
    assert _client(rt, metrics_public=True).get("/metrics", environ_base=far).status_code == 200
