"""Command that loads the sample data."""

from __future__ import annotations

import click
from flask.cli import AppGroup

import scanner
from app import schema
from app.demo import cast, pictures, service, witness
from app.runtime import runtime

group = AppGroup("demo", help="Sample data.")

_WELCOME = """
  Nguồn: {url}

  Three things to try:
    1. Scan a sample picture        {url}/demo
    2. Open a pack as a phone does  {url}/01/{gtin}/21/{serial}
    3. Check the log yourself       {url}/log

  Sign in as the cooperative: {url}/login   {person} / {password}
  Its API key for machines:   {key}
  Stop with Ctrl+C. `make demo-reset` forgets everything.
"""


@group.command("witness")
@click.argument("url")
def prepare_witness(url: str) -> None:
    """Write keys and policies for a witness that will answer at URL; print their folder."""
    click.echo(witness.prepare(runtime().settings, url))


@group.command("load")
def load() -> None:
    """Migrate, load the sample supply chains once, draw their pictures, say what to try."""
    rt = runtime()
    schema.upgrade(rt.db)
    service.load(rt)
    for made in pictures.SAMPLES:
        service.picture(rt, made.state)
    service.picture(rt, "ITEM_CONFIRMED")
    click.echo(
        _WELCOME.format(
            url=rt.settings.base_url,
            gtin=cast.COFFEE,
            serial=cast.COFFEE_SERIALS[0],
            person=service.PERSON,
            password=service.PASSWORD,
            key=service.api_key_file(rt).read_text(encoding="utf-8").strip(),
        )
    )
    for name, state in scanner.doctor(rt.decoders).items():
        if state != "live":
            click.echo(f"  {name} is {state}")
