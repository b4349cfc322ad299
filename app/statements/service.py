"""Use cases of statements: what a party says is signed and chained in the caller's transaction."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

import orjson
from sqlmodel import Session, col, delete

from app.accounts import service as accounts
from app.db import bump
from app.i18n import N_
from app.problems import Conflict
from app.statements.models import KeptReply
from app.statements.schemas import Appended, Author, Reply
from ledger import log as ledger_log
from ledger import statement as ledger_statement
from ledger.errors import MissingError
from ledger.statement import SALT_BYTES
from ledger.tiles import CHECKPOINT, TileStore

REPLIES_KEPT = timedelta(days=1)


def hold(session: Session) -> None:
    """Hold every other statement off until this transaction ends.

    Called before the facts of a statement are read: two parties' machines then cannot both see
    that a number is free.
    """
    ledger_log.lock(session.connection())


def append(session: Session, author: Author, kind: str, payloads: Sequence[bytes]) -> Appended:
    """Sign one statement about ``payloads`` with the author's managed key and append it.

    The entry stands or falls with the caller's transaction. Payloads are stored with a random
    salt each, so that what is later redacted cannot be guessed from its commitment.
    """
    connection = session.connection()
    hold(session)
    stream = accounts.stream_of(accounts.get_party(session, author.party_id))
    seq, prev = ledger_log.stream_head(connection, author.origin, stream)
    key = accounts.signing_key(session, author.party_id, author.secret)
    items = [(payload, author.rng.randbytes(SALT_BYTES)) for payload in payloads]
    statement = ledger_statement.build(
        stream=stream,
        seq=seq,
        prev=prev,
        commitments=[ledger_statement.commitment(salt, payload) for payload, salt in items],
        alg=key.alg,
        kid=key.kid,
        signed_at=author.now,
        kind=kind,
    )
    appended = ledger_log.append(
        connection,
        origin=author.origin,
        statement=statement,
        signature=key.sign(statement),
        received_at=author.now,
        items=items,
    )
    bump(session)
    return Appended(appended.index, len(items))


def once(
    session: Session, author: Author, key: str | None, fingerprint: bytes, work: Callable[[], Reply]
) -> Reply:
    """Do ``work`` unless a request with this ``Idempotency-Key`` was answered within a day.

    Raises Conflict where the key came with another request. Without a key, just works.
    """
    if key is None:
        return work()
    hold(session)
    session.exec(delete(KeptReply).where(col(KeptReply.created_at) < author.now - REPLIES_KEPT))
    kept = session.get(KeptReply, (author.party_id, key))
    if kept is not None:
        if not hmac.compare_digest(kept.fingerprint, fingerprint):
            raise Conflict(N_("This Idempotency-Key was used for another request."))
        return Reply(kept.status, orjson.loads(kept.body), kept.location)
    reply = work()
    session.add(
        KeptReply(
            party_id=author.party_id,
            key=key,
            fingerprint=fingerprint,
            status=reply.status,
            location=reply.location,
            body=orjson.dumps(reply.body if reply.kept is None else reply.kept),
            created_at=author.now,
        )
    )
    return reply


def new_id(author: Author) -> str:
    """Give a random UUID (RFC 9562, version 4) from the author's random source."""
    return str(uuid.UUID(bytes=author.rng.randbytes(16), version=4))


def covered(session: Session, origin: str) -> int:
    """Give the number of entries under the last published checkpoint."""
    last = ledger_log.published_checkpoint(session.connection(), origin)
    return 0 if last is None else last.size


def is_behind(session: Session, origin: str, tiles: TileStore) -> bool:
    """Tell whether entries wait for a checkpoint, or the last one for witnesses or publication."""
    last = ledger_log.last_checkpoint(session.connection(), origin)
    if last is None:
        return ledger_log.log_head(session.connection(), origin)[0] > 0
    if last.cosigned is None or ledger_log.log_head(session.connection(), origin)[0] > last.size:
        return True
    try:
        return tiles.read(CHECKPOINT) != last.published
    except MissingError:
        return True
