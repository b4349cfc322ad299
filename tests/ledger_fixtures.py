"""The ledger's fixtures; a conftest takes them by importing them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger_lab import Lab
from tests.postgres import postgres_database, postgres_url

__all__ = ["lab", "postgres_database", "postgres_url", "sqlite_lab"]


@pytest.fixture
def sqlite_lab(tmp_path: Path) -> Iterator[Lab]:
    """An empty log on SQLite."""
    lab = Lab(f"sqlite:///{tmp_path / 'log.db'}", tmp_path / "tiles").create()
    yield lab
    lab.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """An empty log, once on each database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'log.db'}"
    else:
        url = request.getfixturevalue("postgres_database")
    lab = Lab(url, tmp_path / "tiles").create()
    yield lab
    lab.engine.dispose()
