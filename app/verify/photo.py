"""The photo on its own answer: picture, outlined codes, and the question what is printed."""

from __future__ import annotations

import base64

from app.resolver import rules as codes
from app.resolver.rules import Subject
from app.resolver.schemas import Asked
from app.verify import schemas, wording
from app.verify.schemas import Candidate
from scanner.reading import Symbol


def offer(subject: Subject, why: str) -> Candidate:
    """Offer a code that can be asked for; ``why`` is a key of ``wording.OFFERS``."""
    return Candidate(code(subject), codes.display(subject), wording.OFFERS[why])


def code(subject: Subject) -> str:
    """Give what can be sent back as ``code`` for the same answer."""
    return subject.elements.to_bracketed() if subject.elements else ""


def picture(asked: Asked) -> schemas.Picture | None:
    """Give the photo for its own answer; None where there is none."""
    reading = asked.reading
    if reading is None or not reading.preview:
        return None
    data = base64.b64encode(reading.preview).decode()
    return schemas.Picture(f"data:image/jpeg;base64,{data}", reading.width, reading.height)


def symbols(asked: Asked) -> tuple[schemas.FoundSymbol, ...]:
    """Give the outlined symbols of the photo."""
    found = asked.reading.symbols if asked.reading else ()
    return tuple(
        schemas.FoundSymbol(_public_text(s), s.symbology, s.polygon, s is asked.symbol, s.tier)
        for s in found
    )


def question(asked: Asked) -> schemas.Question | None:
    """Give the numbers to be compared with the print, where the photo left a doubt; else None.

    Decoders misread retail codes with a right check digit, and even agree on the wrong digits:
    only what is confirmed is answered at once.
    """
    offers = [offer(subject, "compare") for subject in _doubtful(asked)]
    candidates = tuple(candidate for candidate in offers if candidate.code)
    if not candidates:
        return None
    return schemas.Question(
        candidates, symbols(asked) or _disputed(asked), picture(asked), asked.hidden
    )


def _disputed(asked: Asked) -> tuple[schemas.FoundSymbol, ...]:
    """Give the places where decoders read different digits, to be outlined like a code."""
    found = asked.reading.disagreements if asked.reading else ()
    return tuple(schemas.FoundSymbol("", "", d.polygon, True, "conflict") for d in found)


def _doubtful(asked: Asked) -> list[Subject]:
    symbol, reading = asked.symbol, asked.reading
    if symbol is not None:
        return [] if symbol.tier == "confirmed" else [asked.subject]
    disputed = reading.disagreements if reading else ()
    texts = dict.fromkeys(text for item in disputed for _decoder, text in item.texts)
    return [codes.read_code(text) for text in texts]


def _public_text(symbol: Symbol) -> str:
    """Give the text of a product code; what else a photo shows is not repeated."""
    subject = codes.read_code(symbol.text, symbol.symbology_identifier)
    return symbol.text if subject.key or subject.kind == "malformed" else ""
