"""The log's signer key: from the settings, else from a file that is made on first use."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.settings import Settings
from ledger.note import Signer


def log_signer(settings: Settings) -> Signer:
    """Give the signer of the log's checkpoints; in production its key must be set."""
    if settings.log_key is not None:
        return Signer.parse(settings.log_key.get_secret_value())
    if settings.environment == "production":
        raise ValueError("NGUON_LOG_KEY (or NGUON_LOG_KEY_FILE) must be set in production")
    return Signer.parse(_read_or_make(settings.data_dir / "log.key", settings.log_origin))


def _read_or_make(path: Path, origin: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(Signer.generate(origin).format() + "\n")
        try:
            # A link fails if the name is taken: of processes that start at once, one wins whole.
            Path(path).hardlink_to(file.name)
        except FileExistsError:
            pass
        finally:
            Path(file.name).unlink()
    return path.read_text(encoding="utf-8").strip()
