"""Settings of the service, read once from the environment (prefix ``NGUON_``) and then frozen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only-secret-change-me"  # noqa: S105 - refused in production


class Settings(BaseSettings):
    """Everything an operator can set. A secret may come from a file: ``NGUON_<NAME>_FILE``."""

    model_config = SettingsConfigDict(
        env_prefix="NGUON_", frozen=True, hide_input_in_errors=True, extra="forbid"
    )

    environment: Literal["development", "test", "production"] = Field(
        "development", description="`production` refuses default secrets and insecure cookies."
    )
    database_url: str = Field(
        "sqlite:///var/nguon.db",
        repr=False,  # it may hold a password
        description="SQLAlchemy URL: `sqlite:///path` or `postgresql+psycopg://user:pw@host/db`.",
    )
    data_dir: Path = Field(
        Path("var"), description="Folder of the tiles, the generated keys and the sample pictures."
    )
    backup_dir: Path | None = Field(
        None,
        description="Folder of the backups; what is deleted is deleted there too. "
        "`backups` in the data folder if unset.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="Public address; the stem of every Digital Link that Nguồn prints.",
    )
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        description="Seals managed signing keys at rest and signs session cookies.",
    )
    log_origin: str = Field(
        "nguon.example/log", description="Origin line of the log's checkpoints (C2SP)."
    )
    log_key: SecretStr | None = Field(
        None,
        description="Signer keys of the log (C2SP note keys), Ed25519 then ML-DSA-44, a line each;"
        " made in the data folder if unset.",
    )
    witness_policy: str | None = Field(
        None,
        description="Witnesses and quorum of the log (C2SP tlog-policy). Required in production, "
        "where `quorum none` says that there are none; unset elsewhere: published at once.",
    )
    witness_timeout: float = Field(
        5.0, gt=0, description="Seconds that witnesses have to cosign a checkpoint."
    )
    jobs: Literal["thread", "external", "off"] = Field(
        "thread",
        description="Who works on capture jobs: a thread here, `flask jobs run`, or nobody.",
    )
    decoder_processes: int = Field(1, ge=1, le=16, description="Worker processes that read photos.")
    decoder_timeout: float = Field(5.0, gt=0, description="Seconds until a decoder is killed.")
    max_photo_bytes: int = Field(20_000_000, gt=0, description="Largest accepted photo, in bytes.")
    max_photo_pixels: int = Field(40_000_000, gt=0, description="Largest photo, in pixels.")
    max_body_bytes: int = Field(
        5_000_000, gt=0, description="Largest JSON body (capture, registration), in bytes."
    )
    capture_backlog: int = Field(
        5_000, gt=0, description="Capture jobs that may wait; further ones are answered with 503."
    )
    rate_scan: str = Field(
        "600/minute", description="Scans per client address; many phones share one at a carrier."
    )
    rate_login: str = Field("10/minute", description="Log-in attempts per client address.")
    rate_capture: str = Field("600/minute", description="Captures and other writes per API key.")
    trusted_proxies: int = Field(
        0, ge=0, description="Number of reverse proxies whose X-Forwarded-* headers are believed."
    )
    metrics_public: bool = Field(
        False, description="Answers `/metrics` to every address, not only to this machine."
    )
    demo: bool = Field(False, description="Serves `/demo` and its sample pictures.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line that is written."
    )

    @property
    def backups(self) -> Path:
        """Folder of the backups."""
        return self.backup_dir or self.data_dir / "backups"

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("secret_key", "log_key", "database_url", "witness_policy"):
            path = os.environ.get(f"NGUON_{name.upper()}_FILE")
            if path and name not in values:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
        return values

    @model_validator(mode="after")
    def _no_unsafe_production(self) -> Self:
        if self.environment != "production":
            return self
        secret = self.secret_key.get_secret_value()
        if secret == DEVELOPMENT_SECRET or len(secret) < 32:
            raise ValueError("NGUON_SECRET_KEY must be set to at least 32 characters in production")
        if not self.base_url.startswith("https://"):
            raise ValueError("NGUON_BASE_URL must be https in production")
        if self.witness_policy is None:
            raise ValueError(
                "NGUON_WITNESS_POLICY (or NGUON_WITNESS_POLICY_FILE) must name the log's witnesses"
                " in production; 'quorum none' says that there are none"
            )
        return self
