"""Use cases of transparency: check records against the log, show the log, hand out proofs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import orjson
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.capture.models import Event
from app.capture.rules import Mark, marker
from app.i18n import LOCAL_ZONE, N_
from app.problems import Forbidden, Gone, NotFound
from app.redaction import queries as redaction
from app.redaction.schemas import Deletion
from app.runtime import Runtime
from app.transparency import queries, rules
from app.transparency.queries import Place
from app.transparency.schemas import (
    Checked,
    Claim,
    EntryLine,
    Head,
    Integrity,
    Overview,
    ProofPage,
    ProofStep,
    ProvenRecord,
)
from ledger import bundle, checkpoint, codec, merkle, note, receipt, statement
from ledger import entry as ledger_entry
from ledger import log as ledger_log
from ledger.audit import Finding
from ledger.checkpoint import LogSigner
from ledger.database import DEFERRED
from ledger.entry import Entry
from ledger.errors import (
    KeyStatusError,
    LedgerError,
    MissingError,
    RedactedError,
    SignatureError,
    StateError,
)
from ledger.keys import ED25519, KeyRing, PublicKey
from ledger.note import Verifier, VerifierKey
from ledger.policy import Log, Policy
from ledger.redaction import order_of
from ledger.statement import Batch
from ledger.tiles import TileStore
from ledger.witness.client import Witnesses

_NEWEST = 20
_STEP_NAMES = ("form", "checkpoint", "inclusion", "entry", "keys", "active", "signature", "item")


@dataclass(slots=True)
class LogView:
    """The log as a reader with the log's key sees it through one transaction."""

    session: Session
    origin: str
    verifier: Verifier
    tiles: TileStore
    mark: Mark | None = None
    _head: checkpoint.Checkpoint | None = None
    _rings: dict[str, KeyRing] = field(default_factory=dict)
    _subtree: Callable[[int, int], bytes] | None = None

    @classmethod
    def of(cls, rt: Runtime, session: Session) -> LogView:
        """Give the view of a runtime's log through a session."""
        mark = marker(rt.settings.secret_key.get_secret_value())
        return cls(session, rt.settings.log_origin, rt.signer.verifier, rt.tiles, mark)

    def head(self) -> checkpoint.Checkpoint | None:
        """Give the last checkpoint, its signature verified; None before the first one."""
        if self._head is None:
            stored = ledger_log.published_checkpoint(self.session.connection(), self.origin)
            if stored is None:
                return None
            signed = checkpoint.verify(stored.note, self.verifier, self.origin)
            if (signed.size, signed.root) != (stored.size, stored.root):
                raise StateError("the stored checkpoint is not what was signed")
            self._head = signed
        return self._head

    def covers(self, index: int) -> bool:
        """Tell whether the last checkpoint covers the entry."""
        head = self.head()
        return head is not None and index < head.size

    def verify_entry(self, body: bytes, index: int) -> Entry:
        """Give the entry of these bytes, its way up to the signed root recomputed now."""
        head = self.head()
        if head is None or index >= head.size:
            raise MissingError(f"no checkpoint covers entry {index} yet")
        if self._subtree is None:
            # Many paths of one page share nodes; each tile is then read once for all of them.
            self._subtree = cache(self.tiles.subtree(head.size))
        path = merkle.prove_inclusion(self._subtree, index, head.size)
        merkle.verify_inclusion(merkle.leaf_hash(body), index, head.size, path, head.root)
        entry = ledger_entry.parse(body)
        if entry.index != index:
            raise StateError(f"entry {index} says that it is {entry.index}")
        return entry

    def verify_signature(self, entry: Entry) -> None:
        """Raise unless a key of the party that was in force at this index signed the entry."""
        signed = entry.statement
        key = self._ring(signed.stream).authority(signed, entry.index)
        key.verify(signed.format(), entry.signature)

    def _ring(self, stream: str) -> KeyRing:
        ring = self._rings.get(stream)
        if ring is None:
            ring = KeyRing(PublicKey(ED25519, self.verifier.public_key))
            for body in ledger_log.key_entries(self.session.connection(), self.origin, stream):
                index = ledger_entry.parse(body).index
                if self.covers(index):
                    added = self.verify_entry(body, index)
                    link = added.statement
                    ring.authority(link, added.index).verify(link.format(), added.signature)
                    ring.apply(link, added.index)
            self._rings[stream] = ring
        return ring


