"""Reference decode algorithms and decodability of linear symbols, from the edges of one profile.

EAN/UPC (ISO/IEC 15420) and Code 128 (ISO/IEC 15417) decode by distances between similar edges,
Interleaved 2 of 5 (ISO/IEC 16390) by wide and narrow elements. Decodability (ISO/IEC 15416) is how
much of the room up to the wrong decision is left in the worst character.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

Widths = Sequence[float]


class Undecodable(Exception):
    """The elements are no symbol of this kind, or say something else than it does."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decodability from 1 to 0, the X-dimension and the growth of bars, in the unit of the widths.

    ``quiet`` are the quiet zones that the symbology asks for, left and right, in X.
    """

    decodability: float
    x: float
    growth: float
    quiet: tuple[float, float]


_A = ("3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112")
_SETS = {"A": _A, "B": tuple(digits[::-1] for digits in _A), "C": _A}
# Number sets of the left half by first digit.
_LEFT = (
    *("AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB"),
    *("ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"),
)
_CODE_128 = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231"
    "113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211"
    "212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131"
    "113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111"
    "314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211"
    "241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214"
    "211232233111"
)
_CHARACTERS = tuple(_CODE_128[i : i + 6] for i in range(0, len(_CODE_128), 6))
_STOP, _STARTS = 106, (103, 104, 105)


def decode(symbology: str, text: str, widths: Widths) -> Decoded:
    """Decode element widths, first bar to last, and compare with what the symbol is known to say.

    Raises :class:`Undecodable`.
    """
    match symbology:
        case "EAN-13" | "UPC-A" | "ISBN":
            return _ean(widths, text.zfill(13), left=6)
        case "EAN-8":
            return _ean(widths, text, left=4)
        case "Code 128" | "GS1-128":
            return _code_128(widths)
        case "ITF" | "ITF-14":
            return _itf(widths, text)
    raise Undecodable


def is_known(symbology: str) -> bool:
    """Whether :func:`decode` has the reference algorithm of this symbology."""
    return symbology in ("EAN-13", "UPC-A", "ISBN", "EAN-8", "Code 128", "GS1-128", "ITF", "ITF-14")


def _ean(widths: Widths, text: str, left: int) -> Decoded:
    """EAN-13 (a UPC-A is one that begins with 0) and EAN-8: guards and four-element characters."""
    count = 3 + 4 * left + 5 + 4 * left + 3
    if len(widths) != count:
        raise Undecodable
    start, middle = 3, 3 + 4 * left
    lefts = [widths[i : i + 4] for i in range(start, middle, 4)]
    rights = [widths[i : i + 4] for i in range(middle + 5, count - 3, 4)]
    read = [_ean_character(char, "AB") for char in lefts] + [
        _ean_character(char, "C") for char in rights
    ]
    sets = "".join(name for name, _digit, _room in read[:left])
    digits = "".join(digit for _name, digit, _room in read)
    if left == 6:
        if sets not in _LEFT:
            raise Undecodable
        digits = str(_LEFT.index(sets)) + digits
    elif sets != "AAAA":
        raise Undecodable
    if digits != text:
        raise Undecodable
    x = sum(widths) / (14 * left + 11)
    shown = digits[1:] if left == 6 else digits
    growth = _growth(widths, _dark_modules(sets + "C" * left, shown), x)
    quiet = (11.0, 7.0) if left == 6 else (7.0, 7.0)
    if left == 6 and text.startswith("0"):
        quiet = (9.0, 9.0)
    return Decoded(min(room for *_rest, room in read), x, growth, quiet)


def _dark_modules(sets: str, digits: str) -> int:
    """Dark modules of the guards and of all characters."""
    total = 6
    for name, digit in zip(sets, digits, strict=True):
        pattern = _SETS[name][int(digit)]
        total += sum(int(width) for width in pattern[0 if name == "C" else 1 :: 2])
    return total


@functools.cache
def _ean_table() -> dict[tuple[str, int, int], list[tuple[str, str, int]]]:
    """Characters by half and the two edge distances; some share theirs and differ in their bars."""
    table: dict[tuple[str, int, int], list[tuple[str, str, int]]] = {}
    for name, patterns in _SETS.items():
        for digit, pattern in enumerate(patterns):
            a, b, c, d = (int(width) for width in pattern)
            bars = a + c if name == "C" else b + d
            key = ("C" if name == "C" else "AB", a + b, b + c)
            table.setdefault(key, []).append((name, str(digit), bars))
    return table


def _ean_character(widths: Widths, half: str) -> tuple[str, str, float]:
    """Number set, digit and decodability of one character."""
    total = sum(widths)
    first, room_1 = _distance(widths[0] + widths[1], total, 7)
    second, room_2 = _distance(widths[1] + widths[2], total, 7)
    found = _ean_table().get((half, first, second))
    if not found:
        raise Undecodable
    room = min(room_1, room_2)
    if len(found) == 1:
        return (*found[0][:2], room)
    bars = (widths[0] + widths[2] if half == "C" else widths[1] + widths[3]) * 7 / total
    (set_1, digit_1, bars_1), (set_2, digit_2, bars_2) = found
    limit = (bars_1 + bars_2) / 2
    chosen = (set_1, digit_1) if (bars < limit) == (bars_1 < limit) else (set_2, digit_2)
    return (*chosen, min(room, abs(bars - limit)))


def _distance(width: float, total: float, modules: int) -> tuple[int, float]:
    """An edge distance in whole modules, and its decodability: K / (S / 2n)."""
    scaled = width * modules / total
    whole = round(scaled)
    return whole, 1 - 2 * abs(scaled - whole)


def _code_128(widths: Widths) -> Decoded:
    """Characters of six elements and a stop of seven; the check character must be right."""
    count, rest = divmod(len(widths) - 1, 6)
    if rest or count < 3:
        raise Undecodable
    read = [_character_128(widths[6 * i : 6 * i + 6]) for i in range(count)]
    values = [value for value, _room in read]
    start, *data, check, stop = values
    weighted = start + sum(place * value for place, value in enumerate(data, 1))
    if (
        start not in _STARTS
        or stop != _STOP
        or max(data, default=0) > 102
        or weighted % 103 != check
    ):
        raise Undecodable
    x = sum(widths) / (11 * count + 2)
    bars = sum(int(w) for value in values for w in _CHARACTERS[value][::2]) + 2
    return Decoded(min(room for _value, room in read), x, _growth(widths, bars, x), (10.0, 10.0))


@functools.cache
def _table_128() -> dict[tuple[int, ...], int]:
    return {_pair_sums(pattern): value for value, pattern in enumerate(_CHARACTERS)}


def _pair_sums(pattern: str) -> tuple[int, ...]:
    modules = [int(width) for width in pattern]
    return tuple(a + b for a, b in itertools.pairwise(modules[:5]))


def _character_128(widths: Widths) -> tuple[int, float]:
    """Value and decodability of a character; the second check is on the sum of its bars."""
    total = sum(widths)
    pairs = [_distance(a + b, total, 11) for a, b in itertools.pairwise(widths[:5])]
    value = _table_128().get(tuple(whole for whole, _room in pairs))
    if value is None:
        raise Undecodable
    modules = sum(int(width) for width in _CHARACTERS[value][::2])
    off = abs(sum(widths[::2]) * 11 / total - modules)
    if off >= 1.75:
        raise Undecodable
    return value, min(*(room for _whole, room in pairs), (1.75 - off) / 1.75)


def _itf(widths: Widths, text: str) -> Decoded:
    """Start of four narrow elements, pairs of digits as bars and as spaces, stop of three."""
    count, rest = divmod(len(widths) - 7, 10)
    if rest or count < 1 or 2 * count != len(text):
        raise Undecodable
    pairs = [widths[4 + 10 * i : 14 + 10 * i] for i in range(count)]
    wide = [_wide(pair) for pair in pairs]
    digits = "".join(_itf_digit(flags[side::2]) for flags in wide for side in (0, 1))
    if digits != text:
        raise Undecodable
    elements = [
        (width, flag, sum(pair) * 7 / 64)
        for pair, flags in zip(pairs, wide, strict=True)
        for width, flag in zip(pair, flags, strict=True)
    ]
    narrow = _average([width for width, flag, _limit in elements if not flag])
    broad = _average([width for width, flag, _limit in elements if flag])
    room = min(
        (width - limit) / (broad - limit) if flag else (limit - width) / (limit - narrow)
        for width, flag, limit in elements
    )
    bars = [width for width, flag, _limit in elements[::2] if not flag]
    return Decoded(room, narrow, _average(bars) - narrow, (10.0, 10.0))


def _wide(pair: Widths) -> list[bool]:
    limit = sum(pair) * 7 / 64
    return [width > limit for width in pair]


def _itf_digit(flags: Sequence[bool]) -> str:
    """Two of five elements are wide; their weights 1, 2, 4, 7 and parity give the digit."""
    if sum(flags) != 2:
        raise Undecodable
    weight = sum(w for w, flag in zip((1, 2, 4, 7, 0), flags, strict=True) if flag)
    return str(0 if weight == 11 else weight)


def _growth(widths: Widths, dark_modules: int, x: float) -> float:
    """By how much a bar is wider than it should be, on average."""
    bars = widths[::2]
    return (sum(bars) - dark_modules * x) / len(bars)


def _average(values: Sequence[float]) -> float:
    return sum(values) / len(values)
