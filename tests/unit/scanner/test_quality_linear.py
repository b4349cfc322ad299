"""Linear symbols by the method of ISO/IEC 15416: prints with known faults, values by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import zxingcpp
from barcode.itf import ITF

from scanner.quality import linear
from scanner.quality.light import LINEAR
from scanner.quality.linear import Measured
from tests import prints
from tests.prints import EAN, SIDE, Reflectance

FIRST = 12 * SIDE  # the first bar's pixel


def measured(
    print_: Reflectance, symbology: str = "EAN-13", text: str = EAN, width: int = 95 * SIDE
) -> Measured:
    top, bottom = 40.0, float(len(print_) - 41)
    left, right = FIRST - 0.5, FIRST + width - 0.5
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return linear.measure(prints.encoded(print_), LINEAR, corners, symbology, text)


def value(found: Measured, name: str) -> float:
    (number,) = (item.value for item in found.parameters if item.name == name)
    assert number is not None
    return number


def grade(found: Measured, name: str) -> float | None:
    (number,) = (item.grade for item in found.parameters if item.name == name)
    return number


def ean(**options: float) -> Reflectance:
    return prints.bars(prints.ean_modules(), **options)


def columns(print_: Reflectance, first: int, last: int, reflectance: float) -> Reflectance:
    """The bars' rows of some columns, repainted."""
    out = print_.copy()
    out[40:-40, first:last] = reflectance
    return out


def run_of(width: int, *, dark: bool) -> int:
    """The pixel where a bar or space of some modules begins."""
    row = prints.ean_modules()[0]
    for start in range(len(row) - width):
        inside = row[start : start + width] == dark
        ends = row[start - 1] != dark and row[start + width] != dark
        if start and ends and inside.all():
            return FIRST + start * SIDE
    raise AssertionError(width)


def test_a_perfect_print_has_the_best_grade_everywhere() -> None:
    found = measured(ean())
    assert found.grade == 4.0
    assert len(found.scans) == 10
    assert {item.grade for item in found.parameters} == {4.0, None}
    assert value(found, "decodability") == pytest.approx(1, abs=0.01)
    assert value(found, "bar-growth") == pytest.approx(0, abs=0.01)
    assert found.x == pytest.approx(SIDE, abs=0.02)


@pytest.mark.parametrize(
    ("light", "ink", "contrast", "expected"),
    [
        (0.90, 0.10, 0.80, 4.0),
        (0.84, 0.40, 0.44, 2.2),
        (0.75, 0.15, 0.60, 3.3),
        (0.90, 0.75, 0.15, 0.0),
    ],
)
def test_symbol_contrast_is_the_difference_of_reflectances(
    light: float, ink: float, contrast: float, expected: float
) -> None:
    # 0.60 lies a third of the way from 0.55 (grade 3) to 0.70 (4), 0.44 a quarter from 0.40 (2).
    found = measured(ean(light=light + 0.002, ink=ink))
    assert value(found, "symbol-contrast") == pytest.approx(contrast, abs=0.01)
    assert grade(found, "symbol-contrast") == pytest.approx(expected, abs=0.11)


@pytest.mark.parametrize(("ink", "expected"), [(0.42, 4.0), (0.48, 0.0)])
def test_the_darkest_bar_has_at_most_half_the_highest_reflectance(
    ink: float, expected: float
) -> None:
    assert grade(measured(ean(ink=ink)), "minimum-reflectance") == expected


def test_modulation_is_the_least_edge_contrast_over_the_symbol_contrast() -> None:
    start = run_of(1, dark=False)
    found = measured(columns(ean(), start, start + SIDE, 0.60))
    assert value(found, "edge-contrast") == pytest.approx(0.50, abs=0.01)  # 0.60 - 0.10
    assert value(found, "modulation") == pytest.approx(0.625, abs=0.01)  # 0.50 / 0.80
    assert grade(found, "modulation") == pytest.approx(3.2, abs=0.11)


@pytest.mark.parametrize(
    ("dark", "reflectance", "defect"), [(True, 0.30, 0.25), (False, 0.74, 0.20)]
)
def test_a_spot_is_a_defect_of_its_depth(dark: bool, reflectance: float, defect: float) -> None:
    # Wider than the aperture of half a module, so its full depth is seen: 0.2 or 0.16 of 0.8.
    start = run_of(3, dark=dark) + 3 * SIDE // 2 - 4
    found = measured(columns(ean(), start, start + 8, reflectance))
    assert value(found, "defects") == pytest.approx(defect, abs=0.015)
    first, last = found.scans[4].defect or (0, 0)
    assert first < last


def test_bar_growth_leaves_edge_distances_but_not_the_sum_of_bars() -> None:
    found = measured(prints.grown(ean(), 2, down=False))
    assert value(found, "bar-growth") == pytest.approx(0.4, abs=0.02)
    # ISO/IEC 15420: digits 1, 2, 7, 8 are told apart by the sum of their two bars, 1 module from
    # the limit; both bars grow by 0.4 X, so 0.2 X of that room is left.
    assert value(found, "decodability") == pytest.approx(0.2, abs=0.03)


