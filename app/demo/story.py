"""Three invented supply chains, told as data: who registers, issues, does and recalls what, when.

Times are given in days and hours before the story is loaded, so that it is never out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from app.demo.cast import (
    BARRELS,
    CARRIER,
    CASES,
    CHERRIES,
    COFFEE,
    COFFEE_LOT,
    COFFEE_SERIALS,
    COOP,
    DEPOT,
    DESTROYED,
    DRYER,
    FISH,
    FISH_CASE,
    FISH_LOT,
    FISH_LOT_RECALLED,
    FISH_SAUCE,
    FISH_SERIALS,
    FRUIT,
    GROVE_BROOK,
    GROVE_MIST,
    GROVE_PINE,
    MANGO,
    MANGO_LOT,
    MANGO_LOT_EXPIRED,
    MANGO_OLD_SERIALS,
    MANGO_SERIALS,
    NOT_RELEASED,
    PALLET,
    PLACES,
    PRODUCTS,
    ROASTERY,
    SHOP,
    SHOP_HANOI,
    SHOP_HUE,
    SHOP_SAIGON,
    SOLD,
    Firm,
)
from app.i18n import LOCAL_ZONE

STEM = "https://id.gs1.org"
Act = Literal["place", "product", "batch", "serials", "events", "recall"]
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the story: who does what, how long ago; ``body`` is what the act takes."""

    ago: timedelta
    firm: Firm
    act: Act
    body: dict[str, Any] = field(default_factory=dict)
    gtin: str = ""


def ago(days: int, hour: int = 8, minute: int = 0) -> timedelta:
    """Give a time as a distance from midnight of the loading day, at a local hour of that day."""
    return timedelta(days=days) - timedelta(hours=hour, minutes=minute)


def moment(now: datetime, span: timedelta) -> datetime:
    """Give the time that lies ``span`` before the local midnight that began the loading day."""
    midnight = now.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - span


def day(now: datetime, days: int) -> date:
    """Give the local date ``days`` before (negative: after) the loading day."""
    return moment(now, timedelta(days=days)).date()


def unit(product: str, serial: str) -> str:
    """Give the EPC of one pack as a Digital Link URI."""
    return f"{STEM}/01/{product}/21/{serial}"


def lot(product: str, number: str, quantity: float, uom: str = "") -> dict[str, Any]:
    """Give a quantity element of a lot; ``uom`` is a UNECE Rec 20 code, none for pieces."""
    element: dict[str, Any] = {
        "epcClass": f"{STEM}/01/{product}/10/{number}",
        "quantity": quantity,
    }
    return {**element, "uom": uom} if uom else element


def container(number: str) -> str:
    """Give the EPC of a logistic unit as a Digital Link URI."""
    return f"{STEM}/00/{number}"


def event(kind: str, place: str, step: str, disposition: str = "", **what: Any) -> Event:
    """Give an EPCIS event at a place of ours; its time is set when the story is told."""
    site = {"id": f"{STEM}/414/{place}"}
    body: Event = {"type": kind, "bizStep": step, "readPoint": site, "bizLocation": site, **what}
    return {**body, "disposition": disposition} if disposition else body


def moved(firm: Firm, days: int, epcs: list[str], start: str, end: str) -> Iterator[Step]:
    """Tell that units left one place for another, and arrived there two days later."""
    observe = {"action": "OBSERVE", "epcList": epcs}
    goes = {"destinationList": [{"type": "location", "destination": f"{STEM}/414/{end}"}]}
    owner = next(site[0] for site in PLACES if site[1] == start)
    yield Step(
        ago(days, 7, 30),
        owner,
        "events",
        {"events": [event("ObjectEvent", start, "shipping", "in_transit", **observe, **goes)]},
    )
    yield Step(
        ago(days - 2, 9, 15),
        firm,
        "events",
        {"events": [event("ObjectEvent", end, "receiving", "in_progress", **observe)]},
    )


