"""The ``@context`` of a document: which prefixes its extensions may use (EPCIS 2.0 section 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from gs1.epcis.jsontext import canonical_json
from gs1.epcis.primitives import is_uri
from gs1.epcis.readers import Path, Report

_CLAUSE = "EPCIS 2.0 §10.1"
_GS1 = re.compile(
    r"https?://(?:ref\.gs1\.org/standards/epcis|gs1\.github\.io/EPCIS)/"
    r"(?:[0-9.]+/)?epcis-context(?:-simple)?\.jsonld"
)
# What the EPCIS 2.0 context itself declares.
_STANDARD = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}


def read_context(value: Any, path: Path, report: Report) -> Any:
    """Note what is wrong with a context; the context as received.

    >>> report = Report(10)
    >>> read_context(5, (), report)
    5
    >>> report.errors[0].code
    'type'
    """
    entries = value if isinstance(value, list) else [value]
    if len(set(map(canonical_json, entries))) != len(entries):
        report.add("duplicate", "the same context is named twice", path, _CLAUSE)
    for index, entry in enumerate(entries):
        where = (*path, index) if isinstance(value, list) else path
        if isinstance(entry, str):
            if not is_uri(entry):
                report.add("uri", "not a URI (RFC 3986)", where, _CLAUSE)
        elif not isinstance(entry, dict):
            report.add("type", "address of a context or an object expected", where, _CLAUSE)
        else:
            _check_terms(entry, where, report)
    return value


def _check_terms(entry: dict[str, Any], path: Path, report: Report) -> None:
    for term, definition in entry.items():
        if not term.startswith("@") and not isinstance(definition, str | dict | None):
            report.add("type", "a term is defined by text or an object", (*path, term), _CLAUSE)


def check_names_epcis(value: Any, path: Path, report: Report) -> None:
    """Note an error where no context is named by address: then no member means anything.

    >>> report = Report(10)
    >>> check_names_epcis({"a": "urn:x:a"}, ("@context",), report)
    >>> report.errors[0].pointer
    '/@context'
    """
    if not any(isinstance(entry, str) for entry in _entries(value)):
        report.add("context", "@context names no EPCIS context", path, _CLAUSE)


def prefixes(value: Any, outer: frozenset[str] | None) -> frozenset[str] | None:
    """Prefixes in force under a context inside ``outer``; None when they cannot be known.

    >>> sorted(prefixes([{"example": "https://example.com/"}], frozenset({"cbv"})))
    ['cbv', 'example']
    >>> prefixes("https://example.com/context.jsonld", frozenset()) is None
    True
    """
    known = set(outer or ())
    complete = outer is not None
    for entry in _entries(value):
        if isinstance(entry, dict):
            known.update(term for term, meaning in entry.items() if isinstance(meaning, str | dict))
        elif isinstance(entry, str) and _GS1.fullmatch(entry):
            known.update(_STANDARD)
        else:
            complete = False
    return frozenset(known) if complete else None


def definitions(value: Any) -> dict[str, str]:
    """Namespace of every prefix that a context declares in itself, or that EPCIS declares.

    >>> definitions({"example": "https://example.com/"})["example"]
    'https://example.com/'
    """
    known = dict(_STANDARD)
    for entry in _entries(value):
        for term, meaning in entry.items() if isinstance(entry, dict) else ():
            namespace = meaning.get("@id") if isinstance(meaning, dict) else meaning
            if isinstance(namespace, str) and not term.startswith("@"):
                known[term] = namespace
    return known


def _entries(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
