"""Variable-length alphanumeric values: the six methods of TDS 14.5.6 (TDT Tables B and E)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gs1.check_digit import CSET82
from gs1.epc.bits import BitReader, BitWriter, decimal_width
from gs1.epc.faults import fault

_CLAUSE = "14.5.6"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: RFC 4648, section 5: the value of a character is its place.
BASE64 = _UPPER + _UPPER.lower() + "0123456789-_"
#: Table 14-8; place 0 fills the last group.
_CODE40 = "\0" + _UPPER + "-.:0123456789"


def _write_number(bits: BitWriter, text: str) -> None:
    bits.write(decimal_width(len(text)), int(text))


def _read_number(bits: BitReader, length: int) -> str:
    text = str(bits.read(decimal_width(length))).zfill(length)
    if len(text) > length:
        raise fault("epc_overflow", f"the number has more than {length} digits", "14.5.6.1")
    return text


def write_code40(bits: BitWriter, text: str) -> None:
    """URN Code 40: three characters in 16 bits (TDS 14.5.6.5).

    >>> bits = BitWriter()
    >>> write_code40(bits, "VN")
    >>> bits.size, read_code40(BitReader(bits.value, bits.size), 2)
    (16, 'VN')
    """
    for at in range(0, len(text), 3):
        first, second, third = map(_CODE40.index, text[at : at + 3].ljust(3, "\0"))
        bits.write(16, 1600 * first + 40 * second + third + 1)


def read_code40(bits: BitReader, length: int) -> str:
    """``length`` characters of URN Code 40; EpcError for a group that no text makes.

    >>> read_code40(BitReader(0, 16), 3)
    Traceback (most recent call last):
    ...
    gs1.errors.EpcError: a group of URN Code 40 is out of range
    """
    text = ""
    for _ in range(-(-length // 3)):
        group = bits.read(16) - 1
        if not 0 <= group < 64000:
            raise fault("epc_code40", "a group of URN Code 40 is out of range", "14.5.6.5")
        text += _CODE40[group // 1600] + _CODE40[group // 40 % 40] + _CODE40[group % 40]
    text, fill = text[:length], text[length:]
    if "\0" in text or fill.strip("\0"):
        raise fault("epc_code40", "URN Code 40 has padding in a wrong place", "14.5.6.5")
    return text


@dataclass(frozen=True, slots=True)
class Method:
    """One way to write text; its place in METHODS is the encoding indicator.

    >>> METHODS[0].width(20), METHODS[3].width(20)
    (67, 120)
    """

    alphabet: str
    width: Callable[[int], int]
    read: Callable[[BitReader, int], str]
    write: Callable[[BitWriter, str], None]


def _by_place(alphabet: str, width: int) -> Method:
    places = {char: place for place, char in enumerate(alphabet)}

    def read(bits: BitReader, length: int) -> str:
        return "".join(alphabet[bits.read(width)] for _ in range(length))

    def write(bits: BitWriter, text: str) -> None:
        for char in text:
            bits.write(width, places[char])

    return Method(alphabet, lambda length: width * length, read, write)


def _read_ascii(bits: BitReader, length: int) -> str:
    text = "".join(chr(bits.read(7)) for _ in range(length))
    return checked(text)


def _write_ascii(bits: BitWriter, text: str) -> None:
    for char in text:
        bits.write(7, ord(char))


def checked(text: str) -> str:
    """``text``, which must be of CSET 82 or, for CPI, hold ``#`` (TDS Table 14-9).

    >>> checked("é")
    Traceback (most recent call last):
    ...
    gs1.errors.EpcError: '\\xe9' has characters outside CSET 82
    """
    if text.lstrip(_ASCII):
        raise fault("epc_character", f"{text!a} has characters outside CSET 82", "14.5.6.6")
    return text


_ASCII = CSET82 + "#"

METHODS = (
    Method("0123456789", decimal_width, _read_number, _write_number),
    _by_place("0123456789ABCDEF", 4),
    _by_place("0123456789abcdef", 4),
    _by_place(BASE64, 6),
    Method(_ASCII, lambda length: 7 * length, _read_ascii, _write_ascii),
    Method(_CODE40[1:], lambda length: -(-length // 3) * 16, read_code40, write_code40),
)


def write_alphanumeric(bits: BitWriter, text: str, length_width: int) -> None:
    """Encoding indicator, length and ``text`` by the method that takes the fewest bits.

    The caller has checked that the length fits; EpcError for other characters than CSET 82.

    >>> bits = BitWriter()
    >>> write_alphanumeric(bits, "12", 5)
    >>> bits.size
    15
    """
    checked(text)
    fitting = (
        (method.width(len(text)), indicator)
        for indicator, method in enumerate(METHODS)
        if not text.lstrip(method.alphabet)
    )
    _, indicator = min(fitting)
    bits.write(3, indicator)
    bits.write(length_width, len(text))
    if text:
        METHODS[indicator].write(bits, text)


def read_alphanumeric(bits: BitReader, length_width: int, most: int) -> str:
    """The text of an encoding indicator, a length and that many characters.

    >>> bits = BitWriter()
    >>> write_alphanumeric(bits, "aB", 5)
    >>> read_alphanumeric(BitReader(bits.value, bits.size), 5, 20)
    'aB'
    """
    indicator = bits.read(3)
    length = bits.read(length_width)
    if indicator >= len(METHODS):
        raise fault("epc_indicator", f"encoding indicator {indicator} is reserved", _CLAUSE)
    if length > most:
        raise fault("epc_overflow", f"{length} characters where {most} may be", _CLAUSE)
    return METHODS[indicator].read(bits, length) if length else ""