def registrations(now: datetime) -> Iterator[Step]:
    """Tell what the firms register before anything moves."""
    for firm, number, name, address, province in PLACES:
        place = {"gln": number, "name": name, "address": address, "province": province}
        yield Step(ago(700), firm, "place", place)
    for firm, product in PRODUCTS:
        yield Step(ago(690), firm, "product", product)
    batches: tuple[tuple[Firm, str, str, int, int | None], ...] = (
        (COOP, CHERRIES, "SD26-A", 60, None),
        (COOP, CHERRIES, "SD26-B", 59, None),
        (COOP, CHERRIES, "SD26-C", 58, None),
        (COOP, COFFEE, COFFEE_LOT, 45, -320),
        (FISH, FISH_SAUCE, FISH_LOT_RECALLED, 60, -1035),
        (FISH, FISH_SAUCE, FISH_LOT, 30, -1065),
        (FRUIT, MANGO, MANGO_LOT, 35, -145),
        (FRUIT, MANGO, MANGO_LOT_EXPIRED, 210, 30),
    )
    for firm, product_gtin, number, made, expires in batches:
        body = {"lot": number, "production_date": day(now, made).isoformat()}
        if expires is not None:
            body["expiry_date"] = day(now, expires).isoformat()
        yield Step(ago(made, 6), firm, "batch", body, product_gtin)


def coffee() -> Iterator[Step]:
    """Tell of the coffee: three groves, the roastery, packs, cases, a pallet, three shops."""
    harvest = [(GROVE_MIST, "SD26-A", 420.0), (GROVE_PINE, "SD26-B", 365.0)]
    harvest.append((GROVE_BROOK, "SD26-C", 210.0))
    for offset, (grove, number, kilograms) in enumerate(harvest):
        picked = {"action": "ADD", "quantityList": [lot(CHERRIES, number, kilograms, "KGM")]}
        seen = {**picked, "action": "OBSERVE"}
        begun = event("ObjectEvent", grove, "creating_class_instance", "active", **picked)
        sent = event("ObjectEvent", grove, "shipping", "in_transit", **seen)
        came = event("ObjectEvent", ROASTERY, "receiving", "in_progress", **seen)
        yield Step(ago(60 - offset, 16), COOP, "events", {"events": [begun]})
        yield Step(ago(57 - offset, 6), COOP, "events", {"events": [sent]})
        yield Step(ago(57 - offset, 11), COOP, "events", {"events": [came]})
    roasted = event(
        "TransformationEvent",
        ROASTERY,
        "creating_class_instance",
        "active",
        inputQuantityList=[lot(CHERRIES, number, kilos, "KGM") for _g, number, kilos in harvest],
        outputQuantityList=[lot(COFFEE, COFFEE_LOT, 48)],
    )
    yield Step(ago(45, 10), COOP, "events", {"events": [roasted]})
    issue = {"serials": COFFEE_SERIALS, "lot": COFFEE_LOT}
    yield Step(ago(45, 11), COOP, "serials", issue, COFFEE)
    yield commission(COOP, ago(44, 8), ROASTERY, COFFEE, COFFEE_SERIALS)
    packs = [COFFEE_SERIALS[start : start + 12] for start in range(0, 48, 12)]
    cases = [
        aggregation(ROASTERY, case, [unit(COFFEE, serial) for serial in some])
        for case, some in zip(CASES, packs, strict=True)
    ]
    yield Step(ago(44, 13), COOP, "events", {"events": cases})
    stacked = aggregation(ROASTERY, PALLET, [container(case) for case in CASES])
    yield Step(ago(44, 15), COOP, "events", {"events": [stacked]})
    yield from moved(CARRIER, 43, [container(PALLET)], ROASTERY, DEPOT)
    for case, shop in zip(CASES, (SHOP_HANOI, SHOP_HUE, SHOP_SAIGON), strict=False):
        yield from moved(SHOP, 39, [container(case)], DEPOT, shop)


def commission(
    firm: Firm, span: timedelta, place: str, product: str, numbers: Iterable[str]
) -> Step:
    """Tell that packs with these serials were made and released.

    One event for each pack: then its proof can be handed to whoever holds the pack, and shows no
    other serial.
    """
    made = [
        event(
            "ObjectEvent",
            place,
            "commissioning",
            "active",
            action="ADD",
            epcList=[unit(product, serial)],
        )
        for serial in numbers
    ]
    return Step(span, firm, "events", {"events": made})


def aggregation(place: str, parent: str, children: list[str]) -> Event:
    """Tell that things were packed into a logistic unit."""
    packed = {"action": "ADD", "parentID": container(parent), "childEPCs": children}
    return event("AggregationEvent", place, "packing", "in_progress", **packed)


