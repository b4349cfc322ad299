"""HEIC photos, by the extra ``heic`` (pi-heif: libheif with an HEVC decoder and no encoder).

Loaded in the decoder process only, and there only when the first HEIC photo comes.
"""

from __future__ import annotations

import importlib
from typing import Any

from scanner import errors


def register() -> None:
    """Let Pillow open HEIF; raises :class:`UnsupportedFormat` where the extra is absent."""
    try:
        pi_heif: Any = importlib.import_module("pi_heif")
    except ImportError as error:
        raise errors.UnsupportedFormat(
            "HEIC pictures are opened with the extra 'heic' (pi-heif), which is not installed"
        ) from error
    pi_heif.options.DECODE_THREADS = 1  # one photo, one core
    pi_heif.options.THUMBNAILS = False
    pi_heif.register_heif_opener()
