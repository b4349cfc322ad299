"""Take a code apart for people, in Vietnamese or English: what each part says, and what none says.

The words stand in ``tables/explanations.json``, Vietnamese first.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal

from gs1 import dictionary, prefix
from gs1.check_digit import check_digit
from gs1.element_string import Items
from gs1.equivalence import Granularity, Key
from gs1.errors import CheckDigitError, Gs1Error
from gs1.everyday import Action, Contact, IdentityCard, Link, Wifi
from gs1.faults import Candidate
from gs1.identify import (
    DigitalLinkUri,
    EpcUrn,
    Gs1Data,
    Identified,
    Malformed,
    Payment,
    PlainGtin,
    Text,
    identify,
)
from gs1.meaning import meaning

Lang = Literal["vi", "en"]
_PREFIX_LINTERS = {"gcppos1": 0, "gcppos2": 1}
#: Suspicions that a terminal shows.
_SHOWN = 5
_RESTRICTED = ("restricted-company", "restricted-region")


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """A check digit as given, and the one the other digits ask for.

    >>> CheckDigit("3", "4").right
    False
    """

    given: str
    expected: str

    @property
    def right(self) -> bool:
        """Whether both are the same."""
        return self.given == self.expected


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the code: its AI where it has one, its title, value and meaning in words.

    ``meaning`` is empty where the value says all. ``check`` and ``issuer`` are there for keys;
    ``issuer`` names the organisation that gave out the prefix, never a country of origin.

    >>> explain("96385074", "en").parts[0].title
    'GTIN'
    """

    ai: str | None
    title: str
    value: str
    meaning: str = ""
    check: CheckDigit | None = None
    check_text: str = ""
    issuer: str = ""
    company_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A fault of the reader that may have happened, and what the code would be without it.

    >>> explain("9521234543231", "en").suspicions[0].text
    '9521234543213'
    """

    faults: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """The rule that a faulty code breaks: in words, and as the library states it.

    >>> explain("9521234543214", "en").problem.code
    'incorrect_check_digit'
    """

    text: str
    code: str
    detail: str
    position: int | None = None
    clause: str | None = None
    markup: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code taken apart; all texts are in ``lang``.

    ``kind`` is that of ``gs1.identify``; ``key`` the canonical key. ``not_said`` is what the code
    does not say, to be shown with every result.

    >>> explain("hello", "en").to_dict()["kind"]
    'text'
    """

    lang: Lang
    kind: str
    title: str
    summary: str
    key: str | None = None
    parts: tuple[Part, ...] = ()
    problem: Problem | None = None
    suspicions: tuple[Suspicion, ...] = ()
    not_said: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


class _Writer:
    """Texts of one language, and the day of reading."""

    def __init__(self, lang: Lang, today: date | None) -> None:
        self.lang = lang
        self.today = today

    def say(self, name: str, /, **values: object) -> str:
        """Text by name, with its values put in."""
        vietnamese, english = _texts()[name]
        return (vietnamese if self.lang == "vi" else english).format(**values)

    def part(self, ai: str, value: str) -> Part:
        """One AI with all that its value says; a GTIN may have fewer than 14 digits."""
        full = value.zfill(14) if ai == "01" else value
        check = _check_of(ai, full)
        digits = _prefixed(ai, full)
        return Part(
            ai,
            dictionary.title(ai, self.lang),
            value,
            self._meaning(ai, value),
            check,
            self.check(check) if check else "",
            self._issuer(digits) if digits else "",
            (prefix.company_prefix(digits) or "") if digits else "",
        )

    def _meaning(self, ai: str, value: str) -> str:
        found = []
        for part in meaning(ai, value, self.today):
            values = dict(part.values)
            if self.lang == "vi" and "number" in values:
                # In Vietnamese the point groups thousands.
                values["number"] = values["number"].replace(".", ",")
            found.append(self.say(f"meaning.{part.kind}", **values))
        return ", ".join(found)

    def check(self, found: CheckDigit) -> str:
        """Whether the check digit is right, and the right one."""
        name = "check.right" if found.right else "check.wrong"
        return self.say(name, given=found.given, expected=found.expected)

    def _issuer(self, digits: str) -> str:
        issuer = prefix.issuer(digits)
        if issuer is None:
            return self.say("issuer.unknown")
        name = issuer.name_vi if self.lang == "vi" else issuer.name_en
        kind = "organisation" if issuer.kind == "organisation" else "other"
        return self.say(f"issuer.{kind}", first=_span(issuer), name=name)

    def suspicions(self, found: Iterable[Candidate]) -> tuple[Suspicion, ...]:
        """Faults that may have happened."""
        return tuple(
            Suspicion(tuple(self.say(f"fault.{fault}") for fault in one.faults), one.text)
            for one in found
        )

    def problem(self, error: Gs1Error) -> Problem:
        """The broken rule in words."""
        name = f"error.{error.code}"
        text = self.say(name if name in _texts() else "error.other")
        return Problem(text, error.code, error.message, error.position, error.clause, error.markup)

    def faulty(self, error: Gs1Error) -> tuple[Part, ...]:
        """The key whose check digit is wrong, where the error marks one."""
        if not isinstance(error, CheckDigitError) or error.ai is None:
            return ()
        before, _, rest = (error.markup or "").rpartition(")")[2].partition("|")
        digits = before + rest[:1]
        return (self.part(error.ai, digits),) if digits.isascii() and digits.isdigit() else ()


