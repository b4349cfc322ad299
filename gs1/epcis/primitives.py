"""The primitive types of EPCIS 2.0 (section 7.3.1) as text: URI, time stamp, time zone offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv6Address

_CHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@\-]|%[0-9A-Fa-f]{2})"
_NAME = r"(?:[A-Za-z0-9._~!$&'()*+,;=\-]|%[0-9A-Fa-f]{2})*"
_USER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:\-]|%[0-9A-Fa-f]{2})*"
_FUTURE = r"v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:\-]+"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:"
    rf"(?://(?:{_USER}@)?(?:{_NAME}|\[(?:{_FUTURE}|(?P<ipv6>[0-9A-Fa-f:.]+))\])(?::[0-9]*)?"
    rf"(?:/{_CHAR}*)*"
    rf"|/?(?:{_CHAR}+(?:/{_CHAR}*)*)?)"
    rf"(?:\?(?:{_CHAR}|[/?])*)?(?:\#(?:{_CHAR}|[/?])*)?",
    re.ASCII,
)
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
_OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)


def is_uri(text: str) -> bool:
    """Whether the text is a URI with a scheme (RFC 3986 section 3).

    >>> is_uri("urn:epc:id:sgtin:9521141.012345.1"), is_uri("not a uri")
    (True, False)
    """
    found = _URI.fullmatch(text)
    if not found:
        return False
    try:
        return found["ipv6"] is None or bool(IPv6Address(found["ipv6"]))
    except AddressValueError:
        return False


def parse_time(text: str) -> datetime:
    """Aware time of an xsd:dateTimeStamp (EPCIS 2.0 section 7.3.1); ``ValueError`` otherwise.

    The offset is kept, digits beyond the microsecond are dropped. Lower-case letters, leap seconds,
    offsets beyond 14 hours and times that have no place in UTC are refused.

    >>> parse_time("2026-03-03T20:33:31.116+07:00").isoformat()
    '2026-03-03T20:33:31.116000+07:00'
    """
    if not _TIME.fullmatch(text):
        raise ValueError("not a date and time with a time zone")
    if text[-1] != "Z" and not _OFFSET.fullmatch(text[-6:]):
        raise ValueError("not a time zone offset")
    try:
        time = datetime.fromisoformat(text)
        time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time has no place in UTC") from error
    return time


def is_offset(text: str) -> bool:
    """Whether the text is an eventTimeZoneOffset (EPCIS 2.0 section 7.4.1).

    >>> is_offset("+07:00"), is_offset("+14:30")
    (True, False)
    """
    return _OFFSET.fullmatch(text) is not None