def test_decodability_of_an_edge_out_of_place() -> None:
    # One edge moved by 0.2 X: the distance to the next similar edge is off by as much, and half a
    # module is the limit: 1 - 0.2 / 0.5.
    start = run_of(2, dark=True)
    moved = columns(ean(), start - 2, start, 0.1)
    assert value(measured(moved), "decodability") == pytest.approx(0.6, abs=0.04)


@pytest.mark.parametrize(("modules", "expected"), [(11, 4.0), (8, 0.0)])
def test_the_quiet_zone_is_measured_in_modules(modules: int, expected: float) -> None:
    edge = FIRST - modules * SIDE
    found = measured(columns(ean(), edge - 6, edge, 0.1))
    assert value(found, "quiet-left") == pytest.approx(modules, abs=0.1)
    assert grade(found, "quiet-left") == expected
    assert grade(found, "quiet-right") == 4.0


def test_a_quiet_zone_outside_the_photo_is_not_graded() -> None:
    print_ = ean()[:, FIRST - 5 * SIDE :]
    corners = [(49.5, 40.0), (999.5, 40.0), (999.5, 239.0), (49.5, 239.0)]
    found = linear.measure(prints.encoded(print_), LINEAR, corners, "EAN-13", EAN)
    assert grade(found, "quiet-left") is None
    assert value(found, "quiet-left") == pytest.approx(5, abs=0.1)
    assert found.grade == 4.0


def test_other_digits_than_the_decoder_read_are_no_decode() -> None:
    found = measured(ean(), text="9521234543220")
    assert value(found, "decode") == 0
    assert found.grade == 0


def test_a_missing_bar_fails_every_scan() -> None:
    start = run_of(1, dark=True)
    found = measured(columns(ean(), start, start + SIDE, 0.9))
    assert found.grade == 0
    assert value(found, "decode") == 0


@pytest.mark.parametrize(
    ("symbology", "name", "text"),
    [
        (zxingcpp.BarcodeFormat.Code128, "Code 128", "Lot-2610/07 xyz"),
        (zxingcpp.BarcodeFormat.Code128, "Code 128", "0952123454321317271231"),
        (zxingcpp.BarcodeFormat.EAN8, "EAN-8", "95212340"),
        (zxingcpp.BarcodeFormat.UPCA, "UPC-A", "012345678905"),
    ],
)
def test_other_encoders_symbols_decode(
    symbology: zxingcpp.BarcodeFormat, name: str, text: str
) -> None:
    row = prints.modules(text, symbology)[:1]
    found = measured(prints.bars(row), name, text, row.shape[1] * SIDE)
    assert found.grade == 4.0
    assert value(found, "decodability") == pytest.approx(1, abs=0.03)


def test_a_wrong_check_character_of_code_128_is_no_decode() -> None:
    row = prints.modules("ABCDEF", zxingcpp.BarcodeFormat.Code128)[:1].copy()
    row[:, 11:33] = np.concatenate([row[:, 22:33], row[:, 11:22]], axis=1)  # two characters swapped
    found = measured(prints.bars(row), "Code 128", "BACDEF", row.shape[1] * SIDE)
    assert value(found, "decode") == 0


def test_itf_decodability_under_bar_growth() -> None:
    # Two columns make one X (wide bars 2.5 X). Growth of 0.4 X: the threshold is 7/64 of a pair,
    # 1.75 X; the widest narrow element 1.4 X, (1.75 - 1.4) / 0.75.
    (columns_,) = ITF("09521234543213").build()
    row = np.array([[column == "1" for column in columns_]])
    print_ = prints.grown(prints.bars(row), 4, down=False)
    found = measured(print_, "ITF-14", "09521234543213", row.shape[1] * SIDE)
    assert found.x == pytest.approx(2 * SIDE, abs=0.2)
    assert value(found, "bar-growth") == pytest.approx(0.4, abs=0.02)
    assert value(found, "decodability") == pytest.approx(0.467, abs=0.02)


def test_more_blur_never_grades_better() -> None:
    found = [measured(prints.blurred(ean(), sigma)) for sigma in (0, 2, 3, 4, 5, 7)]
    modulations = [value(item, "modulation") for item in found]
    assert modulations == sorted(modulations, reverse=True)
    assert modulations[0] > 0.99 > modulations[-1]
    rooms = [value(item, "decodability") for item in found if value(item, "decode") == 1]
    assert len(rooms) >= 4
    assert all(before >= after - 0.005 for before, after in itertools.pairwise(rooms))
    grades = [item.grade for item in found]
    assert grades == sorted(grades, reverse=True)
    spreads = [item.edge_spread for item in found]
    assert spreads == sorted(spreads)  # also where nothing decodes any more
    assert spreads[-1] > 0.7


@pytest.mark.parametrize("angle", [0, 3, 90, 180, 263])
def test_a_turned_photo_measures_the_same(angle: int) -> None:
    turned = prints.photo(ean()).rotate(angle, 3, expand=True, fillcolor=243)
    (read,) = zxingcpp.read_barcodes(turned)
    place = read.position
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    corners = [(float(point.x), float(point.y)) for point in points]
    found = linear.measure(np.asarray(turned), LINEAR, corners, "EAN-13", EAN)
    assert found.grade == 4.0
    assert found.x == pytest.approx(SIDE, rel=0.01)
    assert value(found, "symbol-contrast") == pytest.approx(0.8, abs=0.02)
