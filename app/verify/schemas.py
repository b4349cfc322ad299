"""What a verdict page shows: one frozen view model, rendered as HTML or as JSON.

It carries codes, dates and numbers, never finished sentences: a sentence is a msgid of
:mod:`app.verify.wording`, said in the reader's language when the page is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Literal, cast

from app import i18n
from app.closeup import Window, around
from app.redaction.schemas import Deletion
from app.resolver.rules import as_printed
from app.verify.wording import Family

SpeakerKind = Literal["producer", "certifier", "partner", "authority", "nguon"]
Value = str | int | date | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says something; ``nguon`` is this service, which computes and has no name here."""

    kind: SpeakerKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class ProofRef:
    """Where a signed record lies in the log; its pages are ``/proof/<entry_index>/<position>``."""

    entry_index: int
    position: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of the verdict: ``text`` is its msgid, filled with ``params``."""

    code: str
    family: Family
    text: str
    speaker: Speaker
    params: Mapping[str, Value] = field(default_factory=dict)
    at: datetime | None = None
    proof: ProofRef | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is declared of the product, the batch and the unit; an empty value: not declared."""

    gtin: str
    name: str
    name_en: str
    brand: str
    description: str
    net_content: str
    producer: str
    producer_address: str
    producer_province: str
    producer_gln: str
    producer_phone: str
    origin: str
    ingredients: str
    storage: str
    warnings: str
    standards: str
    shelf_life_days: int | None
    lot: str = ""
    serial: str = ""
    production_date: date | None = None
    expiry_date: date | None = None
    days_left: int | None = None  # negative once the expiry date has passed
    proof: ProofRef | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """What goods were made from: a lot, and its product's names where it is registered.

    The number of a single unit is never told (docs/verdicts.md, "Whose proof").
    """

    gtin: str
    name: str = ""
    name_en: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the journey, or with ``gap`` a stretch that nobody declared.

    ``step`` is the bare CBV business step (``shipping``), for a gap the code of its reason.
    ``at`` is the event time, ``until`` the end of a gap; ``zone`` the offset as declared. A stop
    with ``scan`` set is the reader's own scan. ``through`` says whether the thing itself, its
    lot, its container or one of its inputs was declared; ``container`` is an SSCC.
    """

    step: str
    text: str
    at: datetime
    speaker: Speaker
    zone: str = "+07:00"
    until: datetime | None = None
    place: str = ""
    address: str = ""
    province: str = ""
    gap: bool = False
    scan: bool = False
    proof: ProofRef | None = None
    quantity: float | None = None
    unit: str = ""
    through: str = ""
    inputs: tuple[Input, ...] = ()
    container: str = ""
    deletion: Deletion | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring stops that a page shows, or folds into one line; ``first`` counts from 1."""

    first: int
    stops: tuple[Stop, ...]
    fold: Literal["", "inputs", "middle"] = ""


LONGEST_OPEN = 9  # more stops than this in a row are folded in their middle
OPEN_HEAD, OPEN_TAIL = 3, 5
FEWEST_FOLDED = 3  # a line in place of two stops saves nothing


def stretches(stops: tuple[Stop, ...]) -> tuple[Stretch, ...]:
    """Divide a journey for reading: where it began and where it is now stay open.

    The stops of what went into the goods are folded but for the first of all, and the middle of a
    long chain is.
    """
    found: list[Stretch] = []
    for is_input, group in groupby(stops, key=lambda stop: stop.through == "input"):
        run = tuple(group)
        head, tail = (0 if found else 1, 0) if is_input else (OPEN_HEAD, OPEN_TAIL)
        hidden = run[head : len(run) - tail]
        if len(hidden) < FEWEST_FOLDED or not (is_input or len(run) > LONGEST_OPEN):
            _join(found, run)
            continue
        _join(found, run[:head])
        found.append(Stretch(_next(found), hidden, "inputs" if is_input else "middle"))
        _join(found, run[len(run) - tail :])
    return tuple(found)


def _next(found: list[Stretch]) -> int:
    return found[-1].first + len(found[-1].stops) if found else 1


def _join(found: list[Stretch], stops: tuple[Stop, ...]) -> None:
    """Add open stops, to the last stretch where that is open, too."""
    if found and not found[-1].fold:
        found[-1] = replace(found[-1], stops=found[-1].stops + stops)
    elif stops:
        found.append(Stretch(_next(found), stops))


@dataclass(frozen=True, slots=True)
class Recall:
    """The recall notice in force that covers what was scanned."""

    number: str
    reason: str
    reason_en: str
    instructions: str
    hazard_group: str
    party: str
    phone: str
    issued_at: datetime
    lot: str = ""  # empty: every lot of the product
    serial: str = ""
    whole_product: bool = False  # if not, other lots are outside the notice
    proof: ProofRef | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """That the record which decides this verdict lies in the log, as checked for this page."""

    entry_index: int
    position: int
    tree_size: int
    root: str  # base64, as in the checkpoint
    received_at: datetime
    checkpoint_at: datetime
    bundle_url: str
    steps_url: str


