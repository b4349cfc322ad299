"""An EPC: one identity that can be written as URN, tag URI, bits, AIs or Digital Link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote

from gs1 import prefix
from gs1.element_string import ElementString
from gs1.epc import codings, plus
from gs1.epc.bits import BitWriter
from gs1.epc.faults import fault
from gs1.epc.schemes import (
    GS1_SCHEMES,
    SCHEMES,
    WILDCARD_STAND_IN,
    Fields,
    Gs1Scheme,
    Items,
    scheme_named,
)
from gs1.epc.text import escape
from gs1.errors import EpcError, Gs1Error

STEM = "https://id.gs1.org"

# Key qualifiers in path order (GS1 Digital Link: URI Syntax 1.6, 4.9).
QUALIFIERS: Mapping[str, tuple[str, ...]] = {
    "01": ("22", "10", "21", "235"),
    "8006": ("22", "10", "21"),
    "414": ("254", "7040"),
    "417": ("7040",),
    "8004": ("7040",),
    "8010": ("8011",),
    "8017": ("8019",),
    "8018": ("8019",),
}


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag holds besides the identity.

    ``coding`` is "sgtin-96", "sgtin+" …; ``filter_value`` None where the coding has none;
    ``hostname`` makes a '+' coding the '++' one; ``extra`` are the AIs after a '+' EPC (the date of
    a DSGTIN+ first); ``toggle`` is the data toggle bit of '+' codings.
    """

    coding: str
    filter_value: int | None = 0
    hostname: str | None = None
    extra: Items = ()
    toggle: bool = False

    @property
    def name(self) -> str:
        """Name of the coding as the TDS has it: "SGTIN-96", "SGTIN+", "SGTIN++".

        >>> Tag("sgtin+", hostname="id.example.com").name
        'SGTIN++'
        """
        upper = self.coding.upper().replace("-VAR", "-var")
        return upper if self.hostname is None else upper + "+"


