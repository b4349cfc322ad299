"""Application Identifiers: their components, separators, associations and titles.

The facts stand in ``tables/application_identifiers.json``, written by ``python -m gs1 dictionary``
from a release of the GS1 Barcode Syntax Dictionary, and ``tables/titles_vi.json``, which is ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from gs1.errors import FormatError

#: Folder of the tables; importlib.resources would take longer to load than all of them.
TABLES = Path(__file__).parent / "tables"

# General Specifications figure 7.8.5-2: by the first two digits of the AI, the length of a value
# that needs no FNC1 after it. It also covers prefixes without an allocated AI.
_PREDEFINED = {
    "00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2, "41": 13,
    **{str(prefix): 6 for prefix in (*range(11, 20), *range(31, 37))},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Component:
    """One part of an AI value: ``kind`` N, X, Y or Z, its length, and its linters in order.

    >>> lookup("253").components[1]
    Component(kind='X', minimum=1, maximum=17, optional=True, linters=())
    """

    kind: str
    minimum: int
    maximum: int
    optional: bool
    linters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicationIdentifier:
    """One Application Identifier (General Specifications section 3).

    ``separator``: an FNC1 must follow the value unless it is last. ``attribute``: allowed in the
    query of a Digital Link URI; None for an AI outside the dictionary. ``requires``: every entry
    needs one of its alternatives, an alternative being AIs or patterns that all must be present.
    ``excludes``: AIs or patterns that must be absent. ``paths``: qualifier sequences when the AI
    is a Digital Link primary key, else None.

    >>> entry = lookup("253")
    >>> entry.minimum, entry.maximum, entry.separator, entry.paths
    (13, 30, True, ((),))
    """

    ai: str
    title: str
    components: tuple[Component, ...]
    separator: bool
    attribute: bool | None
    requires: tuple[tuple[tuple[str, ...], ...], ...] = ()
    excludes: tuple[str, ...] = ()
    paths: tuple[tuple[str, ...], ...] | None = None

    @property
    def minimum(self) -> int:
        """Least length of a value, in characters."""
        return sum(part.minimum for part in self.components if not part.optional)

    @property
    def maximum(self) -> int:
        """Greatest length of a value, in characters."""
        return sum(part.maximum for part in self.components)


@cache
def release() -> str:
    """Date of the GS1 Syntax Dictionary the tables come from, ISO 8601.

    >>> release()
    '2026-01-27'
    """
    return str(_table("application_identifiers")["release"])


@cache
def application_identifiers() -> dict[str, ApplicationIdentifier]:
    """All AIs of the dictionary by their digits, in the order of the dictionary.

    >>> application_identifiers()["01"].title
    'GTIN'
    """
    found = {}
    for row in _table("application_identifiers")["ai"]:
        for ai in expand(row["ai"]):
            found[ai] = _entry(ai, row)
    return found


def expand(span: str) -> list[str]:
    """AIs of ``"91"`` or of a range ``"3100-3105"``.

    >>> expand("3940-3943")
    ['3940', '3941', '3942', '3943']
    """
    first, _, last = span.partition("-")
    return [f"{n:0{len(first)}}" for n in range(int(first), int(last or first) + 1)]


def parse_component(text: str) -> Component:
    """Component from its notation, such as ``N14,csum``, ``X..20`` or ``[N..12]``.

    >>> parse_component("[X..17]")
    Component(kind='X', minimum=1, maximum=17, optional=True, linters=())
    """
    size, *linters = text.split(",")
    optional = size.startswith("[")
    size = size.strip("[]")
    kind, length = size[:1], size[1:]
    if kind not in tuple("NXYZ") or not (size.isascii() and length.removeprefix("..").isdigit()):
        raise FormatError(f"not a component: {text[:40]!r}", code="component_notation")
    maximum = int(length.removeprefix(".."))
    minimum = 1 if length.startswith("..") else maximum
    return Component(kind, minimum, maximum, optional, tuple(linters))


@cache
def length_by_prefix() -> dict[str, int]:
    """Length of an AI by its first two digits; AIs that share them have one length.

    >>> length_by_prefix()["31"]
    4
    """
    return {ai[:2]: len(ai) for ai in application_identifiers()}


def lookup(ai: str) -> ApplicationIdentifier | None:
    """The AI of exactly these digits, or None.

    >>> lookup("10").components
    (Component(kind='X', minimum=1, maximum=20, optional=False, linters=()),)
    >>> lookup("1") is None
    True
    """
    return application_identifiers().get(ai)


@lru_cache(maxsize=1024)
def unknown(ai: str) -> ApplicationIdentifier | None:
    """Stand-in for an AI outside the dictionary, where a caller permits such; None if impossible.

    The length of the AI must agree with its first two digits, and it must not begin a known AI
    nor a known AI begin it. Its value is up to 90 characters of CSET 82.

    >>> unknown("3999").separator
    True
    >>> unknown("399") is None
    True
    """
    if not (2 <= len(ai) <= 4 and ai.isascii() and ai.isdigit()):
        return None
    known = length_by_prefix().get(ai[:2])
    if known not in (None, len(ai)) or ai in application_identifiers():
        return None
    fixed = _PREDEFINED.get(ai[:2]) if known else None
    part = Component("X", fixed or 1, fixed or 90, optional=False, linters=())
    return ApplicationIdentifier(ai, "", (part,), separator=not fixed, attribute=None)


def title(ai: str, lang: str = "en") -> str:
    """Data title of an AI in ``"en"`` or ``"vi"``; the empty string for an unknown AI.

    >>> title("17", "vi")
    'Hạn sử dụng'
    >>> title("3103", "en")
    'NET WEIGHT (kg)'
    """
    if lang == "vi":
        return _vietnamese().get(ai, "")
    entry = lookup(ai)
    return entry.title if entry else ""


@cache
def _vietnamese() -> dict[str, str]:
    return {ai: text for span, text in _table("titles_vi").items() for ai in expand(span)}


def _entry(ai: str, row: dict[str, Any]) -> ApplicationIdentifier:
    paths = row.get("dlpkey")
    return ApplicationIdentifier(
        ai,
        row.get("title", ""),
        tuple(parse_component(part) for part in row["format"].split()),
        separator="*" not in row["flags"],
        attribute="?" in row["flags"],
        requires=tuple(
            tuple(tuple(group.split("+")) for group in need.split(","))
            for need in row.get("req", ())
        ),
        excludes=tuple(ai for text in row.get("ex", ()) for ai in text.split(",")),
        paths=None
        if paths is None
        else tuple(tuple(way.split(",")) if way else () for way in paths),
    )


def _table(name: str) -> Any:
    return json.loads((TABLES / f"{name}.json").read_text(encoding="utf-8"))
