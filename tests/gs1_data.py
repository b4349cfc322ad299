"""Random GS1 data, valid and spoilt, made from the General Specifications and not from `gs1`."""

from __future__ import annotations

import calendar
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import zxingcpp

from scanner.artwork import scale_of
from scanner.drawing import picture
from scanner.errors import SymbolError
from scanner.layout import symbol_alone
from scanner.symbols import KINDS, SIZES, Kind, encode

# GS1 AI encodable character set 82 (General Specifications 7.11).
CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
# AIs of predefined length (figure 7.8.5-2): no FNC1 after them.
PREDEFINED = ("00", "01", "02", "03", "04", *map(str, range(11, 21)), "31", "32", "33", "34", "35")
PREDEFINED += ("36", "41")
ELEMENT_KINDS: tuple[Kind, ...] = tuple(
    kind for kind in KINDS if kind.startswith(("gs1-", "databar-"))
)
DATES, TEXTS = ("11", "13", "15", "17"), {"10": 20, "21": 20, "22": 20, "240": 30, "241": 30}

Element = tuple[str, str]


def with_check_digit(body: str) -> str:
    """Modulo 10 with weights 3 and 1 from the right (General Specifications 7.9.1)."""
    total = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def text(rng: random.Random, most: int) -> str:
    signs = rng.choice((CSET82, "0123456789", "ABCDEFGHJK0123456789", "abcdef-_."))
    return "".join(rng.choices(signs, k=rng.randint(1, most)))


def date(rng: random.Random) -> str:
    year, month = rng.randint(0, 99), rng.randint(1, 12)
    # 20 years past at most: whichever century is meant, 29 February only where both have it.
    last = 28 if month == 2 else calendar.monthrange(2001, month)[1]
    return f"{year:02d}{month:02d}{rng.randint(0, last):02d}"


def elements(rng: random.Random) -> list[Element]:
    """A trade item or a logistic unit with attributes that may go with it."""
    if rng.random() < 0.15:
        found = [("00", with_check_digit(digits(rng, 17)))]
        if rng.random() < 0.6:
            found += [("02", with_check_digit(digits(rng, 13))), ("37", digits(rng, 3))]
        return found
    found = [("01", with_check_digit(rng.choice("012345678") + digits(rng, 12)))]
    optional: list[Callable[[], Element]] = [
        *(lambda ai=ai: (ai, date(rng)) for ai in rng.sample(DATES, 2)),
        *(lambda ai=ai, most=most: (ai, text(rng, most)) for ai, most in TEXTS.items()),
    ]
    chosen = rng.sample(optional, rng.randint(0, 3))
    return found + [make() for make in chosen]


def bracketed(items: list[Element]) -> str:
    return "".join(f"({ai})" + value.replace("(", "\\(") for ai, value in items)


def transmitted(items: list[Element]) -> str:
    """What a scanner sends: GS after each value without predefined length, unless it is last."""
    parts = [f"{ai}{value}" + ("" if ai[:2] in PREDEFINED else "\x1d") for ai, value in items]
    return "".join(parts).removesuffix("\x1d")


@dataclass(frozen=True)
class Case:
    """Data of one symbol; ``text`` is what must be read."""

    kind: Kind
    data: str
    text: str
    identifier: str


def _retail(rng: random.Random) -> Case:
    kind, body, identifier = rng.choice(
        [("ean-13", 12, "]E0"), ("ean-8", 7, "]E4"), ("upc-a", 11, "]E0"), ("itf-14", 13, "]I1")]
    )
    data = with_check_digit(digits(rng, body))
    if kind == "ean-13":
        data = with_check_digit(f"{rng.randint(1, 9)}{digits(rng, 11)}")
    return Case(kind, data, data.zfill(13) if kind == "upc-a" else data, identifier)  # type: ignore[arg-type]


def _link(rng: random.Random) -> Case:
    serial = "".join(rng.choices("ABCdef0123456789-_", k=rng.randint(1, 20)))
    gtin = with_check_digit("0952" + digits(rng, 9))
    uri = f"https://example.com/01/{gtin}/21/{serial}"
    kind, identifier = rng.choice([("digital-link-qr", "]Q1"), ("digital-link-datamatrix", "]d1")])
    return Case(kind, uri, uri, identifier)  # type: ignore[arg-type]


IDENTIFIERS = {"gs1-128": "]C1", "gs1-qr": "]Q3"}


def case(rng: random.Random) -> Case:
    """Valid data of any kind that its symbol has room for."""
    chance = rng.random()
    if chance < 0.15:
        return _retail(rng)
    if chance < 0.3:
        return _link(rng)
    kind = rng.choice(ELEMENT_KINDS)
    items = elements(rng)
    room = {"gs1-128": 46, "databar-expanded": 34, "databar-expanded-stacked": 34}
    room["gs1-datamatrix-rectangular"] = 45
    while len(transmitted(items)) > room.get(kind, 200):
        items = elements(rng)
    identifier = IDENTIFIERS.get(kind, "]e0" if kind.startswith("databar") else "]d2")
    return Case(kind, bracketed(items), transmitted(items), identifier)


