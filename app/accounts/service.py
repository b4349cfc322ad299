"""Use cases of accounts: parties, people, API keys and managed signing keys."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import threading
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr
from sqlmodel import Session, col, select

from app.accounts import rules
from app.accounts.models import ApiKey, Party, PartyPrefix, Person, SigningKey
from app.auth import Actor
from app.db import bump
from app.i18n import N_
from app.problems import Conflict, FieldError, Invalid, NotFound
from app.runtime import KeyParts
from ledger.append import append, stream_head
from ledger.database import lock
from ledger.keys import PrivateKey, PublicKey
from ledger.statement import KEY_ADD, KEY_REVOKE, KeyAdd, KeyRevoke, Statement

_TOKEN = re.compile(r"nguon_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_HASHER = PasswordHasher()  # argon2id, RFC 9106's low-memory profile: 64 MiB, 3 passes
_HASHING = threading.BoundedSemaphore(2)  # each verification takes 64 MiB and a tenth of a second
_ABSENT = _HASHER.hash(secrets.token_urlsafe(16))


def create_party(
    session: Session,
    *,
    name: str,
    gln: str | None,
    prefixes: list[str],
    now: datetime,
    kind: str = "producer",
    address: str = "",
    province: str = "",
    phone: str = "",
) -> Party:
    """Register a party with its company prefixes; raises Conflict where one is taken."""
    taken = session.exec(select(PartyPrefix.prefix)).all()
    for prefix in prefixes:
        if not (prefix.isascii() and prefix.isdigit() and 4 <= len(prefix) <= 12):
            raise Invalid(
                errors=[
                    FieldError(
                        "/prefixes", "prefix.form", N_("A company prefix has 4 to 12 digits.")
                    )
                ]
            )
        other = rules.overlaps(prefix, taken)
        if other is not None:
            raise Conflict(N_("The company prefix %(prefix)s is already licensed."), prefix=other)
    if gln is not None and session.exec(select(Party.id).where(Party.gln == gln)).first():
        raise Conflict(N_("A party with the GLN %(gln)s is already registered."), gln=gln)
    party = Party(
        name=name,
        gln=gln,
        kind=kind,
        address=address,
        province=province,
        phone=phone,
        created_at=now,
    )
    session.add(party)
    session.flush()
    session.add_all(PartyPrefix(prefix=p, party_id=party_id(party)) for p in prefixes)
    bump(session)
    return party


def party_id(party: Party) -> int:
    """Give the identity of a stored party."""
    if party.id is None:
        raise ValueError("the party is not stored yet")
    return party.id


def get_party(session: Session, party_id: int) -> Party:
    """Give a party; raises NotFound."""
    party = session.get(Party, party_id)
    if party is None:
        raise NotFound
    return party


def prefixes(session: Session, party_id: int) -> list[str]:
    """Give the company prefixes licensed to a party."""
    return list(session.exec(select(PartyPrefix.prefix).where(PartyPrefix.party_id == party_id)))


def owner_of(session: Session, digits: str) -> int | None:
    """Give the party whose company prefix ``digits`` begins with (no indicator digit)."""
    candidates = [digits[:length] for length in range(4, 13)]
    rows = session.exec(select(PartyPrefix).where(col(PartyPrefix.prefix).in_(candidates))).all()
    found = rules.prefix_of(digits, [row.prefix for row in rows])
    return next((row.party_id for row in rows if row.prefix == found), None)


def create_person(
    session: Session,
    *,
    party_id: int,
    email: str,
    name: str,
    password: str,
    now: datetime,
    role: str = "member",
) -> Person:
    """Register somebody who may sign in; the password is kept as argon2id only."""
    email = email.strip().lower()
    fault = rules.password_fault(password, email)
    if fault is not None:
        raise Invalid(
            errors=[
                FieldError(
                    "/password",
                    fault,
                    N_("A password needs at least 12 varied characters, without the e-mail name."),
                )
            ]
        )
    if session.exec(select(Person.id).where(Person.email == email)).first():
        raise Conflict(N_("Somebody is already registered with this e-mail address."))
    person = Person(
        party_id=party_id,
        email=email,
        name=name,
        password_hash=_HASHER.hash(password),
        role=role,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def check_password(session: Session, email: str, password: str) -> Person | None:
    """Give the person if the password is right; an unknown address costs the same time."""
    person = session.exec(select(Person).where(Person.email == email.strip().lower())).first()
    kept = person.password_hash if person else _ABSENT
    with _HASHING:
        try:
            _HASHER.verify(kept, password)
        except (VerifyMismatchError, InvalidHashError):
            return None
    return person if person and person.disabled_at is None else None


def seal_of(person: Person) -> str:
    """Give what a session carries so that a changed password ends it."""
    return hashlib.sha256(person.password_hash.encode()).hexdigest()[:16]


def find_person(session: Session, person_id: int, seal: str) -> Person | None:
    """Give the person of a session that is still good."""
    person = session.get(Person, person_id)
    if person is None or person.disabled_at or not hmac.compare_digest(seal_of(person), seal):
        return None
    return person


def create_api_key(session: Session, *, party_id: int, label: str, now: datetime) -> str:
    """Make an API key and give its token, which is shown once and not kept."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).digest()
    session.add(
        ApiKey(id=key_id, party_id=party_id, label=label, secret_hash=digest, created_at=now)
    )
    return f"nguon_{key_id}_{secret}"


def find_api_key(session: Session, token: str) -> ApiKey | None:
    """Give the key row of a valid, unrevoked token."""
    form = _TOKEN.fullmatch(token)
    if form is None:
        return None
    key = session.get(ApiKey, form[1])
    # The secret has 256 random bits: one SHA-256 is as good as a slow hash, and not slow.
    digest = hashlib.sha256(form[2].encode()).digest()
    if key is None or key.revoked_at or not hmac.compare_digest(key.secret_hash, digest):
        return None
    return key


