"""The province map: 34 provinces, the archipelagos always named, numbers equal to the steps."""

from __future__ import annotations

import re

import pytest
from flask import Flask, get_template_attribute

from tests import outside

UNITS = "domain/geo/vn_units_2026-07-25_thanglequoc_MIT.json"
Stops = tuple[tuple[int, str], ...]


def drawn(app: Flask, stops: Stops) -> str:
    with app.test_request_context():
        macro = get_template_attribute("map/_map.html", "province_map")
        return str(macro(stops, "bản đồ"))


def numbers(svg: str) -> list[str]:
    return re.findall(r'<g class="pin[^"]*">.*?<text[^>]*>([^<]*)</text>', svg, flags=re.S)


def test_all_34_provinces_have_their_outline_and_name(app: Flask) -> None:
    with app.test_request_context():
        provinces = app.jinja_env.get_template("map/_provinces.html").module.provinces  # type: ignore[attr-defined]
    units = {unit["Code"]: unit["FullName"] for unit in outside.load(UNITS)}
    assert provinces.keys() == units.keys()
    for code, (name, _x, _y, outline) in provinces.items():
        bare = re.sub(r"^(Tỉnh|Thành phố) ", "", units[code])
        assert name.removeprefix("TP. ") == bare.replace("Hoà", "Hòa").replace("Hoá", "Hóa")
        assert outline.startswith("M")
    assert drawn(app, ()).count('class="land') == 34


@pytest.mark.parametrize("stops", [(), ((1, "01"),), ((1, "68"), (2, "79"))])
def test_the_archipelagos_are_always_drawn_and_named(app: Flask, stops: Stops) -> None:
    svg = drawn(app, stops)
    isles = re.search(r'class="isle" d="([^"]+)"', svg)
    assert isles is not None
    for words in ("Quần đảo Hoàng Sa", "TP. Đà Nẵng", "Quần đảo Trường Sa", "Tỉnh Khánh Hòa"):
        assert words in svg
    dots = [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h", isles.group(1))]
    assert any(y < 550 for _x, y in dots)  # Hoàng Sa, at the height of Đà Nẵng
    assert any(y > 750 for _x, y in dots)  # Trường Sa, from Khánh Hòa southwards
    assert all(0 < x < 1000 and 0 < y < 1085 for x, y in dots)


@pytest.mark.parametrize(
    ("stops", "pins"),
    [
        (((1, "68"), (2, "68"), (3, "68"), (4, "79")), ["1–3", "4"]),
        (((1, "68"), (2, "79"), (3, "68")), ["1, 3", "2"]),
        (((1, "68"), (2, "68"), (5, "01")), ["1, 2", "5"]),
        (((1, "99"), (2, "01")), ["2"]),
    ],
)
def test_pins_carry_the_numbers_of_the_steps(app: Flask, stops: Stops, pins: list[str]) -> None:
    assert numbers(drawn(app, stops)) == pins


def test_pins_of_neighbours_do_not_cover_each_other(app: Flask) -> None:
    svg = drawn(app, ((1, "79"), (2, "75"), (3, "80")))
    spots = [(int(x), int(y)) for x, y in re.findall(r'circle cx="(\d+)" cy="(\d+)"', svg)]
    for index, (x, y) in enumerate(spots):
        for other_x, other_y in spots[:index]:
            assert max(abs(x - other_x), abs(y - other_y)) >= 54