def read(kind: Kind, data: str) -> list[tuple[str, str]]:
    """What zxing-cpp reads from the picture of the symbol alone."""
    pattern = encode(kind, data)
    page = symbol_alone(pattern, scale_of(pattern, SIZES[kind].least, 300))
    found = zxingcpp.read_barcodes(
        picture(page, 300).convert("L"), text_mode=zxingcpp.TextMode.Plain
    )
    return [(item.text, item.symbology_identifier) for item in found]


# What may be wrong: a name, and the spoilt elements of a GTIN with a batch and a date.
def _bad_check_digit(rng: random.Random) -> list[Element]:
    good = with_check_digit(digits(rng, 13))
    return [("01", good[:-1] + str((int(good[-1]) + rng.randint(1, 9)) % 10))]


def _bad_date(rng: random.Random) -> list[Element]:
    month_day = rng.choice(("1301", "0001", "0132", "0230", "0431", "1299"))
    return [_gtin(rng), (rng.choice(DATES), f"{rng.randint(0, 99):02d}{month_day}")]


def _no_companion(rng: random.Random) -> list[Element]:
    ai, value = rng.choice([("21", "A"), ("250", "A"), ("37", "5"), ("3103", "000123")])
    return [(ai, value)] if ai != "250" else [_gtin(rng), (ai, value)]


def _unknown_ai(rng: random.Random) -> list[Element]:
    return [
        _gtin(rng),
        (rng.choice(("05", "09", "249", "4399", "6", "88", "8300")), digits(rng, 6)),
    ]


def _too_long(rng: random.Random) -> list[Element]:
    ai, most = rng.choice([*TEXTS.items(), ("17", 6), ("37", 8)])
    return [_gtin(rng), (ai, "1" * (most + rng.randint(1, 30)))]


def _too_short(rng: random.Random) -> list[Element]:
    ai, value = rng.choice([("17", "27123"), ("10", ""), ("21", ""), ("3103", "00012")])
    return [_gtin(rng), (ai, value)]


def _bad_character(rng: random.Random) -> list[Element]:
    sign = rng.choice(" #$@[\\]^`{|}~\x00\x1d\x7fàĐ１中")
    return [_gtin(rng), (rng.choice(("10", "21")), f"A{sign}B")]


def _letters(rng: random.Random) -> list[Element]:
    return [
        _gtin(rng),
        (rng.choice(("17", "3103")), f"{digits(rng, 2)}{rng.choice('Oo١ ')}1234"[:6]),
    ]


def _excluded(rng: random.Random) -> list[Element]:
    return [_gtin(rng), ("02", with_check_digit(digits(rng, 13))), ("37", "5")]


def _contradicting(rng: random.Random) -> list[Element]:
    return [_gtin(rng), ("10", "A"), ("10", "B")]


def _gtin(rng: random.Random) -> Element:
    return ("01", with_check_digit("0952" + digits(rng, 9)))


FAULTS: tuple[Callable[[random.Random], list[Element]], ...] = (
    _bad_check_digit,
    _bad_date,
    _no_companion,
    _unknown_ai,
    _too_long,
    _too_short,
    _bad_character,
    _letters,
    _excluded,
    _contradicting,
)


def spoilt(rng: random.Random) -> tuple[Kind, str]:
    """Data with one fault, for a kind that has room for it."""
    if rng.random() < 0.1:
        length = rng.choice((8, 12, 13, 14))
        good = with_check_digit(digits(rng, length - 1))
        kind: Kind = {8: "ean-8", 12: "upc-a", 13: "ean-13", 14: "itf-14"}[length]  # type: ignore[assignment]
        return kind, good[:-1] + str((int(good[-1]) + rng.randint(1, 9)) % 10)
    return rng.choice(ELEMENT_KINDS), bracketed(rng.choice(FAULTS)(rng))


def is_refused(kind: Kind, data: str) -> bool:
    try:
        encode(kind, data)
    except SymbolError:
        return True
    return False


def roundtrip_report(count: int, seed: int = 2026) -> str:
    """Write and read ``count`` symbols and offer as many spoilt ones; a line of what came of it."""
    rng = random.Random(seed)
    wrong: list[str] = []
    kinds: Counter[str] = Counter()
    for _ in range(count):
        item = case(rng)
        kinds[item.kind] += 1
        try:
            back = read(item.kind, item.data)
        except SymbolError as error:
            back = [(str(error), "")]
        if back != [(item.text, item.identifier)]:
            wrong.append(f"{item.kind} {item.data}: {back}")
    taken = [
        data for kind, data in (spoilt(rng) for _ in range(count)) if not is_refused(kind, data)
    ]
    lines = [f"{count - len(wrong)} of {count} written and read back: {dict(kinds)}"]
    lines += [f"{count - len(taken)} of {count} spoilt refused", *wrong[:20], *taken[:20]]
    return "\n".join(lines)
