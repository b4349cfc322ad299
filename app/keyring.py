"""The log's signer key: from the settings, else from a file that is made on first use."""

from __future__ import annotations

import os
from pathlib import Path

from app.settings import Settings
from ledger import keys
from ledger.note import Signer


def log_signer(settings: Settings) -> Signer:
    """Give the signer of the log's checkpoints; in production its key must be set."""
    if settings.log_key is not None:
        return keys.load_signer(settings.log_key.get_secret_value())
    if settings.environment == "production":
        raise ValueError("NGUON_LOG_KEY (or NGUON_LOG_KEY_FILE) must be set in production")
    return keys.load_signer(_read_or_make(settings.data_dir / "log.key", settings.log_origin))


def _read_or_make(path: Path, origin: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL: of several processes that start at once, one makes the key.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    text = keys.generate_signer(origin)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    return text
