"""Dates and times as bits (TDS 14.5.8 to 14.5.11): YY 7, MM 4, DD 5, hh 5, mm and ss 6 bits."""

from __future__ import annotations

from gs1.epc.bits import BitReader, BitWriter
from gs1.epc.faults import fault

_DATE = (7, 4, 5)
_TIME = (5, 6, 6)
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Precision indicator of 14.5.11 and how many of hh, mm, ss follow the date.
_PRECISIONS = {0b00: 1, 0b01: 2, 0b10: 3, 0b11: 0}


def read(bits: BitReader, digits: int) -> str:
    """``digits`` digits: YYMMDD (6), with hh (8), mm (10) and ss (12).

    The day may be 00, "the month" (GS1 General Specifications 3.4.2).

    >>> read(BitReader(0b0011011_1100_11111, 16), 6)
    '271231'
    """
    year, month, day = (bits.read(width) for width in _DATE)
    if year > 99 or not 1 <= month <= 12 or day > _MONTH_DAYS[month - 1]:
        raise fault("epc_date", f"no date: {year:02}-{month:02}-{day:02}", "14.5.8")
    times = [bits.read(width) for width in _TIME[: digits // 2 - 3]]
    if times and (times[0] > 23 or max(times) > 59):
        raise fault("epc_time", "no time of day", "14.5.9")
    return "".join(f"{number:02}" for number in (year, month, day, *times))


def write(bits: BitWriter, text: str, _: int) -> None:
    """Append a date, with the time as far as ``text`` goes.

    >>> bits = BitWriter()
    >>> write(bits, "271231", 0)
    >>> f"{bits.value:016b}"
    '0011011110011111'
    """
    for at, width in enumerate((_DATE + _TIME)[: len(text) // 2]):
        bits.write(width, int(text[2 * at : 2 * at + 2]))


def read_range(bits: BitReader, _: int) -> str:
    """One date, or two that begin and end a range (14.5.10).

    >>> read_range(BitReader(0b0_0011011_1100_11111, 17), 0)
    '271231'
    """
    is_range = bits.read(1)
    return read(bits, 6) + (read(bits, 6) if is_range else "")


def write_range(bits: BitWriter, text: str, _: int) -> None:
    """Append one date or two.

    >>> bits = BitWriter()
    >>> write_range(bits, "271201271231", 0)
    >>> bits.size
    33
    """
    bits.write(1, 1 if len(text) > 6 else 0)
    write(bits, text[:6], 6)
    write(bits, text[6:], 6)


def read_precise(bits: BitReader, _: int) -> str:
    """A date with as much of the time as the precision indicator says (14.5.11).

    >>> bits = BitWriter()
    >>> write_precise(bits, "2712310830", 0)
    >>> read_precise(BitReader(bits.value, bits.size), 0)
    '2712310830'
    """
    return read(bits, 6 + 2 * _PRECISIONS[bits.read(2)])


def write_precise(bits: BitWriter, text: str, _: int) -> None:
    """Append the precision indicator, the date and the time.

    >>> bits = BitWriter()
    >>> write_precise(bits, "271231", 0)
    >>> bits.size
    18
    """
    given = len(text) // 2 - 3
    bits.write(2, next(code for code, count in _PRECISIONS.items() if count == given))
    write(bits, text, 0)
