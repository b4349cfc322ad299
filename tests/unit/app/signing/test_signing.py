"""A party's own key: registered, used over prepared statements, ended. Signed by OpenSSL here."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app.transparency.service import LogView
from ledger import cli
from ledger.audit import audit
from tests.conftest import ORIGIN
from tests.maker import Maker, commissioning, document, event, link


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass(frozen=True)
class OwnKey:
    """A key that the party holds, and how it signs, without any code of the project."""

    alg: str
    public: bytes
    sign: Callable[[bytes], bytes]
    pem: bytes


def ed25519() -> OwnKey:
    key = Ed25519PrivateKey.generate()
    return OwnKey("Ed25519", key.public_key().public_bytes_raw(), key.sign, _pem(key))


def es256() -> OwnKey:
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return OwnKey("ES256", point, sign, _pem(key))


def _pem(key: Any) -> bytes:
    data: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return data


@pytest.fixture(params=[ed25519, es256])
def own(request: pytest.FixtureRequest) -> OwnKey:
    key: OwnKey = request.param()
    return key


def register(maker: Maker, own: OwnKey, **changes: str) -> Any:
    return maker.post("/api/v1/signing-keys", registration(maker, own) | changes)


def registration(maker: Maker, own: OwnKey) -> dict[str, str]:
    kid = thumbprint(own)
    text = f"ledger key possession\n{ORIGIN}\n{maker.party.gln}\n{kid}\n".encode()
    return {"alg": own.alg, "publicKey": b64(own.public), "proof": b64(own.sign(text))}


def thumbprint(own: OwnKey) -> str:
    """RFC 7638, spelled out: required members in lexicographic order, no spaces."""
    from hashlib import sha256

    def url(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    if own.alg == "Ed25519":
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": url(own.public)}
    else:
        x, y = own.public[1:33], own.public[33:]
        jwk = {"crv": "P-256", "kty": "EC", "x": url(x), "y": url(y)}
    return url(sha256(json.dumps(jwk, separators=(",", ":")).encode()).digest())


def prepared(maker: Maker, own: OwnKey, *events: dict[str, Any]) -> dict[str, Any]:
    body = {"kid": thumbprint(own), "document": document(maker.rt.now(), *events)}
    answer = maker.post("/api/v1/statements/prepare", body)
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def signed(own: OwnKey, given: dict[str, Any]) -> dict[str, Any]:
    signature = own.sign(base64.b64decode(given["statement"]))
    return {
        "statement": given["statement"],
        "signature": b64(signature),
        "items": given["items"],
    }


def receiving(maker: Maker, thing: str, **members: Any) -> dict[str, Any]:
    return event(
        maker.rt.now(),
        action="OBSERVE",
        bizStep="receiving",
        epcList=[thing],
        **members,
    )


def test_events_signed_with_an_own_key_enter_log_and_register(maker: Maker, own: OwnKey) -> None:
    assert register(maker, own).status_code == 201
    gtin = maker.product()
    serial = maker.serials(gtin)[0]
    made = commissioning(maker.rt.now(), [link(gtin, serial)])
    answer = maker.post("/api/v1/statements", signed(own, prepared(maker, own, made)))
    assert answer.status_code == 201, answer.json
    assert answer.json["events"] == 1
    page = maker.client.get(f"/01/{gtin}/21/{serial}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    report = audit(maker.rt.db.engine, origin=ORIGIN, verifier=maker.rt.signer.verifier, tiles=None)
    assert report.findings == []


def test_the_same_statement_again_gets_the_same_answer_and_changes_nothing(
    maker: Maker, own: OwnKey
) -> None:
    register(maker, own)
    body = signed(own, prepared(maker, own, receiving(maker, link("09529999000016", "A1"))))
    first = maker.post("/api/v1/statements", body)
    again = maker.post("/api/v1/statements", body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    with maker.rt.db.read() as session:
        view = LogView.of(maker.rt, session)
        assert view.session.connection().exec_driver_sql("SELECT count(*) FROM event").scalar() == 1


def test_a_statement_prepared_before_another_is_refused(maker: Maker, own: OwnKey) -> None:
    register(maker, own)
    early = prepared(maker, own, receiving(maker, link("09529999000016", "A1")))
    maker.product()
    answer = maker.post("/api/v1/statements", signed(own, early))
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda body: body | {"signature": b64(bytes(64))}, "/signature"),
        (
            lambda body: body | {"items": [body["items"][0] | {"salt": b64(bytes(16))}]},
            "/items",
        ),
        (lambda body: body | {"items": body["items"] * 2}, "/items"),
        (lambda body: body | {"statement": b64(b"{}")}, "/statement"),
        (lambda body: body | {"signature": "=="}, "/signature"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_is_kept(
    maker: Maker, own: OwnKey, change: Callable[[dict[str, Any]], dict[str, Any]], pointer: str
) -> None:
    register(maker, own)
    body = signed(own, prepared(maker, own, receiving(maker, link("09529999000016", "A1"))))
    answer = maker.post("/api/v1/statements", change(body))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
    assert maker.post("/api/v1/statements", body).status_code == 201


def test_another_party_cannot_use_the_statement(maker: Maker, partner: Maker, own: OwnKey) -> None:
    register(maker, own)
    body = signed(own, prepared(maker, own, receiving(maker, link("09529999000016", "A1"))))
    answer = partner.post("/api/v1/statements", body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == "statement_of"


def test_rules_hold_for_self_signed_events_too(maker: Maker, own: OwnKey) -> None:
    """An event that somebody assembled and signed without asking the service to prepare it."""
    register(maker, own)
    good = prepared(maker, own, receiving(maker, link("09529999000016", "A1")))
    foreign = commissioning(maker.rt.now(), [link("09529999000016", "B1")])
    refused = maker.post(
        "/api/v1/statements/prepare",
        {"kid": thumbprint(own), "document": document(maker.rt.now(), foreign)},
    )
    assert refused.status_code == 400
    assert refused.json["errors"][0]["code"] == "foreign_prefix"
    body = signed(own, resigned(own, good, foreign))
    answer = maker.post("/api/v1/statements", body)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"].startswith("/items/0/payload")


def resigned(own: OwnKey, given: dict[str, Any], made_up: dict[str, Any]) -> dict[str, Any]:
    """The prepared statement over another event, its root computed by hand: one leaf."""
    from hashlib import sha256

    payload = json.dumps(made_up, sort_keys=True, separators=(",", ":")).encode()
    salt = bytes(16)
    leaf = sha256(b"\x00" + sha256(salt + payload).digest()).hexdigest()
    statement = json.loads(base64.b64decode(given["statement"])) | {"root": leaf}
    data = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
    return {"statement": b64(data), "items": [{"payload": b64(payload), "salt": b64(salt)}]}


def test_a_key_is_registered_only_by_who_holds_it(maker: Maker, own: OwnKey) -> None:
    answer = register(maker, own, proof=b64(own.sign(b"something else")))
    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == "possession"
    assert register(maker, own).status_code == 201
    assert register(maker, own).status_code == 409


@pytest.mark.parametrize(
    ("alg", "public"),
    [
        ("Ed25519", bytes(32)),
        ("Ed25519", bytes(31)),
        ("ES256", b"\x04" + bytes(64)),
        ("ES256", b"\x02" + bytes(32)),
    ],
)
def test_a_weak_or_malformed_key_is_refused(maker: Maker, alg: str, public: bytes) -> None:
    body = {"alg": alg, "publicKey": b64(public), "proof": b64(bytes(64))}
    answer = maker.post("/api/v1/signing-keys", body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/publicKey"


def test_an_ended_key_signs_no_more(maker: Maker, own: OwnKey) -> None:
    register(maker, own)
    body = signed(own, prepared(maker, own, receiving(maker, link("09529999000016", "A1"))))
    assert maker.post(f"/api/v1/signing-keys/{thumbprint(own)}/revoke", None).status_code == 200
    assert maker.post("/api/v1/statements", body).status_code in (409, 422)
    keys = {key["kid"]: key for key in maker.get("/api/v1/signing-keys").json["items"]}
    assert keys[thumbprint(own)]["revokedAt"] is not None
    assert keys[thumbprint(own)]["heldBy"] == "party"
    answer = maker.post(
        "/api/v1/statements/prepare",
        {"kid": thumbprint(own), "document": document(maker.rt.now())},
    )
    assert answer.status_code == 404


def test_another_partys_key_cannot_be_ended(maker: Maker, partner: Maker, own: OwnKey) -> None:
    register(maker, own)
    assert partner.post(f"/api/v1/signing-keys/{thumbprint(own)}/revoke", None).status_code == 404


def test_the_service_still_signs_registrations_for_a_party_with_its_own_key(
    maker: Maker, own: OwnKey
) -> None:
    register(maker, own)
    assert maker.product()


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    """The JSON on the last line; the service's own log lines stand before it."""
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_key_and_signature_from_the_command_line_are_taken(
    maker: Maker, own: OwnKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = tmp_path / "key.pem"
    pem.write_bytes(own.pem)
    options = ["--key", str(pem)]
    where = ["--origin", ORIGIN, "--stream", maker.party.gln]
    assert cli.main(["party-key", *options, *where]) == 0
    answer = maker.post("/api/v1/signing-keys", printed(capsys))
    assert answer.json == {"kid": thumbprint(own)}
    given = tmp_path / "prepared.json"
    found = prepared(maker, own, receiving(maker, link("09529999000016", "A1")))
    given.write_text(json.dumps(found), encoding="utf-8")
    assert cli.main(["sign", str(given), *options]) == 0
    body = printed(capsys)
    assert maker.post("/api/v1/statements", body).status_code == 201


def test_the_command_line_signs_nothing_but_what_it_was_shown(
    maker: Maker, own: OwnKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pem, given = tmp_path / "key.pem", tmp_path / "prepared.json"
    pem.write_bytes(own.pem)
    register(maker, own)
    found = prepared(maker, own, receiving(maker, link("09529999000016", "A1")))
    found["items"][0]["payload"] = b64(b'{"another":"event"}')
    given.write_text(json.dumps(found), encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["sign", str(given), "--key", str(pem)]) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "9" * 5000, "\udcff"])
def test_the_command_line_refuses_what_is_no_prepared_statement(
    own: OwnKey, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    pem, given = tmp_path / "key.pem", tmp_path / "prepared.json"
    pem.write_bytes(own.pem)
    given.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert cli.main(["sign", str(given), "--key", str(pem)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "JSON" in said.err


def test_the_command_line_makes_a_key_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = tmp_path / "key.pem"
    where = ["--origin", ORIGIN, "--stream", "952"]
    assert cli.main(["party-key", "--key", str(pem), "--alg", "ES256", *where]) == 0
    first = printed(capsys)
    assert pem.stat().st_mode & 0o077 == 0
    assert cli.main(["party-key", "--key", str(pem), *where]) == 0
    assert printed(capsys)["publicKey"] == first["publicKey"]
