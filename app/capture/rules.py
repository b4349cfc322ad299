"""Pure decisions of capture: may this party state these events, and do they fit the register?

The rules C1 … C9 are this service's own, over what EPCIS already demands; ``docs/api.md`` states
them. A finding names the field by JSON Pointer (RFC 6901) into the posted document.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import unquote

from gs1.epcis import (
    AggregationEvent,
    AssociationEvent,
    Event,
    Identifier,
    ObjectEvent,
    QuantityElement,
    StepEvent,
    TransactionEvent,
    TransformationEvent,
)
from gs1.epcis import Place as EpcisPlace

Mark = Callable[[str], str]
"""Gives the mark that stands in the register for an identifier whose own text was deleted."""

MARK = "deleted:"
_MARK_CONTEXT = b"nguon deleted identifier v1\0"
Role = Literal["epc", "parent", "child", "input", "output"]
Standing = Literal["owner", "partner"]

CLOCK_SKEW = timedelta(minutes=10)
CANONICAL = "https://id.gs1.org/"
_PLACES = {"read_point": "readPoint", "biz_location": "bizLocation"}
# CBV 2.0 section 7.1: steps that bring an identifier into being, whatever the action.
MAKING_STEPS = frozenset({"commissioning", "creating_class_instance", "encoding"})
ENDING_STEPS = frozenset({"decommissioning", "destroying"})
ENDING_DISPOSITIONS = frozenset({"destroyed", "disposed"})


@dataclass(frozen=True, slots=True)
class Thing:
    """What an event speaks of: its canonical key (or the URI as given), role, amount, place."""

    role: Role
    key: str
    pointer: str
    counted: bool = False  # in a quantity list: a class or a lot, not a single thing
    quantity: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One event of a document as the rules see it: its identity, its place, its things."""

    event: Event
    event_id: str
    pointer: str
    things: tuple[Thing, ...]

    @property
    def makes(self) -> bool:
        """Whether it brings identifiers into being: only who holds their prefix may say so."""
        match self.event:
            case ObjectEvent(action=action, biz_step=step, disposition=disposition):
                return turn("epc", action, step, disposition)[0]
            case TransformationEvent():
                return True
        return False

    @property
    def ends(self) -> bool:
        """Whether it ends the life of what it is about."""
        match self.event:
            case ObjectEvent(action=action, biz_step=step, disposition=disposition):
                return turn("epc", action, step, disposition)[1]
        return False

    def owned(self) -> Iterator[Thing]:
        """Give the things whose company prefix must be licensed to the capturing party."""
        match self.event:
            case ObjectEvent(action=action):
                if action == "DELETE" or self.makes:
                    yield from self.things
            case TransformationEvent():
                yield from (thing for thing in self.things if thing.role == "output")
            case AggregationEvent(action="ADD") | AssociationEvent(action="ADD"):
                yield from (thing for thing in self.things if thing.role == "parent")


@dataclass(frozen=True, slots=True)
class Life:
    """What earlier accepted events said of one thing."""

    made: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the register knows of the things, places and event identities of one document."""

    party_id: int
    now: datetime
    owners: Mapping[str, int]  # by canonical key; absent: nobody here holds the prefix
    places: Mapping[str, int]  # party by GLN
    known_ids: frozenset[str]
    lives: Mapping[str, Life]  # by canonical key
    registered: frozenset[str]  # canonical keys of own products, batches and issued serials


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that an event breaks: the field, the rule's code and its values."""

    pointer: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Findings:
    """Errors refuse the document; warnings are kept beside it."""

    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def things_of(event: Event, pointer: str) -> tuple[Thing, ...]:
    """List what an event speaks of, in the order of the document."""
    match event:
        case ObjectEvent() | TransactionEvent():
            parent = event.parent_id if isinstance(event, TransactionEvent) else None
            return (
                *_single("parent", parent, f"{pointer}/parentID"),
                *_singles("epc", event.epc_list, f"{pointer}/epcList"),
                *_amounts("epc", event.quantity_list, f"{pointer}/quantityList"),
            )
        case AggregationEvent() | AssociationEvent():
            return (
                *_single("parent", event.parent_id, f"{pointer}/parentID"),
                *_singles("child", event.child_epcs, f"{pointer}/childEPCs"),
                *_amounts("child", event.child_quantity_list, f"{pointer}/childQuantityList"),
            )
        case TransformationEvent():
            return (
                *_singles("input", event.input_epc_list, f"{pointer}/inputEPCList"),
                *_amounts("input", event.input_quantity_list, f"{pointer}/inputQuantityList"),
                *_singles("output", event.output_epc_list, f"{pointer}/outputEPCList"),
                *_amounts("output", event.output_quantity_list, f"{pointer}/outputQuantityList"),
            )
    return ()