def explain(
    text: str,
    lang: Lang = "vi",
    *,
    today: date | None = None,
    own_stems: frozenset[str] = frozenset(),
) -> Explanation:
    """Take a text apart. Total: it raises nothing.

    ``today`` settles the century of dates (General Specifications 7.12); without it their years
    keep two digits. ``own_stems`` are those of ``gs1.identify``.

    >>> found = explain("9521234543213", "en")
    >>> found.title, found.parts[0].check_text
    ('Product number (GTIN)', 'Check digit 3 is right.')
    """
    writer = _Writer(lang, today)
    found = identify(text, own_stems=own_stems)
    content = _content(writer, found)
    return Explanation(lang, found.kind, writer.say(f"kind.{found.kind}"), **content)


def _content(writer: _Writer, found: Identified) -> dict[str, Any]:
    match found:
        case Gs1Data() | DigitalLinkUri() | PlainGtin():
            return _of_gs1(writer, found)
        case EpcUrn():
            return _of_key(writer, found.key, found.key.items)
        case Malformed():
            return {
                "summary": writer.say("summary.malformed"),
                "problem": writer.problem(found.error),
                "parts": writer.faulty(found.error),
                "suspicions": writer.suspicions(found.candidates),
                "not_said": _not_said(writer, "check", "registered"),
            }
        case Payment():
            return _of_payment(writer, found)
        case IdentityCard() | Wifi() | Contact() | Action():
            return {
                "summary": writer.say("summary.personal"),
                "not_said": _not_said(writer, "product"),
            }
        case Link():
            return {
                "summary": writer.say("summary.link", host=found.host or found.scheme),
                "parts": (Part(None, writer.say("part.host"), found.host),),
                "not_said": _not_said(writer, "product", "link"),
            }
    return _of_text(writer, found)


def _of_text(writer: _Writer, _: Text) -> dict[str, Any]:
    # Its parameter makes the type checker hold the cases above against the union.
    return {"summary": writer.say("summary.text")}


def _of_gs1(writer: _Writer, found: Gs1Data | DigitalLinkUri | PlainGtin) -> dict[str, Any]:
    content = _of_key(writer, found.key, found.element_string.items)
    if isinstance(found, PlainGtin):
        content["parts"] = (writer.part("01", str(found.gtin)),)
    else:
        content["suspicions"] = writer.suspicions(found.candidates)
    if isinstance(found, DigitalLinkUri):
        host = found.link.stem.partition("://")[2].partition("/")[0].lower()
        whose = "own" if found.own else "foreign"
        content["summary"] += ". " + writer.say(f"summary.{whose}", host=host)
        content["not_said"] += _not_said(writer, "link")
    return content


