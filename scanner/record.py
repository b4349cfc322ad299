"""One photo's outcome as the JSON object that ``python -m scanner read --json`` prints.

``path``, ``symbols`` (``format``, ``symbology_identifier``, ``text``, ``bytes_hex``, ``polygon``,
``tier``, ``variants``), ``ms`` and ``notes``. A symbol has ``add_on`` where digits stand beside an
EAN/UPC symbol, and ``page`` beyond the first page of a document. A place with texts in dispute is
a symbol in the tier ``conflict`` with the most frequent text; the notes name the others.
"""

from __future__ import annotations

from typing import Any

from scanner.errors import ScanError
from scanner.reading import Disagreement, Reading, Symbol


def record(path: str, reading: Reading) -> dict[str, Any]:
    """The object for a photo that was opened; ``ms`` is the time inside the decoder process."""
    symbols = [_symbol(symbol) for symbol in reading.symbols]
    symbols += [_disputed(item) for item in reading.disagreements]
    notes = [*reading.notes, *(_dispute(item) for item in reading.disagreements)]
    ms = round(reading.elapsed_ms, 1)
    return {"path": path, "symbols": symbols, "ms": ms, "notes": notes}


def refusal(path: str, error: ScanError | OSError) -> dict[str, Any]:
    """The object for a file that was not read: no symbols, and a note that says why."""
    code = error.code if isinstance(error, ScanError) else "unreadable-file"
    return {"path": path, "symbols": [], "ms": 0.0, "notes": [f"error: {code}: {error}"]}


def _symbol(symbol: Symbol) -> dict[str, Any]:
    found: dict[str, Any] = {
        "format": symbol.symbology,
        "symbology_identifier": symbol.symbology_identifier,
        "text": symbol.text,
        "bytes_hex": symbol.raw.hex(),
        "polygon": symbol.polygon,
        "tier": symbol.tier,
        "variants": symbol.variants,
    }
    if symbol.add_on:
        found["add_on"] = symbol.add_on
    if symbol.page > 1:
        found["page"] = symbol.page
    return found


def _disputed(item: Disagreement) -> dict[str, Any]:
    """Only linear symbols are ever in dispute, so the text's characters are its bytes."""
    text = item.texts[0][1]
    looks = tuple(decoder for decoder, read in item.texts if read == text)
    symbol = Symbol(
        text,
        text.encode(),
        item.symbology,
        item.symbology_identifier,
        item.polygon,
        looks,
        "conflict",
        variants=looks,
        page=item.page,
    )
    return _symbol(symbol)


def _dispute(item: Disagreement) -> str:
    return "conflict: " + ", ".join(f"{decoder} read {text!r}" for decoder, text in item.texts)
