"""Commands for operators: register a party, a person, an API key."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.accounts import service
from app.runtime import runtime

group = AppGroup("party", help="Parties, their people and their API keys.")


@group.command("create")
@click.argument("name")
@click.option("--gln", default=None, help="Global Location Number, 13 digits.")
@click.option("--prefix", "prefixes", multiple=True, required=True, help="GS1 company prefix.")
@click.option("--kind", default="producer", show_default=True)
@click.option("--address", default="")
@click.option("--province", default="", help="Two-digit province code.")
def create(
    name: str, gln: str | None, prefixes: tuple[str, ...], kind: str, address: str, province: str
) -> None:
    """Register the party NAME with its company prefixes and a managed signing key."""
    rt = runtime()
    with rt.db.write() as session:
        party = service.create_party(
            session,
            name=name,
            gln=gln,
            prefixes=list(prefixes),
            now=rt.now(),
            kind=kind,
            address=address,
            province=province,
        )
        party_id = service.party_id(party)
        kid = service.add_managed_key(session, party_id, parts=rt.key_parts())
    click.echo(f"party {party_id}, signing key {kid}")


@group.command("key")
@click.argument("party_id", type=int)
@click.option("--label", default="command line", show_default=True)
def key(party_id: int, label: str) -> None:
    """Make an API key for a party and print it, this once."""
    rt = runtime()
    with rt.db.write() as session:
        service.get_party(session, party_id)
        token = service.create_api_key(session, party_id=party_id, label=label, now=rt.now())
    click.echo(token)


@group.command("person")
@click.argument("party_id", type=int)
@click.argument("email")
@click.option("--name", required=True)
@click.password_option()
def person(party_id: int, email: str, name: str, password: str) -> None:
    """Register somebody who may sign in for a party; asks for the password."""
    rt = runtime()
    with rt.db.write() as session:
        service.get_party(session, party_id)
        service.create_person(
            session, party_id=party_id, email=email, name=name, password=password, now=rt.now()
        )
    click.echo(f"{email} may sign in")
