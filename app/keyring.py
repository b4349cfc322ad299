"""The log's signer keys, from the settings or a file made on first use; and its witnesses."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import Settings
from ledger.checkpoint import LogSigner
from ledger.cosignature import MlDsaSigner, generate_log_signer, parse_log_signer
from ledger.policy import Policy
from ledger.witness.client import Witnesses


def log_signer(settings: Settings) -> LogSigner:
    """Give the signer of the log's checkpoints; in production its keys must be set."""
    if settings.log_key is not None:
        return parse_log_signer(settings.log_key.get_secret_value())
    if settings.environment == "production":
        raise ValueError("NGUON_LOG_KEY (or NGUON_LOG_KEY_FILE) must be set in production")
    return _read_or_make(settings.data_dir / "log.key", settings.log_origin)


def log_witnesses(settings: Settings) -> Witnesses | None:
    """Give the witnesses that are asked before a checkpoint is published; None without any."""
    if settings.witness_policy is None:
        return None
    return Witnesses(
        Policy.parse(settings.witness_policy),
        seconds=settings.witness_timeout,
        folder=settings.data_dir / "evidence",
    )


def _read_or_make(path: Path, origin: str) -> LogSigner:
    """Read the key file; what it lacks is added, and the Ed25519 key it has is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.with_name(f".{path.name}.lock")):
        if not path.exists():
            signer = generate_log_signer(origin)
        else:
            signer = parse_log_signer(path.read_text(encoding="utf-8"))
            if signer.mldsa is not None:
                return signer
            # Made before checkpoints were signed with ML-DSA-44 too.
            signer = LogSigner(signer.ed25519, MlDsaSigner.generate(signer.name))
        _replace(path, signer.format())
        return signer


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Of processes that start at once, one makes the keys and the others read them."""
    with lock.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(path: Path, text: str) -> None:
    """Write the whole file or leave the old one; only the owner may read it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
