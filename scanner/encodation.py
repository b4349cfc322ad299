"""The data of Data Matrix ECC 200 codewords in their encodation schemes (ISO/IEC 16022, 5.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scanner.errors import SymbolError

_PAD, _BASE_256, _FNC1, _UPPER_SHIFT, _UNLATCH = 129, 231, 232, 235, 254
_EDIFACT_UNLATCH = 31
GS = "\x1d"

_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Values 3 and up of the basic sets; 0 to 2 shift to the sets below for one character.
_C40 = f" {_DIGITS}{_UPPER}"
_TEXT = f" {_DIGITS}{_UPPER.lower()}"
_SHIFT_2 = "!\"#$%&'()*+,-./:;<=>?@[\\]^_"  # 27 after it is FNC1
_X12 = f"\r*> {_DIGITS}{_UPPER}"

Decoded = tuple[str, int]


def message(words: Sequence[int]) -> str:
    """Text of data codewords up to the padding; FNC1 as GS.

    Raises :class:`SymbolError` for what GS1 symbols never hold (ECI, structured append, macros).

    >>> message([232, 131, 142, 66, 129])
    '\\x1d0112A'
    """
    found, at = "", 0
    while at < len(words) and words[at] != _PAD:
        word = words[at]
        at += 1
        if word in _SCHEMES:
            text, at = _SCHEMES[word](words, at)
            found += text
        elif 1 <= word <= 128:
            found += chr(word - 1)
        elif 130 <= word <= 229:
            found += f"{word - 130:02d}"
        elif word == _FNC1:
            found += GS
        elif word == _UPPER_SHIFT and at < len(words):
            found, at = found + chr(words[at] + 127), at + 1
        else:
            raise SymbolError(f"codeword {word} does not belong into a GS1 symbol")
    return found


def _triples(words: Sequence[int], at: int) -> tuple[list[int], int]:
    """Values of C40, Text and X12: three in two codewords, up to an unlatch or the end."""
    values: list[int] = []
    while at + 1 < len(words):
        if words[at] == _UNLATCH:
            return values, at + 1
        packed = words[at] * 256 + words[at + 1] - 1
        values += [packed // 1600, packed // 40 % 40, packed % 40]
        at += 2
    if at < len(words) and words[at] == _UNLATCH:
        at += 1
    return values, at


def _c40(words: Sequence[int], at: int) -> Decoded:
    return _shifted(words, at, _C40, f"`{_UPPER.lower()}{{|}}~\x7f")


def _text(words: Sequence[int], at: int) -> Decoded:
    return _shifted(words, at, _TEXT, f"`{_UPPER}{{|}}~\x7f")


def _shifted(words: Sequence[int], at: int, basic: str, third: str) -> Decoded:
    """C40 and Text: values 0, 1, 2 take the next value from another set."""
    values, at = _triples(words, at)
    sets = ("".join(map(chr, range(32))), f"{_SHIFT_2}{GS}", third)
    found, high, position = "", 0, 0
    while position < len(values):
        value = values[position]
        position += 1
        if value > 2:
            character = basic[value - 3]
        elif position == len(values):
            break  # a shift that only fills the last triple
        elif value == 1 and values[position] == 30:
            high, position = 128, position + 1
            continue
        else:
            character, position = sets[value][values[position]], position + 1
        found, high = found + chr(ord(character) + high), 0
    return found, at


def _x12(words: Sequence[int], at: int) -> Decoded:
    values, at = _triples(words, at)
    return "".join([_X12[value] for value in values]), at


def _edifact(words: Sequence[int], at: int) -> Decoded:
    """Four characters of six bits in three codewords; the last one or two may be ASCII."""
    found, bits, held = "", 0, 0
    while at < len(words) and (held or len(words) - at > 2):
        bits, held, at = (bits << 8 | words[at]) & 0xFFFF, held + 8, at + 1
        while held >= 6:
            value = bits >> (held - 6) & 63
            held -= 6
            if value == _EDIFACT_UNLATCH:
                return found, at
            found += chr(value if value & 32 else value | 64)
    return found, at


def _base_256(words: Sequence[int], at: int) -> Decoded:
    """Bytes with their count before them, each added to a pseudo-random number of its place."""

    def byte(place: int) -> int:
        return (words[place] - (149 * (place + 1) % 255 + 1)) % 256

    count = byte(at)
    at += 1
    if count == 0:
        count = len(words) - at
    elif count > 249:
        count, at = 250 * (count - 249) + byte(at), at + 1
    if at + count > len(words):
        raise SymbolError("the symbol ends within its bytes")
    return bytes([byte(place) for place in range(at, at + count)]).decode("latin-1"), at + count


_SCHEMES: dict[int, Callable[[Sequence[int], int], Decoded]] = {
    230: _c40,
    _BASE_256: _base_256,
    238: _x12,
    239: _text,
    240: _edifact,
}
