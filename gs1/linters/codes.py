"""Code lists: countries, currencies, media and package types; the lists stand in a table."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from gs1.linters.fault import Fault, whole

_TABLE = Path(__file__).parents[1] / "tables" / "codes.json"


@cache
def code_list(name: str) -> frozenset[str]:
    """Codes of one list of ``tables/codes.json``.

    >>> "704" in code_list("iso3166")
    True
    """
    return frozenset(json.loads(_TABLE.read_text(encoding="utf-8"))[name].split())


def iso3166(value: str) -> Fault | None:
    """Numeric country code of ISO 3166-1.

    >>> iso3166("987")
    Fault(code='not_iso3166', start=0, length=3)
    """
    return None if value in code_list("iso3166") else whole("not_iso3166", value)


def iso3166999(value: str) -> Fault | None:
    """Numeric country code of ISO 3166-1, or 999 for several countries.

    >>> iso3166999("999")
    """
    listed = value == "999" or value in code_list("iso3166")
    return None if listed else whole("not_iso3166_or_999", value)


def iso3166alpha2(value: str) -> Fault | None:
    """Two-letter country code of ISO 3166-1.

    >>> iso3166alpha2("VN")
    """
    return None if value in code_list("iso3166alpha2") else whole("not_iso3166_alpha2", value)


def iso4217(value: str) -> Fault | None:
    """Numeric currency code of ISO 4217.

    >>> iso4217("704")
    """
    return None if value in code_list("iso4217") else whole("not_iso4217", value)


def mediatype(value: str) -> Fault | None:
    """AIDC media type of ICCBBA and GS1.

    >>> mediatype("00")
    Fault(code='invalid_media_type', start=0, length=2)
    """
    return None if value in code_list("mediatype") else whole("invalid_media_type", value)


def packagetype(value: str) -> Fault | None:
    """Package type of UN/ECE Recommendation 21 with the codes GS1 added.

    >>> packagetype("PX")
    """
    return None if value in code_list("packagetype") else whole("invalid_package_type", value)
