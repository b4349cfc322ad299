"""'+' and '++' EPCs: AI values one after another, host name and +AIDC data (TDS 14.6, 15.3).

They hold the key with its check digit and without the length of the company prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gs1.epc import moments
from gs1.epc.ai_values import formats, read_value, write_value
from gs1.epc.bits import BitReader, BitWriter
from gs1.epc.faults import fault
from gs1.epc.hostname import read_hostname, write_hostname
from gs1.epc.schemes import Items
from gs1.errors import Gs1Error
from gs1.keys import Cpid, Gcn, Gdti, Giai, Gln, Grai, Gsrn, GsrnProvider, Gtin, Itip, Sscc
from gs1.keys.key import IdentificationKey
from gs1.qualifiers import check_qualifier

#: Date type indicator of DSGTIN+ and the AI of the date that goes first (TDS 14.5.3).
DATE_AIS = ("11", "13", "15", "16", "17", "7006", "7007")


@dataclass(frozen=True, slots=True)
class PlusCoding:
    """A '+' coding: header of it, header of its '++' form, key type and AIs in order.

    >>> f"{BY_NAME['sgtin+'].header:X}"
    'F7'
    """

    name: str
    header: int
    host_header: int
    scheme: str
    key: type[IdentificationKey]
    qualifiers: tuple[str, ...] = ()
    dated: bool = False


# TDS 2.3 Table 14-1.
_CODINGS = (
    PlusCoding("sgtin+", 0xF7, 0xFD, "sgtin", Gtin, ("21",)),
    PlusCoding("dsgtin+", 0xFB, 0xFC, "sgtin", Gtin, ("21",), dated=True),
    PlusCoding("sscc+", 0xF9, 0xEF, "sscc", Sscc),
    PlusCoding("sgln+", 0xF2, 0xE9, "sgln", Gln, ("254",)),
    PlusCoding("grai+", 0xF1, 0xEB, "grai", Grai),
    PlusCoding("giai+", 0xFA, 0xEE, "giai", Giai),
    PlusCoding("gsrn+", 0xF4, 0xE7, "gsrn", Gsrn),
    PlusCoding("gsrnp+", 0xF5, 0xE8, "gsrnp", GsrnProvider),
    PlusCoding("gdti+", 0xF6, 0xEA, "gdti", Gdti),
    PlusCoding("cpi+", 0xF0, 0xE6, "cpi", Cpid, ("8011",)),
    PlusCoding("sgcn+", 0xF8, 0xEC, "sgcn", Gcn),
    PlusCoding("itip+", 0xF3, 0xED, "itip", Itip, ("21",)),
)

BY_NAME: Mapping[str, PlusCoding] = MappingProxyType({coding.name: coding for coding in _CODINGS})
BY_HEADER: Mapping[int, tuple[PlusCoding, bool]] = MappingProxyType(
    {coding.header: (coding, False) for coding in _CODINGS}
    | {coding.host_header: (coding, True) for coding in _CODINGS}
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a '+' EPC holds: identity, filter, data toggle, host name, further AIs.

    >>> Content((("00", "095201234567891235"),), 0, False, None, ()).hostname is None
    True
    """

    items: Items
    filter_value: int
    toggle: bool
    hostname: str | None
    extra: Items


def read(coding: PlusCoding, with_host: bool, bits: BitReader) -> Content:
    """Decode the bits after the header; EpcError for anything the standard does not allow.

    >>> bits = BitReader(0xF90095201234567891235, 84)
    >>> coding, with_host = BY_HEADER[bits.read(8)]
    >>> read(coding, with_host, bits).items
    (('00', '095201234567891235'),)
    """
    toggle, filter_value = bool(bits.read(1)), bits.read(3)
    extra: list[tuple[str, str]] = []
    if coding.dated:
        extra.append(_read_date(bits))
    items = []
    for ai in (coding.key.ai, *coding.qualifiers):
        value = read_value(ai, bits)
        _check_identity(coding, ai, value)
        # An extension "0" says that the GLN has none (TDS 7.5).
        if (ai, value) != ("254", "0"):
            items.append((ai, value))
    hostname = read_hostname(bits) if with_host else None
    extra += _read_aidc(bits)
    names = [ai for ai, _ in (*items, *extra)]
    if len(set(names)) < len(names):
        raise fault("epc_repeated_ai", "an AI is in the EPC twice", "15.3")
    return Content(tuple(items), filter_value, toggle, hostname, tuple(extra))


def write(coding: PlusCoding, content: Content) -> BitWriter:
    """Encode; EpcError for a value that this form cannot hold.

    >>> content = Content((("00", "095201234567891235"),), 0, False, None, ())
    >>> write(BY_NAME["sscc+"], content).hex()
    'F90095201234567891235'
    """
    if not 0 <= content.filter_value <= 7:
        raise fault("epc_filter", "a filter value is 0 to 7", "10.2")
    bits = BitWriter()
    bits.write(8, coding.header if content.hostname is None else coding.host_header)
    bits.write(1, content.toggle)
    bits.write(3, content.filter_value)
    extra = content.extra
    if coding.dated:
        _write_date(bits, extra)
        extra = extra[1:]
    values = dict(content.items)
    for ai in (coding.key.ai, *coding.qualifiers):
        value = values.get(ai, "0" if ai == "254" else "")
        _check_identity(coding, ai, value)
        write_value(ai, value, bits)
    if content.hostname is not None:
        write_hostname(bits, content.hostname)
    for ai, value in extra:
        if not value:
            raise fault("epc_not_encodable", f"AI ({ai}) has no value", "15.3")
        bits.write(4 * len(ai), int(ai, 16))
        write_value(ai, value, bits)
    return bits


def _check_identity(coding: PlusCoding, ai: str, value: str) -> None:
    """Require a valid key or qualifier: a tag with a wrong check digit names nothing."""
    try:
        if ai == coding.key.ai:
            coding.key.from_ai_value(value)
        else:
            check_qualifier(ai, value)
    except Gs1Error as error:
        raise fault("epc_key", error.message, "14.6") from error


def _read_date(bits: BitReader) -> tuple[str, str]:
    indicator = bits.read(4)
    if indicator >= len(DATE_AIS):
        raise fault("epc_date_type", f"date type {indicator} is reserved", "14.5.3")
    return DATE_AIS[indicator], moments.read(bits, 6)


def _write_date(bits: BitWriter, extra: Items) -> None:
    if not extra or extra[0][0] not in DATE_AIS or len(extra[0][1]) != 6:
        raise fault("epc_not_encodable", "DSGTIN+ needs a date first", "14.5.3")
    ai, date = extra[0]
    bits.write(4, DATE_AIS.index(ai))
    # The same six digits as any date AI: written so that they are checked by reading back.
    write_value("17", date, bits)


def _read_aidc(bits: BitReader) -> list[tuple[str, str]]:
    """AIs with values up to the padding (TDS 15.3)."""
    found = []
    # Eight zero bits begin an SSCC only where the 72 bits of one can follow.
    while bits.left >= 8 and (bits.peek(8) or bits.left >= 80):
        ai = _read_ai(bits)
        found.append((ai, read_value(ai, bits)))
    bits.finish()
    return found


def _read_ai(bits: BitReader) -> str:
    """The AI digits; how many there are follows from the first two (Table K)."""
    ai = f"{bits.read(8):02x}"
    while ai not in formats():
        if len(ai) == 4:
            raise fault("epc_ai", f"AI ({ai}) cannot be in an EPC", "15.3, Table F")
        ai += f"{bits.read(4):x}"
    return ai