class Directory:
    """Tells the guards whom a key or a session belongs to (``app.auth.Directory``)."""

    def actor_of_key(self, session: Session, token: str) -> Actor | None:
        """Give the actor of a valid, unrevoked API key."""
        key = find_api_key(session, token)
        return Actor(party_id=key.party_id, key_id=key.id) if key else None

    def actor_of_person(self, session: Session, person_id: int, seal: str) -> Actor | None:
        """Give the actor of a person whose session is still good."""
        person = find_person(session, person_id, seal)
        return Actor(party_id=person.party_id, person_id=person.id) if person else None


def api_keys(session: Session, party_id: int) -> list[ApiKey]:
    """Give a party's keys, newest first, revoked ones too."""
    query = select(ApiKey).where(ApiKey.party_id == party_id)
    return list(session.exec(query.order_by(col(ApiKey.created_at).desc())))


def revoke_api_key(session: Session, *, party_id: int, key_id: str, now: datetime) -> None:
    """End a key of this party at once; raises NotFound for another party's."""
    key = session.get(ApiKey, key_id)
    if key is None or key.party_id != party_id:
        raise NotFound
    key.revoked_at = key.revoked_at or now
    session.add(key)


def stream_of(party: Party) -> str:
    """Name a party's own chain of statements in the log: its GLN, else its number here."""
    return party.gln or f"party-{party_id(party)}"


def add_managed_key(session: Session, party: int, *, parts: KeyParts) -> str:
    """Make a signing key that the service keeps for a party, and enter it in the log; its kid."""
    key = PrivateKey.generate()
    return _add_key(session, party, key.public, seal_private_key(key, parts.secret), parts)


def add_own_key(session: Session, party: int, key: PublicKey, *, parts: KeyParts) -> str:
    """Enter a key in the log whose private half the party keeps to itself; gives its kid."""
    if session.get(SigningKey, key.kid) is not None:
        raise Conflict(N_("This signing key was registered before."))
    return _add_key(session, party, key, None, parts)


def _add_key(
    session: Session, party: int, key: PublicKey, sealed: bytes | None, parts: KeyParts
) -> str:
    """Let the log's operator add the key to the party's stream; it counts from the next index."""
    body = KeyAdd(key.alg, key.data)
    _state(session, party, KEY_ADD, body, parts)
    session.add(
        SigningKey(
            kid=key.kid,
            party_id=party,
            alg=key.alg,
            public_key=key.data,
            sealed_private_key=sealed,
            created_at=parts.now,
        )
    )
    session.flush()
    return key.kid


def revoke_signing_key(session: Session, party: int, kid: str, *, parts: KeyParts) -> None:
    """End a key of the party from this entry on; what it signed before stays valid."""
    row = session.get(SigningKey, kid)
    if row is None or row.party_id != party:
        raise NotFound(N_("There is no signing key of this name."))
    if row.revoked_at is not None:
        raise Conflict(N_("This signing key was ended before."))
    _state(session, party, KEY_REVOKE, KeyRevoke(kid, None), parts)
    row.revoked_at = parts.now
    session.add(row)


def _state(
    session: Session, party: int, kind: str, body: KeyAdd | KeyRevoke, parts: KeyParts
) -> None:
    """Append a statement about the party's keys, signed by the log's operator."""
    connection, operator = session.connection(), PrivateKey(parts.signer.private_key)
    stream = stream_of(get_party(session, party))
    lock(connection)
    seq, prev = stream_head(connection, parts.origin, stream)
    link = Statement(stream, seq, prev, kind, operator.alg, operator.kid, parts.now, body).format()
    append(
        connection,
        origin=parts.origin,
        statement=link,
        signature=operator.sign(link),
        received_at=parts.now,
        operator=operator.public,
    )
    bump(session)


def signing_keys(session: Session, party_id: int) -> list[SigningKey]:
    """Give a party's signing keys, newest first, ended ones too."""
    query = select(SigningKey).where(SigningKey.party_id == party_id)
    return list(session.exec(query.order_by(col(SigningKey.created_at).desc())))


def _sealing_key(secret: SecretStr) -> AESGCM:
    material = b"nguon signing-key seal v1\0" + secret.get_secret_value().encode()
    return AESGCM(hashlib.sha256(material).digest())


def seal_private_key(key: PrivateKey, secret: SecretStr) -> bytes:
    """Encrypt a private key for the database; bound to its kid, so that rows cannot be swapped."""
    nonce = os.urandom(12)
    return nonce + _sealing_key(secret).encrypt(nonce, key.to_bytes(), key.kid.encode())


def open_private_key(row: SigningKey, secret: SecretStr) -> PrivateKey:
    """Decrypt a managed private key; raises ValueError where the service does not hold it."""
    sealed = row.sealed_private_key
    if sealed is None:
        raise ValueError("this key is held by the party itself")
    seed = _sealing_key(secret).decrypt(sealed[:12], sealed[12:], row.kid.encode())
    return PrivateKey.from_bytes(seed)


def signing_key(session: Session, party_id: int, secret: SecretStr) -> PrivateKey:
    """Give a party's newest active managed key; raises NotFound where it has none."""
    query = select(SigningKey).where(
        SigningKey.party_id == party_id,
        col(SigningKey.revoked_at).is_(None),
        col(SigningKey.sealed_private_key).is_not(None),
    )
    row = session.exec(query.order_by(col(SigningKey.created_at).desc())).first()
    if row is None:
        raise NotFound(N_("This party has no signing key yet."))
    return open_private_key(row, secret)