def check(view: LogView, claims: Iterable[Claim]) -> dict[Place, Checked]:
    """Check every claim against the log: inclusion, signature, content, and the register's row.

    Nothing is believed because it is in our database: a row that says otherwise than its signed
    record fails like a forged proof. Of several claims to one record the failing one counts.
    """
    by_entry: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_entry[claim.entry_index].append(claim)
    session, origin = view.session, view.origin
    places = [(claim.entry_index, claim.position) for some in by_entry.values() for claim in some]
    stored = _Stored(
        queries.bodies(session, origin, by_entry),
        queries.commitments(session, origin, by_entry),
        queries.items(session, origin, places),
        redaction.orders(session, origin, places),
    )
    found: dict[Place, Checked] = {}
    for index, wanted in by_entry.items():
        for claim, checked in _check_entry(view, index, wanted, stored):
            if found.setdefault((index, claim.position), checked).integrity == "proven":
                found[index, claim.position] = checked
    return found


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the ledger's tables hold of the entries in question; nothing of it is believed."""

    bodies: Mapping[int, bytes]
    commitments: Mapping[int, list[bytes]]
    items: Mapping[Place, queries.Item]
    orders: Mapping[Place, int]


def _check_entry(
    view: LogView, index: int, wanted: Sequence[Claim], stored: _Stored
) -> Iterator[tuple[Claim, Checked]]:
    entry, integrity = _entry_integrity(view, index, stored)
    commitments = stored.commitments.get(index, [])
    for claim in wanted:
        if entry is None or integrity != "proven":
            yield claim, Checked(integrity, entry.received_at if entry else None)
        else:
            place = (index, claim.position)
            item = stored.items.get(place)
            if item == (None, None) and claim.position < len(commitments):
                yield claim, _check_deletion(view, entry, claim, stored.orders.get(place))
            else:
                yield claim, _check_item(claim, entry, item, commitments)


def _entry_integrity(view: LogView, index: int, stored: _Stored) -> tuple[Entry | None, Integrity]:
    entry = None
    try:
        if not view.covers(index):
            return None, "pending"
        entry = view.verify_entry(stored.bodies.get(index, b""), index)
        statement.check_items(entry.statement, stored.commitments.get(index, []))
        view.verify_signature(entry)
    except (SignatureError, KeyStatusError):
        return entry, "signature-failed"
    except LedgerError:
        return entry, "proof-failed"
    return entry, "proven"


def _check_item(
    claim: Claim,
    entry: Entry,
    item: tuple[bytes | None, bytes | None] | None,
    commitments: list[bytes],
) -> Checked:
    """Compare payload with commitment, and the register's row with the payload."""
    failed = Checked("proof-failed", entry.received_at)
    if item is None or claim.position >= len(commitments):
        return failed
    payload, salt = item
    if payload is None or salt is None:
        return failed
    if statement.commitment(salt, payload) != commitments[claim.position]:
        return failed
    record = orjson.loads(payload)
    sound = (
        not claim.deleted
        and claim.stream in ("", entry.statement.stream)
        and rules.agrees(record, claim.row)
        and all(rules.mentions(record, role, keys) for role, keys in claim.named.items())
    )
    integrity: Integrity = "proven" if sound else "proof-failed"
    return Checked(integrity, entry.received_at, record)


def _check_deletion(view: LogView, entry: Entry, claim: Claim, order: int | None) -> Checked:
    """Say who ordered that content was deleted; without an order it was not deleted but lost."""
    try:
        if claim.stream not in ("", entry.statement.stream):
            raise StateError("the register names another party than the entry")
        deletion = _deletion(view, (entry.index, claim.position), order)
    except LedgerError:
        return Checked("proof-failed", entry.received_at)
    if deletion is None:
        return Checked("pending", entry.received_at)
    return Checked("deleted", entry.received_at, deletion=deletion)


def _deletion(view: LogView, place: Place, order: int | None) -> Deletion | None:
    """Give the order to delete an item as the log proves it; None while no checkpoint covers it."""
    if order is None:
        raise StateError("content is gone and nobody ordered it")
    if not view.covers(order):
        return None
    connection = view.session.connection()
    entry = view.verify_entry(ledger_log.entry_at(connection, view.origin, order), order)
    view.verify_signature(entry)
    found = order_of(entry)
    if place[0] != found.entry or place[1] not in found.positions:
        raise StateError(f"entry {order} orders another deletion")
    return Deletion(found.at, found.by, found.basis, order)


def head(view: LogView) -> Head | None:
    """Give the last checkpoint for a page, None before the first."""
    last = view.head()
    if last is None:
        return None
    at = queries.signed_at(view.session, view.origin, last.size)
    if at is None:
        raise StateError("the last checkpoint has no time")
    return Head(last.origin, last.size, codec.format_base64(last.root), codec.parse_instant(at))


