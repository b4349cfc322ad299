"""Which part of a photo is shown: where the codes are, large enough to compare their print."""

from __future__ import annotations

from collections.abc import Sequence

_LEAST = 0.4  # of a photo's longer side: enough to recognise what was photographed
_ROOM = 0.6  # of a code's longer side, on both sides together: below the bars stand digits

Window = tuple[int, int, int, int]


def around(width: int, height: int, corners: Sequence[Sequence[float]]) -> Window:
    """Left, top, width and height of the part around the corners; all where there are none.

    >>> around(2400, 3200, [(1000, 1500), (1400, 1500), (1400, 1700), (1000, 1700)])
    (560, 1216, 1280, 768)
    """
    if not corners:
        return 0, 0, width, height
    (left, right), (top, bottom) = (
        (max(min(along), 0), min(max(along), most))
        for along, most in zip(zip(*corners, strict=True), (width, height), strict=True)
    )
    room, least = max(right - left, bottom - top) * _ROOM, max(width, height) * _LEAST
    wide = round(min(width, max(right - left + room, least)))
    high = round(min(height, max(bottom - top + room, least * _ROOM)))
    x = min(max(round(left + right - wide) // 2, 0), width - wide)
    y = min(max(round(top + bottom - high) // 2, 0), height - high)
    return x, y, wide, high
