"""GS1 Digital Link URIs as values (GS1 Digital Link Standard: URI Syntax)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gs1 import dictionary
from gs1.digital_link import compressed
from gs1.digital_link import path as paths
from gs1.digital_link import uri as uris
from gs1.digital_link.escape import escape
from gs1.element_string import ElementString, Item
from gs1.errors import DigitalLinkError, FormatError
from gs1.options import STRICT, Options

#: Stem of the canonical form.
CANONICAL = "https://id.gs1.org"
_STEM = re.compile(r"(?:https?|HTTPS?)://[A-Za-z0-9\-.:\[\]]+(?:/[A-Za-z0-9\-._~:@!$&'()*+,;=%]+)*")


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """A valid GS1 Digital Link URI.

    ``stem``: scheme, domain and whatever path stands before the primary key. ``element_string``:
    its AIs, those of the path first. ``other_params``: query parameters that are not AIs, as they
    stand in the URI. ``path_size``: how many of the items stand in the path. ``str`` gives the URI.

    >>> link = DigitalLink.parse("https://example.com/x/01/09521234543213/10/A%2FB?17=271231&s=1")
    >>> link.stem, link.element_string.get("10"), link.other_params
    ('https://example.com/x', 'A/B', ('s=1',))
    >>> link.canonical()
    'https://id.gs1.org/01/09521234543213/10/A%2FB?17=271231'
    """

    stem: str
    element_string: ElementString
    other_params: tuple[str, ...]
    path_size: int

    @classmethod
    def parse(cls, uri: str, options: Options = STRICT) -> DigitalLink:
        """Digital Link from a URI with scheme http or https; the fragment is dropped.

        Raises a subclass of Gs1Error: DigitalLinkError for the URI itself, and what an element
        string raises for its AIs. An ``/eh`` or ``/ex`` path is decoded by ``gs1.epc``.

        >>> DigitalLink.parse("https://example.com/01/09521234543213?10=A")
        Traceback (most recent call last):
        ...
        gs1.errors.DigitalLinkError: AI (10) from query params should be in the path info
        """
        try:
            stem, items, path_size, others = uris.read(uri, options)
        except DigitalLinkError as error:
            expanded = compressed.expand(uri) if error.code == "no_primary_key" else None
            if expanded is None:
                raise
            stem, items, path_size, others = uris.read(expanded, options)
        return cls(stem, ElementString(items), others, path_size)

    @classmethod
    def build(
        cls, element_string: ElementString, stem: str = CANONICAL, options: Options = STRICT
    ) -> DigitalLink:
        """Digital Link for an element string, under any http or https ``stem``.

        The first primary key comes first with as many of its qualifiers as there are; every other
        AI becomes a data attribute, those of predefined length before the others. Raises
        DigitalLinkError without a primary key, and for an AI that cannot be an attribute.

        >>> elements = ElementString.parse_bracketed("(10)A(01)09521234543213")
        >>> str(DigitalLink.build(elements, "https://example.com/"))
        'https://example.com/01/09521234543213/10/A'
        """
        stem = stem.removesuffix("/")
        if not _STEM.fullmatch(stem):
            raise uris.broken(f"not the stem of a URI: {stem[:90]!r}", "illegal_stem", 0)
        items = element_string.items
        path = paths.best(tuple([ai for ai, _ in items]))
        if path is None:
            raise uris.broken(
                "Cannot create a DL URI without a primary key AI", "no_primary_key", 0
            )
        values = dict(reversed(items))
        attributes = _attributes(items, path, options)
        chosen = (*((ai, values[ai]) for ai in path), *attributes)
        return cls(stem, ElementString(chosen), (), len(path))

    @staticmethod
    def is_candidate(uri: str) -> bool:
        """Whether a URI has the form of a Digital Link; its values may still be wrong.

        >>> DigitalLink.is_candidate("https://example.com/01/123")
        True
        >>> DigitalLink.is_candidate("https://example.com/about")
        False
        """
        try:
            uris.split(uri, STRICT)
        except (DigitalLinkError, FormatError) as error:
            return error.code == "no_primary_key" and compressed.expand(uri) is not None
        return True

    def canonical(self) -> str:
        """The URI under https://id.gs1.org, with AIs only."""
        return _join(CANONICAL, self.element_string.items, self.path_size, ())

    def __str__(self) -> str:
        return _join(self.stem, self.element_string.items, self.path_size, self.other_params)


def _attributes(items: tuple[Item, ...], path: tuple[str, ...], options: Options) -> list[Item]:
    fixed: list[Item] = []
    variable: list[Item] = []
    seen = set(path)
    for ai, value in items:
        if ai not in seen:
            seen.add(ai)
            entry = dictionary.lookup(ai) or dictionary.unknown(ai)
            (variable if entry is None or entry.separator else fixed).append((ai, value))
    for ai, _ in (*fixed, *variable):
        if not paths.is_attribute(ai, options.unknown_attributes):
            message = f"AI ({ai}) is not a valid DL URI data attribute"
            raise uris.broken(message, "not_attribute", 0, ai)
    return fixed + variable


def _join(stem: str, items: tuple[Item, ...], path_size: int, others: tuple[str, ...]) -> str:
    parts = [stem]
    for ai, value in items[:path_size]:
        parts.append(f"/{ai}/{escape(value)}")
    mark = "?"
    for ai, value in items[path_size:]:
        parts.append(f"{mark}{ai}={escape(value, query=True)}")
        mark = "&"
    for other in others:
        parts.append(mark + other)
        mark = "&"
    return "".join(parts)
