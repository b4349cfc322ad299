"""Use cases of the catalogue: register products, places and batches, each as a signed statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlmodel import Session

from app.accounts import service as accounts
from app.catalogue import queries, rules
from app.catalogue.models import Batch, NumberCounter, Place, Product
from app.catalogue.schemas import BatchIn, Input, PlaceIn, ProductIn
from app.i18n import N_
from app.problems import Conflict, FieldError, Forbidden, NotFound
from app.statements import service as statements
from app.statements.schemas import Author, Reply
from gs1 import issuing
from gs1.epcis import canonical_json
from gs1.errors import CapacityError
from gs1.keys import Gln, Gtin, IdentificationKey, Sscc

KIND = "masterdata"
Out = dict[str, Any]
AnyKey = TypeVar("AnyKey", bound=IdentificationKey)


def register_product(session: Session, author: Author, data: ProductIn) -> Reply:
    """Register a product: 201 when new, 200 when it is there with the same data.

    Raises Forbidden for a GTIN under another party's prefix, Conflict for other data.
    """
    statements.hold(session)
    gtin = data.gtin or next_gtin(session, author.party_id)
    require_own(session, author.party_id, gtin.gtin14[1:], "/gtin", gtin)
    facts = data.model_dump(exclude={"gtin"})
    location = f"/api/v1/products/{gtin.gtin14}"
    stored = queries.product(session, gtin.gtin14)
    if stored is not None:
        _require_same(stored.model_dump(), facts)
        return Reply(200, product_out(stored), location)
    index = _state(session, author, "Product", {"gtin": gtin.gtin14, **facts})
    row = Product(
        gtin=gtin.gtin14,
        party_id=author.party_id,
        created_at=author.now,
        entry_index=index,
        **facts,
    )
    session.add(row)
    return Reply(201, product_out(row), location)


def register_batch(session: Session, author: Author, gtin: Gtin, data: BatchIn) -> Reply:
    """Register a batch of an own product: 201 when new, 200 when it is there with the same data."""
    statements.hold(session)
    product = own_product(session, author.party_id, gtin)
    facts = data.model_dump(exclude={"lot"})
    stored = queries.batch(session, product_id(product), data.lot)
    if stored is not None:
        _require_same(stored.model_dump(), facts)
        return Reply(200, batch_out(product, stored))
    index = _state(session, author, "Batch", {"gtin": product.gtin, "lot": data.lot, **facts})
    row = Batch(
        product_id=product_id(product),
        lot=data.lot,
        created_at=author.now,
        entry_index=index,
        **facts,
    )
    session.add(row)
    return Reply(201, batch_out(product, row))


def register_place(session: Session, author: Author, data: PlaceIn) -> Reply:
    """Register a place: 201 when new, 200 when it is there with the same data."""
    statements.hold(session)
    gln = data.gln or next_gln(session, author.party_id)
    require_own(session, author.party_id, gln.value, "/gln", gln)
    facts = data.model_dump(exclude={"gln"})
    stored = queries.place(session, gln.value)
    if stored is not None:
        _require_same(stored.model_dump(), facts)
        return Reply(200, place_out(stored))
    index = _state(session, author, "Place", {"gln": gln.value, **facts})
    row = Place(
        gln=gln.value, party_id=author.party_id, created_at=author.now, entry_index=index, **facts
    )
    session.add(row)
    return Reply(201, place_out(row))


def list_products(session: Session, party_id: int, after: str, limit: int) -> list[Out]:
    """Give a party's products in order of GTIN, from the one behind ``after``."""
    return [product_out(row) for row in queries.products(session, party_id, after, limit)]


def list_places(session: Session, party_id: int, after: str, limit: int) -> list[Out]:
    """Give a party's places in order of GLN, from the one behind ``after``."""
    return [place_out(row) for row in queries.places(session, party_id, after, limit)]


def list_batches(session: Session, party_id: int, gtin: Gtin, after: str, limit: int) -> list[Out]:
    """Give the batches of an own product in order of lot, from the one behind ``after``."""
    product = own_product(session, party_id, gtin)
    rows = queries.batches(session, product_id(product), after, limit)
    return [batch_out(product, row) for row in rows]


def get_product(session: Session, party_id: int, gtin: Gtin) -> Out:
    """Give an own product; raises NotFound, Forbidden."""
    return product_out(own_product(session, party_id, gtin))


def own_product(session: Session, party_id: int, gtin: Gtin) -> Product:
    """Give a product of this party; raises NotFound, and Forbidden for another party's GTIN."""
    product = queries.product(session, gtin.gtin14)
    if product is None:
        raise NotFound(N_("No product is registered under this GTIN."))
    if product.party_id != party_id:
        raise _foreign("/gtin", gtin)
    return product


