"""Pure decisions about records of the log: what a row must agree with, what may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from gs1.equivalence import Key
from gs1.errors import Gs1Error


def agrees(record: Mapping[str, Any], row: Mapping[str, object]) -> bool:
    """Tell whether a row of the register says what its signed record says.

    Facts that are empty in the row are left out of a record when it is made. Vocabulary values
    (business step, disposition) are compared by their bare names, times as instants.
    """
    return all(_same(record.get(name), value) for name, value in row.items())


def _same(said: object, value: object) -> bool:
    if value is None or value == "":
        return said is None or said == ""
    if isinstance(value, datetime):
        return isinstance(said, str) and datetime.fromisoformat(said) == value
    if isinstance(value, date):
        return said == value.isoformat()
    return said == value or (isinstance(said, str) and bare(said) == value)


def bare(term: str) -> str:
    """Give the bare name of a CBV term, written as a bare name, an old URN or a Web URI.

    >>> bare("urn:epcglobal:cbv:bizstep:shipping"), bare("https://ref.gs1.org/cbv/Disp-in_transit")
    ('shipping', 'in_transit')
    """
    for stem in ("urn:epcglobal:cbv:", "https://ref.gs1.org/cbv/", "cbv:"):
        if term.startswith(stem):
            return term.removeprefix(stem).replace("-", ":").rpartition(":")[2]
    return term


_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_AMOUNTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


def mentions(record: Mapping[str, Any], key: str) -> bool:
    """Tell whether a signed event names the thing with this canonical key, however written."""
    named = [record.get("parentID"), *(uri for name in _LISTS for uri in record.get(name, ()))]
    named += [item.get("epcClass") for name in _AMOUNTS for item in record.get(name, ())]
    if key in named:
        return True
    # A serial or lot ends every form of its URI: only such ones are worth parsing, as an event may
    # list thousands. A bare GTIN or SSCC does not: an EPC URN leaves its check digit out.
    tail = unquote(key.rpartition("/")[2]) if key.count("/") > 4 else ""
    return any(
        isinstance(uri, str) and unquote(uri).endswith(tail) and _canonical(uri) == key
        for uri in named
    )


def _canonical(uri: str) -> str:
    try:
        return Key.parse(uri).canonical
    except Gs1Error:
        return ""
