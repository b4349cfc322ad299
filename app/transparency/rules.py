"""Pure decisions about records of the log: what a row must agree with, what may be shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

from gs1.equivalence import Key
from gs1.errors import Gs1Error
from ledger.cosignature import ED25519_COSIGNATURE, MLDSA_COSIGNATURE, CosignatureKey
from ledger.findings import Finding
from ledger.note import Note
from ledger.policy import Policy

_ALGORITHMS = {ED25519_COSIGNATURE: "Ed25519", MLDSA_COSIGNATURE: "ML-DSA-44"}


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
    if isinstance(value, bytes):
        return said == value.hex()
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
_ROLES = {"parent", *_MEMBERS}
_TYPES = {
    *("ObjectEvent", "AggregationEvent", "AssociationEvent"),
    *("TransactionEvent", "TransformationEvent"),
}


Amounts = Mapping[str, tuple[float | None, str | None]]
"""Keys of things, each with its quantity and unit where the event counts them."""


def names(record: Mapping[str, Any], things: Mapping[str, Amounts]) -> bool:
    """Tell whether the things by role are all those that a signed event names, and no others."""
    if record.get("type") not in _TYPES:  # nothing is read out of events of other vocabularies
        return not things
    if not set(things) <= _ROLES:
        return False
    for role in _ROLES:
        have = things.get(role, {})
        said = Counter(_amounts(record, role))
        if said != Counter(amount for amount in have.values() if amount[0] is not None):
            return False
        if sum(1 for _ in _named(record, role)) != len(have) or not mentions(record, role, have):
            return False
    return True


def _amounts(record: Mapping[str, Any], role: str) -> Iterator[tuple[float, str | None]]:
    for item in record.get(_MEMBERS[role][1], ()) if role in _MEMBERS else ():
        if item.get("quantity") is not None:
            yield float(item["quantity"]), item.get("uom")


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


def witness_times(checkpoint: Note, policy: Policy) -> tuple[tuple[str, str, datetime | None], ...]:
    """Give name, algorithm and time of cosignature of each witness key; None where it has none."""
    return tuple(
        (witness.key.name, _ALGORITHMS[witness.key.kind], _latest(witness.key, checkpoint))
        for witness in policy.witnesses
    )


def _latest(key: CosignatureKey, checkpoint: Note) -> datetime | None:
    if not key.signatures(checkpoint):
        return None
    return datetime.fromtimestamp(max(key.times(checkpoint)), UTC)


EVENT_COLUMNS: Mapping[str, str] = {
    "eventID": "event_id",
    "type": "type",
    "action": "action",
    "bizStep": "biz_step",
    "disposition": "disposition",
    "eventTime": "event_time",
    "eventTimeZoneOffset": "time_zone",
    "readPoint": "read_point",
    "bizLocation": "biz_location",
}
"""Members of an event that its row repeats, and in which column."""

Place = tuple[int, int]
Rows = dict[Place, tuple[dict[str, Any], str]]
"""Facts of rows, each with its party's stream, by the place of their signed record."""


def where(place: Place) -> str:
    """Name the place of a signed record."""
    return f"entry {place[0]}, item {place[1]}"


ASCRIBED = "the register ascribes it to another party than the one that signed"
NOT_ISSUED = "these are not the serials that were issued"
OTHERWISE = "the register says otherwise than the signed record"


def declaration_findings(
    signed: Iterable[tuple[Place, bytes | None, str]],
    tables: Mapping[str, str],
    rows: Mapping[str, Rows],
    lifted: Collection[str],
) -> Iterator[Finding]:
    """Compare rows with signed declarations, both ways, by the type that a record names.

    ``lifted``: numbers of the recalls that the register shows as lifted.
    """
    left, ended = {kind: dict(found) for kind, found in rows.items()}, set[str]()
    for place, payload, stream in signed:
        record = _record(payload)
        if record is None:
            reason = "the signed record cannot be read"
            yield Finding("ledger_item", where(place), reason, place[0], stream)
            continue
        kind = record.get("type")
        if kind == "RecallLifted":
            ended.add(number := record["number"])
            if number not in lifted:
                reason = "the register shows a lifted recall as in force"
                yield Finding("recall_notice", number, reason, place[0], stream)
        elif kind in left:
            row = left[kind].pop(place, None)
            if (fault := _contradiction(record, row, stream)) is not None:
                yield Finding(tables[kind], where(place), fault, place[0], stream)
    for kind, more in left.items():
        for place in sorted(more):
            yield Finding(tables[kind], where(place), "no signed record says this")
    for number in sorted(set(lifted) - ended):
        yield Finding("recall_notice", number, "no signed record says that it was lifted")


def _record(payload: bytes | None) -> dict[str, Any] | None:
    """Give a signed record, empty where it was redacted, None where it is damaged."""
    try:
        record = {} if payload is None else json.loads(payload)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _contradiction(
    record: Mapping[str, Any], row: tuple[dict[str, Any], str] | None, stream: str
) -> str | None:
    """Say how the register contradicts a signed declaration; None where it agrees."""
    if row is None:
        return "the register lacks what was declared"
    facts, owner = row
    if owner != stream:
        return ASCRIBED
    return None if agrees(record, facts) else OTHERWISE
