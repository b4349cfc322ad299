"""The binary codings with a fixed layout: SGTIN-96 to ADI-var (TDS 14.6, TDT 2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from gs1.epc.bits import BitReader, BitWriter
from gs1.epc.faults import fault
from gs1.keys.key import DIGITS

# Bits of a company prefix of 12, 11 … 6 digits; the place in the tuple is the partition value
# (TDS 14.3.3). What they leave of the shared width belongs to the reference.
_PREFIX_BITS = (40, 37, 34, 30, 27, 24, 20)


class Field(Protocol):
    """One or two parts of an EPC as bits."""

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append the parts that ``bits`` go on with to ``out``."""

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append the next of ``parts`` to ``bits``; EpcError when they do not fit."""


def _read_prefix(bits: BitReader) -> tuple[str, int]:
    partition = bits.read(3)
    if partition > 6:
        raise fault("epc_partition", "partition value 7 is reserved", "14.3.3")
    length = 12 - partition
    return _digits(bits.read(_PREFIX_BITS[partition]), length), _PREFIX_BITS[partition]


def _write_prefix(bits: BitWriter, prefix: str) -> int:
    partition = 12 - len(prefix)
    bits.write(3, partition)
    bits.write(_PREFIX_BITS[partition], int(prefix))
    return _PREFIX_BITS[partition]


def _digits(value: int, length: int) -> str:
    """``value`` in exactly ``length`` digits: none at all for a reference of length 0."""
    text = str(value).zfill(length) if value or length else ""
    if len(text) > length:
        raise fault("epc_overflow", f"{value} has more than {length} digits", "14.3.3")
    return text


def _number(text: str, width: int) -> int:
    """The number that ``text`` is; it must come back from the tag as the same text."""
    if text.lstrip(DIGITS) or (text[0] == "0" and text != "0") or int(text) >> width:
        raise fault(
            "epc_not_encodable",
            f"{text} is no number of {width} bits without leading zeros",
            "14.3.1",
        )
    return int(text)


@dataclass(frozen=True, slots=True)
class PrefixAndDigits:
    """Partition, company prefix and a reference that fills up to ``digits`` digits (14.3.3).

    >>> bits = BitWriter()
    >>> PrefixAndDigits(44, 13).write(bits, iter(("9521141", "012345")))
    >>> bits.size
    47
    """

    width: int
    digits: int

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append company prefix and reference."""
        prefix, used = _read_prefix(bits)
        out.append(prefix)
        out.append(_digits(bits.read(self.width - used), self.digits - len(prefix)))

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append company prefix and reference."""
        used = _write_prefix(bits, next(parts))
        bits.write(self.width - used, int(next(parts) or "0"))


@dataclass(frozen=True, slots=True)
class PrefixAndNumber:
    """Partition, company prefix and a reference without leading zeros (14.3.4).

    ``digits`` bounds prefix and reference together; 0 means that only the bits do.

    >>> PrefixAndNumber(82).write(BitWriter(), iter(("9521141", "007")))
    Traceback (most recent call last):
    ...
    gs1.errors.EpcError: 007 is no number of 58 bits without leading zeros
    """

    width: int
    digits: int = 0

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append company prefix and reference."""
        prefix, used = _read_prefix(bits)
        out.append(prefix)
        out.append(self._bounded(str(bits.read(self.width - used)), prefix))

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append company prefix and reference."""
        prefix = next(parts)
        width = self.width - _write_prefix(bits, prefix)
        bits.write(width, _number(self._bounded(next(parts), prefix), width))

    def _bounded(self, text: str, prefix: str) -> str:
        if self.digits and len(prefix) + len(text) > self.digits:
            raise fault("epc_overflow", f"the reference {text} is too long", "14.3.4")
        return text


@dataclass(frozen=True, slots=True)
class PrefixAndText:
    """Partition, company prefix and 7-bit text that fills the shared width (14.3.4).

    >>> bits = BitWriter()
    >>> PrefixAndText(188).write(bits, iter(("9521141", "A-7")))
    >>> bits.size
    191
    """

    width: int

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append company prefix and reference."""
        prefix, used = _read_prefix(bits)
        out.append(prefix)
        Text(self.width - used).read(bits, out)

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append company prefix and reference."""
        Text(self.width - _write_prefix(bits, next(parts))).write(bits, parts)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Partition and company prefix alone (CPI-var).

    >>> bits = BitWriter()
    >>> Prefix().write(bits, iter(("9521141",)))
    >>> bits.size
    27
    """

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append the company prefix."""
        out.append(_read_prefix(bits)[0])

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append the company prefix."""
        _write_prefix(bits, next(parts))


