"""Fixtures of the fault tests."""

from tests.ledger_fixtures import lab, postgres_database, postgres_url, sqlite_lab

__all__ = ["lab", "postgres_database", "postgres_url", "sqlite_lab"]
