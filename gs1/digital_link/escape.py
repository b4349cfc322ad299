"""Percent-encoding of AI values in a URI (RFC 3986 section 2; Digital Link URI Syntax 4.4)."""

from __future__ import annotations

import re

_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
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
    return _ESCAPED.sub(_octet, text) if "%" in text else text


def _octet(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
