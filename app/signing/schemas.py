"""Input shapes of keys that a party brings and of statements that it signed itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.i18n import N_
from ledger.codec import parse_base64
from ledger.errors import FormatError

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


def _base64(text: str) -> str:
    try:
        parse_base64(text)
    except FormatError:
        raise ValueError(N_("This must be Base64 with padding.")) from None
    return text


Base64 = Annotated[str, AfterValidator(_base64)]


class SigningKeyIn(BaseModel):
    """A public key, with a signature that shows who holds its private half."""

    model_config = _STRICT
    alg: Literal["Ed25519", "ES256"]
    public_key: Annotated[Base64, Field(alias="publicKey", max_length=200)]
    proof: Annotated[Base64, Field(max_length=200)]


class PrepareIn(BaseModel):
    """An EPCIS document, and the key that is to sign the statement about its events."""

    model_config = _STRICT
    kid: Annotated[str, Field(min_length=1, max_length=64)]
    document: dict[str, Any]


class ItemIn(BaseModel):
    """The bytes of one event and their salt."""

    model_config = _STRICT
    payload: Base64
    salt: Annotated[Base64, Field(max_length=24)]


class StatementIn(BaseModel):
    """A statement as it was prepared, its signature, and the events it is about."""

    model_config = _STRICT
    statement: Annotated[Base64, Field(max_length=8_000)]
    signature: Annotated[Base64, Field(max_length=200)]
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=10_000)]
