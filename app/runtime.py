"""What a running service holds: settings, database, clock, keys, decoders. Built by the factory."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from flask import current_app
from pydantic import SecretStr

from app.db import Database
from app.settings import Settings

if TYPE_CHECKING:
    from ledger.checkpoint import LogSigner
    from ledger.tiles import TileStore
    from ledger.witness.client import Witnesses
    from scanner.pool import DecoderPool


def utc_now() -> datetime:
    """Give the current time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class KeyParts:
    """What it takes to give a party a signing key."""

    origin: str
    signer: LogSigner
    secret: SecretStr
    now: datetime


@dataclass(slots=True)
class Runtime:
    """The service's parts; handlers hand the ones needed to services as arguments."""

    settings: Settings
    db: Database
    signer: LogSigner
    tiles: TileStore
    decoders: DecoderPool
    witnesses: Witnesses | None = None
    more_steps: Sequence[Callable[[Runtime], bool]] = ()  # of the background worker
    now: Callable[[], datetime] = utc_now
    rng: random.Random = field(default_factory=secrets.SystemRandom)

    def key_parts(self) -> KeyParts:
        """Give what ``accounts.service.add_managed_key`` takes."""
        settings = self.settings
        return KeyParts(settings.log_origin, self.signer, settings.secret_key, self.now())


def runtime() -> Runtime:
    """Give the runtime of the application that handles the current request."""
    return cast(Runtime, current_app.extensions["nguon"])