@dataclass(frozen=True, slots=True)
class Number:
    """An unsigned integer (14.3.1): a serial that has leading zeros does not fit.

    >>> out: list[str] = []
    >>> Number(38).read(BitReader(4711, 38), out)
    >>> out
    ['4711']
    """

    width: int

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append the number in decimal."""
        out.append(str(bits.read(self.width)))

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append the next part."""
        bits.write(self.width, _number(next(parts), self.width))


@dataclass(frozen=True, slots=True)
class MarkedNumber:
    """Digits behind a 1 that keeps their leading zeros (14.3.6, "numeric string").

    >>> out: list[str] = []
    >>> MarkedNumber(41).read(BitReader(1007, 41), out)
    >>> out
    ['007']
    """

    width: int

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append the digits."""
        text = str(bits.read(self.width))
        if text[0] != "1":
            raise fault("epc_numeric_string", "a numeric string begins with 1", "14.3.6")
        out.append(text[1:])

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append the next part."""
        bits.write(self.width, _number("1" + next(parts), self.width))


@dataclass(frozen=True, slots=True)
class FixedDigits:
    """A number of a fixed count of digits (14.3.10, "fixed width integer").

    >>> out: list[str] = []
    >>> FixedDigits(7, 2).read(BitReader(3, 7), out)
    >>> out
    ['03']
    """

    width: int
    digits: int

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append the digits."""
        out.append(_digits(bits.read(self.width), self.digits))

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append the next part."""
        bits.write(self.width, int(next(parts)))


@dataclass(frozen=True, slots=True)
class Text:
    """7-bit characters from the left, zero bits after them (14.3.2).

    Every coding has room for the longest text that its scheme allows.

    >>> out: list[str] = []
    >>> Text(21).read(BitReader(ord("A") << 14, 21), out)
    >>> out
    ['A']
    """

    width: int

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append the text."""
        value = bits.read(self.width)
        codes = bytearray()
        left = self.width
        while left >= 7:
            code = (value >> (left - 7)) & 0x7F
            if not code:
                break
            codes.append(code)
            left -= 7
        if value & ((1 << left) - 1):
            raise fault("epc_text", "bits follow the end of a 7-bit text", "14.3.2")
        out.append(codes.decode("ascii"))

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append the next part."""
        text = next(parts)
        for char in text:
            bits.write(7, ord(char))
        bits.write(self.width - 7 * len(text), 0)


def _six_bit_char(code: int) -> str:
    return chr(code if code >= 0x20 else code | 0x40)


@dataclass(frozen=True, slots=True)
class ClosedText:
    """6-bit characters up to six zero bits (14.3.8, 14.3.9).

    >>> bits = BitWriter()
    >>> ClosedText().write(bits, iter(("A7",)))
    >>> bits.size
    18
    """

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append the text."""
        text = ""
        while code := bits.read(6):
            text += _six_bit_char(code)
        out.append(text)

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append the next part."""
        for char in next(parts):
            bits.write(6, ord(char) & 0x3F)
        bits.write(6, 0)


@dataclass(frozen=True, slots=True)
class Cage:
    """Six characters of ``width`` bits: a DoDAAC, or a space and a CAGE code (14.3.7).

    >>> bits = BitWriter()
    >>> Cage(8).write(bits, iter(("2S194",)))
    >>> bits.hex()
    '203253313934'
    """

    width: int

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Append the code without its leading space."""
        codes = [bits.read(self.width) for _ in range(6)]
        text = "".join(map(_six_bit_char if self.width == 6 else chr, codes))
        out.append(text.removeprefix(" "))

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append the next part."""
        for char in next(parts).rjust(6):
            bits.write(self.width, ord(char) & ((1 << self.width) - 1))


@dataclass(frozen=True, slots=True)
class Zeros:
    """Reserved bits, all zero.

    >>> Zeros(24).read(BitReader(1, 24), [])
    Traceback (most recent call last):
    ...
    gs1.errors.EpcError: reserved bits are not zero
    """

    width: int

    def read(self, bits: BitReader, out: list[str]) -> None:
        """Require zero bits."""
        if bits.read(self.width):
            raise fault("epc_reserved_bits", "reserved bits are not zero", "14.6")

    def write(self, bits: BitWriter, parts: Iterator[str]) -> None:
        """Append zero bits."""
        bits.write(self.width, 0)