def _single(role: Role, name: Identifier | None, pointer: str) -> Iterator[Thing]:
    if name is not None:
        yield Thing(role, name.key or name.uri, pointer)


def _singles(role: Role, names: Iterable[Identifier], pointer: str) -> Iterator[Thing]:
    for i, name in enumerate(names):
        yield Thing(role, name.key or name.uri, f"{pointer}/{i}")


def _amounts(role: Role, amounts: Iterable[QuantityElement], pointer: str) -> Iterator[Thing]:
    for i, amount in enumerate(amounts):
        name = amount.epc_class
        where = f"{pointer}/{i}/epcClass"
        yield Thing(role, name.key or name.uri, where, True, amount.quantity, amount.uom)


def licensed_digits(key: str) -> str | None:
    """Give the digits of a canonical key from its company prefix on; None for no GS1 key.

    The indicator digit of a GTIN, the extension digit of an SSCC and the filler of a GRAI stand
    before the prefix (GS1 General Specifications 1.4).

    >>> licensed_digits("https://id.gs1.org/00/195200010000000014")
    '95200010000000014'
    """
    ai, _slash, rest = key.removeprefix(CANONICAL).partition("/")
    if not key.startswith(CANONICAL):
        return None
    value = unquote(rest.split("/", 1)[0])
    return value[1:] if ai in {"00", "01", "8003", "8006"} else value


def gtin_of(key: str) -> str | None:
    """Give the GTIN-14 of the canonical key of a trade item, lot or serialised item."""
    match key.removeprefix(CANONICAL).split("/"):
        case ["01", gtin, *_] if key.startswith(CANONICAL):
            return gtin
    return None


def qualifier_of(key: str) -> tuple[str | None, str]:
    """Give AI and value that pick out part of a trade item: ("21", serial), ("10", lot), or none.

    >>> qualifier_of("https://id.gs1.org/01/09521141123454/21/A%2FB")
    ('21', 'A/B')
    """
    match key.removeprefix(CANONICAL).split("/"):
        case [_ai, _value, qualifier, value, *_]:
            return qualifier, unquote(value)
    return None, ""


def turn(
    role: str, action: str | None, biz_step: str | None, disposition: str | None
) -> tuple[bool, bool]:
    """Tell whether a stored object or transformation event made a thing, and whether it ended it.

    Of a transformation the role says it: an input is used up, an output comes into being.
    """
    if role in ("input", "output"):
        return role == "output", role == "input"
    made = action == "ADD" or biz_step in MAKING_STEPS
    ended = action == "DELETE" or biz_step in ENDING_STEPS or disposition in ENDING_DISPOSITIONS
    return made, ended


def gln_of(place: EpcisPlace | None) -> str | None:
    """Give the GLN of a read point or business location, without its extension."""
    key = place.id.key if place is not None else None
    match key.removeprefix(CANONICAL).split("/") if key else []:
        case ["414", gln, *_]:
            return gln
    return None


def standing(claim: Claim, facts: Facts) -> Standing:
    """Tell whether the party speaks of its own goods, or as a partner of another's."""
    own = all(facts.owners.get(thing.key) == facts.party_id for thing in claim.things)
    return "owner" if own else "partner"


def check(claims: Sequence[Claim], facts: Facts) -> Findings:
    """Judge the events of one document, in its order, against the register and each other."""
    errors: list[Finding] = []
    warnings: list[Finding] = []
    seen_ids = set(facts.known_ids)
    lives = dict(facts.lives)
    for claim in claims:
        errors += _identity(claim, seen_ids)
        errors += _time(claim, facts)
        errors += _places(claim, facts)
        errors += _repetitions(claim)
        errors += _ownership(claim, facts)
        if claim.makes:
            errors += _making(claim, facts, lives)
        warnings += _after_end(claim, lives)
        _live_on(claim, lives)
        seen_ids.add(claim.event_id)
    return Findings(tuple(errors), tuple(warnings))


