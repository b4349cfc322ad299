"""Journeys through cases, pallets, lots and what goods were made from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.runtime import Runtime
from app.trace import queries, service
from gs1.equivalence import Key
from tests.conftest import RegisteredParty
from tests.maker import Maker, event, link


@pytest.fixture
def maker(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Maker:
    return Maker(client, rt, party)


def sscc(maker: Maker) -> str:
    return f"https://id.gs1.org/00/{maker.post('/api/v1/ssccs', {'count': 1}).json['ssccs'][0]}"


class Story:
    """Coffee from two farm lots, roasted into one lot, packed into units, a case, a pallet."""

    def __init__(self, maker: Maker, rt: Runtime) -> None:
        self.maker, self.rt = maker, rt
        self.green = maker.product(name="Cà phê nhân")
        self.coffee = maker.product(name="Cà phê rang")
        self.lot(self.green, "FARM-A")
        self.lot(self.green, "FARM-B")
        self.lot(self.coffee, "ROAST")
        self.serials = maker.serials(self.coffee, 2, lot="ROAST")
        self.units = [link(self.coffee, serial) for serial in self.serials]
        self.case, self.pallet = sscc(maker), sscc(maker)
        self.farm = maker.place(name="Vườn", province="68")
        self.roastery = maker.place(name="Xưởng", province="68")
        self.shop = maker.place(name="Cửa hàng", province="01")

    def lot(self, gtin: str, lot: str) -> None:
        answer = self.maker.post(f"/api/v1/products/{gtin}/batches", {"lot": lot})
        assert answer.status_code == 201, answer.text

    def at(self, hours: float, kind: str = "ObjectEvent", **members: Any) -> dict[str, Any]:
        made = event(self.rt.now() - timedelta(hours=hours), kind, **members)
        if "place" in made:
            made["readPoint"] = {"id": f"https://id.gs1.org/414/{made.pop('place')}"}
        return made

    def amount(self, gtin: str, lot: str, kilos: float) -> dict[str, Any]:
        return {
            "epcClass": f"https://id.gs1.org/01/{gtin}/10/{lot}",
            "quantity": kilos,
            "uom": "KGM",
        }

    def tell(self) -> None:
        harvest = {"action": "ADD", "bizStep": "creating_class_instance", "place": self.farm}
        first, second = (self.amount(self.green, f"FARM-{x}", 40) for x in "AB")
        job = self.maker.captured(
            self.at(90, quantityList=[first], **harvest),
            self.at(89, quantityList=[second], **harvest),
            self.at(
                80,
                "TransformationEvent",
                bizStep="creating_class_instance",
                inputQuantityList=[first, second],
                outputQuantityList=[self.amount(self.coffee, "ROAST", 64)],
                place=self.roastery,
            ),
            self.at(
                70, action="ADD", bizStep="commissioning", epcList=self.units, place=self.roastery
            ),
            self.pack(60, "ADD", self.case, self.units),
            self.pack(50, "ADD", self.pallet, [self.case]),
            self.move(40, "shipping", self.pallet, self.roastery),
            self.move(30, "receiving", self.pallet, self.shop),
            self.pack(20, "DELETE", self.pallet, [self.case]),
            self.pack(15, "DELETE", self.case, [self.units[0]]),
            self.move(10, "shipping", self.case, self.shop),
            self.move(9, "storing", self.pallet, self.shop),
        )
        assert job["success"], job

    def pack(self, hours: float, action: str, parent: str, children: list[str]) -> dict[str, Any]:
        step = "packing" if action == "ADD" else "unpacking"
        return self.at(
            hours,
            "AggregationEvent",
            action=action,
            bizStep=step,
            parentID=parent,
            childEPCs=children,
        )

    def move(self, hours: float, step: str, thing: str, place: str) -> dict[str, Any]:
        return self.at(hours, action="OBSERVE", bizStep=step, epcList=[thing], place=place)

    def steps(self, uri: str, lot: str | None = None) -> list[tuple[str, str]]:
        lot_key = lot and Key.parse(lot).canonical
        with self.rt.db.read() as session:
            found = service.journey(
                session, Key.parse(uri).canonical, lot_key=lot_key, now=self.rt.now()
            )
        return [(step.step, step.through) for step in found.steps]


@pytest.fixture
def story(maker: Maker, rt: Runtime) -> Story:
    told = Story(maker, rt)
    told.tell()
    return told


def test_a_unit_is_followed_into_its_containers_while_it_is_in_them(story: Story) -> None:
    taken_out, left_in = (story.steps(unit) for unit in story.units)
    assert taken_out == [
        ("commissioning", "self"),
        ("packing", "self"),
        ("packing", "container"),
        ("shipping", "container"),
        ("receiving", "container"),
        ("unpacking", "container"),
        ("unpacking", "self"),
    ]
    # The other one is still in the case when the case is sent on; the pallet goes its own way.
    assert left_in[-1] == ("shipping", "container")
    assert ("storing", "container") not in left_in


def test_a_unit_comes_from_its_lot_and_the_lots_before_it(story: Story) -> None:
    lot = f"https://id.gs1.org/01/{story.coffee}/10/ROAST"
    steps = story.steps(story.units[0], lot)
    assert steps[:4] == [
        ("creating_class_instance", "input"),
        ("creating_class_instance", "input"),
        ("creating_class_instance", "lot"),
        ("commissioning", "self"),
    ]


def test_what_is_not_declared_is_said(story: Story) -> None:
    with story.rt.db.read() as session:
        key = Key.parse(story.units[1]).canonical
        found = service.journey(session, key, lot_key=None, now=story.rt.now())
    assert [gap.code for gap in found.gaps] == ["not-received"]
    assert found.steps[found.gaps[0].after].step == "shipping"
    shop = next(step for step in found.steps if step.step == "receiving").where
    assert shop is not None and (shop.name, shop.province) == ("Cửa hàng", "01")


def test_a_thing_nobody_spoke_of_has_no_journey(rt: Runtime) -> None:
    with rt.db.read() as session:
        found = service.journey(session, "https://id.gs1.org/00/0", lot_key=None, now=rt.now())
    assert found.steps == () and found.gaps == ()


def test_events_are_found_by_index_even_with_statistics(story: Story) -> None:
    if story.rt.db.engine.dialect.name != "sqlite":
        pytest.skip("the trap is SQLite's")
    with story.rt.db.write() as session:
        session.execute(text("ANALYZE"))
    with story.rt.db.read() as session:
        query = queries._by_key(["a", "b"])
        compiled = query.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
    steps = " | ".join(row[3] for row in plan)
    assert "ix_event_key_key" in steps
    assert "BLOOM" not in steps and "SCAN event" not in steps