@dataclass(frozen=True, slots=True)
class Epc:
    """One EPC, a class of them (LGTIN) or the pattern of all EPCs of one GS1 key.

    It is valid once it exists. ``scheme`` is "sgtin", "sscc" …; ``fields`` are the unescaped parts
    of the URN, None for a wildcard at the end. An EPC read from a '+' tag does not tell the length
    of its company prefix: it has no ``fields`` but ``plus_items``. ``tag`` says how a tag held it;
    equality is that of the identity.

    >>> epc = Epc("sgtin", ("9521141", "012345", "S1"))
    >>> epc.to_urn()
    'urn:epc:id:sgtin:9521141.012345.S1'
    >>> epc.to_digital_link()
    'https://id.gs1.org/01/09521141123454/21/S1'
    """

    scheme: str
    fields: Fields = ()
    plus_items: Items = ()
    tag: Tag | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Raise EpcError unless the parts are those of one EPC, or of one with a last wildcard."""
        scheme = scheme_named(self.scheme)
        if self.plus_items and not self.fields:
            return
        if len(self.fields) != scheme.size:
            raise fault("epc_parts", f"{self.scheme} has {scheme.size} parts", "6.3")
        if self.fields[-1] is None:
            scheme.check((*_certain(self.fields[:-1]), WILDCARD_STAND_IN))
        else:
            scheme.check(_certain(self.fields))

    @property
    def is_pattern(self) -> bool:
        """True when the last part is a wildcard: the EPC stands for a class."""
        return bool(self.fields) and self.fields[-1] is None

    @property
    def company_prefix_length(self) -> int | None:
        """Digits of the company prefix where the EPC tells them."""
        if not self.fields or self.scheme not in GS1_SCHEMES:
            return None
        return len(self.fields[0] or "")

    def to_urn(self, company_prefix_length: int | None = None) -> str:
        """The pure identity URN; ``urn:epc:class:`` for LGTIN, ``urn:epc:idpat:`` for a pattern.

        The prefix length is only used, and otherwise looked up in ``gs1.prefix``, where a '+' tag
        did not tell it. EpcError when it stays unknown.
        """
        known = self.with_prefix_length(company_prefix_length)
        scheme = SCHEMES[self.scheme]
        kind = "idpat" if known.is_pattern else scheme.urn_type
        return f"urn:epc:{kind}:{scheme.name}:{_joined(known.fields)}"

    def with_prefix_length(self, company_prefix_length: int | None = None) -> Epc:
        """This EPC with the parts of its URN known; EpcError when the prefix length is not.

        >>> from gs1.epc import from_hex
        >>> from_hex("F90095201234567891235").with_prefix_length(7).fields
        ('9520123', '0456789123')
        """
        if self.fields:
            return self
        known = from_items(self.plus_items, company_prefix_length)
        return Epc(self.scheme, known.fields, tag=self.tag)

    def to_tag_uri(self, coding: str | None = None, filter_value: int | None = None) -> str:
        """The tag URI: coding, filter value and identity (TDS 12).

        Without arguments those of the tag it was read from, else the shortest coding that holds
        the EPC and filter value 0. '+' codings have no tag URI: EpcError.

        >>> Epc("sgtin", ("9521141", "012345", "1")).to_tag_uri(filter_value=3)
        'urn:epc:tag:sgtin-96:3.9521141.012345.1'
        """
        chosen, _ = self._written(coding, filter_value)
        value = "" if chosen.filter_value is None else f"{chosen.filter_value}."
        fields = self.with_prefix_length().fields
        return f"urn:epc:tag:{chosen.coding}:{value}{_joined(fields)}"

    def to_raw_uri(self, coding: str | None = None, filter_value: int | None = None) -> str:
        """The bits as ``urn:epc:raw:96.x3066…`` (TDS 12.3).

        >>> Epc("sgtin", ("9521141", "012345", "1")).to_raw_uri()
        'urn:epc:raw:96.x3016451FD40C0E4000000001'
        """
        _, bits = self._written(coding, filter_value)
        size = bits.size
        bits.pad(4)
        return f"urn:epc:raw:{size}.x{bits.hex()}"

    def to_hex(
        self,
        coding: str | None = None,
        filter_value: int | None = None,
        *,
        hostname: str | None = None,
        extra: Items | None = None,
    ) -> str:
        """The EPC binary encoding in upper-case hexadecimal, padded to 16-bit words.

        ``coding``: a name such as "sgtin-198" or "sgtin+"; ``hostname`` and ``extra`` (AIs that
        follow) are for '+' codings. EpcError when the coding cannot hold the EPC.

        >>> Epc("sgtin", ("9521141", "012345", "1")).to_hex("sgtin-96", 3)
        '3076451FD40C0E4000000001'
        """
        name = coding or (self.tag.coding if self.tag else "")
        if name in plus.BY_NAME:
            bits = self._plus(plus.BY_NAME[name], filter_value, hostname, extra)
        elif hostname is not None or extra:
            raise fault("epc_coding", "only a '+' coding has a host name or further AIs", "14.6")
        else:
            _, bits = self._written(coding, filter_value)
        bits.pad(16)
        return bits.hex()

    def to_ai_items(self) -> Items:
        """AI pairs of the identity, key first; () for an EPC outside the GS1 system.

        A pattern of one class gives the key alone. EpcError for a pattern without such a key.

        >>> Epc("sgtin", ("9521141", "012345", None)).to_ai_items()
        (('01', '09521141123454'),)
        """
        if not self.fields:
            return self.plus_items
        if not self.is_pattern:
            return SCHEMES[self.scheme].items(_certain(self.fields))
        if len(self.fields) < 3 or self.scheme not in GS1_SCHEMES:
            raise fault("epc_pattern", "the pattern stands for more than one key", "8")
        return GS1_SCHEMES[self.scheme].class_items(_certain(self.fields[:-1]))

    def to_items(self) -> Items:
        """``to_ai_items`` and the further AIs that the tag held.

        >>> from gs1.epc import from_hex
        >>> from_hex("FB342CDE795211411234538566CB0AFC4").to_items()
        (('01', '79521141123453'), ('21', '32a/b'), ('17', '220630'))
        """
        return self.to_ai_items() + (self.tag.extra if self.tag else ())

    def gs1_key(self) -> str | None:
        """The GS1 key as text; ``*`` ends that of a pattern. None outside the GS1 system.

        >>> Epc("grai", ("0614141", "12345", None)).gs1_key()
        '0614141123452*'
        """
        scheme = GS1_SCHEMES.get(self.scheme)
        if scheme is None:
            return None
        if self.is_pattern and len(self.fields) < 3:
            return f"{self.fields[0]}*"
        key = self.to_ai_items()[0][1][len(scheme.head) :]
        return key + "*" if self.is_pattern and not scheme.parts[-1].ai else key

    def to_element_string(self) -> ElementString:
        """The AIs as a checked element string; Gs1Error where the AIs' rules refuse the EPC.

        The TDS allows some EPCs that the General Specifications do not: piece 00 of an ITIP.

        >>> Epc("sscc", ("0614141", "1234567890")).to_element_string().to_bracketed()
        '(00)106141412345678908'
        """
        items = self.to_items()
        if not items:
            raise fault("epc_no_key", f"{self.scheme} has no Application Identifier", "7")
        return ElementString.of(items)

    def to_digital_link(self, stem: str | None = None) -> str:
        """GS1 Digital Link URI under ``stem``: by default the tag's host name, or id.gs1.org.

        EpcError for an EPC outside the GS1 system.

        >>> Epc("sscc", ("0614141", "1234567890")).to_digital_link("https://example.com")
        'https://example.com/00/106141412345678908'
        """
        items = self.to_items()
        if not items:
            message = f"{self.scheme} has no GS1 Digital Link equivalent"
            raise fault("epc_no_digital_link", message, "7")
        if stem is None:
            stem = f"https://{self.tag.hostname}" if self.tag and self.tag.hostname else STEM
        (key, value), *others = items
        uri = f"{stem.rstrip('/')}/{key}/{quote(value, safe='')}"
        if not others:
            return uri
        order = QUALIFIERS.get(key, ())
        if len(others) == 1 and others[0][0] in order:
            return f"{uri}/{others[0][0]}/{quote(others[0][1], safe='')}"
        values = dict(others)
        path = "".join(f"/{ai}/{quote(values[ai], safe='')}" for ai in order if ai in values)
        query = "&".join(f"{ai}={quote(text, safe='')}" for ai, text in others if ai not in order)
        return uri + path + ("?" + query if query else "")

    def _written(self, coding: str | None, filter_value: int | None) -> tuple[Tag, BitWriter]:
        """Tag and bits by a fixed coding."""
        if coding is None and self.tag is not None:
            coding = self.tag.coding
        if filter_value is None:
            filter_value = (self.tag.filter_value if self.tag else None) or 0
        candidates = _candidates(self.scheme, coding)
        if not candidates:
            message = f"{self.scheme} has no fixed coding {coding or ''}"
            raise fault("epc_coding", message, "14.6")
        fields = _certain(self.with_prefix_length().fields)
        for candidate in candidates[:-1]:
            with suppress(EpcError):
                return _tagged(candidate, fields, filter_value)
        return _tagged(candidates[-1], fields, filter_value)

    def _plus(
        self,
        coding: plus.PlusCoding,
        filter_value: int | None,
        hostname: str | None,
        extra: Items | None,
    ) -> BitWriter:
        tag = self.tag or Tag("")
        if coding.scheme != self.scheme:
            raise fault("epc_coding", f"{self.scheme} has no coding {coding.name}", "14.6")
        more = tag.extra if extra is None else extra
        content = plus.Content(
            items=self.to_ai_items(),
            filter_value=(tag.filter_value or 0) if filter_value is None else filter_value,
            toggle=tag.toggle or bool(more[1:] if coding.dated else more),
            hostname=tag.hostname if hostname is None else hostname,
            extra=more,
        )
        return plus.write(coding, content)


def _tagged(
    coding: codings.Coding, fields: tuple[str, ...], filter_value: int
) -> tuple[Tag, BitWriter]:
    tag = Tag(coding.name, filter_value if coding.filter_width else None)
    return tag, coding.write(fields, filter_value)


def _candidates(scheme: str, coding: str | None) -> list[codings.Coding]:
    if coding is None:
        return codings.codings_of(scheme)
    found = codings.BY_NAME.get(coding)
    return [found] if found and found.scheme == scheme else []


def _certain(fields: Fields) -> tuple[str, ...]:
    if None in fields:
        raise fault("epc_pattern", "a wildcard stands for more than one key", "8")
    return tuple(text for text in fields if text is not None)


def _joined(fields: Fields) -> str:
    return ".".join("*" if text is None else escape(text) for text in fields)


# Of one key AI, the AI that tells the schemes apart; "" where there is only the key.
_BY_KEY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "00": (("", "sscc"),),
    "01": (("21", "sgtin"), ("235", "upui"), ("10", "lgtin"), ("", "sgtin")),
    "253": (("", "gdti"),),
    "255": (("", "sgcn"),),
    "401": (("", "ginc"),),
    "402": (("", "gsin"),),
    "414": (("", "sgln"),),
    "417": (("", "pgln"),),
    "8003": (("", "grai"),),
    "8004": (("", "giai"),),
    "8006": (("21", "itip"), ("", "itip")),
    "8010": (("8011", "cpi"), ("", "cpi")),
    "8017": (("", "gsrnp"),),
    "8018": (("", "gsrn"),),
}


def from_items(items: Iterable[tuple[str, str]], company_prefix_length: int | None = None) -> Epc:
    """EPC of AI pairs; AIs that do not identify are left out.

    The length of the company prefix comes from the argument or else from ``gs1.prefix``. A key
    without lot or serial gives the pattern of its class. EpcError when the AIs have no EPC, or the
    length is unknown.

    >>> from_items([("01", "09521141123454"), ("21", "S1")], 7).to_urn()
    'urn:epc:id:sgtin:9521141.012345.S1'
    """
    values = dict(items)
    key = next((ai for ai in values if ai in _BY_KEY), None)
    if key is None:
        raise fault("epc_no_scheme", "these AIs have no EPC", "7")
    scheme = GS1_SCHEMES[next(n for other, n in _BY_KEY[key] if not other or other in values)]
    length = company_prefix_length or _prefix_length(scheme, values[key])
    if not scheme.lacks_last(values):
        return Epc(scheme.name, scheme.fields(values, length))
    last = scheme.parts[-1].ai
    if last:
        values[last] = WILDCARD_STAND_IN
    else:
        values[key] += WILDCARD_STAND_IN
    return Epc(scheme.name, (*scheme.fields(values, length)[:-1], None))


def _prefix_length(scheme: Gs1Scheme, value: str) -> int:
    if scheme.indicator and scheme.digits == 13 and value.startswith("000000"):
        # The GS1-8 Prefix of a GTIN-8 stands in for a company prefix (TDS 7.3.3).
        return 8
    start = len(scheme.head) + (1 if scheme.indicator else 0)
    try:
        length = prefix.company_prefix_length(value[start:])
    except Gs1Error:
        length = None
    if length is None:
        message = f"the length of the company prefix of {value[:40]!a} is unknown"
        raise fault("company_prefix_unknown", message, "7.1")
    return length
