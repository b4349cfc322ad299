"""Who may speak of a unit, and what an edited database shows: never a green that is not proven."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts import service as accounts
from app.capture.jobs import worker
from app.runtime import Runtime
from ledger import log as ledger_log
from ledger import statement as ledger_statement
from ledger.keys import PrivateKey
from tests.conftest import RegisteredParty
from tests.maker import Maker, commissioning, event, link
from tests.unit.app.verify.conftest import Pack

SOLD = {"action": "OBSERVE", "bizStep": "retail_selling", "disposition": "retail_sold"}


@pytest.fixture
def rival(app: Flask, rt: Runtime, other_party: RegisteredParty) -> Maker:
    return Maker(app.test_client(), rt, other_party)


def asked(pack: Pack, visitor: FlaskClient, path: str = "") -> dict[str, Any]:
    """The report about the pack, and that the page says the same without failing."""
    report: dict[str, Any] = visitor.get(
        path or pack.path, headers={"Accept": "application/json"}
    ).json
    page = visitor.get(path or pack.path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert report["title"]["vi"] in page.text
    return report


def reason(report: dict[str, Any], code: str) -> dict[str, Any]:
    return next(r for r in report["reasons"] if r["code"] == code)


@pytest.mark.parametrize(
    "members",
    [
        SOLD,
        {"action": "OBSERVE", "bizStep": "destroying", "disposition": "destroyed"},
        {"action": "OBSERVE", "disposition": "stolen"},
        {"action": "OBSERVE", "bizStep": "decommissioning"},
    ],
)
def test_a_stranger_cannot_end_a_unit_and_is_named(
    pack: Pack, rival: Maker, visitor: FlaskClient, members: dict[str, str]
) -> None:
    job = rival.captured(event(rival.rt.now(), epcList=[pack.uri], **members))
    assert job["success"], job
    report = asked(pack, visitor)
    assert (report["state"], report["colour"]) == ("CONTRADICTED", "orange")
    speaker = reason(report, "ended-by-other")["speaker"]
    assert speaker == {"kind": "partner", "name": rival.party.name}


def test_a_declared_holder_ends_a_unit_and_is_named(
    pack: Pack, rival: Maker, visitor: FlaskClient
) -> None:
    maker = pack.maker
    goes = [{"type": "location", "destination": f"https://id.gs1.org/414/{rival.place()}"}]
    now = maker.rt.now()
    shipped = event(
        now, action="OBSERVE", bizStep="shipping", epcList=[pack.uri], destinationList=goes
    )
    assert maker.captured(shipped)["success"]
    assert rival.captured(event(now, epcList=[pack.uri], **SOLD))["success"]
    report = asked(pack, visitor)
    assert (report["state"], report["colour"]) == ("DEACTIVATED", "red")
    assert reason(report, "sold")["speaker"] == {"kind": "partner", "name": rival.party.name}


def test_nobody_makes_themselves_a_holder(pack: Pack, rival: Maker, visitor: FlaskClient) -> None:
    now = rival.rt.now()
    goes = [{"type": "location", "destination": f"https://id.gs1.org/414/{rival.place()}"}]
    received = event(
        now, action="OBSERVE", bizStep="receiving", epcList=[pack.uri], destinationList=goes
    )
    assert rival.captured(received, event(now, epcList=[pack.uri], **SOLD))["success"]
    assert asked(pack, visitor)["state"] == "CONTRADICTED"


def test_only_who_said_stolen_or_the_owner_takes_it_back(
    pack: Pack, rival: Maker, visitor: FlaskClient
) -> None:
    now = pack.maker.rt.now()
    stolen = event(now, action="OBSERVE", disposition="stolen", epcList=[pack.uri])
    assert pack.maker.captured(stolen)["success"]
    back = event(now, action="OBSERVE", disposition="available", epcList=[pack.uri])
    assert rival.captured(back)["success"]
    assert asked(pack, visitor)["state"] == "DEACTIVATED"
    back = event(now, action="OBSERVE", disposition="active", epcList=[pack.uri])
    assert pack.maker.captured(back)["success"]
    assert asked(pack, visitor)["state"] == "ITEM_MATCHES"


def test_idle_events_do_not_push_an_end_out_of_sight(
    pack: Pack, rival: Maker, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.trace.service.MAX_EVENTS", 5)
    now = rival.rt.now()
    idle = [
        event(now, action="OBSERVE", eventID=f"urn:uuid:{n:032x}", epcList=[pack.uri])
        for n in range(9)
    ]
    assert rival.captured(*idle)["success"]
    gone = event(
        now, action="DELETE", bizStep="destroying", disposition="destroyed", epcList=[pack.uri]
    )
    assert pack.maker.captured(gone)["success"]
    report = asked(pack, visitor)
    assert report["state"] == "DEACTIVATED"
    assert reason(report, "journey-cut")["speaker"]["kind"] == "nguon"


EVENT = "event.id IN (SELECT event_id FROM event_key WHERE key LIKE '%/21/%')"
TAMPERINGS = {
    "party of the event": f"UPDATE event SET party_id = :rival WHERE {EVENT}",
    "time of the event": f"UPDATE event SET event_time = '2026-01-01 00:00:00' WHERE {EVENT}",
    "step of the event": f"UPDATE event SET biz_step = 'shipping' WHERE {EVENT}",
    "place of the event": f"UPDATE event SET read_point = 'urn:x:elsewhere' WHERE {EVENT}",
    "record of the event": f"UPDATE event SET entry_index = 1 WHERE {EVENT}",
    "role in the event": "UPDATE event_key SET role = 'child' WHERE key LIKE '%/21/%'",
    "expiry of the batch": "UPDATE batch SET expiry_date = '2031-01-01'",
    "batch under the event's proof": "UPDATE batch SET expiry_date = '2031-01-01',"
    f" entry_index = (SELECT entry_index FROM event WHERE {EVENT})",
    "another batch": "UPDATE serial SET batch_id = (SELECT max(id) FROM batch)",
    "no batch": "UPDATE serial SET batch_id = NULL",
    "owner of the product": "UPDATE product SET party_id = :rival",
    "name of the product": "UPDATE product SET name = 'Khác'",
    "bytes of the item": "UPDATE ledger_item SET payload = :byte",
    "bytes of the entries": "UPDATE ledger_entry SET body = :byte",
    "size of the checkpoint": "UPDATE ledger_checkpoint SET size = size + 1000",
    "note of the checkpoint": "UPDATE ledger_checkpoint SET note = :byte, cosigned = :byte",
    "root of the checkpoint": "UPDATE ledger_checkpoint SET root = :root",
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_an_edited_database_is_never_green(
    pack: Pack, rival: Maker, rt: Runtime, visitor: FlaskClient, name: str
) -> None:
    assert asked(pack, visitor)["state"] == "ITEM_MATCHES"
    lots = f"/api/v1/products/{pack.gtin}/batches"
    assert pack.maker.post(lots, {"lot": "L2611-09"}).status_code == 201
    worker(rt).drain()
    statement = TAMPERINGS[name]
    values: dict[str, Any] = {"rival": rival.party.id, "byte": b"\0", "root": bytes(32)}
    with rt.db.write() as session:
        used = {key: value for key, value in values.items() if f":{key}" in statement}
        assert session.execute(text(statement), used).rowcount > 0
        session.execute(text("UPDATE change_counter SET number = number + 1"))
    report = asked(pack, visitor)
    assert report["colour"] in ("orange", "red"), report["state"]
    assert "signature-valid" not in [r["code"] for r in report["reasons"]] or report["state"] in (
        "CONTRADICTED",
        "NOT_ACTIVATED",
    )


@pytest.mark.parametrize("name", [name for name in TAMPERINGS if "checkpoint" in name])
def test_a_damaged_checkpoint_is_said_on_every_page(
    pack: Pack, rt: Runtime, visitor: FlaskClient, name: str
) -> None:
    with rt.db.write() as session:
        values = {"byte": b"\0", "root": bytes(32)}
        used = {key: value for key, value in values.items() if f":{key}" in TAMPERINGS[name]}
        session.execute(text(TAMPERINGS[name]), used)
    for path in ("/log", "/proof/1/0", "/proof/1/0.json"):
        answer = visitor.get(path)
        assert (path, answer.status_code) == (path, 500)
        assert "Có trục trặc ở phía chúng tôi" not in answer.text  # it is said what does not hold


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [Path.unlink, flip])
def test_a_damaged_tile_is_never_green(
    pack: Pack, rt: Runtime, visitor: FlaskClient, damage: Callable[[Path], None]
) -> None:
    tiles = rt.settings.data_dir / "tiles" / "tile" / "0"
    for path in [found for found in tiles.rglob("*") if found.is_file()]:
        damage(path)
    rt.tiles = type(rt.tiles)(rt.settings.data_dir / "tiles")  # as another process sees them
    assert asked(pack, visitor)["state"] == "CONTRADICTED"


def test_a_key_that_is_revoked_for_the_past_proves_nothing(
    pack: Pack, rt: Runtime, visitor: FlaskClient
) -> None:
    with rt.db.write() as session:
        stream = accounts.stream_of(accounts.get_party(session, pack.maker.party.id))
        connection, operator = session.connection(), PrivateKey(rt.signer.private_key)
        kid = accounts.signing_key(session, pack.maker.party.id, rt.settings.secret_key).kid
        seq, prev = ledger_log.stream_head(connection, rt.settings.log_origin, stream)
        revoked = ledger_statement.build_key_revoke(
            stream=stream,
            seq=seq,
            prev=prev,
            revoked=kid,
            as_of=1,
            alg=operator.alg,
            kid=operator.kid,
            signed_at=rt.now(),
        )
        ledger_log.append(
            connection,
            origin=rt.settings.log_origin,
            statement=revoked,
            signature=operator.sign(revoked),
            received_at=rt.now(),
            operator=operator.public,
        )
        session.execute(text("UPDATE change_counter SET number = number + 1"))
    worker(rt).drain()
    report = asked(pack, visitor)
    assert report["state"] == "CONTRADICTED"
    assert "signature-failed" in [r["code"] for r in report["reasons"]]


def test_a_rivals_signed_making_is_not_the_makers(
    pack: Pack, rival: Maker, rt: Runtime, visitor: FlaskClient
) -> None:
    """A rival's making of our serial, forced past the rules as an insider could."""
    serial = pack.maker.serials(pack.gtin, lot=pack.lot)[0]
    other = rival.product(name="Khác")
    theirs = rival.serials(other)[0]
    assert rival.captured(commissioning(rt.now(), [link(other, theirs)]))["success"]
    mine, its = link(pack.gtin, serial), link(other, theirs)
    with rt.db.write() as session:
        session.execute(text("UPDATE event_key SET key = :m WHERE key = :t"), {"m": mine, "t": its})
        session.execute(text("UPDATE change_counter SET number = number + 1"))
    report = asked(pack, visitor, f"/01/{pack.gtin}/21/{serial}")
    assert report["state"] == "CONTRADICTED"
    assert {"proof-failed", "foreign-commissioning"} <= {r["code"] for r in report["reasons"]}
