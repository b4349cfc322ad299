"""Use cases of self-signed statements: bring a key, prepare a statement, take it signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlmodel import Session

from app.accounts import service as accounts
from app.accounts.models import SigningKey
from app.capture import service as capture
from app.capture.rules import Claim, things_of
from app.db import bump
from app.i18n import N_
from app.problems import Conflict, FieldError, Invalid, Malformed, NotFound
from app.runtime import KeyParts
from app.signing.schemas import PrepareIn, SigningKeyIn, StatementIn
from app.statements import service as statements
from app.statements.schemas import Author, Reply
from ledger import log as ledger_log
from ledger import statement as ledger_statement
from ledger.codec import format_base64, parse_base64
from ledger.errors import (
    CommitmentError,
    ContinuityError,
    FormatError,
    KeyStatusError,
    LedgerError,
    SignatureError,
)
from ledger.keys import PublicKey
from ledger.offline import possession
from ledger.statement import SALT_BYTES, Statement

_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_EVENT_LIST = "/epcisBody/eventList/0"


def list_keys(session: Session, party_id: int) -> dict[str, object]:
    """Give a party's signing keys, and what a proof of possession has to name."""
    stream = accounts.stream_of(accounts.get_party(session, party_id))
    keys = [_key(row) for row in accounts.signing_keys(session, party_id)]
    return {"stream": stream, "items": keys}


def _key(row: SigningKey) -> dict[str, object]:
    return {
        "kid": row.kid,
        "alg": row.alg,
        "publicKey": format_base64(row.public_key),
        "heldBy": "party" if row.sealed_private_key is None else "service",
        "createdAt": row.created_at.isoformat(timespec="milliseconds"),
        "revokedAt": row.revoked_at and row.revoked_at.isoformat(timespec="milliseconds"),
    }


def add_key(session: Session, party_id: int, data: SigningKeyIn, parts: KeyParts) -> Reply:
    """Enter a key that the party brings in the log, once it has shown that it holds it."""
    try:
        key = PublicKey(data.alg, parse_base64(data.public_key))
    except FormatError:
        detail = N_("This is not a public key of this algorithm that can be trusted.")
        raise Invalid(errors=[FieldError("/publicKey", "public_key", detail)]) from None
    stream = accounts.stream_of(accounts.get_party(session, party_id))
    try:
        key.verify(possession(parts.origin, stream, key.kid), parse_base64(data.proof))
    except SignatureError:
        detail = N_("The proof is not this key’s signature over the text to be signed.")
        raise Invalid(errors=[FieldError("/proof", "possession", detail)]) from None
    kid = accounts.add_own_key(session, party_id, key, parts=parts)
    return Reply(201, {"kid": kid}, f"/api/v1/signing-keys/{kid}")


def revoke_key(session: Session, party_id: int, kid: str, parts: KeyParts) -> Reply:
    """End one of the party's keys, whoever holds it."""
    accounts.revoke_signing_key(session, party_id, kid, parts=parts)
    return Reply(200, {"kid": kid})


def prepare(session: Session, author: Author, data: PrepareIn) -> dict[str, object]:
    """Give the statement that has to be signed, with the events and salts behind its root.

    Nothing is kept: whoever signs can compute the root again, and sends everything back.
    """
    row = session.get(SigningKey, data.kid)
    if row is None or row.party_id != author.party_id or row.revoked_at is not None:
        raise NotFound(N_("There is no signing key of this name."))
    reading = capture.read(orjson.dumps(data.document))
    findings = capture.judge(session, author, reading.claims)
    capture.refuse_errors(findings)
    stream = accounts.stream_of(accounts.get_party(session, author.party_id))
    seq, prev = ledger_log.stream_head(session.connection(), author.origin, stream)
    items = [(body, author.rng.randbytes(SALT_BYTES)) for body in capture.payloads(reading)]
    statement = ledger_statement.build(
        stream=stream,
        seq=seq,
        prev=prev,
        commitments=[ledger_statement.commitment(salt, body) for body, salt in items],
        alg=row.alg,
        kid=row.kid,
        signed_at=author.now,
        kind=capture.KIND,
    )
    return {
        "statement": format_base64(statement),
        "items": [
            {"payload": format_base64(body), "salt": format_base64(salt)} for body, salt in items
        ],
        "warnings": [_warning(capture.field_error(finding)) for finding in findings.warnings],
    }


