"""The sample story: told once, through the ordinary services, with every state to be seen."""

from __future__ import annotations

import base64
import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts import service as accounts
from app.demo import cast, pictures, service, story
from app.factory import create_app
from app.runtime import Runtime
from gs1.epcis import parse
from gs1.payment import PaymentQr
from ledger.audit import audit
from tests import outside
from tests.conftest import START


@pytest.fixture
def told(rt: Runtime) -> Runtime:
    rt.settings = rt.settings.model_copy(update={"demo": True})
    assert service.load(rt)
    return rt


def test_a_story_is_told_once(told: Runtime) -> None:
    assert not service.load(told)


def test_the_log_of_the_story_is_sound(told: Runtime) -> None:
    report = audit(
        told.db.engine,
        origin=told.settings.log_origin,
        verifier=told.signer.verifier,
        tiles=told.tiles,
    )
    report.check()
    assert not report.findings


def test_all_events_were_taken_without_a_warning(told: Runtime) -> None:
    with told.db.read() as session:
        jobs = session.execute(text("SELECT state, warnings FROM capture_job")).all()
    assert jobs
    assert {(state, json.loads(warnings).__len__()) for state, warnings in jobs} == {
        ("succeeded", 0)
    }


def test_every_state_has_a_picture() -> None:
    states = {state["id"] for state in outside.verdict_states()}
    assert {sample.state for sample in pictures.SAMPLES} | {"ITEM_CONFIRMED"} == states


def test_the_documents_of_the_story_are_epcis(told: Runtime) -> None:
    for step in story.tell(START):
        if step.act == "events":
            document = story.document(step.body["events"], story.moment(START, step.ago))
            assert len(parse(json.dumps(document).encode()).events) == len(step.body["events"])


def test_the_payment_sticker_is_well_formed() -> None:
    assert PaymentQr.parse(pictures.payment_code()) is not None


def test_a_used_hidden_code_gives_way_to_the_next_pack(told: Runtime) -> None:
    first = service.picture(told, "ITEM_CONFIRMED")
    assert service.picture(told, "ITEM_CONFIRMED") == first
    with told.db.write() as session:
        session.execute(
            text("UPDATE serial SET hidden_used_at = :now WHERE hidden_hash IS NOT NULL"),
            {"now": "2026-11-22 03:00:00"},
        )
    assert service.picture(told, "ITEM_CONFIRMED") != first


def test_the_printed_password_signs_in(told: Runtime) -> None:
    with told.db.read() as session:
        assert accounts.check_password(session, service.PERSON, service.PASSWORD) is not None


def test_the_api_key_in_the_file_works(told: Runtime) -> None:
    token = service.api_key_file(told).read_text(encoding="utf-8").strip()
    headers = {"Authorization": f"Bearer {token}"}
    answer = create_app(parts=told).test_client().get("/api/v1/products", headers=headers)
    assert answer.json is not None
    assert {item["gtin"] for item in answer.json["items"]} == {cast.CHERRIES, cast.COFFEE}


@pytest.mark.parametrize("path", ["/demo", "/demo/pictures/RECALLED.jpg"])
def test_without_the_setting_there_is_no_demonstration(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_unknown_sample_is_not_found(told: Runtime) -> None:
    client = create_app(parts=told).test_client()
    assert client.get("/demo/pictures/GENUINE.jpg").status_code == 404
    assert client.post("/demo/GENUINE").status_code == 404


def test_the_own_bundle_of_a_pack_is_offered(told: Runtime) -> None:
    client = create_app(parts=told).test_client()
    serial = cast.COFFEE_SERIALS[0]
    report = client.get(
        f"/scan?code=https://id.gs1.org/01/{cast.COFFEE}/21/{serial}",
        headers={"Accept": "application/json"},
    ).json
    assert report is not None
    assert report["state"] == "ITEM_MATCHES"
    bundle = client.get(report["proof"]["bundle_url"])
    assert bundle.status_code == 200
    assert serial.encode() in base64.b64decode(json.loads(bundle.data)["item"]["payload"])
