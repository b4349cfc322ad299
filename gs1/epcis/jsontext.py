"""Strict JSON in (RFC 8259 within I-JSON, RFC 7493) and canonical JSON out (RFC 8785)."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson
import rfc8785

from gs1.errors import EpcisError

_SAFE_INTEGER = 2**53 - 1
_EXPONENT_FROM = 1e21
_LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be before it is refused unread.

    ``size`` in bytes of the text, ``depth`` of nested arrays and objects, ``events`` per document,
    ``items`` in one array, ``errors`` reported before checking stops.

    >>> Limits(events=100).depth
    32
    """

    size: int = 8 * 1024 * 1024
    depth: int = 32
    events: int = 10_000
    items: int = 20_000
    errors: int = 100


def pointer(path: tuple[str | int, ...]) -> str:
    """JSON Pointer of a path (RFC 6901 section 3).

    >>> pointer(("epcisBody", "eventList", 3, "example:a/b"))
    '/epcisBody/eventList/3/example:a~1b'
    """
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def read_json(body: bytes, limits: Limits) -> Any:
    """Value of one JSON text; :class:`EpcisError` where RFC 8259 or RFC 7493 is broken.

    A repeated member name is refused: which of the two values counts is undefined, and a signature
    over one reading would vouch for the other.

    >>> read_json(b'{"a": 1, "a": 2}', Limits())
    Traceback (most recent call last):
    gs1.errors.EpcisError: the member name 'a' occurs twice in one object
    """
    if len(body) > limits.size:
        _refuse("too-large", f"the document is larger than {limits.size} bytes")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        _refuse("encoding", f"the text is not UTF-8 at byte {error.start}", "RFC 8259 §8.1")
    except json.JSONDecodeError as error:
        _refuse("json", f"not JSON: {error.msg} at character {error.pos}", "RFC 8259 §2")
    except RecursionError:
        _refuse("too-deep", f"the document is nested deeper than {limits.depth} levels")
    check_value(value, limits)
    return value


def check_value(value: Any, limits: Limits) -> None:
    """Refuse what a parsed value may not hold: depth, long arrays, NaN, unsafe numbers, surrogates.

    Walks without recursion, so that hostile depth cannot exhaust the stack. The value is put into a
    list, so that every path begins with 0.

    >>> check_value({"a": [[[]]]}, Limits(depth=3))
    Traceback (most recent call last):
    ...
    gs1.errors.EpcisError: nested deeper than 3 levels
    """
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), [value])]
    while stack:
        path, node = stack.pop()
        if len(path) > limits.depth:
            _refuse("too-deep", f"nested deeper than {limits.depth} levels", path=path[1:])
        if len(node) > limits.items:
            _refuse("too-many", f"more than {limits.items} in one array or object", path=path[1:])
        if isinstance(node, dict):
            _check_names(path, node)
        for name, child in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(child, dict | list):
                stack.append(((*path, name), child))
            elif not (isinstance(child, str) and child.isascii()):
                _check_scalar((*path, name), child)


def _check_names(path: tuple[str | int, ...], node: dict[Any, Any]) -> None:
    for name in node:
        if not isinstance(name, str):
            _refuse("type", "a member name is not text", path=path[1:])
        if not name.isascii():
            _check_scalar(path, name)


def _check_scalar(path: tuple[str | int, ...], node: object) -> None:
    path = path[1:]
    match node:
        case str():
            if any("\ud800" <= char <= "\udfff" for char in node):
                _refuse("surrogate", "a lone surrogate is no character", "RFC 7493 §2.1", path)
        case bool() | None:
            pass
        case int():
            if abs(node) > _SAFE_INTEGER:
                _refuse("number-range", "an integer beyond ±(2^53 - 1)", "RFC 7493 §2.2", path)
        case float():
            # RFC 8785 writes this range as integers, which RFC 7493 bars: no way back.
            if not math.isfinite(node) or _SAFE_INTEGER < abs(node) < _EXPONENT_FROM:
                _refuse(
                    "number-range", "a number without safe canonical form", "RFC 7493 §2.2", path
                )
        case _:
            _refuse("type", f"{type(node).__name__} is no JSON value", "RFC 8259 §3", path)


def canonical_json(value: Any) -> bytes:
    """RFC 8785 form of a value that :func:`check_value` accepts.

    ``orjson`` with sorted keys writes the same bytes when every name is ASCII and no number is a
    float (its sort is by UTF-8, its floats are printed by another rule); the reference
    implementation does the rest.

    >>> canonical_json({"b": 1.0, "a": "\\u00e9"})
    b'{"a":"\\xc3\\xa9","b":1}'
    """
    if _is_plain(value):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return rfc8785.dumps(value)


def _is_plain(value: Any) -> bool:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if not all(map(str.isascii, node)):
                return False
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, float):
            return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        _refuse("duplicate-name", f"the member name {twice!r} occurs twice in one object")
    return members


def _constant(name: str) -> NoReturn:
    _refuse("json", f"{name} is no JSON number", "RFC 8259 §6")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        _refuse("number-range", "an integer beyond ±(2^53 - 1)", "RFC 7493 §2.2")
    return int(digits)


def _refuse(
    code: str, message: str, clause: str | None = None, path: tuple[str | int, ...] = ()
) -> NoReturn:
    raise EpcisError(message, code=code, pointer=pointer(path), clause=clause)
