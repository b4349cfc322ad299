"""What a scanned or typed text is: one closed union of everything a code on a pack can be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from gs1.digital_link import DigitalLink
from gs1.element_string import LONGEST, ElementString
from gs1.equivalence import Key
from gs1.errors import FormatError, Gs1Error
from gs1.everyday import Action, Contact, Everyday, IdentityCard, Link, Wifi, recognise
from gs1.faults import Candidate, candidates
from gs1.keys import Gtin
from gs1.payment import START, PaymentQr
from gs1.reading import Form, form_of, read

__all__ = [
    "Action",
    "Candidate",
    "Contact",
    "DigitalLinkUri",
    "EpcUrn",
    "Gs1Data",
    "Identified",
    "IdentityCard",
    "Link",
    "Malformed",
    "Payment",
    "PlainGtin",
    "Text",
    "Wifi",
    "identify",
]

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Gs1Data:
    """Application Identifiers with values; ``key`` is None where they name no thing.

    ``candidates``: what the data may have been, had the reader lost or changed something.

    >>> identify("(01)09521234543213(10)A").to_dict()["key_kind"]
    'lgtin'
    """

    kind: ClassVar[Literal["gs1"]] = "gs1"
    element_string: ElementString
    key: Key | None
    candidates: tuple[Candidate, ...] = ()

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "kind": self.kind,
            "ai": self.element_string.to_bracketed(),
            **_key(self.key),
            **_candidates(self.candidates),
        }


@dataclass(frozen=True, slots=True)
class DigitalLinkUri:
    """A GS1 Digital Link URI; ``own`` when it leads to one of the caller's own stems.

    >>> identify("https://example.com/01/09521234543213").to_dict()["stem"]
    'https://example.com'
    """

    kind: ClassVar[Literal["digital_link"]] = "digital_link"
    link: DigitalLink
    key: Key
    own: bool
    candidates: tuple[Candidate, ...] = ()

    @property
    def element_string(self) -> ElementString:
        """The AIs of the URI."""
        return self.link.element_string

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "kind": self.kind,
            "ai": self.element_string.to_bracketed(),
            "stem": self.link.stem,
            "own": self.own,
            **_key(self.key),
            **_candidates(self.candidates),
        }


@dataclass(frozen=True, slots=True)
class PlainGtin:
    """The number of an EAN, UPC or ITF-14 symbol, or one typed in.

    >>> identify("96385074").element_string.items
    (('01', '00000096385074'),)
    """

    kind: ClassVar[Literal["gtin"]] = "gtin"
    gtin: Gtin
    key: Key

    @property
    def element_string(self) -> ElementString:
        """The number as AI (01)."""
        return ElementString((("01", self.gtin.gtin14),))

    def to_dict(self) -> Json:
        """JSON form."""
        return {"kind": self.kind, "gtin": str(self.gtin), **_key(self.key)}


@dataclass(frozen=True, slots=True)
class EpcUrn:
    """The URN of an RFID tag: an EPC pure identity, tag URI, class or pattern.

    >>> identify("urn:epc:id:sgtin:9521141.012345.1").key.canonical
    'https://id.gs1.org/01/09521141123454/21/1'
    """

    kind: ClassVar[Literal["epc"]] = "epc"
    key: Key

    def to_dict(self) -> Json:
        """JSON form."""
        return {"kind": self.kind, **_key(self.key)}


@dataclass(frozen=True, slots=True)
class Malformed:
    """Looks like GS1 data but breaks a rule; ``candidates`` are what it may have been.

    >>> identify("(01)09521234543214").error.code
    'incorrect_check_digit'
    """

    kind: ClassVar[Literal["malformed"]] = "malformed"
    error: Gs1Error
    candidates: tuple[Candidate, ...] = ()

    def to_dict(self) -> Json:
        """JSON form."""
        error = self.error
        return {
            "kind": self.kind,
            "error": {
                "code": error.code,
                "message": error.message,
                "ai": error.ai,
                "position": error.position,
                "clause": error.clause,
            },
            **_candidates(self.candidates),
        }


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment code; ``error`` says what is wrong with a damaged one, then ``details`` is None.

    >>> identify("00020101").to_dict()
    {'kind': 'payment', 'error': 'payment_field'}
    """

    kind: ClassVar[Literal["payment"]] = "payment"
    details: PaymentQr | None
    error: Gs1Error | None = None

    def to_dict(self) -> Json:
        """JSON form; the account is masked."""
        if self.details is None:
            return {"kind": self.kind, "error": self.error.code if self.error else None}
        found = self.details
        return {
            "kind": self.kind,
            "scheme": found.scheme,
            "bank_bin": found.bank_bin,
            "account": found.account,
            "amount": found.amount,
            "currency": found.currency,
        }


@dataclass(frozen=True, slots=True)
class Text:
    """Anything else.

    >>> identify("hello").to_dict()
    {'kind': 'text'}
    """

    kind: ClassVar[Literal["text"]] = "text"

    def to_dict(self) -> Json:
        """JSON form: the kind alone."""
        return {"kind": self.kind}