def _warning(fault: FieldError) -> dict[str, str]:
    return {"pointer": fault.pointer, "code": fault.code}


def take(session: Session, author: Author, data: StatementIn) -> Reply:
    """Append a statement that the party signed and register its events, both or neither.

    The same statement again is answered as the first time. Raises Invalid for what does not hold,
    Conflict where the party's chain has moved on since the statement was prepared.
    """
    statements.hold(session)
    statement = _own_statement(session, author, parse_base64(data.statement))
    items = [(parse_base64(item.payload), parse_base64(item.salt)) for item in data.items]
    try:
        appended = ledger_log.append(
            session.connection(),
            origin=author.origin,
            statement=statement.format(),
            signature=parse_base64(data.signature),
            received_at=author.now,
            items=items,
        )
    except LedgerError as error:
        raise _refusal(error) from None
    if not appended.replayed:
        capture.record(session, author, _claims([body for body, _salt in items]), appended.index)
        bump(session)
    return Reply(201, {"entry": appended.index, "events": len(items)})


def _own_statement(session: Session, author: Author, data: bytes) -> Statement:
    """Read the statement; it must be one about events, on the party's own stream."""
    try:
        statement = ledger_statement.parse(data)
    except FormatError:
        detail = N_("This is not a statement as it was prepared.")
        raise Invalid(errors=[FieldError("/statement", "statement", detail)]) from None
    own = accounts.stream_of(accounts.get_party(session, author.party_id))
    if (statement.stream, statement.kind) != (own, capture.KIND):
        detail = N_("The statement is not one of this party about events.")
        raise Invalid(errors=[FieldError("/statement", "statement_of", detail)])
    return statement


def _refusal(error: LedgerError) -> Conflict | Invalid:
    if isinstance(error, ContinuityError):
        return Conflict(N_("Another statement of this party came first. Prepare this one again."))
    pointer, detail = "/statement", N_("The log does not take this statement.")
    if isinstance(error, SignatureError):
        pointer, detail = "/signature", N_("The signature does not hold.")
    elif isinstance(error, KeyStatusError):
        detail = N_("The key that signed is not one of this party that is in force.")
    elif isinstance(error, CommitmentError | FormatError):
        pointer, detail = "/items", N_("The events are not those that the statement signed.")
    return Invalid(errors=[FieldError(pointer, error.code, detail)])


def _claims(bodies: Sequence[bytes]) -> list[Claim]:
    """Read the events of signed items; each must be exactly what would have been prepared."""
    return [_claim(body, f"/items/{position}/payload") for position, body in enumerate(bodies)]


def _claim(body: bytes, pointer: str) -> Claim:
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        event = None
    if not isinstance(event, dict):
        raise _not_prepared(pointer)
    document = orjson.dumps(_document(event))
    try:
        reading = capture.read(document)
    except Malformed as refusal:
        faults = [
            replace(fault, pointer=fault.pointer.replace(_EVENT_LIST, pointer, 1))
            for fault in refusal.errors
        ]
        raise Malformed(errors=faults) from None
    if capture.payloads(reading) != [body]:
        raise _not_prepared(pointer)
    claim = reading.claims[0]
    return replace(claim, pointer=pointer, things=things_of(claim.event, pointer))


def _not_prepared(pointer: str) -> Malformed:
    detail = N_("This is not an event in the form in which it was prepared.")
    return Malformed(errors=[FieldError(pointer, "not_prepared", detail)])


def _document(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": [_CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2000-01-01T00:00:00.000Z",
        "epcisBody": {"eventList": [event]},
    }
