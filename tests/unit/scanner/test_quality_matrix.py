"""Data Matrix and QR Code by the method of ISO/IEC 15415: known faults, values by hand."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import zxingcpp

from scanner.quality import data_matrix, matrix, qr_code
from scanner.quality.light import LINEAR
from scanner.quality.matrix import Measured
from scanner.quality.reed_solomon import DATA_MATRIX, QR_CODE, Uncorrectable, correct
from tests import prints
from tests.prints import SIDE, Modules, Reflectance

DATAMATRIX, QRCODE = zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode
QUIET = 4
# Data modules of a 20 × 20 symbol more than four modules apart: no two share a codeword, whose
# eight modules lie within three rows and columns.
APART = ((4, 4), (4, 9), (4, 14), (9, 4), (9, 9), (9, 14), (14, 4), (14, 9), (14, 14))


@pytest.fixture(scope="module")
def label() -> Modules:
    """20 × 20: 22 data and 18 error correction codewords (ISO/IEC 16022, table 7)."""
    text = "(01)09521234543213(17)271231(10)L1(21)S1"
    found = prints.modules(text, DATAMATRIX, gs1=True, force_square=True)
    assert found.shape == (20, 20)
    return found


def read(print_: Reflectance) -> zxingcpp.Barcode:
    (found,) = zxingcpp.read_barcodes(prints.photo(print_))
    return found


def measured(print_: Reflectance, seen: zxingcpp.Barcode | None = None) -> Measured:
    barcode = seen or read(print_)
    place = barcode.position
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    a, b, c, d = ((float(point.x), float(point.y)) for point in points)
    assert isinstance(barcode.extra, dict)
    layout = matrix.layout_of(str(barcode.symbology), barcode.extra)
    assert layout is not None
    return matrix.measure(LINEAR[prints.encoded(print_)], (a, b, c, d), layout)


def value(found: Measured, name: str) -> float:
    (number,) = (item.value for item in found.parameters if item.name == name)
    assert number is not None
    return number


def grade(found: Measured, name: str) -> float:
    (number,) = (item.grade for item in found.parameters if item.name == name)
    assert number is not None
    return number


def flipped(dark: Modules, places: tuple[tuple[int, int], ...]) -> Modules:
    out = dark.copy()
    for place in places:
        out[place] = not out[place]
    return out


def printed(dark: Modules, side: int | tuple[int, int] = SIDE) -> Reflectance:
    return prints.printed(dark, side, QUIET)


@pytest.mark.parametrize("light", [0.9, 0.7])
def test_a_perfect_print_has_the_best_grades(label: Modules, light: float) -> None:
    found = measured(prints.printed(label, quiet=QUIET, light=light, ink=light - 0.44))
    contrast = grade(found, "symbol-contrast")
    assert value(found, "symbol-contrast") == pytest.approx(0.44, abs=0.01)
    assert contrast == pytest.approx(2.2, abs=0.11)
    assert found.grade == contrast
    others = {item.grade for item in found.parameters if item.name != "symbol-contrast"}
    assert others == {4.0, None}


@pytest.mark.parametrize("count", range(9))
def test_unused_error_correction_counts_codewords(label: Modules, count: int) -> None:
    print_ = printed(flipped(label, APART[:count]))
    seen = read(print_)
    found = measured(print_, seen)
    by_hand = 1 - 2 * count / 18
    assert value(found, "unused-error-correction") == pytest.approx(by_hand, abs=1e-6)
    assert isinstance(seen.extra, dict)
    assert value(found, "unused-error-correction") == pytest.approx(seen.extra["UEC"], abs=0.01)
    assert int(found.wrong.sum()) == count


def test_two_modules_of_one_codeword_count_once(label: Modules) -> None:
    print_ = printed(flipped(label, ((9, 9), (9, 9))))
    assert value(measured(print_), "unused-error-correction") == 1
    # Codeword bits lie side by side: of three neighbours in a row at least two share a codeword.
    three = read(printed(flipped(label, ((9, 9), (9, 10), (9, 11)))))
    assert isinstance(three.extra, dict)
    own = measured(printed(flipped(label, ((9, 9), (9, 10), (9, 11)))), three)
    assert value(own, "unused-error-correction") == pytest.approx(three.extra["UEC"], abs=0.01)
    assert value(own, "unused-error-correction") >= 1 - 4 / 18


@pytest.mark.parametrize(
    ("faint", "share", "expected"),
    [
        # Nothing counts as an error that stays above a level; faint codewords do above it.
        (1, 0.125, 4),  # level 4: 1 of 18/2 used, unused 0.89 is 4
        (4, 0.35, 3),  # level 4: unused 0.56 is 3
        (5, 0.35, 2),  # level 4 and 3: unused 0.44 is 2; level 2: all good
        (7, 0.35, 2),  # level 4: unused 0.22 is 0; level 2: all good
        (7, 0.05, 0),  # unused 0.22 is 0 at all levels
    ],
)
def test_modulation_weighs_faint_codewords(
    label: Modules, faint: int, share: float, expected: int
) -> None:
    print_ = printed(label)
    for row, column in APART[:faint]:
        rows, columns = ((QUIET + place) * SIDE for place in (row, column))
        # 2 |R - GT| / SC = share, on the module's own side of the threshold of 0.5.
        shift = share * 0.8 / 2 * (-1 if label[row, column] else 1)
        print_[rows : rows + SIDE, columns : columns + SIDE] = 0.5 + shift
    found = measured(print_)
    assert value(found, "modulation") == pytest.approx(share, abs=0.02)
    assert grade(found, "modulation") == expected
    assert grade(found, "reflectance-margin") == expected
    assert value(found, "unused-error-correction") == 1


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        # Of the 20 modules of the L's left side: 5 % is 3, 10 % is 2, 15 % is 1, 20 % is 0; the
        # mean of five segments is lower only where it says so.
        (0, 4),
        (1, 3),
        (2, 2),
        (3, 1),
        (4, 0),
    ],
)
def test_damage_of_the_data_matrix_finder(label: Modules, broken: int, expected: int) -> None:
    places = tuple((row, 0) for row in (5, 8, 11, 14)[:broken])
    found = measured(printed(flipped(label, places)), read(printed(label)))
    assert grade(found, "fixed-pattern") == expected
    assert value(found, "unused-error-correction") == 1


@pytest.mark.parametrize(("errors", "expected"), [(0, 4), (1, 3), (2, 2), (3, 1), (4, 0)])
def test_damage_of_a_qr_finder_counts_modules(errors: int, expected: int) -> None:
    dark = prints.modules("https://id.gs1.org/01/09520001000171", QRCODE, ec_level="Q")
    places = tuple((3, column) for column in range(errors))
    found = measured(printed(flipped(dark, places)), read(printed(dark)))
    assert grade(found, "fixed-pattern") == expected


def test_dirt_in_the_quiet_zone_damages_the_fixed_pattern(label: Modules) -> None:
    print_ = printed(label)
    print_[60:100, (QUIET - 1) * SIDE : QUIET * SIDE] = 0.1  # 4 of 21 modules: more than 17 %
    assert grade(measured(print_, read(printed(label))), "fixed-pattern") == 0


@pytest.mark.parametrize(
    ("sides", "by_hand"),
    [((20, 20), 0), ((22, 20), 2 / 21), ((20, 21), 1 / 20.5), ((18, 20), 2 / 19)],
)
def test_axial_nonuniformity(label: Modules, sides: tuple[int, int], by_hand: float) -> None:
    found = measured(printed(label, sides))
    assert value(found, "axial-nonuniformity") == pytest.approx(by_hand, abs=0.004)
    assert value(found, "grid-nonuniformity") < 0.02


@pytest.mark.parametrize("kind", [DATAMATRIX, QRCODE])
def test_corners_told_inexactly_do_not_mirror_the_symbol(
    kind: zxingcpp.BarcodeFormat, label: Modules
) -> None:
    """Across its diagonal the fixed pattern is its own mirror image: the data must decide."""
    is_qr = kind == QRCODE
    dark = prints.modules("https://id.gs1.org/01/09521234543213/10/L13", QRCODE) if is_qr else label
    barcode = read(printed(dark))
    assert isinstance(barcode.extra, dict)
    layout = matrix.layout_of(str(barcode.symbology), barcode.extra)
    assert layout is not None
    light = LINEAR[prints.encoded(printed(dark))]
    first, last = QUIET * SIDE - 0.5, (QUIET + len(dark)) * SIDE - 0.5
    rng = random.Random(5)
    for _ in range(12):
        corners = [(first, first), (last, first), (last, last), (first, last)]
        a, b, c, d = ((x + rng.uniform(-2, 2), y + rng.uniform(-2, 2)) for x, y in corners)
        for quad in ((a, b, c, d), (a, d, c, b)):  # as zxing-cpp would tell a mirrored symbol
            assert matrix.measure(light, quad, layout).grade == 4.0


def test_grid_nonuniformity_is_the_largest_shift() -> None:
    dark = prints.modules("https://id.gs1.org/01/09520001000171/21/7KQ4M2XP", QRCODE)
    straight = printed(dark)
    seen, found = read(straight), []
    size = dark.shape[0] * SIDE
    for amplitude in (0.0, 0.2, 0.4):
        # Columns pushed to the right and left in two full waves, which no projective grid follows.
        places = np.arange(straight.shape[1])
        wave = np.sin(4 * np.pi * (places - QUIET * SIDE) / size) * amplitude * SIDE
        source = np.clip(np.rint(places - wave), 0, straight.shape[1] - 1).astype(int)
        found.append(value(measured(straight[:, source], seen), "grid-nonuniformity"))
    assert found[0] < 0.02
    assert found[1] == pytest.approx(0.2, abs=0.06)
    assert found[2] == pytest.approx(0.4, abs=0.1)


@pytest.mark.parametrize("pixels", [0, 1, 2])
def test_print_growth(label: Modules, pixels: int) -> None:
    found = measured(prints.grown(printed(label), pixels))
    assert value(found, "growth-across") == pytest.approx(2 * pixels / SIDE, abs=0.02)
    assert value(found, "growth-down") == pytest.approx(2 * pixels / SIDE, abs=0.02)


def test_worse_prints_never_grade_better(label: Modules) -> None:
    clean = printed(label)
    seen = read(clean)
    steps = ("modulation", "reflectance-margin", "fixed-pattern", "unused-error-correction")
    series = (
        [measured(prints.blurred(clean, sigma), seen) for sigma in (0, 1, 2, 3, 4)],
        [measured(printed(flipped(label, APART[:count])), seen) for count in range(9)],
    )
    for found in series:
        for name in steps:
            grades = [grade(item, name) for item in found]
            assert grades == sorted(grades, reverse=True), name
        assert [item.grade for item in found] == sorted((f.grade for f in found), reverse=True)
    assert series[0][-1].grade < series[0][0].grade == 4
    assert series[1][-1].grade == 0


@pytest.mark.parametrize("turn", [7, 90, 200, 290])
@pytest.mark.parametrize("symbology", [DATAMATRIX, QRCODE])
def test_a_turned_or_negative_photo_measures_the_same(
    symbology: zxingcpp.BarcodeFormat, turn: int
) -> None:
    print_ = printed(prints.modules("https://id.gs1.org/01/09520001000171", symbology))
    for reflectance in (print_, 1 - print_):
        ground = int(prints.encoded(reflectance)[0, 0])
        photo = prints.photo(reflectance).rotate(turn, 3, expand=True, fillcolor=ground)
        (seen,) = zxingcpp.read_barcodes(photo)
        found = measured(LINEAR[np.asarray(photo)].astype(np.float64), seen)
        assert found.grade == 4.0
        assert value(found, "axial-nonuniformity") < 0.01


def test_every_size_of_data_matrix_reads_as_its_encoder_wrote_it() -> None:
    rng, met = random.Random(16022), set()
    for length in (*range(1, 60, 2), 80, 130, 180, 250, 330, 450, 600, 800, 1000, 1200, 1400):
        text = "".join(rng.choice("abcdXYZ+-") for _ in range(length))
        try:
            dark = prints.modules(text, DATAMATRIX, force_square=length % 4 != 1)
        except ValueError:
            continue
        if dark.shape in met or not data_matrix.is_known(*dark.shape):
            continue
        met.add(dark.shape)
        plan = data_matrix.layout(*dark.shape)
        assert np.array_equal(plan.fixed[plan.fixed >= 0] == 1, dark[plan.fixed >= 0])
        words = plan.read(dark)
        for block in plan.blocks:
            sent = [words[place] for place in block]
            spoilt = list(sent)
            for place in rng.sample(range(len(sent)), plan.capacity // 2):
                spoilt[place] ^= rng.randrange(1, 256)
            assert correct(DATA_MATRIX, spoilt, plan.checks) == sent
    assert len(met) >= 20


@pytest.mark.parametrize("level", "LMQH")
def test_every_version_of_qr_code_reads_as_its_encoder_wrote_it(level: str) -> None:
    for version in (1, 2, 3, 6, 7, 13, 14, 21, 28, 32, 36, 40):
        barcode = zxingcpp.create_barcode("0952", QRCODE, ec_level=level, version=version)
        seen = zxingcpp.read_barcodes(barcode.to_image(scale=3), formats=QRCODE)[0]
        assert isinstance(seen.extra, dict)
        dark = prints.modules("0952", QRCODE, ec_level=level, version=version)
        plan = qr_code.layout(version, level, seen.extra["DataMask"])
        assert np.array_equal(plan.fixed[plan.fixed >= 0] == 1, dark[plan.fixed >= 0])
        words = plan.read(dark)
        for block in plan.blocks:
            sent = [words[place] for place in block]
            assert correct(QR_CODE, sent, plan.checks) == sent


def test_too_many_errors_are_told_not_corrected() -> None:
    rng = random.Random(1)
    sent = [0] * 30
    told = 0
    for _ in range(50):
        spoilt = list(sent)
        for place in rng.sample(range(30), 12):
            spoilt[place] ^= rng.randrange(1, 256)
        try:
            correct(DATA_MATRIX, spoilt, 10)
        except Uncorrectable:
            told += 1
    assert told >= 48  # a miscorrection to another codeword is possible, but rare


def test_apart_means_apart() -> None:
    gaps = [max(abs(a - c), abs(b - d)) for (a, b), (c, d) in itertools.combinations(APART, 2)]
    assert min(gaps) > 4
