"""What a party does away from the service: make a key, show that it holds it, sign a statement.

The private key is a PKCS #8 PEM file, Ed25519 or P-256, and never leaves the party's machine.
Before it signs, the party's side computes from the events what the statement says about them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import codec, statement
from ledger.errors import FormatError, KeyStatusError
from ledger.keys import PrivateKey


def possession(origin: str, stream: str, kid: str) -> bytes:
    """The text whose signature shows that a key's holder wants it on this stream of this log."""
    return f"ledger key possession\n{origin}\n{stream}\n{kid}\n".encode()


def registration(key: PrivateKey, origin: str, stream: str) -> dict[str, str]:
    """What is sent to register the key: public half, and the signed :func:`possession`."""
    return {
        "alg": key.alg,
        "publicKey": codec.format_base64(key.public.data),
        "proof": codec.format_base64(key.sign(possession(origin, stream, key.kid))),
    }


def sign(key: PrivateKey, prepared: dict[str, Any]) -> dict[str, Any]:
    """Sign a prepared statement, after its root was computed again from the events beside it.

    Raises :class:`~ledger.errors.CommitmentError` where it is about other events, and
    :class:`~ledger.errors.KeyStatusError` where it names another key.
    """
    data = codec.parse_base64(codec.text_of(prepared.get("statement")))
    signed = statement.parse(data)
    items = prepared.get("items")
    if not isinstance(items, list):
        raise FormatError("a prepared statement comes with the events it is about")
    statement.check_items(signed, [_commitment(item) for item in items])
    if (signed.alg, signed.kid) != (key.alg, key.kid):
        raise KeyStatusError(f"the statement is to be signed by key {signed.kid}")
    signature = codec.format_base64(key.sign(data))
    return {"statement": prepared["statement"], "signature": signature, "items": items}


def _commitment(item: object) -> bytes:
    members = codec.check_members(item, {"payload", "salt"})
    payload, salt = (codec.parse_base64(codec.text_of(members[n])) for n in ("payload", "salt"))
    return statement.commitment(salt, payload)


def read_key(path: Path) -> PrivateKey:
    """The private key of a PKCS #8 PEM file."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise FormatError(f"{path} is not an unencrypted private key in PEM form") from error
    if isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        return PrivateKey(key)
    raise FormatError("a signing key is one of Ed25519 or of the curve P-256")


def format_key(key: PrivateKey) -> bytes:
    """The private key as PKCS #8 PEM: a secret."""
    return key.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