def fish_sauce(now: datetime) -> Iterator[Step]:
    """Tell of the fish sauce: one lot that was later recalled, one that was not."""
    for number, days in ((FISH_LOT_RECALLED, 60), (FISH_LOT, 30)):
        filled = event(
            "ObjectEvent",
            BARRELS,
            "creating_class_instance",
            "active",
            action="ADD",
            quantityList=[lot(FISH_SAUCE, number, 600)],
        )
        yield Step(ago(days, 9), FISH, "events", {"events": [filled]})
    issue = {"serials": FISH_SERIALS, "lot": FISH_LOT_RECALLED}
    yield Step(ago(59, 8), FISH, "serials", issue, FISH_SAUCE)
    yield commission(FISH, ago(59, 10), BARRELS, FISH_SAUCE, FISH_SERIALS)
    boxed = aggregation(BARRELS, FISH_CASE, [unit(FISH_SAUCE, s) for s in FISH_SERIALS])
    yield Step(ago(59, 14), FISH, "events", {"events": [boxed]})
    yield from moved(SHOP, 56, [container(FISH_CASE)], BARRELS, SHOP_SAIGON)
    notice = {
        "gtin": FISH_SAUCE,
        "lot": FISH_LOT_RECALLED,
        "reason": "Hàm lượng histamin vượt mức cơ sở đã công bố.",
        "reason_en": "Histamine above the level that the maker declared.",
        "instructions": "Ngừng dùng, giữ nguyên chai, mang trả nơi mua để được hoàn tiền.",
        "hazard_group": "A",
    }
    yield Step(ago(2, 9), FISH, "recall", notice)


def mango() -> Iterator[Step]:
    """Tell of the mango: serials copied, destroyed, sold, never released; a lot that expired."""
    for number, count, days, place in (
        (MANGO_LOT_EXPIRED, 2, 210, DRYER),
        (MANGO_LOT, 8, 35, DRYER),
    ):
        dried = event(
            "ObjectEvent",
            place,
            "creating_class_instance",
            "active",
            action="ADD",
            quantityList=[lot(MANGO, number, count)],
        )
        yield Step(ago(days, 8), FRUIT, "events", {"events": [dried]})
    old = {"serials": MANGO_OLD_SERIALS, "lot": MANGO_LOT_EXPIRED}
    yield Step(ago(210, 9), FRUIT, "serials", old, MANGO)
    yield commission(FRUIT, ago(209, 8), DRYER, MANGO, MANGO_OLD_SERIALS)
    new = {"serials": [*MANGO_SERIALS, NOT_RELEASED], "lot": MANGO_LOT}
    yield Step(ago(35, 9), FRUIT, "serials", new, MANGO)
    yield commission(FRUIT, ago(34, 8), DRYER, MANGO, MANGO_SERIALS)
    gone = event(
        "ObjectEvent",
        DRYER,
        "destroying",
        "destroyed",
        action="DELETE",
        epcList=[unit(MANGO, DESTROYED)],
    )
    yield Step(ago(20, 15), FRUIT, "events", {"events": [gone]})
    yield from moved(SHOP, 16, [unit(MANGO, SOLD)], DRYER, SHOP_HUE)
    sold = event(
        "ObjectEvent",
        SHOP_HUE,
        "retail_selling",
        "retail_sold",
        action="OBSERVE",
        epcList=[unit(MANGO, SOLD)],
    )
    yield Step(ago(12, 17), SHOP, "events", {"events": [sold]})


def tell(now: datetime) -> list[Step]:
    """Give every step of the three stories in the order of time."""
    steps = [*registrations(now), *coffee(), *fish_sauce(now), *mango()]
    return sorted(steps, key=lambda step: step.ago, reverse=True)


def document(events: list[Event], at: datetime) -> dict[str, Any]:
    """Give the EPCIS 2.0 document of events that happened at one time."""
    local = at.astimezone(LOCAL_ZONE)
    stamped = [
        {
            **body,
            "eventTime": local.isoformat(timespec="seconds"),
            "eventTimeZoneOffset": "+07:00",
        }
        for body in events
    ]
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": local.isoformat(timespec="seconds"),
        "epcisBody": {"eventList": stamped},
    }