def own_batch(session: Session, product: Product, lot: str, pointer: str) -> Batch:
    """Give a registered batch of a product; raises NotFound naming the field."""
    batch = queries.batch(session, product_id(product), lot)
    if batch is None:
        detail = N_("This batch is not registered.")
        raise NotFound(errors=[FieldError(pointer, "batch_unknown", detail)])
    return batch


def require_own(
    session: Session, party_id: int, digits: str, pointer: str, key: Gtin | Gln | Sscc
) -> None:
    """Raise Forbidden unless the key's company prefix is licensed to the party."""
    if accounts.owner_of(session, digits) != party_id:
        raise _foreign(pointer, key)


def _foreign(pointer: str, key: Gtin | Gln | Sscc) -> Forbidden:
    detail = N_("%(key)s is not under a GS1 company prefix that is licensed to you.")
    fault = FieldError(pointer, "foreign_prefix", detail, rules.PREFIX_CLAUSE, {"key": str(key)})
    return Forbidden(errors=[fault])


def next_gtin(session: Session, party_id: int) -> Gtin:
    """Take the next GTIN under the party's prefixes that is not registered yet."""
    for gtin in _next_keys(session, party_id, "gtin", issuing.nth_gtin):
        if queries.product(session, gtin.gtin14) is None:
            return gtin
    raise _exhausted()


def next_gln(session: Session, party_id: int) -> Gln:
    """Take the next GLN under the party's prefixes that is neither a place nor the party yet."""
    taken = accounts.get_party(session, party_id).gln
    for gln in _next_keys(session, party_id, "gln", issuing.nth_gln):
        if gln.value != taken and queries.place(session, gln.value) is None:
            return gln
    raise _exhausted()


def next_ssccs(session: Session, party_id: int, count: int) -> list[Sscc]:
    """Take the next ``count`` SSCCs under the party's prefixes."""
    taken = list(islice(_next_keys(session, party_id, "sscc", issuing.nth_sscc), count))
    if len(taken) < count:
        raise _exhausted()
    return taken


def _next_keys(
    session: Session, party_id: int, name: str, nth: Callable[[str, int], AnyKey]
) -> Iterator[AnyKey]:
    """Take one key after the other, of every prefix of the party in turn."""
    for prefix in sorted(accounts.prefixes(session, party_id)):
        counter = session.get(NumberCounter, (prefix, name))
        if counter is None:
            counter = NumberCounter(prefix=prefix, key=name)
            session.add(counter)
        with suppress(CapacityError):
            while True:
                key = nth(prefix, counter.next_reference)
                counter.next_reference += 1
                yield key


def _exhausted() -> Conflict:
    return Conflict(N_("No number is left under your GS1 company prefixes."))


def product_id(product: Product) -> int:
    """Give the identity of a stored product."""
    if product.id is None:
        raise ValueError("the product is not stored yet")
    return product.id


def _state(session: Session, author: Author, kind: str, facts: Mapping[str, object]) -> int:
    """Append the signed record of a registration and give its index; empty facts are left out."""
    record = {"type": kind, **{name: _json(v) for name, v in facts.items() if v not in ("", None)}}
    return statements.append(session, author, KIND, [canonical_json(record)]).index


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _require_same(stored: Mapping[str, object], asked: Mapping[str, object]) -> None:
    """Raise Conflict, naming the fields, unless a repetition asks for what is stored."""
    names = rules.differing(stored, asked)
    if names:
        detail = N_("This is already registered with another value.")
        raise Conflict(errors=[FieldError(f"/{name}", "differs", detail) for name in names])


def product_out(row: Product) -> Out:
    """Give a product as the interface shows it."""
    return {"gtin": row.gtin, **_facts(row, ProductIn, "gtin"), **_record(row)}


def batch_out(product: Product, row: Batch) -> Out:
    """Give a batch as the interface shows it."""
    return {"gtin": product.gtin, "lot": row.lot, **_facts(row, BatchIn, "lot"), **_record(row)}


def place_out(row: Place) -> Out:
    """Give a place as the interface shows it."""
    return {"gln": row.gln, **_facts(row, PlaceIn, "gln"), **_record(row)}


def _facts(row: Product | Batch | Place, shape: type[Input], key: str) -> Out:
    return {name: _json(getattr(row, name)) for name in shape.model_fields if name != key}


def _record(row: Product | Batch | Place) -> Out:
    return {
        "createdAt": row.created_at.isoformat(timespec="milliseconds"),
        "record": {"entry": row.entry_index, "position": row.position},
    }
