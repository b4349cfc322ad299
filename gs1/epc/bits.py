"""Bits in order: a reader and a writer over one Python integer, most significant bit first."""

from __future__ import annotations

from gs1.epc.faults import fault


class BitReader:
    """Reads fields from the ``size`` bits of ``value``; EpcError when they run out.

    >>> bits = BitReader(0b1010_0000, 8)
    >>> bits.read(3), bits.peek(1), bits.left
    (5, 0, 5)
    >>> bits.finish()
    """

    __slots__ = ("left", "value")

    def __init__(self, value: int, size: int) -> None:
        self.value = value
        self.left = size

    def read(self, width: int) -> int:
        """The next ``width`` bits as an unsigned integer."""
        left = self.left - width
        if left < 0:
            raise fault("epc_too_short", "the EPC ends inside a field", "14.2")
        self.left = left
        return (self.value >> left) & ((1 << width) - 1)

    def peek(self, width: int) -> int:
        """The next ``width`` bits, without going on."""
        value = self.read(width)
        self.left += width
        return value

    def finish(self) -> None:
        """Require that only padding, zero bits, is left."""
        if self.value & ((1 << self.left) - 1):
            raise fault("data_after_epc", "bits follow the end of the EPC", "15.1")


class BitWriter:
    """Collects fields into one integer.

    >>> bits = BitWriter()
    >>> bits.write(8, 0x30)
    >>> bits.write(3, 1)
    >>> bits.pad(16)
    >>> bits.hex()
    '3020'
    """

    __slots__ = ("size", "value")

    def __init__(self) -> None:
        self.value = 0
        self.size = 0

    def write(self, width: int, value: int) -> None:
        """Append ``value``, which must fit, in ``width`` bits."""
        self.value = self.value << width | value
        self.size += width

    def pad(self, multiple: int) -> None:
        """Append zero bits up to a multiple of ``multiple``."""
        self.write(-self.size % multiple, 0)

    def hex(self) -> str:
        """Upper-case hexadecimal digits; the size must be a multiple of 4."""
        return f"{self.value:0{self.size // 4}X}"


def decimal_width(digits: int) -> int:
    """Bits that hold any number of ``digits`` decimal digits (TDT Table B).

    >>> decimal_width(20)
    67
    """
    largest: int = 10**digits - 1
    return largest.bit_length()
