"""Lines of text on a label: broken to a width, set one below the other. Lengths in millimetres."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from scanner.drawing import Anchor, Text, check_glyphs, fitting, text_width

LEADING = 1.35  # distance of baselines in ems


@lru_cache(maxsize=4096)
def wrapped(content: str, size: float, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """Lines no wider than ``width`` mm, broken at spaces, within a word only where it must be.

    Raises :class:`SymbolError` for a character that the label font lacks.
    """
    content = " ".join(unicodedata.normalize("NFC", content).split())
    check_glyphs(content)
    if text_width(content, size, bold=bold) <= width:
        return (content,) if content else ()
    lines: list[str] = []
    line = ""
    for word in content.split(" "):
        longer = f"{line} {word}".strip()
        if text_width(longer, size, bold=bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while text_width(line, size, bold=bold) > width and len(line) > 1:
            count = max(1, fitting(line, size, width, bold=bold))
            lines.append(line[:count])
            line = line[count:]
    return (*lines, line)


def shortened(lines: tuple[str, ...], most: int, size: float, width: float) -> tuple[str, ...]:
    """At most so many lines of bold text; where some are left out the last one ends with ``…``."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and text_width(f"{last}…", size, bold=True) > width:
        last = last[:-1].rstrip()
    return (*lines[: most - 1], f"{last}…")


def set_lines(
    lines: tuple[str, ...] | list[str],
    x: float,
    top: float,
    size: float,
    *,
    bold: bool = False,
    anchor: Anchor = "start",
) -> tuple[list[Text], float]:
    """Lines of text from ``top`` downwards, and the height where they end."""
    texts = [
        Text(x, top + size * (1 + number * LEADING), size, line, bold, anchor)
        for number, line in enumerate(lines)
    ]
    return texts, top + size * LEADING * len(lines)