@dataclass(frozen=True, slots=True)
class FoundSymbol:
    """A symbol in the photo; the polygon is in pixels of the upright picture."""

    text: str
    symbology: str
    polygon: tuple[tuple[int, int], ...]
    chosen: bool
    tier: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The photo without metadata, for this answer only; pixel size of the upright original."""

    data_uri: str
    width: int
    height: int

    def around(self, symbols: Sequence[FoundSymbol]) -> Window:
        """Give the part where the codes are; all of it without codes."""
        return around(self.width, self.height, [at for found in symbols for at in found.polygon])


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another code the reader may have meant: found beside, or after repairing a reader fault.

    ``code`` can be sent back as the field ``code`` of ``/scan``; ``display`` is for the eye;
    ``text`` is the msgid that says why it is offered.
    """

    code: str
    display: str
    text: str


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """One product of a photo that shows several: what is known, in a line; ``code`` asks for all.

    ``number`` is drawn at the code in the picture; ``name`` is empty where nothing is registered.
    """

    number: int
    code: str
    display: str
    name: str
    state: str
    colour: Family
    title: str
    polygon: tuple[tuple[int, int], ...]
    params: Mapping[str, Value] = field(default_factory=dict)
    sure: bool = True  # if not, the digits have to be compared first


@dataclass(frozen=True, slots=True)
class Question:
    """Numbers that a photo may show, to be compared with the print before anything is answered."""

    candidates: tuple[Candidate, ...]
    symbols: tuple[FoundSymbol, ...]
    picture: Picture | None
    hidden: str = ""

    def printed(self, candidate: Candidate) -> str:
        """The digits of a candidate as a pack prints them, where that is not ``display``."""
        return as_printed(candidate.display, _symbology(self.symbols))


@dataclass(frozen=True, slots=True)
class Source:
    """A register that was asked, and what it answered: ``found``, ``absent`` or ``silent``."""

    name: str
    answer: Literal["found", "absent", "silent"]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issued the GS1 prefix of the code; it says nothing about where goods were made."""

    prefix: str
    organisation: str
    organisation_en: str = ""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The answer to one scan.

    ``title`` and ``action`` are msgids, filled with ``params`` (``n, date, devices, provinces,
    sources, receipt``, those the state needs). ``key`` is the canonical GS1 key, ``display`` the
    code as people read it. ``scan_number`` is None where nothing is counted.
    """

    state: str
    colour: Family
    title: str
    action: str
    scanned_at: datetime
    params: Mapping[str, Value] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    key: str | None = None
    kind: str = ""  # gtin, lgtin, sgtin, sscc, gln, … or what else it is: payment, wifi, …
    display: str = ""
    facts: Facts | None = None
    journey: tuple[Stop, ...] = ()
    recall: Recall | None = None
    proof: Proof | None = None
    not_said: tuple[str, ...] = ()  # msgids
    symbols: tuple[FoundSymbol, ...] = ()
    picture: Picture | None = None
    other_codes: tuple[Candidate, ...] = ()
    repairs: tuple[Candidate, ...] = ()
    sources: tuple[Source, ...] = ()
    scan_number: int | None = None
    hidden_code_possible: bool = False
    hidden_code: str = ""  # came with the link; counts only once the person sends it
    receipt: str | None = None
    issuer: Issuer | None = None

    def stretches(self) -> tuple[Stretch, ...]:
        """The journey as a page shows it."""
        return stretches(self.journey)

    @property
    def symbology(self) -> str:
        """Kind of the code in the photo that the report is about; empty without a photo.

        The bars of a UPC-A are those of an EAN-13 that begins with 0.
        """
        kind = _symbology(self.symbols)
        return "UPC-A" if kind == "EAN-13" and self.printed else kind

    @property
    def printed(self) -> str:
        """The digits as the pack in the photo prints them, where that is not ``display``."""
        return as_printed(self.display, _symbology(self.symbols)) if self.symbols else ""

    def to_dict(self) -> dict[str, object]:
        """JSON-ready form; times as RFC 3339, dates as ISO 8601."""
        return {item.name: plain(getattr(self, item.name)) for item in fields(self)}


def _symbology(symbols: Sequence[FoundSymbol]) -> str:
    return next((symbol.symbology for symbol in symbols if symbol.chosen), "")


def plain(value: object) -> object:
    """Turn dataclasses, tuples and times into what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def said(report: ScanReport) -> dict[str, object]:
    """Give a report as JSON whose sentences are said in every language of the service."""
    body = report.to_dict()
    body["title"] = _in_all(report.title)
    body["action"] = _in_all(report.action, report.params)
    body["not_said"] = [_in_all(line) for line in report.not_said]
    for name in ("reasons", "journey", "repairs", "other_codes"):
        items = getattr(report, name)
        for written, item in zip(cast("list[dict[str, object]]", body[name]), items, strict=True):
            written["text"] = _in_all(item.text, getattr(item, "params", {}))
    return body


def _in_all(text: str, params: Mapping[str, Value] | None = None) -> dict[str, str]:
    spoken: dict[str, str] = {}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            filled = {name: _plain(value) for name, value in (params or {}).items()}
            spoken[language] = i18n.translate(language, text, **filled)
    return spoken


def _plain(value: Value) -> str:
    match value:
        case datetime():
            return f"{i18n.format_time(value)}, {i18n.format_date(value)}"
        case date():
            return i18n.format_date(value)
        case int():
            return i18n.format_number(value)
        case tuple():
            return ", ".join(i18n._(item) for item in value)
        case str():
            return value
