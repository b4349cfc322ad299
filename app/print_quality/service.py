"""Measures a photo in a decoder process; nothing is written or kept."""

from __future__ import annotations

from dataclasses import dataclass

from app.print_quality import schemas
from app.print_quality.schemas import Measured
from app.runtime import Runtime
from scanner.pdf import to_pdf
from scanner.quality import Card, QualityReport, card


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one photo with what the page says about each symbol."""

    quality: QualityReport
    symbols: tuple[Measured, ...]


def card_pdf(light_percent: int, dark_percent: int, language: str) -> bytes:
    """A reference card to print; raises :class:`scanner.CardNotUsable`."""
    return to_pdf(card.page(light_percent, dark_percent, language))


def measure_photo(rt: Runtime, photo: bytes, told: Card | None) -> Report:
    """The print quality of a photo's symbols; raises as :meth:`DecoderPool.quality` does."""
    quality = rt.decoders.quality(photo, told)
    return Report(quality, tuple(schemas.measured(symbol) for symbol in quality.symbols))
