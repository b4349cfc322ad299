"""Draws ``app/templates/map/_provinces.html`` from a GeoJSON file of the 34 provinces.

    python docs/tools/province_map.py provinces.geojson units.json > _provinces.html

The outlines and names come from thanglequoc/vietnamese-provinces-database (MIT, copyright 2021
Thang Le Quoc). Islands smaller than a dot at this scale are drawn as dots, never left out: all of
Hoàng Sa and Trường Sa is there.
"""

from __future__ import annotations

import json
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]
WIDTH = 1000.0
WEST, EAST, NORTH = 102.1, 118.0, 23.45
TOLERANCE = 1.1  # drawing units; half a pixel on a phone
SMALLEST = 30.0  # area in square units under which an island becomes a dot
ARCHIPELAGO_EAST_OF = 110.5  # degrees: Hoàng Sa and Trường Sa, far off every coast


def project(point: Point) -> Point:
    """Mercator, scaled to the drawing."""
    longitude, latitude = point

    def northing(degrees: float) -> float:
        return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(degrees) / 2)))

    scale = WIDTH / (EAST - WEST)
    return (longitude - WEST) * scale, (northing(NORTH) - northing(latitude)) * scale


def simplify(points: list[Point]) -> list[Point]:
    """Douglas and Peucker's line simplification."""
    if len(points) < 3:
        return points
    (x1, y1), (x2, y2) = points[0], points[-1]
    length = math.hypot(x2 - x1, y2 - y1)

    def distance(point: Point) -> float:
        x, y = point
        if not length:
            return math.hypot(x - x1, y - y1)
        return abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length

    farthest = max(range(1, len(points) - 1), key=lambda i: distance(points[i]))
    if distance(points[farthest]) <= TOLERANCE:
        return [points[0], points[-1]]
    return simplify(points[: farthest + 1])[:-1] + simplify(points[farthest:])


def area(ring: list[Point]) -> float:
    """Area of a closed ring in square units."""
    pairs = pairwise(ring)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def centre(ring: list[Point]) -> Point:
    """Centroid of a closed ring."""
    twice = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
    if not twice:
        return ring[0]
    x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = x1 * y2 - x2 * y1
        x += (x1 + x2) * cross
        y += (y1 + y2) * cross
    return x / (3 * twice), y / (3 * twice)


def outline(ring: list[Point]) -> str:
    """One ring as relative path commands in whole units."""
    points = [(round(x), round(y)) for x, y in simplify(ring)]
    text, (x, y) = f"M{points[0][0]} {points[0][1]}l", points[0]
    steps = []
    for nx, ny in points[1:-1]:
        if (nx, ny) != (x, y):
            steps.append(f"{nx - x} {ny - y}")
            x, y = nx, ny
    return text + " ".join(steps).replace(" -", "-") + "z"


def draw(feature: dict[str, Any], name: str) -> tuple[str, set[Point]]:
    """Give the dictionary line of a province and the dots of its far islands."""
    geometry = feature["geometry"]
    single = geometry["type"] == "Polygon"
    polygons = [geometry["coordinates"]] if single else geometry["coordinates"]
    rings = sorted(([project(p) for p in polygon[0]] for polygon in polygons), key=area)
    main = rings[-1]
    parts: list[str] = []
    dots: set[Point] = set()
    for polygon in polygons:
        ring = [project(p) for p in polygon[0]]
        x, y = centre(ring)
        if polygon[0][0][0] > ARCHIPELAGO_EAST_OF:
            dots.add((round(x / 5) * 5, round(y / 5) * 5))
        elif ring == main or area(ring) >= SMALLEST:
            parts.append(outline(ring))
    x, y = centre(main)
    code = feature["properties"]["code"]
    line = f'  "{code}": ("{name}", {round(x)}, {round(y)}, "{"".join(parts)}"),'
    return line, dots


def short(name: str) -> str:
    """Drop "Tỉnh", shorten "Thành phố", set the tone marks as the resolutions of 2025 do."""
    name = name.replace("Hoà", "Hòa").replace("Hoá", "Hóa")
    return name.removeprefix("Tỉnh ").replace("Thành phố ", "TP. ")


def main(geojson: str, units: str) -> str:
    """Give the template file."""
    names = {u["Code"]: short(u["FullName"]) for u in json.loads(Path(units).read_text("utf-8"))}
    lines: list[str] = []
    dots: set[Point] = set()
    for feature in json.loads(Path(geojson).read_text("utf-8"))["features"]:
        line, far = draw(feature, names[feature["properties"]["code"]])
        lines.append(line)
        dots |= far
    isles = "".join(f"M{x:g} {y:g}h.1" for x, y in sorted(dots))
    return "\n".join(
        [
            "{# The 34 provinces of 1 July 2025: code, name, centre, outline. Outlines and names:",
            "   thanglequoc/vietnamese-provinces-database, MIT, copyright 2021 Thang Le Quoc;",
            "   simplified by docs/tools/province_map.py, which draws this file. #}",
            "{% set provinces = {",
            *lines,
            "} %}",
            f'{{% set isles = "{isles}" %}}',
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:3]))
