"""Accounts: parties and prefixes, passwords, API keys, sealed signing keys in the log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from pydantic import SecretStr
from sqlmodel import select

from app.accounts import service
from app.accounts.models import ApiKey, Person, SigningKey
from app.problems import Conflict, Invalid, NotFound
from app.runtime import Runtime
from ledger import entry as ledger_entry
from ledger import log as ledger_log
from ledger.statement import KeyAdd
from tests.conftest import RegisteredParty

PASSWORD = "bảy con suối chảy về nguồn"


@pytest.mark.parametrize("prefix", ["9520001", "95200012", "952000"])
def test_a_prefix_belongs_to_one_party(rt: Runtime, party: RegisteredParty, prefix: str) -> None:
    with pytest.raises(Conflict), rt.db.write() as session:
        service.create_party(session, name="Khác", gln=None, prefixes=[prefix], now=rt.now())


@pytest.mark.parametrize("prefix", ["", "952", "9520001000012", "95200a1", "٩٥٢٠٠٠٩"])
def test_a_prefix_has_4_to_12_ascii_digits(rt: Runtime, prefix: str) -> None:
    with pytest.raises(Invalid), rt.db.write() as session:
        service.create_party(session, name="Khác", gln=None, prefixes=[prefix], now=rt.now())


def test_the_longest_licensed_prefix_owns_a_number(
    rt: Runtime, party: RegisteredParty, other_party: RegisteredParty
) -> None:
    with rt.db.read() as session:
        assert service.owner_of(session, "952000100017") == party.id
        assert service.owner_of(session, "952000200017") == other_party.id
        assert service.owner_of(session, "952000900017") is None


def _add_person(rt: Runtime, party_id: int, email: str = "Lan@suoi-da.example") -> None:
    with rt.db.write() as session:
        service.create_person(
            session, party_id=party_id, email=email, name="Lan", password=PASSWORD, now=rt.now()
        )


def test_a_password_is_kept_as_argon2id(rt: Runtime, party: RegisteredParty) -> None:
    _add_person(rt, party.id)
    with rt.db.read() as session:
        assert session.exec(select(Person)).one().password_hash.startswith("$argon2id$")
        person = service.check_password(session, " lan@SUOI-DA.example", PASSWORD)
        assert person is not None
        assert service.check_password(session, "lan@suoi-da.example", PASSWORD + " ") is None
        assert service.check_password(session, "nobody@suoi-da.example", PASSWORD) is None


@pytest.mark.parametrize("password", ["short", "a" * 20, "lanlan-12345678", "x" * 300])
def test_a_weak_password_is_refused(rt: Runtime, party: RegisteredParty, password: str) -> None:
    with pytest.raises(Invalid), rt.db.write() as session:
        service.create_person(
            session,
            party_id=party.id,
            email="lan@suoi-da.example",
            name="Lan",
            password=password,
            now=rt.now(),
        )


def test_an_address_is_registered_once(rt: Runtime, party: RegisteredParty) -> None:
    _add_person(rt, party.id)
    with pytest.raises(Conflict):
        _add_person(rt, party.id, "LAN@suoi-da.example")


def test_of_an_api_key_only_a_hash_is_kept(rt: Runtime, party: RegisteredParty) -> None:
    with rt.db.read() as session:
        row = session.exec(select(ApiKey)).one()
        assert party.token.split("_", 2)[2].encode() not in row.secret_hash
        found = service.find_api_key(session, party.token)
        assert found is not None
        assert found.party_id == party.id


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token.upper(),
        lambda token: token.replace("nguon_", "", 1),
        lambda token: "nguon_unknown_" + token.split("_", 2)[2],
        lambda token: "",
        lambda token: "nguon__",
        lambda token: "nguon_\ud800_x",
    ],
)
def test_a_wrong_token_finds_nothing(rt: Runtime, party: RegisteredParty, spoil: object) -> None:
    with rt.db.read() as session:
        assert service.find_api_key(session, spoil(party.token)) is None  # type: ignore[operator]


def test_a_key_of_another_party_cannot_be_revoked(
    rt: Runtime, party: RegisteredParty, other_party: RegisteredParty
) -> None:
    key_id = party.token.split("_")[1]
    with pytest.raises(NotFound), rt.db.write() as session:
        service.revoke_api_key(session, party_id=other_party.id, key_id=key_id, now=rt.now())
    with rt.db.write() as session:
        service.revoke_api_key(session, party_id=party.id, key_id=key_id, now=rt.now())
    with rt.db.read() as session:
        assert service.find_api_key(session, party.token) is None


def test_a_managed_key_is_in_the_log_before_it_signs(rt: Runtime, party: RegisteredParty) -> None:
    origin = rt.settings.log_origin
    with rt.db.read() as session:
        row = session.exec(select(SigningKey)).one()
        bodies = ledger_log.key_entries(session.connection(), origin, party.gln)
        statement = ledger_entry.parse(bodies[0]).statement
        assert statement.stream == party.gln
        assert statement.body == KeyAdd("Ed25519", row.public_key)
        key = service.signing_key(session, party.id, rt.settings.secret_key)
        assert key.kid == row.kid
        key.public.verify(b"message", key.sign(b"message"))


def test_a_sealed_key_opens_only_with_its_secret_and_in_its_row(
    rt: Runtime, party: RegisteredParty, other_party: RegisteredParty
) -> None:
    with rt.db.read() as session:
        first, second = session.exec(select(SigningKey).order_by(SigningKey.party_id)).all()
        with pytest.raises(InvalidTag):
            service.open_private_key(first, SecretStr("another secret"))
        first.sealed_private_key = second.sealed_private_key
        with pytest.raises(InvalidTag):
            service.open_private_key(first, rt.settings.secret_key)


def test_a_refused_party_leaves_no_row(rt: Runtime, party: RegisteredParty) -> None:
    parts = replace(rt.key_parts(), origin="another.example/log")
    with pytest.raises(RuntimeError), rt.db.write() as session:
        made = service.create_party(
            session, name="Dở dang", gln=None, prefixes=["9520007"], now=rt.now()
        )
        service.add_managed_key(session, service.party_id(made), parts=parts)
        raise RuntimeError("the power fails")
    with rt.db.read() as session:
        assert service.owner_of(session, "952000700017") is None
        assert ledger_log.log_head(session.connection(), "another.example/log")[0] == 0
