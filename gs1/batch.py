"""Batch: one JSON line in, one JSON line out, in order; never a traceback.

A line in is ``{"op": …, "in": …}``. The answer has ``ok`` and, by operation, ``ai`` (bracketed),
``data`` (``^`` for FNC1), ``dl`` or ``dl_err``, ``hri``, ``epc``; or ``err`` with ``code`` and,
where a component is at fault, ``markup``. The answer to ``lint`` has ``error``: the fault, or None.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gs1.ai_text import LONGEST, check_size
from gs1.element_string import ElementString, elements_of
from gs1.epc import batch_epc, batch_hex
from gs1.errors import FormatError, Gs1Error
from gs1.identify import identify
from gs1.linters import lint
from gs1.scan_data import ScanData

Answer = dict[str, Any]


def answer_lines(lines: Iterable[str]) -> Iterator[str]:
    """An answer for each line.

    >>> list(answer_lines(['{"op": "lint", "linter": "yesno", "in": "2"}']))
    ['{"ok": false, "error": "GS1_LINTER_NOT_ZERO_OR_ONE", "markup": "|2|"}']
    """
    for line in lines:
        yield json.dumps(answer_line(line))


def main() -> int:
    """Answer standard input, UTF-8 whatever the locale, on standard output, ASCII; always 0.

    Every answer is sent at once, so that a caller may wait for one before it asks the next.
    """
    # Only a line feed ends a line: a carriage return within one must not make two of it.
    source = io.TextIOWrapper(
        sys.stdin.buffer, encoding="utf-8", errors="surrogateescape", newline="\n"
    )
    try:
        for text in answer_lines(source):
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. What is still in the buffer must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    source.detach()
    return 0


def answer_line(line: str) -> Answer:
    """Answer to one line of JSON.

    >>> answer_line('{"op": "data", "in": "HELLO"}')
    {'ok': True, 'ai': None, 'data': 'HELLO'}
    """
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return _error("the line is not JSON", "not_json")
    return answer(request)


def answer(request: object) -> Answer:
    """Answer to one request.

    >>> answer({"op": "bracketed", "in": "(01)09521234543213"})["data"]
    '^0109521234543213'
    >>> answer({"op": "nothing"})["code"]
    'bad_request'
    """
    if not isinstance(request, dict) or not isinstance(request.get("in"), str):
        return _error("the line must be an object with a text as 'in'", "bad_request")
    operation = request.get("op")
    handler = _OPERATIONS.get(operation) if isinstance(operation, str) else None
    if handler is None:
        return _error(f"'op' must be one of {', '.join(_OPERATIONS)}", "bad_request")
    try:
        check_size(request["in"], LONGEST + len("]Q1"))
        request["in"].encode()
        return handler(request)
    except UnicodeEncodeError:
        told = _error("'in' holds a lone surrogate, which is not text", "not_text")
    except Gs1Error as error:
        told = _error(error.message, error.code, error.markup)
    # The answer to a lint line always has ``error``.
    return told | {"error": told["code"]} if handler is _lint else told


def _bracketed(request: Answer) -> Answer:
    elements = ElementString.parse_bracketed(request["in"])
    return _described(elements, elements.to_data())


def _data(request: Answer) -> Answer:
    return _described(elements_of(request["in"]), request["in"])


def _scan(request: Answer) -> Answer:
    scan = ScanData.parse(request["in"])
    return _described(scan.element_string, scan.data)


def _epc(request: Answer) -> Answer:
    return dict(batch_epc(request["in"]))


def _hex(request: Answer) -> Answer:
    return dict(batch_hex(request["in"]))


def _identify(request: Answer) -> Answer:
    return {"ok": True, **identify(request["in"]).to_dict()}


def _lint(request: Answer) -> Answer:
    name, value = request.get("linter"), request["in"]
    if not isinstance(name, str):
        raise FormatError("'linter' must be the name of a linter", code="bad_request")
    fault = lint(name, value)
    if fault is None:
        return {"ok": True, "error": None}
    end = fault.start + fault.length
    return {
        "ok": False,
        "error": f"GS1_LINTER_{fault.code.upper()}",
        "markup": f"{value[: fault.start]}|{value[fault.start : end]}|{value[end:]}",
    }


_OPERATIONS: dict[str, Callable[[Answer], Answer]] = {
    "bracketed": _bracketed,
    "data": _data,
    "scan": _scan,
    "epc": _epc,
    "hex": _hex,
    "lint": _lint,
    "identify": _identify,
}


def _described(elements: ElementString | None, data: str) -> Answer:
    if elements is None:
        return {"ok": True, "ai": None, "data": data}
    described: Answer = {"ok": True, "ai": elements.to_bracketed(), "data": data}
    try:
        described["dl"] = elements.to_digital_link()
    except Gs1Error as error:
        described["dl_err"] = error.message
    described["hri"] = elements.to_hri()
    return described


def _error(message: str, code: str, markup: str | None = None) -> Answer:
    found: Answer = {"ok": False, "err": message, "code": code}
    # The reference engine marks bytes; a mark within a character would not be text.
    return found | {"markup": markup} if markup and markup.isascii() else found
