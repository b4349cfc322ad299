"""Primary keys and qualifiers of a Digital Link path (Digital Link URI Syntax 4.9)."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import combinations

from gs1 import dictionary

AiSequence = tuple[str, ...]

#: Names of AIs in early versions of the standard; withdrawn since version 1.2.
CONVENIENCE_ALPHAS = {
    "cpid": "8010", "cpsn": "8011", "cpv": "22", "gcn": "255", "gdti": "253", "giai": "8004",
    "ginc": "401", "gln": "414", "glnx": "254", "gmn": "8013", "grai": "8003", "gsin": "402",
    "gsrn": "8018", "gsrnp": "8017", "gtin": "01", "itip": "8006", "lot": "10", "party": "417",
    "refno": "8020", "ser": "21", "srin": "8019", "sscc": "00",
}  # fmt: skip


@cache
def sequences() -> dict[str, tuple[AiSequence, ...]]:
    """For each primary key, every allowed sequence of AIs in a path, in lexical order.

    >>> sequences()["414"]
    (('414',), ('414', '254'), ('414', '7040'))
    """
    found = {}
    for ai, entry in dictionary.application_identifiers().items():
        if entry.paths is not None:
            ways = {(ai, *choice) for way in entry.paths for choice in _choices(way)}
            found[ai] = tuple(sorted(ways))
    return found


def _choices(qualifiers: AiSequence) -> list[AiSequence]:
    """All selections of qualifiers that keep their order."""
    sizes = range(len(qualifiers) + 1)
    return [choice for size in sizes for choice in combinations(qualifiers, size)]


@lru_cache(maxsize=1024)
def is_valid(path: AiSequence) -> bool:
    """Whether these AIs may follow one another in a path.

    >>> is_valid(("01", "10", "21")), is_valid(("01", "21", "10"))
    (True, False)
    """
    return bool(path) and path in sequences().get(path[0], ())


def belongs_in(path: AiSequence, ai: str) -> bool:
    """Whether an AI would have a place in the path, so that it must not stand in the query.

    >>> belongs_in(("01", "21"), "10"), belongs_in(("01", "235"), "10")
    (True, False)
    """
    return any(is_valid((*path[:n], ai, *path[n:])) for n in range(1, len(path) + 1))


#: Code of a fault, and the index of the AI at fault, or None for the order of the path.
StructureFault = tuple[str, int | None]


# Streams of URIs use few combinations of AIs, and the rules look at no values.
@lru_cache(maxsize=1024)
def structure_fault(
    ais: AiSequence, path_size: int, unknown_attributes: bool
) -> StructureFault | None:
    """First fault in the order of the path and in the choice of attributes; None without one.

    The first ``path_size`` of the AIs stand in the path, the others are attributes.

    >>> structure_fault(("01", "17", "10"), 1, False)
    ('in_path', 2)
    """
    path = ais[:path_size]
    if not is_valid(path):
        return ("path_order", None)
    seen = set(path)
    for index, ai in enumerate(ais[path_size:], path_size):
        if ai in seen:
            return ("duplicate_ai", index)
        if not is_attribute(ai, unknown_attributes):
            return ("not_attribute", index)
        if belongs_in(path, ai):
            return ("in_path", index)
        seen.add(ai)
    return None


def is_attribute(ai: str, unknown_attributes: bool) -> bool:
    """Whether an AI may stand in the query; ``unknown_attributes`` decides for unknown ones.

    >>> is_attribute("17", False), is_attribute("8200", False)
    (True, False)
    """
    entry = dictionary.lookup(ai)
    return bool(entry.attribute) if entry else unknown_attributes


@lru_cache(maxsize=1024)
def best(ais: AiSequence) -> AiSequence | None:
    """Path for these AIs: the first primary key with the most qualifiers there are; None without.

    >>> best(("21", "01", "17", "10"))
    ('01', '10', '21')
    """
    key = next((ai for ai in ais if ai in sequences()), None)
    if key is None:
        return None
    chosen: AiSequence = (key,)
    most = 0
    for way in sequences()[key]:
        count = sum(ais.count(ai) for ai in way[1:])
        if count > most:
            chosen, most = way, count
    return tuple(ai for ai in chosen if ai in ais)
