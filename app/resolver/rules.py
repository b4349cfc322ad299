"""From a code to the thing it names: pure, for scans, typed digits and requested URIs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, quote, urlsplit

from gs1 import identify as union
from gs1.check_digit import check_digit
from gs1.digital_link import DigitalLink
from gs1.element_string import ElementString
from gs1.equivalence import Key
from gs1.errors import Gs1Error
from gs1.faults import Candidate, Fault
from gs1.keys.gtin import Gtin
from scanner.reading import Symbol

Value = str | int
TradeKind = Literal["gtin", "lgtin", "sgtin", "sscc"]
# Kinds whose key answers a scan; every other GS1 key names a place, an asset, a document …
KINDS: Mapping[str, TradeKind] = {
    "gtin": "gtin",
    "cpv": "gtin",
    "lgtin": "lgtin",
    "sgtin": "sgtin",
    "sscc": "sscc",
}
PLACES = frozenset({"gln", "sgln", "pgln"})
HIDDEN_PREFIX = "NGUON-HC:"
HIDDEN_PARAMETER = "hc"
_DIGIT_FAULTS = frozenset({Fault.WRONG_DIGIT, Fault.TRANSPOSED})
_LONGEST_SHOWN = 160
FEWEST_ON_SHELF = 3  # packs in one photo; two may be two codes of one pack
# Typed digits that were meant as a number of 8 to 14 digits; more or fewer are something else.
_FEWEST_TYPED, _MOST_TYPED = 6, 20


@dataclass(frozen=True, slots=True)
class Subject:
    """What a code names. Either ``key`` is set, or ``fault`` says why there is none.

    ``kind`` is a kind of GS1 key or what else the code is; ``elements`` all that it says;
    ``fault`` the code of the reason, with ``params``; ``candidates`` what a faulty reader may have
    garbled; ``hidden`` a hidden one-time code that came along; ``host`` where a link leads that is
    not ours; ``text`` what was read, for a malformed code only.
    """

    kind: str
    key: Key | None = None
    elements: ElementString | None = None
    fault: str = ""
    params: Mapping[str, Value] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    hidden: str = ""
    host: str = ""
    text: str = ""


def read_code(
    text: str, identifier: str | None = None, own_stems: frozenset[str] = frozenset()
) -> Subject:
    """Say what a code names; total. ``identifier`` is the symbology identifier of a symbol.

    >>> read_code("(01)09521234543213(21)7Q").key.canonical
    'https://id.gs1.org/01/09521234543213/21/7Q'
    >>> read_code("WIFI:S:shop;;").fault
    'wifi'
    """
    if hidden := hidden_text(text):
        return Subject("hidden", fault="other-text", hidden=hidden)
    match union.identify(text, identifier, own_stems=own_stems):
        case union.Gs1Data(elements, key, candidates):
            return _of_key(key, elements, candidates)
        case union.DigitalLinkUri(link, key, own, candidates):
            host = "" if own else urlsplit(link.stem).hostname or ""
            canonical = link.stem == "https://id.gs1.org"
            return _of_key(
                key,
                link.element_string,
                candidates,
                hidden=_hidden_parameter(text),
                host="" if canonical else host,
            )
        case union.PlainGtin(key=key) as plain:
            return _of_key(key, plain.element_string, ())
        case union.EpcUrn(key):
            return _of_key(key, None, ())
        case union.Malformed(error, candidates):
            return _malformed(error, candidates, text)
        case union.Payment():
            return Subject("payment", fault="payment-code")
        case union.Link(kind, _scheme, host):
            return Subject(kind, fault="link", params={"host": host or "?"})
        case union.IdentityCard():
            return Subject("identity_card", fault="identity-card")
        case union.Wifi():
            return Subject("wifi", fault="wifi")
        case union.Contact():
            return Subject("contact", fault="contact")
        case union.Action(kind):
            return Subject(kind, fault="other-text")
        case union.Text():
            return Subject("text", fault="other-text")


def read_link(uri: str, own_stems: frozenset[str]) -> Subject:
    """Say what a requested address names; one that is no Digital Link is malformed."""
    found = read_code(uri, own_stems=own_stems)
    if found.key is None and found.kind != "malformed":
        try:
            DigitalLink.parse(uri)
        except Gs1Error as error:
            return _malformed(error, (), uri)
    return found


def _of_key(
    key: Key | None,
    elements: ElementString | None,
    candidates: tuple[Candidate, ...],
    *,
    hidden: str = "",
    host: str = "",
) -> Subject:
    if key is None:
        return Subject("other", None, elements, "other-text")
    if key.kind in KINDS:
        return Subject(key.kind, key, elements, candidates=candidates, hidden=hidden, host=host)
    fault = "place-code" if key.kind in PLACES else "other-key"
    return Subject(key.kind, key, elements, fault, {"kind": key.kind.upper()}, host=host)


def _malformed(error: Gs1Error, candidates: tuple[Candidate, ...], text: str) -> Subject:
    check = error.code in ("incorrect_check_digit", "incorrect_check_pair")
    fault = "check-digit" if check else "syntax"
    fault = "reader-fault" if error.code == "reader_fault" else fault
    params = {"rule": error.message, "code": error.code, "clause": error.clause or ""}
    number = _checked_number(error)
    if number:
        params |= {"given": number[-1], "expected": check_digit(number[:-1])}
    shown = _as_read(error, text, candidates)
    return Subject("malformed", None, None, fault, params, candidates, text=shown)


def _checked_number(error: Gs1Error) -> str:
    """Give the digits whose last one is the wrong check digit, where the error marks it."""
    if error.code != "incorrect_check_digit":
        return ""
    body, bar, rest = (error.markup or "").rpartition(")")[2].partition("|")
    number = body + rest[:1] if bar else ""
    return number if len(number) > 1 and number.isascii() and number.isdigit() else ""


def _as_read(error: Gs1Error, text: str, candidates: tuple[Candidate, ...]) -> str:
    """Give a malformed text as people read it: a number by itself, AIs in brackets.

    >>> read_code("010952123454321410ABC").text
    '(01) 09521234543214 (10) ABC'
    """
    number = _checked_number(error)
    if number and number == text:
        return _shortest(number.zfill(14)) if error.ai == "01" else number
    # A repair of one digit splits the text into its AIs, which the text itself does not allow.
    split = next((c.element_string for c in candidates if c.faults[0] in _DIGIT_FAULTS), None)
    if number and split:
        return _bracketed((ai, number if ai == error.ai else value) for ai, value in split.items)
    shown = "".join(char if char.isprintable() else " " for char in text).strip()
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f\u2060]+")


def typed(text: str) -> str:
    """Give typed text without the spaces and hyphens that people group digits with.

    Nothing else is changed: a wrong digit stays wrong.

    >>> typed(" 9 521234 543213"), typed("(01) 09521234543213 (21) 7Q"), typed("hello you")
    ('9521234543213', '(01)09521234543213(21)7Q', 'hello you')
    """
    text = text.strip()
    bare = _SPACES.sub("", text)
    digits = bare.replace("-", "")
    if digits.isascii() and digits.isdigit():
        return digits
    return bare if bare.startswith("(") else text


def hidden_text(text: str) -> str:
    """Give the hidden one-time code of a symbol that carries nothing else, empty if it is none.

    >>> hidden_text("NGUON-HC:7KQ4 M2XP")
    '7KQ4 M2XP'
    """
    return text.removeprefix(HIDDEN_PREFIX).strip() if text.startswith(HIDDEN_PREFIX) else ""


def _hidden_parameter(uri: str) -> str:
    values = parse_qs(urlsplit(uri).query).get(HIDDEN_PARAMETER, [])
    return values[0][:64] if values else ""


def display(subject: Subject) -> str:
    """Give the code as people read it: digits of a plain GTIN, else (AI) values, else the text.

    >>> display(read_code("010952123454321321ABC"))
    '(01) 09521234543213 (21) ABC'
    """
    items = subject.elements.items if subject.elements else subject.key.items if subject.key else ()
    if len(items) == 1 and items[0][0] == "01":
        return _shortest(items[0][1])
    return _bracketed(items) or subject.text


def as_printed(shown: str, symbology: str = "") -> str:
    """Give the digits as a pack prints them below the bars, where it leaves zeros out; else "".

    A code that begins with 0 is a UPC: its bars are those of an EAN-13, its print has 12 digits,
    and a UPC-E leaves further zeros out.

    >>> as_printed("0614141543212"), as_printed("0042100005264", "UPC-E")
    ('6 14141 54321 2', '0 425261 4')
    >>> as_printed("9521234543213")
    ''
    """
    if not (len(shown) == 13 and shown.isdecimal() and shown[0] == "0"):
        return ""
    upc = shown[1:]
    if symbology == "UPC-E":
        with suppress(Gs1Error):
            short = Gtin.parse(upc).to_upc_e()
            return f"{short[0]} {short[1:7]} {short[7]}"
    return f"{upc[0]} {upc[1:6]} {upc[6:11]} {upc[11]}"


def why_offered(wrong: Subject, repair: Candidate) -> str:
    """Give the fault that a repair undoes; ``last_digit`` where only a check digit is put right.

    >>> wrong = read_code("9521234543214")
    >>> [str(why_offered(wrong, repair)) for repair in wrong.candidates][:2]
    ['last_digit', 'wrong_digit']
    """
    written = display(read_code(repair.text))
    if len(written) == len(wrong.text):
        pairs = zip(wrong.text, written, strict=True)
        differing = [at for at, (there, here) in enumerate(pairs) if there != here]
        # The digit before a space, or before the end, ends a number.
        if len(differing) == 1 and written[differing[0] + 1 : differing[0] + 2] in ("", " "):
            return "last_digit"
    return repair.faults[0]


def miscounted(text: str) -> Subject | None:
    """Say that typed digits are too few or too many to be the number under a barcode.

    >>> miscounted("95212345432").params
    {'count': 11}
    """
    if not (text.isascii() and text.isdigit() and _FEWEST_TYPED <= len(text) <= _MOST_TYPED):
        return None
    return Subject("malformed", fault="digit-count", params={"count": len(text)}, text=text)


def _bracketed(items: Iterable[tuple[str, str]]) -> str:
    return " ".join(f"({ai}) {value}" for ai, value in items)


def _shortest(gtin14: str) -> str:
    """A GTIN as printed: GTIN-14 only where the indicator digit is not 0."""
    if gtin14.startswith("000000"):
        return gtin14[6:]
    return gtin14[1:] if gtin14.startswith("0") else gtin14


# Key qualifiers of a trade item in the order of a path (GS1 Digital Link: URI Syntax 1.6, 4.9).
_QUALIFIERS: tuple[str, ...] = ("22", "10", "21", "235")


def requoted(path: str) -> str:
    """Percent-encode the values of a Digital Link path that a server has decoded already.

    A slash within a value can no longer be told from one between segments, but the AIs can: what
    stands between two of them, in their order, is one value.

    >>> requoted("/01/09521234543213/10/A/B/21/7%")
    '/01/09521234543213/10/A%2FB/21/7%25'
    """
    parts = path.strip("/").split("/")
    if parts[0] != "01" or len(parts) < 3:
        return "/" + "/".join(quote(part, safe="") for part in parts)
    pairs, left = [parts[:2]], _QUALIFIERS
    for part in parts[2:]:
        if part in left and (len(pairs) == 1 or len(pairs[-1]) > 1):
            left = left[left.index(part) + 1 :]
            pairs.append([part])
        else:
            pairs[-1].append(part)
    return "".join(f"/{ai}/{quote('/'.join(value), safe='')}" for ai, *value in pairs)


_RANKS = {"sgtin": 0, "sscc": 1, "lgtin": 2, "gtin": 3, "cpv": 3}


def rank(subject: Subject, registered: frozenset[str]) -> tuple[int, int]:
    """Order the codes of one photo: the most telling first, a registered product before others.

    Products go by what their code picks out (unit, shipping unit, lot, class); then other GS1
    keys, damaged GS1 data, and last what is no product code at all.
    """
    if subject.key is None:
        return (6 if subject.kind == "malformed" else 7, 0)
    return (_RANKS.get(subject.kind, 5), 0 if gtin_of(subject) in registered else 1)


def gtin_of(subject: Subject) -> str:
    """Give the GTIN-14 of a trade item's code, empty for any other."""
    items = subject.key.items if subject.key else ()
    return items[0][1] if items and items[0][0] == "01" else ""


def in_rows(
    found: Sequence[tuple[Subject, Symbol]],
) -> Iterator[tuple[Subject, Symbol]]:
    """Order the codes of a photo as people read: rows from the top, each from the left.

    A code belongs to a row while its middle is not below the bottom of the row's first code.
    """
    rest = sorted(found, key=lambda pair: _middle(pair[1])[1])
    while rest:
        bottom = max(y for _x, y in rest[0][1].polygon)
        row = [pair for pair in rest if _middle(pair[1])[1] <= bottom]
        yield from sorted(row, key=lambda pair: _middle(pair[1])[0])
        rest = rest[len(row) :]


def _middle(symbol: Symbol) -> tuple[float, float]:
    xs, ys = zip(*symbol.polygon, strict=True)
    return sum(xs) / len(xs), sum(ys) / len(ys)


def contradict_each_other(gtins: Sequence[str]) -> bool:
    """Tell whether the product numbers of one photo cannot stand on one pack.

    Two codes with different numbers belong to one pack, as far as a photo can tell; more are a
    shelf. Packaging levels of one item (GTIN-14 indicator digit) are no contradiction.
    """
    levels = {gtin[1:13] for gtin in gtins}
    return len(gtins) == 2 and len(levels) == 2
