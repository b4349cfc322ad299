"""The colour pairs of docs/ui.md reach their WCAG 2.2 contrast, and the table tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| `([\w-]+)` \| `([\w-]+)` \| ([\d.]+) \| ([\d.]+) \| (text|edge) \|$", re.MULTILINE
)
ROWS = ROW.findall((ROOT / "docs" / "ui.md").read_text(encoding="utf-8"))
LEAST = {"text": 4.5, "edge": 3.0}  # WCAG 2.2, success criteria 1.4.3 and 1.4.11


def _tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", css))


LIGHT = _tokens(TOKENS.partition("prefers-color-scheme")[0])
DARK = LIGHT | _tokens(TOKENS.partition("prefers-color-scheme")[2])


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


def test_the_table_covers_every_colour_that_carries_text() -> None:
    shown = {front for front, *_rest in ROWS}
    carrying = {name for name in LIGHT if re.match(r"(on-|ink|link)|.*-ink$", name)}
    assert carrying <= shown


@pytest.mark.parametrize(("front", "ground", "light", "dark", "use"), ROWS)
def test_a_pair_has_its_contrast(front: str, ground: str, light: str, dark: str, use: str) -> None:
    for tokens, written in ((LIGHT, light), (DARK, dark)):
        measured = contrast(tokens[front], tokens[ground])
        assert measured == pytest.approx(float(written), abs=0.051)
        assert measured >= LEAST[use]
