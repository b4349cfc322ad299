"""Operator's commands that belong to no feature: schema and log."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app import schema
from app.runtime import Runtime, runtime
from ledger import log as ledger_log

database = AppGroup("db", help="The database schema.")


@database.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to REVISION (default: the newest)."""
    schema.upgrade(runtime().db, revision)
    click.echo(f"database is at {revision}")


@database.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema down to REVISION; "base" removes everything."""
    schema.downgrade(runtime().db, revision)
    click.echo(f"database is at {revision}")


def require_schema(rt: Runtime) -> None:
    """Refuse to serve over an old or missing schema."""
    if not schema.is_current(rt.db):
        raise SystemExit(
            "The database schema is not current: run `flask --app app.factory db upgrade`."
        )


def recover_log(rt: Runtime) -> None:
    """Rebuild the derived tiles; refuses to serve if the last checkpoint is not reproduced."""
    with rt.db.write() as session:
        ledger_log.recover(
            session.connection(),
            origin=rt.settings.log_origin,
            signer=rt.signer,
            now=rt.now(),
            tiles=rt.tiles,
        )
