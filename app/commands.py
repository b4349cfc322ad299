"""Operator's commands that belong to no feature: schema and log."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from pydantic import SecretStr

from app import schema
from app.runtime import Runtime, runtime
from app.settings import Settings
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


@database.command("settings")
def print_settings() -> None:
    """Print the table of settings, as it stands in docs/settings.md."""
    click.echo(settings_table())


def settings_table() -> str:
    """Give every setting with its default and meaning, as a Markdown table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        hidden = isinstance(default, SecretStr)
        shown = "(development only)" if hidden else "–" if default is None else f"`{default}`"
        lines.append(f"| `NGUON_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines)


def require_schema(rt: Runtime) -> None:
    """Refuse to serve over an old or missing schema."""
    if not schema.is_current(rt.db):
        raise SystemExit(
            "The database schema is not current: run `flask --app app.factory db upgrade`."
        )


def recover_log(rt: Runtime) -> None:
    """Restore the derived tiles; refuses to serve if the last checkpoint is not reproduced."""
    ledger_log.recover(
        rt.db.engine,
        origin=rt.settings.log_origin,
        verifier=rt.signer.verifier,
        tiles=rt.tiles,
        witnesses=rt.witnesses,
        now=rt.now(),
    )
