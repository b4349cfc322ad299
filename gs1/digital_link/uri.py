"""Reading a GS1 Digital Link URI: its parts, then every rule of the standard on them."""

from __future__ import annotations

import re
from typing import NamedTuple

from gs1.component import Reader, check_length, diagnose, reader_for
from gs1.digital_link import path as paths
from gs1.digital_link.escape import unescape
from gs1.element_string import MOST_AIS, SCHEMES, Item, check_size
from gs1.errors import DigitalLinkError
from gs1.options import Options

CLAUSE = "GS1 Digital Link Standard: URI Syntax 4"
_ILLEGAL = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_NOT_DOMAIN = re.compile(r"[_~?#@!$&'()*+,;=%]")
_GTIN_LENGTHS = (8, 12, 13)


class Parts(NamedTuple):
    """A URI taken apart: ``segments[root]`` is the AI of the primary key."""

    stem: str
    segments: list[str]
    root: int
    query: str | None
    query_at: int


class Content(NamedTuple):
    """What a URI says: the first ``path_size`` of the items stand in its path."""

    stem: str
    items: tuple[Item, ...]
    path_size: int
    others: tuple[str, ...]


def split(uri: str, options: Options) -> Parts:
    """Parts of a URI whose path holds a primary key; DigitalLinkError where it has none."""
    check_size(uri)
    illegal = _ILLEGAL.search(uri)
    if illegal:
        raise broken("URI contains illegal characters", "illegal_character", illegal.start())
    if not uri.startswith(SCHEMES):
        raise broken(f"Scheme must be {' or '.join(_SCHEME_NAMES)}", "illegal_scheme", 0)
    start = uri.index("://") + 3
    slash = uri.find("/", start)
    if slash <= start:
        raise broken("URI must contain a domain and path info", "missing_path", start)
    wrong = _NOT_DOMAIN.search(uri, start, slash)
    if wrong:
        raise broken("Domain contains illegal characters", "illegal_domain", wrong.start())
    text, _, _ = uri.partition("#")
    path, mark, query = text[slash:].partition("?")
    segments = path.split("/")
    root = _find_root(segments, options)
    if root is None:
        raise broken("No GS1 DL keys found in path info", "no_primary_key", slash)
    stem = uri[:slash] + "/".join(segments[:root])
    return Parts(stem, segments, root, query if mark else None, slash + len(path) + 1)


_SCHEME_NAMES = ("http://", "HTTP://", "https://", "HTTPS://")


def _find_root(segments: list[str], options: Options) -> int | None:
    """Index of the rightmost primary key such that only AIs with values follow it."""
    index = len(segments) - 2
    while index >= 1:
        reader = _reader(segments[index], options)
        if reader is None:
            return None
        if reader.entry.paths is not None:
            return index
        index -= 2
    return None


def _reader(name: str, options: Options) -> Reader | None:
    if options.convenience_alphas:
        name = paths.CONVENIENCE_ALPHAS.get(name, name)
    return reader_for(name, options)


def read(uri: str, options: Options) -> Content:
    """Content of a URI in which path, attributes and values are valid.

    How the AIs go together is not looked at here.
    """
    parts = split(uri, options)
    found = _read_path(parts, options)
    path_size = len(found)
    others = _read_query(parts, found, options) if parts.query else ()
    path = tuple([reader.entry.ai for reader, _, _ in found[:path_size]])
    if not paths.is_valid(path):
        raise broken(
            "The AIs in the path are not a valid key-qualifier sequence for the key",
            "path_order",
            len(parts.stem),
        )
    if len(found) > path_size:
        _check_attributes(found, path, options)
    for reader, value, position in found:
        if not reader.accepts(value):
            diagnose(reader.entry, value, position)
    items = tuple([(reader.entry.ai, value) for reader, value, _ in found])
    return Content(parts.stem, items, path_size, others)


_Found = tuple[Reader, str, int]


def _read_path(parts: Parts, options: Options) -> list[_Found]:
    found: list[_Found] = []
    position = len(parts.stem)
    for index in range(parts.root, len(parts.segments), 2):
        name, text = parts.segments[index], parts.segments[index + 1]
        # _find_root walked over these names from the right.
        reader = _reader(name, options)
        if reader is None:  # pragma: no cover
            raise AssertionError(name)
        position += len(name) + 2
        ai = reader.entry.ai
        if not text:
            raise broken(f"AI ({ai}) value path element is empty", "empty_value", position, ai)
        value = unescape(text)
        if "\0" in value:
            raise broken(
                f"Decoded AI ({ai}) from DL path info contains illegal null character",
                "illegal_null",
                position,
                ai,
            )
        _add(found, reader, value, position, options, taken=0)
        position += len(text)
    return found


def _read_query(parts: Parts, found: list[_Found], options: Options) -> tuple[str, ...]:
    """Add the AIs of the query to ``found``; the other parameters are returned as they stand."""
    others: list[str] = []
    position = parts.query_at
    for parameter in (parts.query or "").split("&"):
        name, equals, text = parameter.partition("=")
        # A parameter without value, or with a name that is not a number, is somebody else's.
        if equals and not name.strip("0123456789"):
            _read_attribute(name, text, position, found, len(others), options)
        elif parameter:
            others.append(parameter)
            if len(found) + len(others) > MOST_AIS:
                raise broken("Too many AIs", "too_many_ais", position)
        position += len(parameter) + 1
    return tuple(others)


def _read_attribute(
    ai: str, text: str, position: int, found: list[_Found], taken: int, options: Options
) -> None:
    reader = reader_for(ai, options)
    if reader is None:
        raise broken(f"Unknown AI ({ai[:90]}) in query parameters", "unknown_ai", position)
    position += len(ai) + 1
    if not text:
        raise broken(f"AI ({ai}) value query element is empty", "empty_value", position, ai)
    value = unescape(text, query=True)
    if "\0" in value:
        raise broken(
            f"Decoded AI ({ai}) value from DL query params contains illegal null character",
            "illegal_null",
            position,
            ai,
        )
    _add(found, reader, value, position, options, taken)


def _add(
    found: list[_Found], reader: Reader, value: str, position: int, options: Options, taken: int
) -> None:
    if reader.entry.ai == "01" and options.zero_suppressed_gtin and len(value) in _GTIN_LENGTHS:
        value = value.zfill(14)
    check_length(reader.entry, value, position)
    if len(found) + taken >= MOST_AIS:
        raise broken("Too many AIs", "too_many_ais", position)
    found.append((reader, value, position))


def _check_attributes(found: list[_Found], path: tuple[str, ...], options: Options) -> None:
    seen = set(path)
    for reader, _, position in found[len(path) :]:
        entry = reader.entry
        ai = entry.ai
        if ai in seen:
            raise broken(f"AI ({ai}) is duplicated", "duplicate_ai", position, ai)
        seen.add(ai)
        check_attribute(entry.attribute, ai, position, options)
        if paths.belongs_in(path, ai):
            raise broken(
                f"AI ({ai}) from query params should be in the path info", "in_path", position, ai
            )


def check_attribute(attribute: bool | None, ai: str, position: int, options: Options) -> None:
    """Raise unless an AI may stand in the query; ``attribute`` is what the dictionary says."""
    if not (options.unknown_attributes if attribute is None else attribute):
        raise broken(
            f"AI ({ai}) is not a valid DL URI data attribute", "not_attribute", position, ai
        )


def broken(message: str, code: str, position: int, ai: str | None = None) -> DigitalLinkError:
    """Error about a URI."""
    return DigitalLinkError(message, code=code, ai=ai, position=position, clause=CLAUSE)
