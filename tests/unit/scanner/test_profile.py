"""Profiles across bars: places, directions, averaging; expectations from geometry alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner import profile

SIZE = 200


def stripes(angle: float, period: float = 11.0) -> NDArray[np.uint8]:
    """A sinusoidal grating whose values change along the direction ``angle`` (radians)."""
    y, x = np.mgrid[:SIZE, :SIZE]
    phase = (x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / period
    picture: NDArray[np.uint8] = (127 + 100 * np.sin(phase)).astype(np.uint8)
    return picture


def box(angle: float, length: float = 110, height: float = 50) -> list[tuple[float, float]]:
    """A rectangle about the picture's middle whose top edge has the direction ``angle``."""
    along = np.array([math.cos(angle), math.sin(angle)])
    down = np.array([-along[1], along[0]])
    middle = np.array([SIZE / 2, SIZE / 2])
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = [middle + s * length / 2 * along + t * height / 2 * down for s, t in signs]
    return [(float(x), float(y)) for x, y in corners]


def test_values_between_pixels_are_bilinear() -> None:
    y, x = np.mgrid[:20, :30]
    plane = (3 * x + 5 * y).astype(np.uint8)
    points_x = np.array([0.0, 1.25, 17.5], np.float32)
    points_y = np.array([0.0, 2.5, 18.75], np.float32)
    values = profile.interpolated(plane, points_x, points_y)
    assert values == pytest.approx(3 * points_x + 5 * points_y, abs=1e-3)


def test_beyond_the_picture_the_nearest_pixel_is_repeated() -> None:
    picture = np.array([[10, 20], [30, 40]], np.uint8)
    assert profile.line(picture, (-5, 0), (6, 0), 12)[[0, -1]].tolist() == [10, 20]
    assert profile.line(np.array([[7]], np.uint8), (-1, -1), (3, 3), 4).tolist() == [7] * 4


@pytest.mark.parametrize("degrees", [-80, -33, -7, 0, 12, 45, 66])
def test_direction_across_the_bars(degrees: float) -> None:
    angle = math.radians(degrees)
    found, coherence = profile.across_bars(stripes(angle), box(angle + 0.1))
    assert found == pytest.approx(angle, abs=math.radians(0.5))
    assert coherence > 0.98


def test_noise_has_no_direction() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (SIZE, SIZE)).astype(np.uint8)
    assert profile.across_bars(noise, box(0.0))[1] < 0.1
    polygon = np.array(profile.aligned(noise, box(0.4)))
    assert polygon == pytest.approx(np.array(box(0.4)), abs=1e-3)


@pytest.mark.parametrize("off", [-12, 5, 12])
def test_edges_are_laid_along_the_bars(off: float) -> None:
    angle = math.radians(20)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = profile.aligned(
        stripes(angle), box(angle + math.radians(off))
    )
    for x, y in ((dx - ax, dy - ay), (cx - bx, cy - by)):
        assert math.atan2(-x, y) == pytest.approx(angle, abs=math.radians(1))
        assert math.hypot(x, y) == pytest.approx(50, rel=0.01)


def test_a_flat_outline_gets_the_height_asked_for() -> None:
    flat = [(40.0, 100.0), (160.0, 100.0), (160.0, 100.0), (40.0, 100.0)]
    corners = profile.aligned(stripes(0.0), flat, least_height=24)
    assert corners[3][1] - corners[0][1] == pytest.approx(24)


def test_bundle_says_where_edges_and_picture_lie() -> None:
    bundle = profile.bundle(stripes(0.0), [(0, 20), (100, 20), (100, 60), (0, 60)], quiet=0.2)
    assert bundle.point(0, bundle.left) == pytest.approx((0, 24), abs=0.01)
    assert bundle.point(15, bundle.right) == pytest.approx((100, 56), abs=0.01)
    assert bundle.point(7.5, (bundle.left + bundle.right) / 2) == pytest.approx((50, 40), abs=0.01)
    outside = int((~bundle.inside[0]).sum())
    assert outside == pytest.approx(19.5 * 1.5, abs=1.5)


def test_averaging_undoes_a_skew_and_drops_a_scratch() -> None:
    samples, lines = 300, 15
    at = np.arange(samples) + np.linspace(-3, 3, lines)[:, None]
    clean = 127 + 100 * np.sin(2 * np.pi * np.arange(samples) / 9)
    values = (127 + 100 * np.sin(2 * np.pi * at / 9)).astype(np.float32)
    values[4] = 255
    mean = profile.averaged(values)
    assert np.abs(mean - clean)[10:-10].max() < 6
    assert np.abs(values.mean(axis=0) - clean)[10:-10].max() > 40