def _of_key(writer: _Writer, key: Key | None, items: Items) -> dict[str, Any]:
    silent = ["origin", "authenticity", "check", "registered"]
    if key and key.granularity is not Granularity.INSTANCE:
        silent.insert(0, str(key.granularity))
    if any(_is_restricted(_prefixed(ai, value)) for ai, value in items):
        silent.insert(0, "restricted")
    known = key and f"key.{key.kind}" in _texts()
    return {
        "summary": writer.say(f"key.{key.kind}" if key and known else "summary.none"),
        "key": key.canonical if key else None,
        "parts": tuple(writer.part(ai, value) for ai, value in items),
        "not_said": _not_said(writer, *silent),
    }


def _of_payment(writer: _Writer, found: Payment) -> dict[str, Any]:
    details = found.details
    values = {
        "scheme": details and details.scheme,
        "bank": details and details.bank_bin,
        "account": details and details.account,
        "amount": details and details.amount,
    }
    return {
        "summary": writer.say("summary.payment"),
        "parts": tuple(
            Part(None, writer.say(f"part.{name}"), value) for name, value in values.items() if value
        ),
        "problem": writer.problem(found.error) if found.error else None,
        "not_said": _not_said(writer, "product"),
    }


def _not_said(writer: _Writer, *names: str) -> tuple[str, ...]:
    return tuple(writer.say(f"silent.{name}") for name in names)


def _check_of(ai: str, value: str) -> CheckDigit | None:
    """Check digit of the component that has one."""
    start = 0
    entry = dictionary.lookup(ai)
    for part in entry.components if entry else ():
        if "csum" in part.linters:
            digits = value[start : start + part.maximum]
            return CheckDigit(digits[-1], check_digit(digits[:-1]))
        start += part.maximum
    return None


def _prefixed(ai: str, value: str) -> str:
    """The digits from the GS1 Prefix on, where the AI is a GS1 key; else nothing."""
    start = 0
    entry = dictionary.lookup(ai)
    for part in entry.components if entry else ():
        for linter in part.linters:
            if linter in _PREFIX_LINTERS:
                return value[start + _PREFIX_LINTERS[linter] :]
        start += part.maximum
    return ""


def _is_restricted(digits: str) -> bool:
    issuer = prefix.issuer(digits) if digits else None
    return issuer is not None and issuer.kind in _RESTRICTED


def _span(issuer: prefix.Issuer) -> str:
    return issuer.first if issuer.first == issuer.last else f"{issuer.first}–{issuer.last}"


@cache
def _texts() -> dict[str, list[str]]:
    source = (dictionary.TABLES / "explanations.json").read_text(encoding="utf-8")
    found: dict[str, list[str]] = json.loads(source)
    return found


def main(argv: Sequence[str]) -> int:
    """Command ``explain TEXT [--lang vi|en]``: print what the text says; 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="python -m gs1 explain")
    parser.add_argument("text")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi")
    try:
        given = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    today = datetime.now(tz=UTC).date()
    text = "\n".join(lines(explain(given.text, given.lang, today=today)))
    # Bytes of an argument that are no UTF-8 arrive as lone surrogates.
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
    return 0


def lines(found: Explanation) -> list[str]:
    """An explanation as lines for a terminal.

    >>> lines(explain("96385074", "en"))[:3]
    ['Product number (GTIN)', 'A kind of product', '  (01) GTIN: 96385074']
    """
    written = [found.title, found.summary]
    for part in found.parts:
        label = f"({part.ai}) {part.title}" if part.ai else part.title
        said = f" = {part.meaning}" if part.meaning else ""
        written.append(f"  {label}: {part.value}{said}")
        written += [f"      {text}" for text in (part.check_text, part.issuer) if text]
    if found.problem:
        written += [f"  ✗ {found.problem.text}", f"      {found.problem.detail}"]
    for one in found.suspicions[:_SHOWN]:
        written.append(f"  ? {', '.join(one.faults)}: {one.text}")
    if len(found.suspicions) > _SHOWN:
        written.append(f"  ? … +{len(found.suspicions) - _SHOWN}")
    if found.key:
        written.append(f"  → {found.key}")
    return [*written, *(f"  – {text}" for text in found.not_said)]