Identified = Gs1Data | DigitalLinkUri | PlainGtin | EpcUrn | Malformed | Payment | Everyday | Text

# Symbology identifiers of symbols with AIs, of those that hold one number, and of all others
# except EAN with add-on, which the scan data reader takes apart.
_WITH_AIS = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
_NUMBERS = frozenset({"]E0", "]E4", "]I1"})
_OTHER = re.compile(r"\](?!C1|e0|d2|Q3|J1|E3)[A-Za-z][0-9]")


def identify(
    text: str,
    symbology_identifier: str | None = None,
    *,
    own_stems: frozenset[str] = frozenset(),
) -> Identified:
    """Say what the text of a symbol, or a typed text, is. Total: it raises nothing.

    ``symbology_identifier`` (such as ``]d2``) is what the reader said of the symbol; it may also
    stand at the front of the text. ``own_stems`` are the stems of Digital Links the caller answers
    for. White space around the text is not part of it.

    >>> identify("(01)09521234543213(10)ABC").key.canonical
    'https://id.gs1.org/01/09521234543213/10/ABC'
    >>> identify("https://example.com/01/09521234543213", own_stems=frozenset()).own
    False
    >>> identify("9521234543214").candidates[0].text
    '9521234543213'
    """
    text = text.strip(" \t\r\n\f\v")
    identifier = symbology_identifier or ""
    if len(text) > LONGEST:
        return Text()
    if identifier in _WITH_AIS and not text.startswith(identifier):
        return _gs1(identifier + text, Form.SCAN)
    if text[:3] == identifier or _OTHER.match(text):
        identifier, text = text[:3], text[3:]
    if identifier in _NUMBERS:
        return _number(text)
    return _by_content(text, own_stems)


def _by_content(text: str, own_stems: frozenset[str]) -> Identified:
    if text.startswith(START):
        return _payment(text)
    if text[:8].lower() == "urn:epc:":
        return _epc(text)
    form = form_of(text)
    match form:
        case Form.LINK:
            return _digital_link(text, own_stems)
        case Form.NUMBER:
            return _number(text)
        case None:
            return recognise(text) or _repairable(text) or Text()
        case _:
            return _gs1(text, form)


def _gs1(text: str, form: Form) -> Gs1Data | Malformed:
    try:
        elements = read(text, form)
    except Gs1Error as error:
        return Malformed(error, candidates(text))
    return Gs1Data(elements, _key_of(elements), candidates(text))


def _key_of(elements: ElementString) -> Key | None:
    try:
        return Key.from_items(elements.items)
    except Gs1Error:
        return None


def _number(text: str) -> PlainGtin | Malformed:
    try:
        gtin = Gtin.parse(text)
    except Gs1Error as error:
        expanded = _upc_e(text)
        if expanded is None:
            return Malformed(error, candidates(text))
        gtin = expanded
    return PlainGtin(gtin, Key.of(gtin))


def _upc_e(text: str) -> Gtin | None:
    """GTIN-12 of eight digits that are no GTIN-8; fewer digits would be read into any number."""
    try:
        return Gtin.from_upc_e(text) if len(text) == 8 else None
    except Gs1Error:
        return None


def _digital_link(text: str, own_stems: frozenset[str]) -> DigitalLinkUri | Malformed:
    try:
        link = DigitalLink.parse(text)
        key = Key.from_items(link.element_string.items)
    except Gs1Error as error:
        return Malformed(error, candidates(text))
    own = _comparable(link.stem) in map(_comparable, own_stems)
    return DigitalLinkUri(link, key, own, candidates(text))


def _comparable(stem: str) -> str:
    """A stem whose scheme and host are in small letters (RFC 3986 section 6.2.2.1)."""
    scheme, _, rest = stem.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}".lower() + slash + path


def _epc(text: str) -> EpcUrn | Malformed:
    try:
        return EpcUrn(Key.from_epc_urn(text))
    except Gs1Error as error:
        return Malformed(error)


def _payment(text: str) -> Identified:
    try:
        return Payment(PaymentQr.parse(text))
    except Gs1Error as error:
        # An SSCC of AI (00) may begin with the same digits.
        form = form_of(text)
        found = _gs1(text, form) if form is Form.RAW else None
        return found if isinstance(found, Gs1Data) else Payment(None, error)


def _repairable(text: str) -> Malformed | None:
    """GS1 data that only shows after a fault of the reader is undone."""
    found = candidates(text)
    if not found:
        return None
    error = FormatError(
        "no GS1 data as it stands; it would be after a fault of the reader is undone",
        code="reader_fault",
        clause="GS1 General Specifications 7.8",
    )
    return Malformed(error, found)


def _key(key: Key | None) -> Json:
    if key is None:
        return {"key": None}
    return {"key": key.canonical, "key_kind": key.kind, "granularity": str(key.granularity)}


def _candidates(found: tuple[Candidate, ...]) -> Json:
    return {"candidates": [candidate.to_dict() for candidate in found]}
