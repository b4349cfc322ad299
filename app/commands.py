"""Operator's commands that belong to no feature: schema, log, backups."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from alembic.util import CommandError
from flask.cli import AppGroup, with_appcontext
from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from app import schema
from app.problems import Problem
from app.runtime import Runtime, runtime
from app.settings import Settings
from ledger import backup as ledger_backup
from ledger import log as ledger_log
from ledger import restore as ledger_restore
from ledger import restored
from ledger.errors import LedgerError

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
    try:
        ledger_log.recover(
            rt.db.engine,
            origin=rt.settings.log_origin,
            verifier=rt.signer.verifier,
            tiles=rt.tiles,
            witnesses=rt.witnesses,
            now=rt.now(),
        )
    except LedgerError as error:
        raise SystemExit(f"The log is not served: {error}") from error


def say_refusals(command: click.Command) -> None:
    """Let a command that is refused end with one line, not with a traceback."""
    if isinstance(command, click.Group):
        for part in command.commands.values():
            say_refusals(part)
    elif command.callback is not None and not hasattr(command.callback, "says_refusals"):
        command.callback = _saying(command.callback)


def _saying(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def said(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except (LedgerError, OSError, CommandError) as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            raise click.ClickException(f"the database: {error.orig}") from error
        except Problem as error:
            raise click.ClickException(_words(error)) from error
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
            raise click.ClickException("; ".join(faults)) from error

    said.says_refusals = True  # type: ignore[attr-defined]
    return said


def _words(problem: Problem) -> str:
    """What a problem says, in English: the words of its faults, or its title."""
    return "; ".join(str(e.detail % e.params) for e in problem.errors) or str(problem)
