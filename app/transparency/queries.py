"""Reads of the ledger's tables that its own proofs do not need: items of many entries at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, column, func, or_, select, table, tuple_
from sqlmodel import Session, col

from app.accounts.models import Party
from app.capture.models import Event, EventKey
from app.catalogue.models import Batch, Product
from app.issuing.models import Serial, SerialIssue
from app.issuing.rules import list_digest
from app.transparency.rules import Amounts
from ledger.schema import ledger_checkpoint, ledger_entry, ledger_item, ledger_stream

Place = tuple[int, int]
"""Entry index and position of an item."""


def bodies(session: Session, origin: str, indexes: Collection[int]) -> dict[int, bytes]:
    """Give the bytes of entries."""
    entry = ledger_entry.c
    query = select(entry.entry_index, entry.body).where(
        entry.log == origin, entry.entry_index.in_(sorted(indexes))
    )
    return {row.entry_index: bytes(row.body) for row in session.execute(query)}


def commitments(session: Session, origin: str, indexes: Collection[int]) -> dict[int, list[bytes]]:
    """Give the commitments of entries' items, in order of position."""
    item = ledger_item.c
    query = (
        select(item.entry_index, item.commitment)
        .where(item.log == origin, item.entry_index.in_(sorted(indexes)))
        .order_by(item.entry_index, item.position)
    )
    found: dict[int, list[bytes]] = {}
    for row in session.execute(query):
        found.setdefault(row.entry_index, []).append(bytes(row.commitment))
    return found


Item = tuple[bytes | None, bytes | None]
"""Payload and salt; None, None once redacted."""


def items(session: Session, origin: str, places: Collection[Place]) -> dict[Place, Item]:
    """Give payload and salt of some items."""
    item = ledger_item.c
    query = select(item.entry_index, item.position, item.payload, item.salt).where(
        item.log == origin, tuple_(item.entry_index, item.position).in_(sorted(places))
    )
    return {
        (row.entry_index, row.position): (row.payload, row.salt) for row in session.execute(query)
    }


def unit_counts(session: Session, places: Collection[Place]) -> dict[Place, int]:
    """Count the single things (serials, shipping units) that each event names."""
    key = col(EventKey.key)
    query = (
        select(col(Event.entry_index), col(Event.position), func.count(func.distinct(key)))
        .join_from(EventKey, Event, col(EventKey.event_id) == col(Event.id))
        .where(
            tuple_(col(Event.entry_index), col(Event.position)).in_(sorted(places)),
            or_(key.contains("/21/", autoescape=True), key.contains("/00/", autoescape=True)),
        )
        .group_by(col(Event.entry_index), col(Event.position))
    )
    return {(index, position): units for index, position, units in session.execute(query)}


def newest_entries(session: Session, origin: str, limit: int) -> list[bytes]:
    """Give the bodies of the newest entries, newest first."""
    entry = ledger_entry.c
    query = select(entry.body).where(entry.log == origin)
    return list(session.scalars(query.order_by(entry.entry_index.desc()).limit(limit)))


def party_name(session: Session, stream: str) -> str:
    """Give the name of the party whose chain of statements this is; the stream if unknown."""
    number = stream.removeprefix("party-")
    by_id = int(number) if stream != number and number.isdigit() else -1
    query = select(col(Party.name)).where(or_(col(Party.gln) == stream, col(Party.id) == by_id))
    return session.scalar(query) or stream


def signed_at(session: Session, origin: str, size: int) -> str | None:
    """Give when the checkpoint of this size was signed, as RFC 3339 text."""
    point = ledger_checkpoint.c
    query = select(point.signed_at).where(point.log == origin, point.size == size)
    return session.scalar(query)


def signed_events(
    session: Session, origin: str
) -> Iterator[tuple[Place, bytes | None, str, Event | None, str]]:
    """Give every item of the log's event statements, the stream that it was signed on, its row in
    the register, if it has one, and the stream of the party that the row names.
    """
    place = and_(
        col(Event.entry_index) == ledger_item.c.entry_index,
        col(Event.position) == ledger_item.c.position,
    )
    query = _items(origin, "events").add_columns(Event, col(Party.gln))
    query = query.join(Event, place, isouter=True)
    query = query.join(Party, col(Party.id) == col(Event.party_id), isouter=True)
    for index, position, payload, stream, row, gln in session.execute(query):
        yield (index, position), payload, stream, row, gln or f"party-{row and row.party_id}"


def unsigned_events(session: Session, origin: str) -> Iterator[Place]:
    """Give where the rows of events say that they are signed, of those that are not."""
    signed = _items(origin, "events").subquery()
    place = and_(
        signed.c.entry_index == col(Event.entry_index), signed.c.position == col(Event.position)
    )
    query = (
        select(col(Event.entry_index), col(Event.position))
        .join(signed, place, isouter=True)
        .where(signed.c.entry_index.is_(None))
        .order_by(col(Event.entry_index), col(Event.position))
    )
    yield from (tuple(row) for row in session.execute(query))


