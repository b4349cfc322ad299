"""What the measurements of a print mean: levels, who is at fault, what comes first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Level = Literal["good", "enough", "weak", "poor", "told"]
Outcome = Literal["unmeasured", "photo", "good", "enough", "weak", "poor"]

# GS1 asks for at least 1.5 in most applications; the other steps are half grades.
GOOD, ENOUGH, WEAK = 2.5, 1.5, 0.5
_GROWTH_SEEN = 0.1  # X: less than this is within what a photo can tell
_RISING_IS_BAD = frozenset(
    {"minimum-reflectance", "defects", "axial-nonuniformity", "grid-nonuniformity"}
)
# What fails a print at once stands before what only weakens it, then what the photo sets.
_ORDER = (
    *("decode", "unused-error-correction", "decodability", "defects", "fixed-pattern"),
    *("quiet-left", "quiet-right", "modulation", "reflectance-margin", "symbol-contrast"),
    *("minimum-reflectance", "edge-contrast", "axial-nonuniformity", "grid-nonuniformity"),
    *("bar-growth", "growth-across", "growth-down"),
)


def level(grade: float | None) -> Level:
    """The word for a grade; ``told`` for what is not graded.

    >>> [level(grade) for grade in (4.0, 2.4, 1.4, 0.0, None)]
    ['good', 'enough', 'weak', 'poor', 'told']
    """
    if grade is None:
        return "told"
    if grade >= GOOD:
        return "good"
    if grade >= ENOUGH:
        return "enough"
    return "weak" if grade >= WEAK else "poor"


def outcome(method: str, grade: float | None, cautions: Iterable[str]) -> Outcome:
    """The headline of a symbol: a doubtful photo may not be blamed on the print.

    A good grade stands even so: no fault of a photo makes a print look better than it is.

    >>> outcome("linear", 0.0, ["few-pixels"]), outcome("linear", 3.1, ["few-pixels"])
    ('photo', 'good')
    """
    if method == "none" or grade is None:
        return "unmeasured"
    found = level(grade)
    if found == "told":
        return "unmeasured"
    return "photo" if found in ("weak", "poor", "enough") and any(cautions) else found


def advice(name: str, value: float | None, grade: float | None) -> str:
    """Which sentence says what to do; empty where nothing needs doing.

    >>> advice("bar-growth", 0.3, None), advice("bar-growth", -0.3, None)
    ('thinner', 'thicker')
    """
    if name in ("bar-growth", "growth-across", "growth-down"):
        if value is None or abs(value) < _GROWTH_SEEN:
            return ""
        return "thinner" if value > 0 else "thicker"
    return "" if grade is None or grade >= GOOD else name


def ordered(names: Iterable[tuple[str, float | None]]) -> list[str]:
    """Names of parameters, worst grade first, then by importance; ungraded ones last."""
    ranks: Mapping[str, int] = {name: place for place, name in enumerate(_ORDER)}

    def key(item: tuple[str, float | None]) -> tuple[bool, float, int]:
        name, grade = item
        return grade is None, min(grade or 0.0, GOOD), ranks.get(name, len(_ORDER))

    return [name for name, _grade in sorted(names, key=key)]