def overview(view: LogView, keys: Sequence[VerifierKey], policy: Policy) -> Overview:
    """Give what the page about the log shows: checkpoint, witnesses, newest entries."""
    connection = view.session.connection()
    stored = ledger_log.published_checkpoint(connection, view.origin)
    bodies = queries.newest_entries(view.session, view.origin, _NEWEST)
    return Overview(
        head=head(view),
        log_keys=tuple(key.format() for key in keys),
        checkpoint=stored.published.decode() if stored else "",
        entries=tuple(_line(view.session, ledger_entry.parse(body)) for body in bodies),
        witnesses=rules.witness_times(note.parse(stored.published), policy) if stored else (),
    )


def _line(session: Session, entry: Entry) -> EntryLine:
    signed = entry.statement
    count = signed.body.count if isinstance(signed.body, Batch) else 0
    party = queries.party_name(session, signed.stream)
    return EntryLine(entry.index, party, signed.kind, count, entry.received_at)


def policy(signer: LogSigner, witnesses: Witnesses | None, log_url: str) -> str:
    """Give the trust policy of this log (C2SP tlog-policy): its keys, witnesses and quorum."""
    logs = tuple(Log(key, log_url) for key in signer.verifiers)
    in_force = Policy() if witnesses is None else witnesses.policy
    return replace(in_force, logs=logs).format()


def public_places(session: Session, places: Collection[Place]) -> set[Place]:
    """Give those records that may be handed to anybody (docs/verdicts.md, "Whose proof").

    An event that names several single units is not: it would give away the numbers of the others,
    and that nobody can guess a number is what makes a copy noticeable.
    """
    counts = queries.unit_counts(session, places) if places else {}
    return {place for place in places if counts.get(place, 0) <= 1}


def bundle_file(view: LogView, place: Place) -> bytes:
    """Give the proof bundle of a record; raises NotFound, or Forbidden for one of many units.

    Raises a LedgerError where it would not hold: nobody is given a proof to be found out at home.
    """
    file = _bundle(view, place)
    bundle.verify(file, view.verifier)
    return file


def receipt_file(view: LogView, place: Place, signer: LogSigner) -> bytes:
    """Give the COSE receipt of a record's entry; raises as :func:`bundle_file`."""
    parts = bundle.parse(bundle_file(view, place))
    return receipt.issue(parts.entry, parts.proof, signer.ed25519)


def _bundle(view: LogView, place: Place) -> bytes:
    if not public_places(view.session, [place]):
        raise Forbidden(
            N_(
                "This record names several single units. Showing it would give away the numbers "
                "of the others, and a number that nobody can guess is what makes a copy noticed."
            ),
            title=N_("This record is not shown to everybody"),
            advice=N_(
                "The record lies in the log all the same, and its place was checked for the page "
                "you came from. Whoever declared it can give you the proof."
            ),
        )
    try:
        made = ledger_log.make_bundle(
            view.session.connection(),
            view.tiles,
            origin=view.origin,
            index=place[0],
            position=place[1],
        )
    except RedactedError:
        raise _gone(view, place) from None
    except MissingError:
        raise NotFound(N_("There is no proof of this record, or not yet.")) from None
    return bundle.dump(made)


def _gone(view: LogView, place: Place) -> Gone:
    order = redaction.orders(view.session, view.origin, [place]).get(place)
    deletion = _deletion(view, place, order)
    if deletion is None:
        return Gone(N_("The content of this record was deleted; its proof remains."))
    return Gone(
        N_(
            "The content was deleted on %(date)s by %(by)s. Legal basis: %(basis)s. "
            "The proof remains."
        ),
        date=deletion.at.astimezone(LOCAL_ZONE).date().isoformat(),
        by=deletion.by,
        basis=deletion.basis,
    )


def _deleted_page(view: LogView, place: Place, last: Head) -> ProofPage:
    """Show what is still proven of a record whose content was deleted, each step carried out."""
    index, position = place
    checked = check(view, [Claim(index, position)])[place]
    if checked.deletion is None:
        raise StateError("the deletion is not proven")
    body = queries.bodies(view.session, view.origin, [index])[index]
    entry = ledger_entry.parse(body)
    commitment = queries.commitments(view.session, view.origin, [index])[index][position]
    values = {
        "checkpoint": f"{last.origin}, {last.size}",
        "inclusion": merkle.leaf_hash(body).hex(),
        "entry": str(index),
        "signature": entry.statement.kid,
        "commitment": commitment.hex(),
        "order": str(checked.deletion.entry_index),
    }
    steps = tuple(
        ProofStep(number, name, value, "right")
        for number, (name, value) in enumerate(values.items(), 1)
    )
    record = ProvenRecord(
        *place,
        tree_size=last.size,
        root=last.root,
        origin=last.origin,
        party=queries.party_name(view.session, entry.statement.stream),
        received_at=entry.received_at,
        checkpoint_at=last.at,
    )
    return ProofPage(record, steps, True, "", view.verifier.format(), checked.deletion)


