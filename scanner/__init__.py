"""Pictures to symbols and symbols to pictures; knows nothing of the web or the database.

Importing this package loads the standard library only: pictures are decoded in a separate process
(:mod:`scanner.pool`), labels are drawn by :mod:`scanner.label`, imported where they are needed.
"""

from __future__ import annotations

from scanner.errors import (
    CardNotUsable,
    DecoderBusy,
    DecoderCrashed,
    DecoderFault,
    DecoderTimeout,
    PhotoRefused,
    ScanError,
    SymbolError,
)
from scanner.header import Limits
from scanner.pool import DecoderPool, default_pool
from scanner.quality.report import Card, QualityReport
from scanner.reading import Disagreement, Reading, Symbol, Tier

__all__ = [
    "Card",
    "CardNotUsable",
    "DecoderBusy",
    "DecoderCrashed",
    "DecoderFault",
    "DecoderPool",
    "DecoderTimeout",
    "Disagreement",
    "Limits",
    "PhotoRefused",
    "QualityReport",
    "Reading",
    "ScanError",
    "Symbol",
    "SymbolError",
    "Tier",
    "default_pool",
    "doctor",
    "live_decoders",
    "preview",
    "quality_report",
    "read",
]


def read(
    photo: bytes,
    pool: DecoderPool | None = None,
    *,
    preview: int = 0,
    budget: float = 1.5,
    effort: float = 6.0,
) -> Reading:
    """Decode every symbol of a photo (JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF).

    With their extras also HEIC, and the first five pages of a PDF. ``preview`` asks for a JPEG of
    the photo as well, its longer side at most that many pixels. No further look at a hard photo is
    begun after ``budget`` seconds or beyond ``effort``, the work in units of opening the photo and
    one look with zxing-cpp's defaults, which is the same on a slow machine.
    Raises :class:`PhotoRefused` where the photo is at fault and :class:`DecoderFault` where the
    decoder is; a photo without a symbol gives an empty reading.
    """
    return (pool or default_pool()).read(photo, preview=preview, budget=budget, effort=effort)


def preview(photo: bytes, pool: DecoderPool | None = None, *, max_side: int = 1280) -> bytes:
    """Upright JPEG of a photo without metadata, its longer side at most ``max_side`` pixels."""
    return (pool or default_pool()).preview(photo, max_side)


def quality_report(
    photo: bytes, pool: DecoderPool | None = None, *, card: Card | None = None
) -> QualityReport:
    """Measure the print of a photo's symbols by the methods of ISO/IEC 15416 and 15415.

    ``card`` names two patches of known reflectance in the photo. The grades are indicative: a
    photo is no verifier, with or without a card (docs/scanner.md). Raises as :func:`read` does,
    and :class:`CardNotUsable` where the patches do not serve.
    """
    return (pool or default_pool()).quality(photo, card)


def live_decoders(pool: DecoderPool | None = None) -> tuple[str, ...]:
    """Names of the decoders that work here; starts the decoder process, so it also warms it."""
    return (pool or default_pool()).decoders()


def doctor(pool: DecoderPool | None = None) -> dict[str, str]:
    """Each decoder with ``live`` or what to do about it, for people and health checks."""
    live = live_decoders(pool)
    advice = {
        "zxing-cpp": "absent: the decoder process is broken",
        "zbar": "absent: install libzbar0 for a second opinion; the scanner works without it",
    }
    return {name: "live" if name in live else absent for name, absent in advice.items()}
