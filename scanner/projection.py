"""The projective map that lays a flat rectangle into a photo."""

from __future__ import annotations

Corner = tuple[float, float]
Quad = tuple[Corner, Corner, Corner, Corner]


def coefficients(quad: Quad, size: tuple[int, int]) -> tuple[float, ...]:
    """Eight coefficients for Pillow's ``PERSPECTIVE``: from photo pixels to rectangle pixels.

    ``quad`` holds the photo's points of the rectangle's corners, clockwise from top left. The map
    of the unit square onto a quadrangle has a closed form (Heckbert, Fundamentals of Texture
    Mapping and Image Warping, 1989, section 2.2.3); its inverse is the adjugate matrix.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    determinant = dx1 * dy2 - dx2 * dy1
    g = (dx3 * dy2 - dx2 * dy3) / determinant
    h = (dx1 * dy3 - dx3 * dy1) / determinant
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    rows = (
        (e - f * h, c * h - b, b * f - c * e),
        (f * g - d, a - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    scale = rows[2][2]
    width, height = size
    across = tuple(value * width / scale for value in rows[0])
    down = tuple(value * height / scale for value in rows[1])
    return (*across, *down, rows[2][0] / scale, rows[2][1] / scale)