def _is_deleted(view: LogView, place: Place) -> bool:
    item = queries.items(view.session, view.origin, [place]).get(place)
    return item == (None, None) and view.covers(place[0])


def proof_page(view: LogView, place: Place) -> ProofPage:
    """Give the steps by which anybody can check a record, each carried out here too."""
    try:
        last = head(view)
        if last is not None and _is_deleted(view, place):
            return _deleted_page(view, place, last)
        file = _bundle(view, place)
    except LedgerError as error:
        return _broken_page(view, place, str(error))
    steps = tuple(
        ProofStep(step.number, step.name, step.value, step.state.value)
        for step in bundle.steps(file, view.verifier)
    )
    parts = bundle.parse(file)
    entry = ledger_entry.parse(parts.entry)
    if last is None:
        raise NotFound
    record = ProvenRecord(
        *place,
        tree_size=last.size,
        root=last.root,
        origin=last.origin,
        party=queries.party_name(view.session, entry.statement.stream),
        payload=orjson.dumps(orjson.loads(parts.payload), option=orjson.OPT_INDENT_2).decode(),
        received_at=entry.received_at,
        checkpoint_at=last.at,
    )
    holds = all(step.state == bundle.State.RIGHT for step in steps)
    url = f"/proof/{place[0]}/{place[1]}.json"
    return ProofPage(record, steps, holds, url, view.verifier.format())


def _broken_page(view: LogView, place: Place, fault: str) -> ProofPage:
    """Show that no bundle can be made, because the log's own parts contradict each other."""
    steps = tuple(
        ProofStep(number, name, fault, "wrong")
        if name == "inclusion"
        else ProofStep(number, name, "", "not-checked")
        for number, name in enumerate(_STEP_NAMES, 1)
    )
    return ProofPage(ProvenRecord(*place), steps, False, "", view.verifier.format())


def register_findings(engine: Engine, origin: str) -> list[Finding]:
    """Compare every row of the register with its signed record, and every record with its row.

    ``python -m ledger audit`` calls this through the entry point group ``ledger.audit``: the log
    proves what was said, and this tells whether our own tables still say the same.
    """
    if not inspect(engine).has_table("event"):
        return []
    reader = engine.execution_options(sqlite_begin=DEFERRED)
    try:
        with Session(reader) as session:
            named = queries.named_keys(session)
            found = [
                _register_finding(place, payload, row, named, stream, owner)
                for place, payload, stream, row, owner in queries.signed_events(session, origin)
            ]
            found += [
                Finding("event", rules.where(place), "no signed record says this event")
                for place in queries.unsigned_events(session, origin)
            ]
            found += rules.declaration_findings(
                queries.signed_declarations(session, origin),
                {what.type: what.table for what in queries.DECLARED},
                {what.type: queries.declared_rows(session, what) for what in queries.DECLARED},
                queries.lifted_recalls(session),
            )
            for place in queries.forged_issues(session):
                found.append(Finding("serial", rules.where(place), rules.NOT_ISSUED, place[0]))
    except (SQLAlchemyError, ValueError) as error:
        return [Finding("event", "", f"the register cannot be read: {error}")]
    return [finding for finding in found if finding is not None]


def _register_finding(
    place: Place,
    payload: bytes | None,
    row: Event | None,
    named: Mapping[int, Mapping[str, rules.Amounts]],
    stream: str,
    owner: str,
) -> Finding | None:
    at = ("event", rules.where(place))
    if row is None:
        return Finding(*at, "the register lacks this event", place[0], stream)
    if owner != stream:
        return Finding(*at, rules.ASCRIBED, place[0], stream)
    if payload is None:
        return None  # redacted on purpose
    try:
        record = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return Finding(*at, "the signed record cannot be read", place[0], stream)
    facts = {name: getattr(row, column) for name, column in rules.EVENT_COLUMNS.items()}
    if rules.agrees(record, facts) and rules.names(record, named.get(row.id or 0, {})):
        return None
    return Finding(*at, rules.OTHERWISE, place[0], stream)
