"""Pure decisions about records of the log: what a row must agree with, what may be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

from gs1.equivalence import Key
from gs1.errors import Gs1Error
from ledger.cosignature import CosignatureKey
from ledger.note import Note
from ledger.policy import Policy


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
    if isinstance(said, dict):
        # A place: a row keeps its canonical key, or the URI as it was given.
        return value in (said.get("id"), _canonical(str(said.get("id"))))
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


# The members of an event that name single things, and amounts, by the role these play.
_MEMBERS: Mapping[str, tuple[str, str]] = {
    "epc": ("epcList", "quantityList"),
    "child": ("childEPCs", "childQuantityList"),
    "input": ("inputEPCList", "inputQuantityList"),
    "output": ("outputEPCList", "outputQuantityList"),
}


def mentions(record: Mapping[str, Any], role: str, keys: Collection[str]) -> bool:
    """Tell whether a signed event names all things with these keys in a role, however written."""
    named = set(_named(record, role))
    missing = {key for key in keys if key not in named}
    if not missing:
        return True
    # A serial or lot ends every form of its URI: only such ones are worth parsing, as an event may
    # list thousands. A bare GTIN or SSCC does not: an EPC URN leaves its check digit out.
    tails = tuple(unquote(k.rpartition("/")[2]) if k.count("/") > 4 else "" for k in missing)
    return missing <= {_canonical(uri) for uri in named if unquote(uri).endswith(tails)}


def _named(record: Mapping[str, Any], role: str) -> Iterator[str]:
    if role == "parent":
        yield from [uri] if isinstance(uri := record.get("parentID"), str) else []
        return
    singles, amounts = _MEMBERS[role]
    yield from record.get(singles, ())
    yield from (item["epcClass"] for item in record.get(amounts, ()))


def _canonical(uri: str) -> str:
    try:
        return Key.parse(uri).canonical
    except Gs1Error:
        return ""


def witness_times(checkpoint: Note, policy: Policy) -> tuple[tuple[str, datetime | None], ...]:
    """Give each witness of the policy with the time of its cosignature, None where it has none."""
    return tuple(
        (witness.key.name, _latest(witness.key, checkpoint)) for witness in policy.witnesses
    )


def _latest(key: CosignatureKey, checkpoint: Note) -> datetime | None:
    if not key.signatures(checkpoint):
        return None
    return datetime.fromtimestamp(max(key.times(checkpoint)), UTC)
