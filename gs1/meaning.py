"""What the value of an AI means: dates, measures, amounts, codes, told by its components.

Everything follows from the rules of the dictionary (linters, the decimal digit in the AI, the unit
in the title), so that a new AI of a known kind needs no change here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from urllib.parse import unquote_plus

from gs1 import dictionary
from gs1.dates import parse_date
from gs1.dictionary import ApplicationIdentifier, Component
from gs1.errors import Gs1Error

Kind = Literal[
    "date", "month", "measure", "number", "percent", "currency", "country", "yes", "no", "text"
]
_UNIT = re.compile(r"\((.+)\)")
_COUNTRIES = ("iso3166", "iso3166999", "iso3166alpha2")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing a value says; ``values`` are the words and numbers to put into its sentence.

    >>> Meaning("measure", {"number": "1.250", "unit": "kg"}).values["unit"]
    'kg'
    """

    kind: Kind
    values: dict[str, str] = field(default_factory=dict)


def meaning(ai: str, value: str, today: date | None = None) -> list[Meaning]:
    """What a valid value of the AI says beyond its characters, in order; empty if nothing.

    ``today`` settles the century of dates with a year of two digits.

    >>> meaning("3103", "001250")
    [Meaning(kind='measure', values={'number': '1.250', 'unit': 'kg'})]
    >>> meaning("17", "271231", date(2026, 1, 1))
    [Meaning(kind='date', values={'date': '31/12/2027'})]
    """
    entry = dictionary.lookup(ai)
    return list(_meanings(entry, value, today)) if entry else []


def _meanings(entry: ApplicationIdentifier, value: str, today: date | None) -> Iterator[Meaning]:
    start = 0
    for part in entry.components:
        text = value[start : start + part.maximum]
        start += part.maximum
        if text:
            yield from _of_component(entry, part, text, today)


def _of_component(
    entry: ApplicationIdentifier, part: Component, text: str, today: date | None
) -> Iterator[Meaning]:
    match part.linters:
        case ("yymmd0" | "yymmdd", *_):
            yield _date(text, today)
        case ("yyyymmdd", *_):
            yield Meaning("date", {"date": f"{text[6:8]}/{text[4:6]}/{text[:4]}"})
        case ("hhmi", *_):
            yield Meaning("text", {"text": f"{text[:2]}:{text[2:]}"})
        case ("iso4217", *_):
            yield Meaning("currency", {"code": text})
        case (name, *_) if name in _COUNTRIES:
            yield Meaning("country", {"code": text})
        case ("yesno", *_):
            yield Meaning("yes" if text == "1" else "no")
        case ("pcenc", *_):
            yield Meaning("text", {"text": unquote_plus(text)})
        case () if part.kind == "N":
            yield from _number(entry, text)


def _number(entry: ApplicationIdentifier, text: str) -> Iterator[Meaning]:
    """Trade measures (3.6), amounts and prices (3.7) have their decimal places in the AI."""
    group = entry.ai[:2]
    if len(entry.ai) == 4 and group in {"31", "32", "33", "34", "35", "36", "39"}:
        number = _decimal(text, int(entry.ai[3]))
        unit = _UNIT.search(entry.title)
        if entry.ai[:3] == "394":
            yield Meaning("percent", {"number": number})
        elif unit and group != "39":
            yield Meaning("measure", {"number": number, "unit": unit[1]})
        else:
            yield Meaning("number", {"number": number})
    elif entry.ai in {"30", "37"}:
        yield Meaning("number", {"number": str(int(text))})


def _decimal(digits: str, places: int) -> str:
    """Digits with a decimal point.

    >>> _decimal("001250", 3), _decimal("12", 3), _decimal("007", 0)
    ('1.250', '0.012', '7')
    """
    padded = digits.zfill(places + 1)
    whole = padded[: len(padded) - places].lstrip("0") or "0"
    return f"{whole}.{padded[len(padded) - places :]}" if places else whole


def _date(text: str, today: date | None) -> Meaning:
    year, month, day = text[:2], text[2:4], text[4:6]
    if today is not None:
        try:
            full = parse_date(text, today)
        except Gs1Error:
            return Meaning("text", {"text": text})
        year, day = f"{full.year:04}", day if day == "00" else f"{full.day:02}"
    if day == "00":
        return Meaning("month", {"date": f"{month}/{year}"})
    return Meaning("date", {"date": f"{day}/{month}/{year}"})
