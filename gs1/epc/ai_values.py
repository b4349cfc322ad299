"""Values of Application Identifiers as bits, for '+' schemes and +AIDC data (TDS 14.5, 15.3).

``_TABLE`` says the same as Table F of the EPC Tag Data Translation standard 2.2; a test holds the
two against each other, so a new release of the table shows as a failing test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from gs1.epc import moments
from gs1.epc.alphanumeric import BASE64, read_alphanumeric, write_alphanumeric
from gs1.epc.bits import BitReader, BitWriter, decimal_width
from gs1.epc.faults import fault
from gs1.keys.key import DIGITS

Read = Callable[[BitReader, int], str]
Write = Callable[[BitWriter, str, int], None]

# Format: B nibble digits, I integer, V integer with length, X alphanumeric, T delimited numeric,
# D date or date and time, R date or range, P date and time of some precision, A country, F flag,
# M minus sign, S sequence indicator; then the count or the most characters.
_TABLE = """
B18     00 8006 8017-8018 8026
B14     01-02
X20     10 21-22 243 254 420 4318 7020-7022 710-716 7240 8002 8012
D6      11-13 15-17 4326 7006
I2      20
X28     235
X30     240-241 250-251 400-401 403 4308 4319 7002 7230-7239 90
V6      242
B13,X17 253
B13,V12 255
V8      30 37
I6      3100-3105 3110-3115 3120-3125 3130-3135 3140-3145 3150-3155 3160-3165
I6      3200-3205 3210-3215 3220-3225 3230-3235 3240-3245 3250-3255 3260-3265 3270-3275
I6      3280-3285 3290-3295 3300-3305 3310-3315 3320-3325 3330-3335 3340-3345 3350-3355
I6      3360-3365 3370-3375 3400-3405 3410-3415 3420-3425 3430-3435 3440-3445 3450-3455
I6      3460-3465 3470-3475 3480-3485 3490-3495 3500-3505 3510-3515 3520-3525 3530-3535
I6      3540-3545 3550-3555 3560-3565 3570-3575 3600-3605 3610-3615 3620-3625 3630-3635
I6      3640-3645 3650-3655 3660-3665 3670-3675 3680-3685 3690-3695 3950-3953 8005
V15     3900-3909 3920-3929 423 425
I3,V15  3910-3919 3930-3939
I4      3940-3943 8111
I17     402
B13     410-417
I3,X9   421
I3      422 424 426
X3      427 7008
X35     4300-4301 4310-4311 4320
X70     4302-4306 4312-4316 7257 8110 8112 8200
A2      4307 4317
I20     4309
F1      4321-4323
D10     4324-4325 7003
I6,M1   4330-4333
I13     7001
V4      7004
X12     7005
R12     7007
X10     7009 7255
X2      7010
P12     7011 8008
T30     7023 8004 8010
I3,X27  7030-7039
X4      7040-7041
B2      7241
X25     7242 8013 8020
I8      7250
I12     7251
I1      7252
X40     7253-7254 7259
X90     7256 8030 91-99
S3      7258
I14     8001
B14,X16 8003
X24     8007
X50     8009
V12     8011
V10     8019
"""

#: No AI has a longer value (GS1 General Specifications 3.2).
_LONGEST = 90
_DELIMITER, _TERMINATOR = 0b1110, 0b1111


def _read_nibbles(bits: BitReader, count: int) -> str:
    text = f"{bits.read(4 * count):0{count}x}"
    if text.lstrip(DIGITS):
        raise fault("epc_nibble", f"{text} has nibbles that are no digits", "14.5.4")
    return text


def _write_nibbles(bits: BitWriter, text: str, count: int) -> None:
    bits.write(4 * count, int(text, 16))


def _read_integer(bits: BitReader, count: int) -> str:
    text = str(bits.read(decimal_width(count))).zfill(count)
    if len(text) > count:
        raise fault("epc_overflow", f"{text} has more than {count} digits", "14.5.2")
    return text


def _write_integer(bits: BitWriter, text: str, count: int) -> None:
    bits.write(decimal_width(count), int(text))


def _read_variable(bits: BitReader, most: int) -> str:
    length = bits.read(most.bit_length())
    if length > most:
        raise fault("epc_overflow", f"{length} digits where {most} may be", "14.5.13")
    return _read_integer(bits, length) if length else ""


def _write_variable(bits: BitWriter, text: str, most: int) -> None:
    bits.write(most.bit_length(), len(text))
    if text:
        _write_integer(bits, text, len(text))


def _read_text(bits: BitReader, most: int) -> str:
    return read_alphanumeric(bits, most.bit_length(), most)


def _write_text(bits: BitWriter, text: str, most: int) -> None:
    write_alphanumeric(bits, text, most.bit_length())


def _read_delimited(bits: BitReader, most: int) -> str:
    text = ""
    while (nibble := bits.read(4)) < 10:
        text += str(nibble)
    if nibble == _DELIMITER:
        text += _read_text(bits, most)
    elif nibble != _TERMINATOR:
        raise fault("epc_nibble", f"nibble {nibble:X} is reserved", "14.5.5")
    if len(text) > most:
        raise fault("epc_overflow", f"{len(text)} characters where {most} may be", "14.5.5")
    return text


def _write_delimited(bits: BitWriter, text: str, most: int) -> None:
    rest = text.lstrip(DIGITS)
    for digit in text[: len(text) - len(rest)]:
        bits.write(4, int(digit))
    if rest:
        bits.write(4, _DELIMITER)
        _write_text(bits, rest, most)
    else:
        bits.write(4, _TERMINATOR)


def _read_country(bits: BitReader, _: int) -> str:
    codes = bits.read(6), bits.read(6)
    if max(codes) > 25:
        raise fault("epc_country", "a country code has two capital letters", "14.5.12")
    return BASE64[codes[0]] + BASE64[codes[1]]


def _write_country(bits: BitWriter, text: str, _: int) -> None:
    for char in text:
        bits.write(6, BASE64.index(char))


def _read_minus(bits: BitReader, _: int) -> str:
    return "-" if bits.read(1) else ""


def _write_minus(bits: BitWriter, text: str, _: int) -> None:
    bits.write(1, len(text))


def _read_sequence(bits: BitReader, _: int) -> str:
    return f"{bits.read(4)}/{bits.read(4)}"


def _write_sequence(bits: BitWriter, text: str, _: int) -> None:
    bits.write(4, int(text[0]))
    bits.write(4, int(text[2]))


_METHODS: dict[str, tuple[Read, Write]] = {
    "B": (_read_nibbles, _write_nibbles),
    "I": (_read_integer, _write_integer),
    "V": (_read_variable, _write_variable),
    "X": (_read_text, _write_text),
    "T": (_read_delimited, _write_delimited),
    "D": (moments.read, moments.write),
    "R": (moments.read_range, moments.write_range),
    "P": (moments.read_precise, moments.write_precise),
    "A": (_read_country, _write_country),
    "F": (lambda bits, _: str(bits.read(1)), lambda bits, text, _: bits.write(1, int(text))),
    "M": (_read_minus, _write_minus),
    "S": (_read_sequence, _write_sequence),
}


@dataclass(frozen=True, slots=True)
class Component:
    """A component of an AI value: letter of its method, and count or most characters.

    >>> bits = BitWriter()
    >>> Component("I", 2).write(bits, "07")
    >>> bits.size, Component("I", 2).read(BitReader(bits.value, bits.size))
    (7, '07')
    """

    letter: str
    size: int

    def read(self, bits: BitReader) -> str:
        """The characters of this component."""
        return _METHODS[self.letter][0](bits, self.size)

    def write(self, bits: BitWriter, text: str) -> None:
        """Append ``text``, which the caller has checked against the AI."""
        _METHODS[self.letter][1](bits, text, self.size)


@cache
def formats() -> dict[str, tuple[Component, ...]]:
    """Components by AI: one, or two for an AI with a fixed and a variable part."""
    table = {}
    for line in _TABLE.split("\n")[1:-1]:
        spec, *ranges = line.replace(",", " ,").split()
        components = [Component(spec[0], int(spec[1:]))]
        while ranges[0].startswith(","):
            second = ranges.pop(0)
            components.append(Component(second[1], int(second[2:])))
        for ai in _expanded(ranges):
            table[ai] = tuple(components)
    return table


def _expanded(ranges: list[str]) -> Iterator[str]:
    for first, _, last in (text.partition("-") for text in ranges):
        for number in range(int(first), int(last or first) + 1):
            yield str(number).zfill(len(first))


def read_value(ai: str, bits: BitReader) -> str:
    """The value of ``ai`` that ``bits`` go on with; EpcError for an AI no EPC may hold.

    >>> read_value("20", BitReader(0b0000111, 7))
    '07'
    """
    return "".join(component.read(bits) for component in _components(ai))


def write_value(ai: str, value: str, bits: BitWriter) -> None:
    """Append ``value``; EpcError when a tag cannot hold it or would be read as another value.

    >>> bits = BitWriter()
    >>> write_value("17", "271231", bits)
    >>> bits.size, read_value("17", BitReader(bits.value, bits.size))
    (16, '271231')
    """
    first, *second = _components(ai)
    if len(value) > _LONGEST:
        raise _not_encodable(ai, value)
    fixed = min(first.size, len(value)) if second else len(value)
    part = BitWriter()
    try:
        first.write(part, value[:fixed])
        for component in second:
            component.write(part, value[fixed:])
        # Methods write what fits: only a value that comes back is known to be the one given.
        held = read_value(ai, BitReader(part.value, part.size))
    except (ValueError, IndexError, StopIteration):
        raise _not_encodable(ai, value) from None
    if held != value:
        raise _not_encodable(ai, value)
    bits.write(part.size, part.value)


def _components(ai: str) -> tuple[Component, ...]:
    try:
        return formats()[ai]
    except KeyError:
        raise fault("epc_ai", f"AI ({ai}) cannot be in an EPC", "15.3, Table F") from None


def _not_encodable(ai: str, value: str) -> Exception:
    return fault("epc_not_encodable", f"({ai}){value[:40]!a} cannot be encoded", "15.3, Table F")
