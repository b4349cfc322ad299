"""The operator's command to delete content: by order of a court or an authority, say."""

from __future__ import annotations

import click
import orjson
from flask.cli import with_appcontext

from app.redaction import service
from app.redaction.schemas import RedactionIn
from app.runtime import runtime
from app.statements.schemas import Author
from ledger.keys import PrivateKey


@click.command("redact")
@click.argument("entry", type=int)
@click.argument("positions", type=int, nargs=-1, required=True)
@click.option("--by", required=True, help="Who ordered it, in words; public in the log.")
@click.option("--basis", required=True, help="Legal basis, in words; public in the log.")
@with_appcontext
def redact(entry: int, positions: tuple[int, ...], by: str, basis: str) -> None:
    """Delete the content of the events at POSITIONS of ENTRY, in database, files and backups."""
    rt = runtime()
    data = RedactionIn(entry=entry, positions=list(positions), by=by, basis=basis)
    # The operator signs: the party's number plays no part.
    author, operator = Author.of(rt, 0), PrivateKey(rt.signer.private_key)
    with rt.db.write() as session:
        reply = service.redact_as_operator(session, author, data, operator)
    click.echo(orjson.dumps(reply.body).decode())
    for remark in service.scrub_files(rt.db.engine, rt.settings.backups, rt.now()):
        click.echo(f"not reached: {remark}")
