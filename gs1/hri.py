"""Human readable interpretation (General Specifications 4.15)."""

from __future__ import annotations

from collections.abc import Iterable

from gs1 import dictionary


def lines(items: Iterable[tuple[str, str]], lang: str | None = None) -> list[str]:
    """One line per AI; with ``lang`` "en" or "vi" the data title stands first.

    >>> lines([("01", "09521234543213")])
    ['(01) 09521234543213']
    >>> lines([("17", "271231")], "vi")
    ['Hạn sử dụng (17) 271231']
    """
    found = []
    for ai, value in items:
        name = dictionary.title(ai, lang) if lang else ""
        found.append(f"{name} ({ai}) {value}" if name else f"({ai}) {value}")
    return found
