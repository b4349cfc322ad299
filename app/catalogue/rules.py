"""Pure decisions of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX_CLAUSE = "GS1 General Specifications 1.4"


def differing(stored: Mapping[str, object], asked: Mapping[str, object]) -> list[str]:
    """Give the names, in order, of the fields whose asked value is not the stored one."""
    return sorted(name for name, value in asked.items() if stored.get(name) != value)
