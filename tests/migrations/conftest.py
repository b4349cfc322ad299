from __future__ import annotations

from pathlib import Path

import pytest

from app.db import Database, connect


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return connect(f"sqlite:///{tmp_path / 'empty.db'}")
    return connect(request.getfixturevalue("postgres_database"))
