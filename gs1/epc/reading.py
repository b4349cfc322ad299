"""Reading EPCs: URNs of all kinds, hexadecimal, and the compressed form in Digital Links."""

from __future__ import annotations

import re

from gs1.epc import codings, plus
from gs1.epc.alphanumeric import BASE64
from gs1.epc.bits import BitReader
from gs1.epc.faults import fault
from gs1.epc.identity import Epc, Tag
from gs1.epc.schemes import SCHEMES, Fields, Scheme, scheme_named
from gs1.epc.text import unescape

#: No URN of an EPC is longer: three parts of 30 characters, all escaped.
_LONGEST_URN = 400
#: A Gen2 tag has at most 496 bits of EPC memory; other carriers may have more.
_LONGEST_BITS = 4096

_URN = re.compile(r"urn:epc:(id|class|idpat|tag|raw):([a-z0-9-]+)([:.])(.*)", re.DOTALL)
_RAW = re.compile(r"x([0-9A-F]+)", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]{2,}", re.ASCII)
# Schemes whose pattern with a last wildcard names a GS1 key (TDS 8), or in the case of the two
# whose reference is free text, all keys of a company.
_CLASS_PATTERNS = frozenset(
    {"sgtin", "sgln", "grai", "gdti", "cpi", "upui", "itip", "giai", "ginc"}
)


def parse(text: str) -> Epc:
    """EPC of a URN: pure identity, class, tag, raw, or a pattern with one GS1 key.

    Raises EpcError with code, position and clause. Other patterns are in ``gs1.pattern``.

    >>> parse("urn:epc:tag:sgtin-96:3.9521141.012345.1").tag.filter_value
    3
    """
    match = _URN.fullmatch(text) if len(text) <= _LONGEST_URN else None
    if match is None:
        raise fault("epc_urn", f"{text[:40]!a} is no EPC URN", "6.3", 0)
    kind, name, mark, rest = match.groups()
    if (mark == ".") != (kind == "raw"):
        raise fault("epc_urn", f"{text[:40]!a} is no EPC URN", "6.3", match.start(3))
    if kind == "raw":
        return _parse_raw(name, rest)
    return _parse_tag(name, rest) if kind == "tag" else _parse_identity(kind, name, rest)


def _parse_identity(kind: str, name: str, rest: str) -> Epc:
    scheme = scheme_named(name)
    fields = _fields(scheme, rest)
    if kind == "idpat" and fields[-1] == "*":
        if name not in _CLASS_PATTERNS:
            raise fault("epc_pattern", f"the pattern of a {name} names no single key", "8")
        fields = (*fields[:-1], None)
    elif kind not in (scheme.urn_type, "idpat"):
        raise fault("epc_urn", f"{name} is no urn:epc:{kind}:", "6.3")
    return Epc(name, fields)


def _fields(scheme: Scheme, text: str) -> Fields:
    return tuple(unescape(part) for part in text.split(".", scheme.size - 1))


def _parse_tag(name: str, rest: str) -> Epc:
    coding = codings.BY_NAME.get(name)
    if coding is None:
        raise fault("epc_coding", f"{name[:20]} is no binary coding", "14.6")
    filter_value = None
    if coding.filter_width:
        text, _, rest = rest.partition(".")
        if not re.fullmatch("0|[1-9][0-9]?", text):
            raise fault("epc_filter", "the filter value is a number", "12")
        filter_value = int(text)
    fields = _fields(SCHEMES[coding.scheme], rest)
    epc = Epc(coding.scheme, fields, tag=Tag(name, filter_value))
    # A tag URI is valid only when the coding can hold the EPC.
    epc.to_hex()
    return epc


def _parse_raw(size: str, rest: str) -> Epc:
    match = _RAW.fullmatch(rest)
    digits = match[1] if match else ""
    if not re.fullmatch("[1-9][0-9]{0,3}", size) or -(-int(size) // 4) != len(digits):
        raise fault("epc_raw", "a raw URI has a count of bits and their hexadecimal form", "12.3")
    return from_hex(digits)


def from_hex(text: str) -> Epc:
    """EPC of its binary encoding in hexadecimal, from the header on; zero padding may follow.

    >>> from_hex("F90095201234567891235").to_ai_items()
    (('00', '095201234567891235'),)
    """
    if not _HEX.fullmatch(text) or 4 * len(text) > _LONGEST_BITS:
        raise fault("epc_hex", "an EPC is 2 or more hexadecimal digits", "14.2", 0)
    return _from_bits(BitReader(int(text, 16), 4 * len(text)))


def from_compressed(segment: str) -> Epc:
    """EPC of the path segment ``eh…`` (hexadecimal) or ``ex…`` (base 64) of a Digital Link.

    GS1 Digital Link: compression for EPC binary strings 1.0, section 4.2.

    >>> from_compressed("exMBZFlvQMDly-mRqD").to_digital_link("https://example.com")
    'https://example.com/01/09528765123457/21/123456789123'
    """
    form, digits = segment[:2], segment[2:]
    alphabet = {"eh": "0123456789abcdef", "ex": BASE64}.get(form)
    if alphabet is None or not digits or digits.lstrip(alphabet):
        raise fault("epc_compressed", "an EPC segment is eh and hex, or ex and base 64", "E.3")
    width = 4 if form == "eh" else 6
    if width * len(digits) > _LONGEST_BITS:
        raise fault("epc_compressed", "the EPC segment is too long", "E.3")
    value = 0
    for char in digits:
        value = value << width | alphabet.index(char)
    return _from_bits(BitReader(value, width * len(digits)))


def _from_bits(bits: BitReader) -> Epc:
    header = bits.read(8)
    coding = codings.BY_HEADER.get(header)
    if coding is not None:
        filter_value, fields = coding.read(bits)
        return Epc(coding.scheme, fields, tag=Tag(coding.name, filter_value))
    found = plus.BY_HEADER.get(header)
    if found is None:
        raise fault("epc_header", f"EPC header {header:02X} is not assigned", "14.2", 0)
    content = plus.read(*found, bits)
    tag = Tag(found[0].name, content.filter_value, content.hostname, content.extra, content.toggle)
    return Epc(found[0].scheme, plus_items=content.items, tag=tag)
