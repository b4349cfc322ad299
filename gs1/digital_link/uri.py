"""Reading a GS1 Digital Link URI: its parts, then every rule of the standard on them."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from gs1 import associations
from gs1.ai_text import MOST_AIS, Item, check_size
from gs1.component import READERS, Reader, check_length, diagnose, reader_for
from gs1.digital_link import path as paths
from gs1.digital_link.escape import unescape
from gs1.element_string import SCHEMES
from gs1.errors import DigitalLinkError
from gs1.options import Options

CLAUSE = "GS1 Digital Link Standard: URI Syntax 4"
#: The shape of a URI that may be a Digital Link; everything else goes to _refuse_shape.
SHAPE = re.compile(
    r"((?:https?|HTTPS?)://[A-Za-z0-9\-.:\[\]]+)"
    r"(/[A-Za-z0-9\-._~:/\[\]@!$&'()*+,;=%]*)"
    r"(?:\?([A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]*))?"
    r"(?:#[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)?"
)
_ILLEGAL = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_NOT_DOMAIN = re.compile(r"[_~?#@!$&'()*+,;=%]")
_GTIN_LENGTHS = (8, 12, 13)


class Parts(NamedTuple):
    """A URI taken apart: ``segments[root]`` is the primary key, ``readers`` begin with its own.

    >>> from gs1.options import STRICT
    >>> parts = split("https://example.com/x/01/09521234543213", STRICT)
    >>> parts.stem, parts.position(parts.root)
    ('https://example.com/x', 22)
    """

    origin: str
    segments: list[str]
    root: int
    readers: list[Reader]
    query: str | None

    @property
    def stem(self) -> str:
        """What stands before the primary key, without a slash at its end."""
        if self.root == 1:
            return self.origin
        return self.origin + "/".join(self.segments[: self.root])

    def position(self, segment: int) -> int:
        """Offset of a path segment in the URI, or of what follows the last one."""
        return len(self.origin) + sum(map(len, self.segments[:segment])) + segment


#: What a URI says: stem, items, how many of them stand in the path, and other parameters.
Content = tuple[str, tuple[Item, ...], int, tuple[str, ...]]


def split(uri: str, options: Options) -> Parts:
    """Parts of a URI whose path holds a primary key; DigitalLinkError where it has none.

    >>> from gs1.options import STRICT
    >>> split("https://example.com/01/1/10/A?17=271231", STRICT).segments
    ['', '01', '1', '10', 'A']
    """
    check_size(uri)
    shape = SHAPE.fullmatch(uri)
    if shape is None:
        _refuse_shape(uri)
    origin, path, query = shape.groups()
    segments = path.split("/")
    readers: list[Reader] = []
    # From the right, only AIs with values may follow the primary key.
    for name in segments[-2:0:-2]:
        reader = READERS.get(name) or _uncommon(name, options)
        if reader is None:
            break
        readers.append(reader)
        if reader.is_key:
            root = len(segments) - 2 * len(readers)
            return Parts(origin, segments, root, readers[::-1], query)
    raise broken("No GS1 DL keys found in path info", "no_primary_key", len(origin))


def _refuse_shape(uri: str) -> NoReturn:
    illegal = _ILLEGAL.search(uri)
    if illegal:
        raise broken("URI contains illegal characters", "illegal_character", illegal.start())
    if not uri.startswith(SCHEMES):
        names = "http:// or HTTP:// or https:// or HTTPS://"
        raise broken(f"Scheme must be {names}", "illegal_scheme", 0)
    start = uri.index("://") + 3
    slash = uri.find("/", start)
    if slash <= start:
        raise broken("URI must contain a domain and path info", "missing_path", start)
    wrong = _NOT_DOMAIN.search(uri, start, slash)
    position = wrong.start() if wrong else start
    raise broken("Domain contains illegal characters", "illegal_domain", position)


def _uncommon(name: str, options: Options) -> Reader | None:
    """Reader of an AI met for the first time, of a withdrawn name, or of an unknown AI."""
    if options.convenience_alphas:
        name = paths.CONVENIENCE_ALPHAS.get(name, name)
    return reader_for(name, options)


def read(uri: str, options: Options) -> Content:
    """Content of a valid URI.

    Faults are reported in this order: form of the URI, lengths of values, order of the path,
    attributes, content of values, how the AIs go together.

    >>> from gs1.options import STRICT
    >>> read("https://example.com/x/01/09521234543213?17=271231&s=1", STRICT)
    ('https://example.com/x', (('01', '09521234543213'), ('17', '271231')), 1, ('s=1',))
    """
    parts = split(uri, options)
    refused: list[_Refused] = []
    found = _read_path(parts, refused, options)
    size = len(found)
    others: tuple[str, ...] = ()
    if parts.query:
        others = _read_query(parts.query, uri.index("?") + 1, found, refused, options)
    items = tuple(found)
    ais = tuple([ai for ai, _ in items])
    fault = paths.structure_fault(ais, size, options.unknown_attributes)
    if fault:
        raise _misplaced(fault, parts, ais)
    for reader, value, position in refused:
        diagnose(reader.entry, value, position)
    associations.check_known(ais, items, options)
    return parts.stem, items, size, others


# A value whose length is right and whose content is wrong; told only after faults of structure.
_Refused = tuple[Reader, str, int]


def _read_path(parts: Parts, refused: list[_Refused], options: Options) -> list[Item]:
    if len(parts.readers) > MOST_AIS:
        raise broken("Too many AIs", "too_many_ais", parts.position(parts.root + 2 * MOST_AIS))
    items: list[Item] = []
    for reader, text in zip(parts.readers, parts.segments[parts.root + 1 :: 2], strict=True):
        value = unescape(text) if "%" in text else text
        if not reader.accepts(value):
            position = parts.position(parts.root + 1 + 2 * len(items))
            if not text:
                raise _empty(reader.ai, "path", position)
            value = _consider(reader, value, position, "from DL path info", refused, options)
        items.append((reader.ai, value))
    return items


def _read_query(
    query: str, position: int, items: list[Item], refused: list[_Refused], options: Options
) -> tuple[str, ...]:
    """Add the AIs of the query to ``items``; the other parameters are returned as they stand."""
    others = []
    for parameter in query.split("&"):
        name, equals, text = parameter.partition("=")
        # A parameter without value, or with a name that is not a number, is somebody else's.
        if equals and (name.isdigit() or not name):
            reader = READERS.get(name) or reader_for(name, options)
            if reader is None:
                message = f"Unknown AI ({name[:90]}) in query parameters"
                raise broken(message, "unknown_ai", position)
            value = unescape(text, query=True) if "%" in text or "+" in text else text
            if not reader.accepts(value):
                start = position + len(name) + 1
                if not text:
                    raise _empty(name, "query", start)
                value = _consider(
                    reader, value, start, "value from DL query params", refused, options
                )
            items.append((name, value))
        elif parameter:
            others.append(parameter)
        if len(items) + len(others) > MOST_AIS:
            raise broken("Too many AIs", "too_many_ais", position)
        position += len(parameter) + 1
    return tuple(others)


def _consider(
    reader: Reader,
    value: str,
    position: int,
    source: str,
    refused: list[_Refused],
    options: Options,
) -> str:
    """Value as it may stand after all, or as ``refused`` now lists it."""
    ai = reader.entry.ai
    if "\0" in value:
        message = f"Decoded AI ({ai}) {source} contains illegal null character"
        raise broken(message, "illegal_null", position, ai)
    if ai == "01" and options.zero_suppressed_gtin and len(value) in _GTIN_LENGTHS:
        value = value.zfill(14)
    if not reader.accepts(value):
        check_length(reader.entry, value, position)
        refused.append((reader, value, position))
    return value


def _misplaced(fault: paths.StructureFault, parts: Parts, ais: tuple[str, ...]) -> DigitalLinkError:
    code, index = fault
    if index is None:
        message = "The AIs in the path are not a valid key-qualifier sequence for the key"
        return broken(message, code, parts.position(parts.root))
    ai = ais[index]
    what = {
        "duplicate_ai": "is duplicated",
        "not_attribute": "is not a valid DL URI data attribute",
        "in_path": "from query params should be in the path info",
    }
    return broken(f"AI ({ai}) {what[code]}", code, parts.position(len(parts.segments)), ai)


def _empty(ai: str, where: str, position: int) -> DigitalLinkError:
    return broken(f"AI ({ai}) value {where} element is empty", "empty_value", position, ai)


def broken(message: str, code: str, position: int, ai: str | None = None) -> DigitalLinkError:
    """Error about a URI.

    >>> broken("Too many AIs", "too_many_ais", 7).position
    7
    """
    return DigitalLinkError(message, code=code, ai=ai, position=position, clause=CLAUSE)
