"""Policies are about code, not data: SQLite is enough for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Address of a migrated, empty SQLite database."""
    path = tmp_path / "nguon.db"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"
