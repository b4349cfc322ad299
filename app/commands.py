"""Operator's commands that belong to no feature: schema, log, backups."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext
from pydantic import SecretStr
from sqlalchemy import make_url

from app import schema
from app.runtime import Runtime, runtime
from app.settings import Settings
from ledger import backup as ledger_backup
from ledger import log as ledger_log
from ledger import restore as ledger_restore
from ledger import restored

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


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@with_appcontext
def backup(file: Path | None) -> None:
    """Write the whole database, as of one moment, to FILE or to a new file in the backup folder."""
    rt = runtime()
    name = f"nguon-{rt.now():%Y%m%dT%H%M%SZ}{ledger_backup.SUFFIX}"
    target = file or rt.settings.backups / name
    manifest = ledger_backup.backup(rt.db.engine, target, rt.now())
    rows = sum(part.rows for part in manifest.tables.values())
    click.echo(f"{target}: {rows} rows of {len(manifest.tables)} tables")
    click.echo("Not in it: the keys (NGUON_SECRET_KEY, NGUON_LOG_KEY or log.key). Keep them apart.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@with_appcontext
def restore(file: Path) -> None:
    """Fill a new database from the backup FILE; it signs nothing until `flask compare`."""
    rt = runtime()
    url = make_url(rt.settings.database_url).render_as_string(hide_password=False)
    ledger_restore.restore(file, url, rt.now(), schema.upgrade_as_backup)
    schema.upgrade(rt.db)
    click.echo(f"restored from {file}")
    click.echo("Its log signs nothing until `flask compare` shows that it is not behind.")


@click.command("compare")
@click.argument("checkpoint", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Give up, for ever, the entries under CHECKPOINT that the backup lacks. Whoever saw them "
    "can prove that this log has two histories; its witnesses will not sign again.",
)
@with_appcontext
def compare(checkpoint: Path, accept_loss: bool) -> None:
    """Let a restored log sign again if it is not behind CHECKPOINT.

    CHECKPOINT is a file with the newest checkpoint of the log that anybody has: a witness, a
    client, or another copy of /log/checkpoint.
    """
    rt = runtime()
    engine, origin, verifier = rt.db.engine, rt.settings.log_origin, rt.signer.verifier
    note = checkpoint.read_bytes()
    if accept_loss:
        lost = restored.accept_loss(engine, origin=origin, verifier=verifier, lost=note)
        click.echo(f"entries up to {lost.size} that the backup lacks are given up")
    else:
        seen = restored.compare(engine, origin=origin, verifier=verifier, seen=note, now=rt.now())
        click.echo(f"not behind the checkpoint of {seen.size} entries: the log may sign again")


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
