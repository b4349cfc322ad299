"""Which AIs may, must and must not stand together (General Specifications 4.13 and 4.14)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from gs1 import dictionary
from gs1.errors import AssociationError
from gs1.options import STRICT, Options

_CLAUSE_PAIRS = "GS1 General Specifications 4.13"
# Keys whose serial component is optional, but needed under a digital signature.
_SERIALISED = ("253", "255", "8003")
_SIGNATURE = "8030"

Items = tuple[tuple[str, str], ...]


def check(items: Items, options: Options = STRICT) -> None:
    """Raise AssociationError for the first rule that the AIs of one object break.

    In order: mutually exclusive AIs, missing AIs, one AI with two values, a digital signature over
    a key without serial component. AIs are considered in the order of their digits.

    >>> check((("01", "12345678901231"), ("37", "5")))
    Traceback (most recent call last):
    ...
    gs1.errors.AssociationError: It is invalid to pair AI (01) with AI (37)
    """
    check_known(tuple([ai for ai, _ in items]), items, options)


def check_known(ais: tuple[str, ...], items: Items, options: Options) -> None:
    """``check`` for a caller that has the AIs of the items at hand.

    >>> check_known(("10",), (("10", "A"),), Options(requisites=False))
    """
    if _check_ais(ais, options.requisites):
        check_repeats(items)
        check_signature(items)


# Real streams of labels use few combinations of AIs, and these rules look at no values.
@lru_cache(maxsize=1024)
def _check_ais(ais: tuple[str, ...], requisites: bool) -> bool:
    """Check the rules on AIs alone; True where rules on values are left."""
    check_exclusive(ais)
    if requisites:
        check_requisites(ais)
    return _SIGNATURE in ais or len(set(ais)) != len(ais)


def check_exclusive(ais: Iterable[str]) -> None:
    """Raise AssociationError when an AI excludes another one that is present.

    >>> check_exclusive(("01", "37"))
    Traceback (most recent call last):
    ...
    gs1.errors.AssociationError: It is invalid to pair AI (01) with AI (37)
    """
    present = sorted(ais)
    for ai in present:
        entry = dictionary.lookup(ai)
        for pattern in entry.excludes if entry else ():
            found = _find(pattern, present, apart_from=ai)
            if found:
                raise AssociationError(
                    f"It is invalid to pair AI ({ai}) with AI ({found})",
                    code="exclusive_ais",
                    ai=ai,
                    clause=_CLAUSE_PAIRS,
                )


def check_requisites(ais: Iterable[str]) -> None:
    """Raise AssociationError when an AI lacks one that it needs.

    >>> check_requisites(("02",))
    Traceback (most recent call last):
    ...
    gs1.errors.AssociationError: Required AIs for AI (02) are not satisfied: 37
    """
    present = sorted(ais)
    for ai in present:
        entry = dictionary.lookup(ai)
        for need in entry.requires if entry else ():
            if not any(all(_find(p, present, apart_from=ai) for p in group) for group in need):
                alternatives = ",".join("+".join(group) for group in need)
                raise AssociationError(
                    f"Required AIs for AI ({ai}) are not satisfied: {alternatives}",
                    code="missing_ais",
                    ai=ai,
                    clause="GS1 General Specifications 4.14",
                )


def check_repeats(items: Items) -> None:
    """Raise AssociationError when one AI has two values: the data is of two objects.

    >>> check_repeats((("10", "A"), ("10", "B")))
    Traceback (most recent call last):
    ...
    gs1.errors.AssociationError: Multiple instances of AI (10) have different values
    """
    values: dict[str, str] = {}
    for ai, value in sorted(items, key=lambda item: item[0]):
        if values.setdefault(ai, value) != value:
            raise AssociationError(
                f"Multiple instances of AI ({ai}) have different values",
                code="repeated_ai",
                ai=ai,
                clause="GS1 General Specifications 4.13.1",
            )


def check_signature(items: Items) -> None:
    """Raise AssociationError when a digital signature stands with a key that has no serial.

    >>> check_signature((("253", "9521141000004"), ("8030", "A")))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    gs1.errors.AssociationError: Serial component must be present for AI (253) when used with ...
    """
    present = {ai for ai, _ in items}
    for ai, value in items:
        entry = dictionary.lookup(ai)
        if _SIGNATURE in present and ai in _SERIALISED and entry and len(value) == entry.minimum:
            raise AssociationError(
                f"Serial component must be present for AI ({ai}) when used with AI (8030)",
                code="serial_not_present",
                ai=ai,
                clause="GS1 General Specifications 3.9.12",
            )


def _find(pattern: str, present: list[str], apart_from: str) -> str | None:
    """First AI that fits a pattern such as ``310n``; an AI neither excludes nor needs itself."""
    if not pattern.endswith("n"):
        return pattern if pattern != apart_from and pattern in present else None
    prefix = pattern.rstrip("n")
    for ai in present:
        if ai != apart_from and len(ai) == len(pattern) and ai.startswith(prefix):
            return ai
    return None