def _items(origin: str, *kinds: str) -> Select[Any]:
    """Entry index, position, payload and stream of every item of statements of these kinds."""
    item, stream = ledger_item.c, ledger_stream.c
    return (
        select(item.entry_index, item.position, item.payload, stream.stream)
        .select_from(ledger_item)
        .join(
            ledger_stream,
            and_(stream.log == item.log, stream.entry_index == item.entry_index),
        )
        .where(item.log == origin, stream.kind.in_(kinds))
        .order_by(item.entry_index, item.position)
    )


@dataclass(frozen=True, slots=True)
class Declared:
    """A table whose rows each repeat a signed record of one type: the columns that it must hold.

    Known by name, as some of the tables belong to features above this one.
    """

    table: str
    type: str
    columns: tuple[str, ...]
    of_product: bool = True
    own_party: bool = False  # names its party itself, and its product besides
    of_batch: bool = False


DECLARED = (
    Declared(
        "product",
        "Product",
        (
            *("gtin", "name", "name_en", "brand", "description", "net_content", "origin"),
            *("ingredients", "storage", "warnings", "standards", "shelf_life_days"),
        ),
        of_product=False,
    ),
    Declared("place", "Place", ("gln", "name", "address", "province"), of_product=False),
    Declared("batch", "Batch", ("lot", "production_date", "expiry_date")),
    Declared(
        "recall_notice",
        "Recall",
        ("number", "lot", "serial", "reason", "reason_en", "instructions", "hazard_group"),
        own_party=True,
    ),
    Declared("serial_issue", "SerialIssue", ("count", "digest"), of_batch=True),
)
_DECLARING = ("masterdata", "recall", "issuing")

Row = dict[str, Any]


def signed_declarations(session: Session, origin: str) -> Iterator[tuple[Place, bytes | None, str]]:
    """Give place, payload and stream of every signed declaration of the register."""
    for index, position, payload, stream in session.execute(_items(origin, *_DECLARING)):
        yield (index, position), payload, stream


def declared_rows(session: Session, what: Declared) -> dict[Place, tuple[Row, str]]:
    """Give a table's rows by the place of their signed record, each with its party's stream."""
    names = ["entry_index", "position", *what.columns]
    links = ("party_id", "product_id", "batch_id")
    row = table(what.table, *map(column, (*links, *names))).alias("declared")
    query = select(col(Party.gln), col(Party.id), *(row.c[name] for name in names))
    if what.of_product:
        query = query.add_columns(col(Product.gtin)).select_from(row)
        query = query.join(Product, col(Product.id) == row.c.product_id)
        party = row.c.party_id if what.own_party else col(Product.party_id)
        query = query.join(Party, col(Party.id) == party)
        names.append("gtin")
    else:
        query = query.select_from(row).join(Party, col(Party.id) == row.c.party_id)
    if what.of_batch:
        query = query.add_columns(col(Batch.lot))
        query = query.join(Batch, col(Batch.id) == row.c.batch_id, isouter=True)
        names.append("lot")
    found: dict[Place, tuple[Row, str]] = {}
    for gln, number, *values in session.execute(query):
        facts: Row = dict(zip(names, values, strict=True))
        place = (facts.pop("entry_index"), facts.pop("position"))
        found[place] = (facts, gln or f"party-{number}")
    return found


def lifted_recalls(session: Session) -> set[str]:
    """Give the numbers of the recalls that the register shows as lifted."""
    notice = table("recall_notice", column("number"), column("lifted_at"))
    return set(session.scalars(select(notice.c.number).where(notice.c.lifted_at.is_not(None))))


def named_keys(session: Session) -> Mapping[int, Mapping[str, Amounts]]:
    """Give the keys that each event row names, by role, and how much of each."""
    found: dict[int, dict[str, dict[str, tuple[float | None, str | None]]]] = {}
    for row in session.scalars(select(EventKey)):
        of_role = found.setdefault(row.event_id, {}).setdefault(row.role, {})
        of_role[row.key] = (row.quantity, row.unit)
    return found


def forged_issues(session: Session) -> Iterator[Place]:
    """Give the places of issues whose serials are not those that were handed out.

    The record of an issue commits to the list of its serials in the order of their rows.
    """
    serials: dict[int, list[tuple[str, int, int | None]]] = {}
    rows = select(
        col(Serial.issue_id), col(Serial.serial), col(Serial.product_id), col(Serial.batch_id)
    )
    for issue_id, *serial in session.execute(rows.order_by(col(Serial.id))):
        serials.setdefault(issue_id, []).append(tuple(serial))
    for issue in session.scalars(select(SerialIssue).order_by(col(SerialIssue.entry_index))):
        issued = serials.pop(issue.id or 0, [])
        of_issue = (issue.product_id, issue.batch_id)
        if issue.digest != list_digest(issue.salt, [serial for serial, *_ in issued]) or any(
            tuple(rest) != of_issue for _, *rest in issued
        ):
            yield issue.entry_index, issue.position
