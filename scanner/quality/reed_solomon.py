"""Reed–Solomon codes over GF(256): correct a block and count its errors.

ISO/IEC 15415 grades a matrix symbol by how much of this code its damage has used up, and needs to
know which modules are wrong; decoders tell neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class Uncorrectable(Exception):
    """More errors than the code corrects."""


@dataclass(frozen=True)
class Field:
    """GF(256) by its ``modulus``; ``first`` is the exponent of the generator's first root."""

    modulus: int
    first: int

    def __post_init__(self) -> None:
        exponents, value = [], 1
        for _ in range(255):
            exponents.append(value)
            value <<= 1
            if value & 0x100:
                value ^= self.modulus
        logarithms = [0] * 256
        for exponent, value in enumerate(exponents):
            logarithms[value] = exponent
        object.__setattr__(self, "_exp", exponents * 2)
        object.__setattr__(self, "_log", logarithms)

    _exp: tuple[int, ...] = ()
    _log: tuple[int, ...] = ()

    def times(self, a: int, b: int) -> int:
        """Product."""
        return self._exp[self._log[a] + self._log[b]] if a and b else 0

    def over(self, a: int, b: int) -> int:
        """Quotient; ``b`` is not 0."""
        return self._exp[self._log[a] - self._log[b] + 255] if a else 0

    def power(self, exponent: int) -> int:
        """Power of the primitive element."""
        return self._exp[exponent % 255]

    def at(self, polynomial: Sequence[int], x: int) -> int:
        """Value of a polynomial, lowest coefficient first."""
        value = 0
        for coefficient in reversed(polynomial):
            value = self.times(value, x) ^ coefficient
        return value


DATA_MATRIX = Field(0x12D, 1)  # ISO/IEC 16022, 5.7
QR_CODE = Field(0x11D, 0)  # ISO/IEC 18004


def correct(field: Field, block: Sequence[int], checks: int) -> list[int]:
    """The corrected codewords of a block whose last ``checks`` are the error correction.

    Raises :class:`Uncorrectable`. (Berlekamp–Massey, Chien search, Forney.)
    """
    received = list(reversed(block))  # lowest power first
    syndromes = [field.at(received, field.power(field.first + i)) for i in range(checks)]
    if not any(syndromes):
        return list(block)
    locator = _locator(field, syndromes)
    places = [i for i in range(len(block)) if field.at(locator, field.power(-i)) == 0]
    if len(places) != len(locator) - 1 or 2 * len(places) > checks:
        raise Uncorrectable
    evaluator = _product(field, syndromes, locator)[:checks]
    derivative = [value if power % 2 == 0 else 0 for power, value in enumerate(locator[1:])]
    for place in places:
        inverse = field.power(-place)
        magnitude = field.over(field.at(evaluator, inverse), field.at(derivative, inverse))
        received[place] ^= field.times(magnitude, field.power(place * (1 - field.first)))
    if any(field.at(received, field.power(field.first + i)) for i in range(checks)):
        raise Uncorrectable
    return received[::-1]


def _locator(field: Field, syndromes: Sequence[int]) -> list[int]:
    """The error locator polynomial, lowest coefficient first (Berlekamp–Massey)."""
    current, previous, shift, scale, errors = [1], [1], 1, 1, 0
    for step, syndrome in enumerate(syndromes):
        gap = syndrome
        for i in range(1, errors + 1):
            if i < len(current):
                gap ^= field.times(current[i], syndromes[step - i])
        if gap == 0:
            shift += 1
            continue
        factor = field.over(gap, scale)
        update = [0] * shift + [field.times(factor, value) for value in previous]
        if 2 * errors <= step:
            current, previous = _sum(current, update), current
            errors, scale, shift = step + 1 - errors, gap, 1
        else:
            current = _sum(current, update)
            shift += 1
    while current and current[-1] == 0:
        current.pop()
    return current


def _sum(a: Sequence[int], b: Sequence[int]) -> list[int]:
    longest = max(len(a), len(b))
    padded = ([*values, *[0] * (longest - len(values))] for values in (a, b))
    return [x ^ y for x, y in zip(*padded, strict=True)]


def _product(field: Field, a: Sequence[int], b: Sequence[int]) -> list[int]:
    out = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            out[i + j] ^= field.times(x, y)
    return out