def _identity(claim: Claim, seen: Iterable[str]) -> Iterator[Finding]:
    """C1: an event identity is taken once; C2: error declarations are not taken yet."""
    if claim.event_id in seen:
        yield Finding(f"{claim.pointer}/eventID", "duplicate_event", {"event": claim.event_id})
    if claim.event.error_declaration is not None:
        yield Finding(f"{claim.pointer}/errorDeclaration", "error_declaration")


def _time(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """C3: nothing has happened later than now, but for the skew of clocks."""
    if claim.event.event_time > facts.now + CLOCK_SKEW:
        yield Finding(f"{claim.pointer}/eventTime", "future_event")


def _places(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """C4: GLNs are registered; C5: what is made or ended, is so at a place of the party."""
    if not isinstance(claim.event, StepEvent):
        return
    own_only = claim.makes or claim.ends
    for name in ("read_point", "biz_location"):
        place: EpcisPlace | None = getattr(claim.event, name)
        pointer = f"{claim.pointer}/{_PLACES[name]}/id"
        gln = gln_of(place)
        if place is None or (gln is None and not _claims_gln(place.id)):
            continue
        if gln is None or gln not in facts.places:
            yield Finding(pointer, "unknown_place", {"gln": gln or place.id.uri})
        elif own_only and facts.places[gln] != facts.party_id:
            yield Finding(pointer, "foreign_place", {"gln": gln})


def _claims_gln(name: Identifier) -> bool:
    """Whether a URI has the form of a GLN, though it is none: a wrong check digit, say."""
    return name.key is None and (name.uri.startswith("urn:epc:") or "/414/" in name.uri)


def _repetitions(claim: Claim) -> Iterator[Finding]:
    """C6: an event names each thing once in each role."""
    seen: set[tuple[Role, str]] = set()
    for thing in claim.things:
        if (thing.role, thing.key) in seen:
            yield Finding(thing.pointer, "duplicate_epc", {"key": thing.key})
        seen.add((thing.role, thing.key))


def _ownership(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """C7: only the holder of the company prefix makes, ends or heads a thing."""
    for thing in claim.owned():
        if facts.owners.get(thing.key) != facts.party_id:
            yield Finding(thing.pointer, "foreign_prefix", {"key": thing.key})


def _making(claim: Claim, facts: Facts, lives: Mapping[str, Life]) -> Iterator[Finding]:
    """C8: what comes into being was registered or issued before, and comes into being once."""
    for thing in claim.owned():
        if facts.owners.get(thing.key) != facts.party_id:
            continue  # C7 has said so
        if thing.key.startswith(f"{CANONICAL}01/") and thing.key not in facts.registered:
            yield Finding(thing.pointer, "not_registered", {"key": thing.key})
        elif not thing.counted and lives.get(thing.key, Life()).made:
            yield Finding(thing.pointer, "already_made", {"key": thing.key})


def _after_end(claim: Claim, lives: Mapping[str, Life]) -> Iterator[Finding]:
    """C9: a single thing that was ended does not act any more; kept as evidence, with a warning."""
    for thing in claim.things:
        if lives.get(thing.key, Life()).ended:
            yield Finding(thing.pointer, "after_end", {"key": thing.key})


def _live_on(claim: Claim, lives: dict[str, Life]) -> None:
    for thing in claim.things:
        if thing.counted or thing.role in ("parent", "child"):
            continue
        life = lives.get(thing.key, Life())
        made = life.made or (claim.makes and thing.role in ("epc", "output"))
        ended = life.ended or claim.ends or thing.role == "input"
        if (made, ended) != (life.made, life.ended):
            lives[thing.key] = Life(made, ended)


def marker(secret: str) -> Mark:
    """Give the marks of a service: keyed hashes, so that nobody without its secret can guess.

    Who has the code of a unit in hand still finds that something was declared about it.
    """

    def mark(text: str) -> str:
        digest = hmac.new(secret.encode(), _MARK_CONTEXT + text.encode(), hashlib.sha256)
        return MARK + digest.hexdigest()

    return mark


def is_mark(text: str) -> bool:
    """Tell whether this stands for an identifier that was deleted."""
    return text.startswith(MARK)
