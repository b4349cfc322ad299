"""Percent escapes of EPC URNs (TDS 6.3.1 and Annex A): only what has to be."""

from __future__ import annotations

import re

from gs1.epc.faults import fault

_ESCAPES = {ord(char): f"%{ord(char):02X}" for char in '"#%&/<>?'}
_CHARS = {escape: chr(code) for code, escape in _ESCAPES.items()}
_ESCAPE = re.compile("%.{0,2}", re.DOTALL)
_BARE = re.compile('["#&/<>?]')


def escape(text: str) -> str:
    """``text`` as a part of an EPC URN.

    >>> escape("32a/b")
    '32a%2Fb'
    """
    return text.translate(_ESCAPES)


def unescape(text: str) -> str:
    """The characters a part of an EPC URN stands for; EpcError for an escape that is not needed.

    >>> unescape("32a%2Fb")
    '32a/b'
    """
    bare = _BARE.search(text)
    if bare:
        raise fault("epc_escape", f"{bare[0]} must be escaped", "6.3.1", bare.start())
    return _ESCAPE.sub(_char, text) if "%" in text else text


def _char(match: re.Match[str]) -> str:
    char = _CHARS.get(match[0])
    if char is None:
        raise fault("epc_escape", f"{match[0]!a} is no escape of a URN", "6.3.1", match.start())
    return char
