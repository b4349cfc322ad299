"""Fixtures of the service's tests: a migrated database of each kind, a runtime, a client."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url

from app import schema
from app.accounts import service as accounts
from app.db import Database, connect
from app.factory import create_app
from app.runtime import Runtime
from app.settings import Settings
from ledger.cosignature import generate_log_signer
from ledger.tiles import TileStore
from scanner.pool import DecoderPool
from tests import postgres
from tests.postgres import postgres_database, postgres_url  # noqa: F401 - fixtures

# A busy machine is no fault: examples are bounded in number, not in time.
hypothesis.settings.register_profile("nguon", deadline=None, print_blob=True)
hypothesis.settings.load_profile("nguon")

collect_ignore = ["aics"]  # a program for another Python, not a test
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ORIGIN = "nguon.example/test"


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> datetime:
        self.time += timedelta(**span)
        return self.time


@dataclass
class RegisteredParty:
    """A party of the tests and its API key."""

    id: int
    name: str
    gln: str
    prefix: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("schema") / "migrated.db"
    database = connect(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[str]:  # noqa: F811 - pytest's way
    """Name of a PostgreSQL database with the newest schema, to be copied."""
    with postgres.database(postgres_url) as url:
        opened = connect(url)
        schema.upgrade(opened)
        opened.close()
        yield make_url(url).database or ""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated, empty database: each test that asks runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "nguon.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_url")
    with postgres.database(server, request.getfixturevalue("migrated_postgres")) as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a service under test."""
    return Settings(
        environment="test",
        database_url=database_url,
        data_dir=tmp_path / "data",
        base_url="http://127.0.0.1:8000",
        log_origin=ORIGIN,
        jobs="off",
        rate_scan="100000/minute",
        rate_login="100000/minute",
        rate_capture="100000/minute",
    )


@pytest.fixture
def clock() -> Clock:
    """The clock of the runtime."""
    return Clock()


@pytest.fixture(scope="session")
def decoders() -> Iterator[DecoderPool]:
    """One pool of decoder processes for all tests of a worker."""
    pool = DecoderPool(size=1, timeout=20)
    yield pool
    pool.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The open database."""
    opened = connect(database_url)
    yield opened
    opened.close()


@pytest.fixture
def rt(settings: Settings, database: Database, clock: Clock, decoders: DecoderPool) -> Runtime:
    """The parts of a service: a still clock and a seeded source of random numbers."""
    return Runtime(
        settings=settings,
        db=database,
        signer=generate_log_signer(ORIGIN),
        tiles=TileStore(settings.data_dir / "tiles"),
        decoders=decoders,
        now=clock,
        rng=random.Random(2026),
    )


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The application over that runtime."""
    application = create_app(parts=rt)
    application.testing = True
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser or a machine that calls the application."""
    return app.test_client()


def register(rt: Runtime, name: str, gln: str, prefix: str) -> RegisteredParty:
    """Register a party with a managed signing key and an API key."""
    with rt.db.write() as session:
        party = accounts.create_party(
            session, name=name, gln=gln, prefixes=[prefix], now=rt.now(), province="68"
        )
        party_id = accounts.party_id(party)
        accounts.add_managed_key(session, party_id, parts=rt.key_parts())
        token = accounts.create_api_key(session, party_id=party_id, label="test", now=rt.now())
    return RegisteredParty(party_id, name, gln, prefix, token)


@pytest.fixture
def party(rt: Runtime) -> RegisteredParty:
    """A producer with the demonstration prefix 9520001."""
    return register(rt, "Hợp tác xã Suối Đá", "9520001000003", "9520001")


@pytest.fixture
def other_party(rt: Runtime) -> RegisteredParty:
    """Another producer, with the prefix 9520002."""
    return register(rt, "Nước mắm Bãi Sậy", "9520002000002", "9520002")
