"""Strict text forms: every value has one spelling, and every other spelling is refused."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from ledger.errors import FormatError

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
MAX_COUNT = 2**53 - 1
"""Largest number in JSON: RFC 8785 writes numbers as doubles, which are exact up to here."""

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
# From Python 3.14 on, fromisoformat reads 24:00 as the next day: a second spelling.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z", re.ASCII
)


def parse_decimal(text: str) -> int:
    """Size or index in ASCII decimal, no sign, no leading zero, below 2**63.

    >>> parse_decimal("70000")
    70000
    """
    if not _DECIMAL.match(text) or (value := int(text)) > MAX_SIZE:
        raise FormatError(f"not a canonical decimal number: {text[:32]!r}")
    return value


def format_base64(data: bytes) -> str:
    """Standard Base 64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def parse_base64(text: str) -> bytes:
    """Standard Base 64; unused trailing bits must be zero and the padding complete."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise FormatError(f"not Base 64: {text[:32]!r}") from error
    if format_base64(data) != text:
        raise FormatError(f"not canonical Base 64: {text[:32]!r}")
    return data


def parse_hash64(text: str) -> bytes:
    """A SHA-256 hash in Base 64, as checkpoints and proofs write it."""
    data = parse_base64(text)
    if len(data) != HASH_BYTES:
        raise FormatError(f"a hash has {HASH_BYTES} bytes, this has {len(data)}")
    return data


def parse_hash(text: str) -> bytes:
    """A SHA-256 hash in lower-case hexadecimal, as statements and entries write it."""
    if not _HASH.match(text):
        raise FormatError(f"not a hash of 64 lower-case hexadecimal digits: {text[:80]!r}")
    return bytes.fromhex(text)


def format_instant(value: datetime) -> str:
    """Time in UTC with milliseconds (RFC 3339); finer digits are cut off.

    >>> format_instant(datetime(2026, 11, 22, 17, 0, tzinfo=UTC))
    '2026-11-22T17:00:00.000Z'
    """
    if value.tzinfo is None:
        raise FormatError("a time needs a time zone")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """Time as :func:`format_instant` writes it."""
    if not _INSTANT.match(text):
        raise FormatError(f"not a UTC time with milliseconds: {text[:40]!r}")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise FormatError(f"no such time: {text}") from error


def dump_json(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of objects whose keys are ASCII and that hold no fractions.

    Under that condition sorted keys without white space are the canonical form; the tests hold
    this against an independent implementation of RFC 8785.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise FormatError(f"no JSON can say this: {error}") from error


def load_json(data: bytes) -> dict[str, Any]:
    """A JSON object in canonical form; repeated keys, spaces and other spellings are refused."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}") from error
    if not isinstance(value, dict) or dump_json(value) != data:
        raise FormatError("not a JSON object in canonical form")
    return value


def check_members(value: object, names: set[str]) -> dict[str, Any]:
    """The value itself, if it is an object with exactly these members."""
    if not isinstance(value, dict) or value.keys() != names:
        raise FormatError(f"not an object with exactly the members {sorted(names)}")
    return value


def text_of(value: object) -> str:
    """The value itself, if it is text; JSON can also write half a character, which is none."""
    if not isinstance(value, str):
        raise FormatError(f"text expected, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise FormatError("text is Unicode, without lone surrogates") from error
    return value


def count_of(value: object) -> int:
    """The value itself, if it is a whole number from 0 to 2**53 - 1 (true is no number)."""
    if type(value) is not int or not 0 <= value <= MAX_COUNT:
        raise FormatError(f"whole number from 0 expected, not {value!r:.32}")
    return value
