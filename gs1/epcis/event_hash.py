"""Event hash ID (CBV 2.0 section 8.9): one name for one event, whatever its serialisation.

The members of an event are put in the order of the standard, values in one canonical form, lists in
the order of their text; the SHA-256 of that *pre-hash* is the ID, as an ``ni`` URI (RFC 6920).
``recordTime``, ``eventID`` and ``errorDeclaration`` do not count: they are added after the fact.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

from gs1.epcis.context import definitions
from gs1.epcis.events import Event, Identifier
from gs1.epcis.primitives import parse_time
from gs1.epcis.vocabulary import (
    BIZ_STEP,
    BIZ_TRANSACTION_TYPE,
    COMPONENT,
    DISPOSITION,
    MEASUREMENT_TYPE,
    SENSOR_ALERT_TYPE,
    SOURCE_DEST_TYPE,
    Vocabulary,
)
from gs1.errors import EpcisError

_CLAUSE = "CBV 2.0 §8.9"
_IGNORED = frozenset({"@context", "type", "recordTime", "eventID", "errorDeclaration"})
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?", re.ASCII)
_VARIANT = re.compile(r"(?<=^https://id\.gs1\.org/01/[0-9]{14})/22/[^/]+$")
_FRACTION = re.compile(r"\.([0-9]+)")


@dataclass(frozen=True, slots=True)
class _Node:
    """How one member is written: its own members in order, the name of its list items, its words.

    A list without ``item`` repeats the name of the member for each entry.
    """

    members: Mapping[str, _Node] | None = None
    item: str | None = None
    words: Vocabulary | None = None


def _leaves(names: str) -> dict[str, _Node]:
    return {name: _Node() for name in names.split()}


_EPCS = _Node(item="epc")
_QUANTITIES = _Node(_leaves("epcClass quantity uom"), item="quantityElement")
_PLACE = _Node(_leaves("id"))
_SENSOR = {
    "sensorMetadata": _Node(
        _leaves(
            "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules"
        )
    ),
    "sensorReport": _Node(
        {
            "type": _Node(words=MEASUREMENT_TYPE),
            "exception": _Node(words=SENSOR_ALERT_TYPE),
            **_leaves("deviceID deviceMetadata rawData dataProcessingMethod bizRules time"),
            **_leaves("microorganism chemicalSubstance value"),
            "component": _Node(words=COMPONENT),
            **_leaves("stringValue booleanValue hexBinaryValue uriValue minValue maxValue"),
            **_leaves("meanValue sDev percRank percValue uom coordinateReferenceSystem"),
        }
    ),
}


def _typed(words: Vocabulary, name: str) -> _Node:
    return _Node({"type": _Node(words=words), name: _Node()}, item="")


_EVENT: Mapping[str, _Node] = {
    **_leaves("eventTime eventTimeZoneOffset certificationInfo"),
    "epcList": _EPCS,
    "parentID": _Node(),
    "inputEPCList": _EPCS,
    "childEPCs": _EPCS,
    "quantityList": _QUANTITIES,
    "childQuantityList": _QUANTITIES,
    "inputQuantityList": _QUANTITIES,
    "outputEPCList": _EPCS,
    "outputQuantityList": _QUANTITIES,
    "action": _Node(),
    "transformationID": _Node(),
    "bizStep": _Node(words=BIZ_STEP),
    "disposition": _Node(words=DISPOSITION),
    "persistentDisposition": _Node(
        {"set": _Node(words=DISPOSITION), "unset": _Node(words=DISPOSITION)}
    ),
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "sensorElementList": _Node(_SENSOR, item="sensorElement"),
    # From here on by name. The table of the standard has source before destination and both before
    # the sensors; the reference implementation, whose IDs are in use, does not follow it.
    "bizTransactionList": _typed(BIZ_TRANSACTION_TYPE, "bizTransaction"),
    "destinationList": _typed(SOURCE_DEST_TYPE, "destination"),
    "ilmd": _Node({}),
    "sourceList": _typed(SOURCE_DEST_TYPE, "source"),
}


def event_hash(event: Event, context: Any = None, *, ignore: Collection[str] = ()) -> str:
    """Event hash ID of an event of a document with ``context``.

    ``ignore`` names extension members, as written, that do not count. Raises
    :class:`EpcisError` where the namespace of an extension cannot be known.

    >>> from gs1.epcis import parse
    >>> document = parse({
    ...     "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    ...     "type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:x:y"],
    ...     "eventTime": "2026-03-01T08:00:00+07:00", "eventTimeZoneOffset": "+07:00",
    ... })
    >>> event_hash(document.events[0], document.context)[:14]
    'ni:///sha-256;'
    """
    text = pre_hash(event, context, ignore=ignore)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Event, context: Any = None, *, ignore: Collection[str] = ()) -> str:
    """The text whose hash names the event (section 8.9.2).

    >>> from gs1.epcis import parse
    >>> document = parse({
    ...     "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    ...     "type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:x:y"],
    ...     "eventTime": "2026-03-01T08:00:00+07:00", "eventTimeZoneOffset": "+07:00",
    ... })
    >>> pre_hash(document.events[0], document.context)[:50]
    'eventType=ObjectEventeventTime=2026-03-01T01:00:00'
    """
    known = definitions(context) | definitions(event.context)
    writer = _Writer(known, frozenset(ignore))
    return f"eventType={writer.expand(event.type)}{writer.members(event.raw, _EVENT)}"


@dataclass(frozen=True, slots=True)
class _Writer:
    namespaces: Mapping[str, str]
    ignored: frozenset[str] = field(default=frozenset())

    def members(self, value: Mapping[str, Any], order: Mapping[str, _Node]) -> str:
        """Standard members in their order, then extensions in the order of their text."""
        written = [
            self.node(name, value[name], node) for name, node in order.items() if name in value
        ]
        skipped = _IGNORED | self.ignored if order is _EVENT else self.ignored
        rest = (
            self.extension(name, content)
            for name, content in value.items()
            if name not in order and name not in skipped
        )
        return "".join([*written, *sorted(rest)])

    def node(self, name: str, value: Any, node: _Node) -> str:
        """One standard member; nothing at all where it has no content."""
        if isinstance(value, list):
            item = name if node.item is None else node.item
            entries = _sorted(self._entry(item, entry, node) for entry in value)
            return name + entries if entries and node.item is not None else entries
        return self._entry(name, value, node)

    def _entry(self, name: str, value: Any, node: _Node) -> str:
        if node.members is None:
            return f"{name}={self._word(node.words, value)}"
        written = self.members(value, node.members)
        return name + written if written else ""

    def _word(self, words: Vocabulary | None, value: Any) -> str:
        if words is None or not isinstance(value, str):
            return self.value(value)
        return words.web_uri(words.normalise(self.expand(value)))

    def extension(self, name: str, value: Any) -> str:
        """A member of another namespace, written ``{namespace}name``, with all that is in it."""
        if isinstance(value, list):
            return _sorted(self.extension(name, entry) for entry in value)
        label = self._label(name)
        if isinstance(value, dict):
            return label + _sorted(self.extension(key, part) for key, part in value.items())
        return f"{label}={self.value(value)}"

    def _label(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if prefix in self.namespaces:
            return f"{{{self.namespaces[prefix]}}}{local}"
        if not colon:
            return name
        if not local.startswith("//") and prefix.lower() != "urn":
            message = f"the namespace of {name!r} cannot be known"
            raise EpcisError(message, code="prefix", pointer="", clause=_CLAUSE)
        end = max(name.rfind(char) for char in "/#:") + 1
        return f"{{{name[:end]}}}{name[end:]}"

    def value(self, value: Any) -> str:
        """A value in its one form: time in UTC, plain number, canonical GS1 key, or text."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None:
            return ""
        text = str(value).strip()
        if isinstance(value, int | float) or _DECIMAL.fullmatch(text):
            return _number(text)
        try:
            return _utc(text)
        except (ValueError, OverflowError):
            expanded = self.expand(text)
            # The consumer product variant (AI 22) does not count.
            return _VARIANT.sub("", Identifier(expanded).key or expanded)

    def expand(self, text: str) -> str:
        """Compact URI as full URI, where its prefix is declared."""
        prefix, _, local = text.partition(":")
        namespace = None if local.startswith("//") else self.namespaces.get(prefix)
        return namespace + local if namespace and local else text


def _sorted(texts: Iterable[str]) -> str:
    return "".join(sorted(texts))


def _number(text: str) -> str:
    """Digits without sign of plus, exponent or zeros that say nothing."""
    plain = f"{Decimal(text):f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain


def _utc(text: str) -> str:
    """Time in UTC with three digits of a second; the fourth rounds."""
    time = parse_time(text)
    fraction = _FRACTION.search(text)
    digits = (fraction[1] if fraction else "").ljust(4, "0")
    rounded = int(digits[:3]) + (digits[3] >= "5")
    whole = time.astimezone(UTC).replace(microsecond=0) + timedelta(milliseconds=rounded)
    return whole.isoformat(timespec="milliseconds").replace("+00:00", "Z")
