"""Percent-encoding of AI values in a URI (RFC 3986 section 2; Digital Link URI Syntax 4.4)."""

from __future__ import annotations

_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_HEX = "0123456789ABCDEFabcdef"
_OCTETS = {high + low: chr(int(high + low, 16)) for high in _HEX for low in _HEX}
_PATH = {code: f"%{code:02X}" for code in range(256) if chr(code) not in _UNRESERVED}
_QUERY = _PATH | {ord(" "): "+"}


def escape(value: str, *, query: bool = False) -> str:
    """Value for a path element, or for the query, where a space is written ``+``.

    >>> escape("A B/C"), escape("A B", query=True)
    ('A%20B%2FC', 'A+B')
    """
    return value if value.isalnum() else value.translate(_QUERY if query else _PATH)


def unescape(text: str, *, query: bool = False) -> str:
    """Value of a path element or of a query parameter; a broken ``%`` sequence stays as it is.

    Octets above 127 become the characters of Latin-1: no AI value has any, so they are refused by
    its character set.

    >>> unescape("32a%2Fb%2")
    '32a/b%2'
    """
    if query and "+" in text:
        text = text.replace("+", " ")
    first, *pieces = text.split("%")
    found = [first]
    for piece in pieces:
        octet = _OCTETS.get(piece[:2])
        found.append(f"%{piece}" if octet is None else octet + piece[2:])
    return "".join(found)
