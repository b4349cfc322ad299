"""The first pages of a PDF as grey pictures, by the extra ``pdf`` (pypdfium2).

Loaded in the decoder process only. PDFium runs no scripts here (its build has no JavaScript engine
switched on), follows no link, and draws at most :data:`MOST_PAGES` pages, each measured first.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator
from typing import Any

from PIL import Image

from scanner import errors
from scanner.header import Limits, check_size

MOST_PAGES = 5
_DOTS_PER_POINT = 200 / 72  # 200 dpi: modules of 0.25 mm are two pixels wide
_MOST_PIXELS = 12_000_000  # a larger page is drawn coarser


def pages(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    """Grey pictures of the first pages; raises :class:`PhotoRefused`."""
    pdfium = _pdfium()
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise errors.DamagedPhoto(
            "the PDF cannot be opened (damaged, or with a password)"
        ) from error
    try:
        for number in range(min(MOST_PAGES, len(document))):
            yield _drawn(document, number, limits, pdfium)
    finally:
        document.close()


def _drawn(document: Any, number: int, limits: Limits, pdfium: Any) -> Image.Image:
    try:
        page = document[number]
        width, height = page.get_size()
        fitting = math.sqrt(_MOST_PIXELS / max(1.0, width * height))
        scale = min(_DOTS_PER_POINT, fitting)
        check_size(math.ceil(width * scale), math.ceil(height * scale), limits)
        picture: Image.Image = page.render(
            scale=scale, grayscale=True, may_draw_forms=False
        ).to_pil()
        return picture.convert("L")
    except pdfium.PdfiumError as error:
        raise errors.DamagedPhoto(f"page {number + 1} of the PDF cannot be drawn") from error


def _pdfium() -> Any:
    try:
        return importlib.import_module("pypdfium2")
    except ImportError as error:
        raise errors.UnsupportedFormat(
            "PDF documents are opened with the extra 'pdf' (pypdfium2), which is not installed"
        ) from error
