"""Machines of one party that do the same at once: one number, one row, one statement."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlmodel import select

from app.capture import cli
from app.capture.models import CaptureJob
from app.catalogue.models import Product
from app.issuing.models import Serial
from app.runtime import Runtime
from ledger import log as ledger_log
from tests.conftest import RegisteredParty
from tests.maker import Maker, event

MACHINES = 6


def test_the_same_product_is_registered_once(
    app: Flask, rt: Runtime, party: RegisteredParty
) -> None:
    def register(_number: int) -> int:
        maker = Maker(app.test_client(), rt, party)
        body = {"gtin": "9520001000119", "name": "Cà phê"}
        return maker.post("/api/v1/products", body).status_code

    with ThreadPoolExecutor(MACHINES) as pool:
        statuses = sorted(pool.map(register, range(MACHINES)))
    assert statuses == [200] * (MACHINES - 1) + [201]
    with rt.db.read() as session:
        assert len(session.exec(select(Product)).all()) == 1
        origin = rt.settings.log_origin
        assert ledger_log.log_head(session.connection(), origin)[0] == 2  # key.add, Product


def test_numbers_are_given_out_once(app: Flask, rt: Runtime, party: RegisteredParty) -> None:
    def take(_number: int) -> str:
        return Maker(app.test_client(), rt, party).product()

    with ThreadPoolExecutor(MACHINES) as pool:
        gtins = list(pool.map(take, range(2 * MACHINES)))
    assert len(set(gtins)) == 2 * MACHINES


def test_a_key_sent_twice_at_once_is_carried_out_once(
    app: Flask, rt: Runtime, party: RegisteredParty
) -> None:
    gtin = Maker(app.test_client(), rt, party).product()

    def issue(_number: int) -> list[str]:
        maker = Maker(app.test_client(), rt, party)
        answer = maker.post(
            f"/api/v1/products/{gtin}/serials", {"count": 3}, **{"Idempotency-Key": "k"}
        )
        serials: list[str] = answer.json["serials"]
        return serials

    with ThreadPoolExecutor(MACHINES) as pool:
        answers = list(pool.map(issue, range(MACHINES)))
    assert all(answer == answers[0] for answer in answers)
    with rt.db.read() as session:
        assert len(session.exec(select(Serial)).all()) == 3


def test_an_outside_worker_does_the_jobs(app: Flask, rt: Runtime, party: RegisteredParty) -> None:
    maker = Maker(app.test_client(), rt, party)
    maker.capture(event(rt.now(), action="OBSERVE", epcList=["https://id.gs1.org/8004/95200011"]))
    result = app.test_cli_runner().invoke(cli.group, ["run", "--once"])
    assert result.exit_code == 0, result.output
    with rt.db.read() as session:
        assert session.exec(select(CaptureJob.state)).one() == "succeeded"