@dataclass(frozen=True, slots=True)
class Coding:
    """A binary coding: 8-bit header, filter value of ``filter_width`` bits, fields.

    >>> BY_NAME["sscc-96"].write(("9521141", "0123456789"), 2).hex()
    '3156451FD4075BCD15000000'
    """

    name: str
    header: int
    scheme: str
    fields: tuple[Field, ...]
    filter_width: int = 3

    def read(self, bits: BitReader) -> tuple[int | None, tuple[str, ...]]:
        """Filter value and parts of the EPC whose header has just been read."""
        filter_value = bits.read(self.filter_width) if self.filter_width else None
        out: list[str] = []
        for field in self.fields:
            field.read(bits, out)
        bits.finish()
        return filter_value, tuple(out)

    def write(self, parts: tuple[str, ...], filter_value: int) -> BitWriter:
        """Bits of valid ``parts``; EpcError when this coding cannot hold them."""
        if not 0 <= filter_value < 1 << self.filter_width:
            message = f"filter value {filter_value} does not fit in {self.name}"
            raise fault("epc_filter", message, "10.2")
        bits = BitWriter()
        bits.write(8, self.header)
        bits.write(self.filter_width, filter_value)
        rest = iter(parts)
        for field in self.fields:
            field.write(bits, rest)
        return bits


_ITEM = PrefixAndDigits(44, 13)
_TWELVE = PrefixAndDigits(41, 12)
_SEVENTEEN = PrefixAndDigits(58, 17)
_PIECES = (FixedDigits(7, 2), FixedDigits(7, 2))

# TDS Table 14-1 and 14.6. Of the codings of one scheme the shorter comes first. GDTI-113 follows
# the TDS (a numeric string); the TDT 2.2 table of that withdrawn coding leaves out its marker.
_CODINGS = (
    Coding("sgtin-96", 0x30, "sgtin", (_ITEM, Number(38))),
    Coding("sgtin-198", 0x36, "sgtin", (_ITEM, Text(140))),
    Coding("sscc-96", 0x31, "sscc", (_SEVENTEEN, Zeros(24))),
    Coding("sgln-96", 0x32, "sgln", (_TWELVE, Number(41))),
    Coding("sgln-195", 0x39, "sgln", (_TWELVE, Text(140))),
    Coding("grai-96", 0x33, "grai", (PrefixAndDigits(44, 12), Number(38))),
    Coding("grai-170", 0x37, "grai", (PrefixAndDigits(44, 12), Text(112))),
    Coding("giai-96", 0x34, "giai", (PrefixAndNumber(82),)),
    Coding("giai-202", 0x38, "giai", (PrefixAndText(188),)),
    Coding("gsrn-96", 0x2D, "gsrn", (_SEVENTEEN, Zeros(24))),
    Coding("gsrnp-96", 0x2E, "gsrnp", (_SEVENTEEN, Zeros(24))),
    Coding("gdti-96", 0x2C, "gdti", (_TWELVE, Number(41))),
    Coding("gdti-113", 0x3A, "gdti", (_TWELVE, MarkedNumber(58))),
    Coding("gdti-174", 0x3E, "gdti", (_TWELVE, Text(119))),
    Coding("cpi-96", 0x3C, "cpi", (PrefixAndNumber(51, 15), Number(31))),
    Coding("cpi-var", 0x3D, "cpi", (Prefix(), ClosedText(), Number(40))),
    Coding("sgcn-96", 0x3F, "sgcn", (_TWELVE, MarkedNumber(41))),
    Coding("itip-110", 0x40, "itip", (_ITEM, *_PIECES, Number(38))),
    Coding("itip-212", 0x41, "itip", (_ITEM, *_PIECES, Text(140))),
    Coding("gid-96", 0x35, "gid", (Number(28), Number(24), Number(36)), 0),
    Coding("usdod-96", 0x2F, "usdod", (Cage(8), Number(36)), 4),
    Coding("adi-var", 0x3B, "adi", (Cage(6), ClosedText(), ClosedText()), 6),
)

BY_NAME: Mapping[str, Coding] = MappingProxyType({coding.name: coding for coding in _CODINGS})
BY_HEADER: Mapping[int, Coding] = MappingProxyType({coding.header: coding for coding in _CODINGS})


def codings_of(scheme: str) -> list[Coding]:
    """The fixed codings of a scheme, shortest first; none for a scheme no tag holds.

    >>> [coding.name for coding in codings_of("gdti")]
    ['gdti-96', 'gdti-174']
    """
    # GDTI-113 is withdrawn: it is read, and written only when asked for.
    return [c for c in _CODINGS if c.scheme == scheme and c.name != "gdti-113"]
