"""Records checked against the log: what was changed anywhere is found, and shown."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.capture.jobs import worker
from app.runtime import Runtime
from app.transparency import rules, service
from app.transparency.schemas import Claim
from app.transparency.service import LogView
from ledger import bundle, receipt
from ledger.errors import LedgerError
from tests import one_file
from tests.conftest import RegisteredParty
from tests.maker import Maker, commissioning, link


@pytest.fixture
def maker(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Maker:
    return Maker(client, rt, party)


@pytest.fixture
def unit(maker: Maker, rt: Runtime) -> Iterator[tuple[str, str]]:
    gtin = maker.product(name="Cà phê Suối Đá")
    one, two, three = maker.serials(gtin, 3)
    maker.captured(commissioning(rt.now(), [link(gtin, one)]))
    maker.captured(commissioning(rt.now(), [link(gtin, two), link(gtin, three)]))
    yield gtin, one


def state_of(client: FlaskClient, unit: tuple[str, str]) -> tuple[str, list[str]]:
    answer = client.post(
        "/scan", data={"code": link(*unit)}, headers={"Accept": "application/json"}
    ).json
    return answer["state"], [reason["code"] for reason in answer["reasons"]]


def tamper(rt: Runtime, statement: str, **values: object) -> None:
    with rt.db.write() as session:
        done = session.execute(text(statement), values)
        assert done.rowcount >= 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE product SET name = 'Cà phê khác'",
        "UPDATE event SET event_time = '2020-01-01 00:00:00+00' WHERE biz_step = 'commissioning'",
        "UPDATE event SET disposition = 'in_progress' WHERE biz_step = 'commissioning'",
        "UPDATE ledger_item SET payload = :forged WHERE payload IS NOT NULL",
        "UPDATE ledger_entry SET body = :forged WHERE entry_index = 1",
        "UPDATE ledger_item SET commitment = :hash",
    ],
)
def test_whatever_is_changed_in_the_database_shows(
    client: FlaskClient, rt: Runtime, unit: tuple[str, str], statement: str
) -> None:
    assert state_of(client, unit)[0] == "ITEM_MATCHES"
    values = {"forged": b"{}", "hash": bytes(32)}
    tamper(rt, statement, **{k: v for k, v in values.items() if f":{k}" in statement})
    state, codes = state_of(client, unit)
    assert state == "CONTRADICTED"
    assert codes[0] == "proof-failed"


def test_an_event_that_names_another_unit_proves_nothing(
    client: FlaskClient, rt: Runtime, unit: tuple[str, str], maker: Maker
) -> None:
    stranger = maker.serials(unit[0], 1)[0]
    assert state_of(client, (unit[0], stranger))[0] == "NOT_ACTIVATED"
    key = f"https://id.gs1.org/01/{unit[0]}/21/{stranger}"
    tamper(
        rt,
        "INSERT INTO event_key (event_id, role, key)"
        " SELECT event_id, role, :key FROM event_key WHERE key = :known",
        key=key,
        known=f"https://id.gs1.org/01/{unit[0]}/21/{unit[1]}",
    )
    assert state_of(client, (unit[0], stranger))[0] == "CONTRADICTED"


def test_lost_tiles_and_foreign_keys_show(
    client: FlaskClient, rt: Runtime, unit: tuple[str, str]
) -> None:
    for tile in (rt.tiles.folder / "tile" / "0").rglob("*"):
        if tile.is_file():
            tile.write_bytes(bytes(len(tile.read_bytes())))
    assert state_of(client, unit)[0] == "CONTRADICTED"


def test_an_entry_without_checkpoint_waits(client: FlaskClient, rt: Runtime, maker: Maker) -> None:
    gtin = maker.product()
    found = client.get(f"/01/{gtin}", headers={"Accept": "application/json"}).json
    assert found["state"] == "PRODUCT_ONLY"
    assert "proof-pending" in [reason["code"] for reason in found["reasons"]]
    assert found["proof"] is None
    worker(rt).drain()
    assert client.get(f"/01/{gtin}", headers={"Accept": "application/json"}).json["proof"]


def test_a_bundle_of_many_units_is_nobodys_to_take(
    client: FlaskClient, rt: Runtime, unit: tuple[str, str]
) -> None:
    with rt.db.read() as session:
        rows = session.execute(
            text("SELECT entry_index, position FROM event ORDER BY entry_index")
        ).all()
    (alone, many) = rows
    assert client.get(f"/proof/{alone[0]}/{alone[1]}.json").status_code == 200
    for end in ("", ".json", ".cose"):
        assert client.get(f"/proof/{many[0]}/{many[1]}{end}").status_code == 403


def test_a_taken_bundle_verifies_offline_and_no_changed_one_does(
    client: FlaskClient, rt: Runtime, unit: tuple[str, str]
) -> None:
    report = client.get(f"/01/{unit[0]}/21/{unit[1]}", headers={"Accept": "application/json"}).json
    taken = client.get(report["proof"]["bundle_url"]).data
    key = client.get("/log/keys").json["log"]
    verified = bundle.verify(taken, key)
    assert link(*unit) in json.loads(verified.payload)["epcList"]
    changed = taken.replace(b"A", b"B", 1)
    with pytest.raises(LedgerError):
        bundle.verify(changed, key)


def test_verifiers_and_receipt_are_there_to_take_home(
    client: FlaskClient, rt: Runtime, unit: tuple[str, str]
) -> None:
    report = client.get(f"/01/{unit[0]}/21/{unit[1]}", headers={"Accept": "application/json"}).json
    url = report["proof"]["bundle_url"]
    page = client.get(url.removesuffix(".json")).text
    for name, file in (("verify.html", one_file.PAGE), ("verify.py", one_file.FILE)):
        assert f"/verify-offline/{name}" in page
        answer = client.get(f"/verify-offline/{name}")
        assert answer.data == file.read_bytes()
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get("/verify-offline/README.md").status_code == 404
    assert url.replace(".json", ".cose") in page
    taken = client.get(url.replace(".json", ".cose"))
    assert taken.mimetype == "application/cose"
    entry = bundle.parse(client.get(url).data).entry
    assert receipt.verify(taken.data, entry, rt.signer.verifier).index == int(url.split("/")[2])


def test_a_broken_log_shows_its_broken_step(
    client: FlaskClient, rt: Runtime, unit: tuple[str, str]
) -> None:
    assert client.get("/proof/1/0").status_code == 200
    tamper(rt, "UPDATE ledger_entry SET body = :forged WHERE entry_index = 1", forged=b"{}")
    page = client.get("/proof/1/0")
    assert page.status_code == 500
    assert "Sai" in page.text
    assert client.get("/proof/1/0.json").status_code == 500


def test_a_row_agrees_with_its_record_in_meaning() -> None:
    record = {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping", "name": "x"}
    assert rules.agrees(record, {"bizStep": "shipping", "name": "x", "brand": "", "days": None})
    assert not rules.agrees(record, {"bizStep": "receiving"})
    assert not rules.agrees(record, {"brand": "y"})
    assert not rules.agrees({"brand": "y"}, {"brand": ""})


@pytest.mark.parametrize(
    ("role", "named"),
    [
        ("epc", {"epcList": ["urn:epc:id:sgtin:9521141.012345.S1"]}),
        ("child", {"childEPCs": ["https://example.com/01/09521141123454/21/S1"]}),
        ("input", {"inputEPCList": ["https://id.gs1.org/01/09521141123454/21/S1"]}),
    ],
)
def test_a_thing_is_named_however_it_is_written(role: str, named: dict[str, list[str]]) -> None:
    key = "https://id.gs1.org/01/09521141123454/21/S1"
    assert rules.mentions(named, role, [key])
    assert not rules.mentions(named, role, [key + "1"])
    assert not rules.mentions(named, role, [key, key + "1"])
    assert not any(
        rules.mentions(named, other, [key])
        for other in ("epc", "child", "input", "output", "parent")
        if other != role
    )
    assert not rules.mentions({"epcList": ["urn:epc:id:sgtin:9521141.012345.XS1"]}, "epc", [key])


def test_lots_and_shipping_units_are_named_too() -> None:
    lot = {"quantityList": [{"epcClass": "urn:epc:class:lgtin:9521141.012345.L1"}]}
    assert rules.mentions(lot, "epc", ["https://id.gs1.org/01/09521141123454/10/L1"])
    pallet = {"parentID": "urn:epc:id:sscc:9521141.1234567890"}
    assert rules.mentions(pallet, "parent", ["https://id.gs1.org/00/195211412345678900"])


def test_claims_of_unknown_entries_fail(rt: Runtime, unit: tuple[str, str]) -> None:
    with rt.db.read() as session:
        view = LogView.of(rt, session)
        found = service.check(view, [Claim(1, 5), Claim(999, 0)])
    assert found[1, 5].integrity == "proof-failed"
    assert found[999, 0].integrity == "pending"
