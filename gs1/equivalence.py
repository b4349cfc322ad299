"""One key for one thing, however it was written: barcode data, Digital Link URI or EPC URN.

``Key.canonical`` is the stable text to store and compare: the canonical GS1 Digital Link URI on
id.gs1.org, with a GTIN-14 and only those qualifiers that identify. The lot on the label of a
serialised item describes the item and does not identify it, so (01)(10)(21) and (01)(21) are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import quote

from gs1 import epc, pattern
from gs1.digital_link import DigitalLink
from gs1.element_string import ElementString
from gs1.epc import Epc
from gs1.errors import Gs1Error
from gs1.keys import (
    Cpid,
    Gcn,
    Gdti,
    Giai,
    Ginc,
    Gln,
    Gmn,
    Grai,
    Gsin,
    Gsrn,
    GsrnProvider,
    Gtin,
    IdentificationKey,
    Itip,
    Sscc,
)
from gs1.keys.key import TypeKey
from gs1.options import Options
from gs1.qualifiers import check_qualifier

Items = tuple[tuple[str, str], ...]

CANONICAL_STEM = "https://id.gs1.org"


class Granularity(StrEnum):
    """How much a key picks out: a kind of thing, a batch of it, or one thing.

    >>> Key.parse("(00)095201234567891235").granularity.value
    'instance'
    """

    CLASS = "class"
    LOT = "lot"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class _Rule:
    """Identifying qualifiers of a primary key, and what the key is with them."""

    kind: str
    granularity: Granularity
    qualifiers: tuple[str, ...] = ()


_CLASS, _LOT, _INSTANCE = Granularity.CLASS, Granularity.LOT, Granularity.INSTANCE

# By primary key; the first rule whose qualifiers are all present holds.
# GS1 Digital Link: URI Syntax 1.6, 4.9 (key qualifiers); GS1 General Specifications 4.14.
RULES: Mapping[str, tuple[_Rule, ...]] = MappingProxyType(
    {
        "00": (_Rule("sscc", _INSTANCE),),
        "01": (
            _Rule("sgtin", _INSTANCE, ("21",)),
            _Rule("upui", _INSTANCE, ("235",)),
            _Rule("lgtin", _LOT, ("10",)),
            _Rule("cpv", _CLASS, ("22",)),
            _Rule("gtin", _CLASS),
        ),
        "8006": (
            _Rule("sitip", _INSTANCE, ("21",)),
            _Rule("litip", _LOT, ("10",)),
            _Rule("itip", _CLASS),
        ),
        "253": (_Rule("gdti", _INSTANCE),),
        "255": (_Rule("gcn", _INSTANCE),),
        "401": (_Rule("ginc", _INSTANCE),),
        "402": (_Rule("gsin", _INSTANCE),),
        "414": (
            _Rule("sgln", _INSTANCE, ("254",)),
            _Rule("gln", _INSTANCE, ("7040",)),
            _Rule("gln", _INSTANCE),
        ),
        "415": (_Rule("payment_slip", _INSTANCE, ("8020",)),),
        "417": (_Rule("pgln", _INSTANCE, ("7040",)), _Rule("pgln", _INSTANCE)),
        "8003": (_Rule("grai", _INSTANCE),),
        "8004": (_Rule("giai", _INSTANCE, ("7040",)), _Rule("giai", _INSTANCE)),
        "8010": (_Rule("cpi", _INSTANCE, ("8011",)), _Rule("cpi", _CLASS)),
        "8013": (_Rule("gmn", _CLASS),),
        "8017": (_Rule("gsrnp", _INSTANCE, ("8019",)), _Rule("gsrnp", _INSTANCE)),
        "8018": (_Rule("gsrn", _INSTANCE, ("8019",)), _Rule("gsrn", _INSTANCE)),
    }
)

_TYPES: Mapping[str, type[IdentificationKey]] = MappingProxyType(
    {
        "415": Gln,
        "417": Gln,
        **{
            cls.ai: cls
            for cls in (
                Cpid,
                Gcn,
                Gdti,
                Giai,
                Ginc,
                Gln,
                Gmn,
                Grai,
                Gsin,
                Gsrn,
                GsrnProvider,
                Gtin,
                Itip,
                Sscc,
            )
        },
    }
)


@dataclass(frozen=True, slots=True)
class Key:
    """The identity of a thing, a batch or a class of things; equal keys mean the same.

    ``canonical`` is the one text to store; ``kind`` is "gtin", "lgtin", "sgtin", "sscc", "gln" …;
    ``items`` are the identifying AI pairs (none for an EPC outside the GS1 system). ``lot`` and
    ``variant`` are the AI (10) and (22) that came with a finer key; they do not identify.

    >>> a = Key.parse("(01)09521141123454(10)L1(21)S1")
    >>> b = Key.parse("urn:epc:id:sgtin:9521141.012345.S1")
    >>> a == b, a.canonical
    (True, 'https://id.gs1.org/01/09521141123454/21/S1')
    """

    canonical: str
    kind: str = field(compare=False)
    granularity: Granularity = field(compare=False)
    items: Items = field(compare=False)
    lot: str | None = field(default=None, compare=False)
    variant: str | None = field(default=None, compare=False)

    @classmethod
    def from_items(cls, items: Iterable[tuple[str, str]]) -> Key:
        """Key of element-string data: (AI, value) pairs in any order, further AIs ignored.

        The first AI that is a GS1 Digital Link primary key names the thing. Raises Gs1Error when
        there is none, or when the key or a qualifier is not valid.

        >>> Key.from_items([("10", "L1"), ("01", "09521141123454")]).kind
        'lgtin'
        """
        values: dict[str, str] = {}
        for ai, value in items:
            if values.setdefault(ai, value) != value:
                raise _no_key(f"AI ({ai}) has two different values", ai)
        if values.get("254") == "0":
            # The extension "0" is how an SGLN says that the GLN has none (TDS 7.5).
            del values["254"]
        for ai in values:
            for rule in RULES.get(ai, ()):
                if all(qualifier in values for qualifier in rule.qualifiers):
                    return _build(ai, rule, values)
        raise _no_key("no Application Identifier here is the key of a thing")

    @classmethod
    def of(
        cls, key: IdentificationKey, *, lot: str | None = None, serial: str | None = None
    ) -> Key:
        """Key of a parsed GS1 key, with the lot (10) and serial of a trade item where given.

        ``serial`` is AI (21) of a GTIN or ITIP, (254) of a GLN, (8011) of a CPID.

        >>> Key.of(Gtin.parse("9521141123454"), serial="S1").canonical
        'https://id.gs1.org/01/09521141123454/21/S1'
        """
        items = [(key.ai, key.ai_value)]
        if lot is not None:
            items.append(("10", lot))
        if serial is not None:
            items.append(({"414": "254", "8010": "8011"}.get(key.ai, "21"), serial))
        return cls.from_items(items)

    @classmethod
    def from_digital_link(cls, uri: str) -> Key:
        """Key of a GS1 Digital Link URI on any domain; a GTIN in it may have 8 to 14 digits.

        >>> Key.from_digital_link("https://example.com/01/9521141123454?17=271231").canonical
        'https://id.gs1.org/01/09521141123454'
        """
        link = DigitalLink.parse(uri, Options(zero_suppressed_gtin=True))
        return cls.from_items(link.element_string.items)

    @classmethod
    def from_epc_urn(cls, urn: str) -> Key:
        """Key of an EPC URN: pure identity, tag URI, class (LGTIN) or pattern of one class.

        The URN carries the company prefix length, so none is asked for.

        >>> Key.from_epc_urn("urn:epc:idpat:sgtin:9521141.012345.*").kind
        'gtin'
        """
        return cls.from_epc(pattern.identity(urn))

    @classmethod
    def from_epc(cls, found: Epc) -> Key:
        """Key of a parsed EPC; one outside the GS1 system (GID, DoD …) keeps its URN.

        >>> from gs1.epc import from_hex
        >>> Key.from_epc(from_hex("F90095201234567891235")).canonical
        'https://id.gs1.org/00/095201234567891235'
        """
        items = found.to_ai_items()
        if items:
            return cls.from_items(items)
        return cls(found.to_urn(), found.scheme, Granularity.INSTANCE, ())

    @classmethod
    def parse(cls, text: str) -> Key:
        """Key of any text that holds one, told apart by how it begins.

        ``urn:epc:`` is an EPC URN, ``http`` a Digital Link, ``(`` a bracketed element string, ``]``
        scan data with symbology identifier, ``^`` data with FNC1, the rest data as transmitted.

        >>> Key.parse("]E09521141123454") == Key.parse("https://example.com/01/09521141123454")
        True
        """
        if text.startswith("urn:epc:"):
            return cls.from_epc_urn(text)
        if text[:8].lower().startswith(("http://", "https://")):
            return cls.from_digital_link(text)
        if text.startswith("("):
            return cls.from_items(ElementString.parse_bracketed(text).items)
        if text.startswith("]"):
            return cls.from_items(ElementString.parse_scan(text).items)
        if text.startswith("^"):
            return cls.from_items(ElementString.parse_data(text).items)
        return cls.from_items(ElementString.parse_raw(text).items)

    def __str__(self) -> str:
        return self.canonical

    def to_digital_link(self, stem: str = CANONICAL_STEM) -> str:
        """The key as a Digital Link URI under ``stem``; the canonical text by default.

        >>> Key.parse("(00)095201234567891235").to_digital_link("https://example.com")
        'https://example.com/00/095201234567891235'
        """
        self._require_items()
        return stem.rstrip("/") + _path(self.items)

    def to_epc(self, company_prefix_length: int | None = None) -> Epc:
        """The key as an EPC; the prefix length comes from the argument or from ``gs1.prefix``.

        >>> Key.parse("(00)095201234567891235").to_epc(7).fields
        ('9520123', '0456789123')
        """
        self._require_items()
        return epc.from_items(self.items, company_prefix_length)

    def to_epc_urn(self, company_prefix_length: int | None = None) -> str:
        """The key as an EPC URN: id, class (LGTIN) or idpat (a class without lot or serial).

        Raises EpcError when the key has no EPC form or the prefix length is unknown.

        >>> Key.parse("(01)09521141123454").to_epc_urn(7)
        'urn:epc:idpat:sgtin:9521141.012345.*'
        """
        if not self.items:
            return self.canonical
        return self.to_epc(company_prefix_length).to_urn()

    def parents(self) -> tuple[Key, ...]:
        """The wider keys this one belongs to, nearest first; the lot only where it is known.

        >>> [key.kind for key in Key.parse("(01)09521141123454(10)L1(21)S1").parents()]
        ['lgtin', 'gtin']
        """
        if not self.items:
            return ()
        ai, value = self.items[0]
        wider: list[Items] = []
        if ai in ("01", "8006"):
            extra = (("10", self.lot), ("22", self.variant if ai == "01" else None))
            wider += [((ai, value), (name, text)) for name, text in extra if text]
            wider.append(((ai, value),))
        elif ai == "8010":
            wider.append(((ai, value),))
        elif isinstance(key := _TYPES[ai].from_ai_value(value), TypeKey):
            wider.append(((ai, value.removesuffix(key.serial or "")),))
        keys = (Key.from_items(items) for items in wider)
        return tuple(key for key in keys if key != self)

    def contains(self, other: Key, declared_lot: str | None = None) -> bool:
        """True when ``other`` is this very key or one of the things it stands for.

        ``declared_lot`` is the lot that the register holds for ``other``; it goes before the lot
        that came with the scan. An SGTIN whose lot is not known is in no LGTIN.

        >>> lot = Key.parse("(01)09521141123454(10)L1")
        >>> lot.contains(Key.parse("(01)09521141123454(21)S1"), declared_lot="L1")
        True
        """
        if declared_lot is not None and other.granularity is Granularity.INSTANCE:
            other = replace(other, lot=declared_lot)
        return self == other or self in other.parents()

    def _require_items(self) -> None:
        if not self.items:
            raise _no_key(f"{self.kind} is not a GS1 key and has no Digital Link")


def _build(ai: str, rule: _Rule, values: Mapping[str, str]) -> Key:
    key = _TYPES[ai].from_ai_value(values[ai])
    granularity = rule.granularity
    if isinstance(key, TypeKey) and key.serial is None:
        granularity = Granularity.CLASS
    for qualifier in ("10", "22", *rule.qualifiers):
        if qualifier in values:
            check_qualifier(qualifier, values[qualifier])
    # A GTIN read from a Digital Link may have 8 to 13 digits; AI (01) has 14.
    first = (ai, key.ai_value)
    items = (first, *((name, values[name]) for name in rule.qualifiers))
    trade_item = ai in ("01", "8006")
    return Key(
        CANONICAL_STEM + _path(items),
        rule.kind,
        granularity,
        items,
        values.get("10") if trade_item else None,
        values.get("22") if trade_item else None,
    )


def _path(items: Items) -> str:
    return "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in items)


def _no_key(message: str, ai: str | None = None) -> Gs1Error:
    return Gs1Error(
        message,
        code="no_identification_key",
        ai=ai,
        clause="GS1 Digital Link: URI Syntax 1.6, 4.9",
    )
