"""URIs whose last path segment is an EPC in binary form (GS1 EPC binary in Digital Link 1.0)."""

from __future__ import annotations

import re
from contextlib import suppress

from gs1.digital_link.uri import SHAPE
from gs1.epc import from_compressed
from gs1.errors import Gs1Error

_SEGMENT = re.compile("e[hx][A-Za-z0-9_-]+")


def expand(uri: str) -> str | None:
    """The ordinary Digital Link URI that ``…/eh`` (hex) or ``…/ex`` (base64url) stands for.

    None for any other URI: many a web page has a path that begins like that.

    >>> expand("https://example.com/exMBZFlvQMDly-mRqD")
    'https://example.com/01/09528765123457/21/123456789123'
    >>> expand("https://example.com/examples") is None
    True
    """
    shape = SHAPE.fullmatch(uri)
    if shape is None:
        return None
    origin, path, query = shape.groups()
    before, _, segment = path.rpartition("/")
    if not _SEGMENT.fullmatch(segment):
        return None
    with suppress(Gs1Error):
        expanded = from_compressed(segment).to_element_string().to_digital_link(origin + before)
        if not query:
            return expanded
        return f"{expanded}{'&' if '?' in expanded else '?'}{query}"
    return None
