"""Timestamps of checkpoints by somebody else's clock (RFC 3161).

A timestamp authority signs the hash of a checkpoint's bytes together with its own time: the log
had this content no later than then. Needs ``rfc3161-client``, the extra ``timestamp``.
"""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import (
    Certificate,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    UnsupportedGeneralNameType,
)

from ledger import note
from ledger.errors import FormatError, LedgerError, RemoteError, SignatureError

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

MAX_BYTES = 1_000_000
_QUERY = "application/timestamp-query"
# What reading the certificates inside a response may raise; none of these is a ValueError.
_DAMAGED_CERTIFICATE = (
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    UnsupportedAlgorithm,
    UnsupportedGeneralNameType,
)


def _library() -> Any:
    try:
        import rfc3161_client
    except ImportError as error:
        raise LedgerError("rfc3161-client is not installed (extra: timestamp)") from error
    return rfc3161_client


def request(checkpoint: bytes) -> TimeStampRequest:
    """The query for a checkpoint: SHA-256, a nonce, certificates asked for."""
    note.parse(checkpoint)
    library = _library()
    builder = library.TimestampRequestBuilder().data(checkpoint)
    builder = builder.hash_algorithm(library.HashAlgorithm.SHA256)
    query: TimeStampRequest = builder.cert_request(cert_request=True).nonce(nonce=True).build()
    return query


def fetch(url: str, query: bytes, *, timeout: float = 20.0) -> bytes:
    """The authority's answer to a query (TimeStampResp, DER); it follows no redirect."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FormatError(f"not the address of a timestamp authority: {url[:120]!r}")
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    try:
        with closing(kind(parts.hostname, parts.port, timeout=timeout)) as connection:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, query, {"Content-Type": _QUERY})
            answer = connection.getresponse()
            data = answer.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise RemoteError(f"{url} does not answer: {error}") from error
    if answer.status != HTTPStatus.OK or len(data) > MAX_BYTES:
        raise RemoteError(f"{url} answers {answer.status} with {len(data)} bytes")
    return data


def parse(response: bytes) -> TimeStampResponse:
    """The response in these bytes; raises FormatError, also for one that refuses."""
    library = _library()
    try:
        parsed: TimeStampResponse = library.decode_timestamp_response(response)
    except ValueError as error:
        raise FormatError(f"not a timestamp response: {error}") from error
    return parsed


def verify(
    response: bytes,
    checkpoint: bytes,
    roots: Sequence[Certificate],
    *,
    intermediates: Sequence[Certificate] = (),
    nonce: int | None = None,
) -> datetime:
    """When the authority saw this checkpoint, in UTC, if its certificate leads to one of ``roots``.

    With ``nonce``, the response must be the answer to the query that had it.
    """
    library = _library()
    parsed = parse(response)
    builder = library.VerifierBuilder()
    if nonce is not None:
        builder = builder.nonce(nonce)
    for root in roots:
        builder = builder.add_root_certificate(root)
    for certificate in intermediates:
        builder = builder.add_intermediate_certificate(certificate)
    try:
        builder.build().verify_message(parsed, checkpoint)
    except (library.VerificationError, ValueError, *_DAMAGED_CERTIFICATE) as error:
        raise SignatureError(f"the timestamp does not hold: {error}") from error
    at: datetime = parsed.tst_info.gen_time
    return at.astimezone(UTC)
