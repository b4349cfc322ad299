"""One command each: back up, restore into a new database, compare, delete by order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.commands import recover_log
from app.db import connect
from app.factory import create_app
from app.runtime import Runtime
from app.settings import Settings
from app.statements import jobs
from ledger import backup
from ledger.errors import ForkError
from ledger.tiles import TileStore
from scanner.pool import DecoderPool
from tests.conftest import Clock
from tests.maker import Maker, commissioning, link


def run(app: Flask, *arguments: object) -> str:
    done = app.test_cli_runner().invoke(args=[str(one) for one in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def unit(maker: Maker) -> str:
    gtin = maker.product()
    serial = maker.serials(gtin)[0]
    maker.captured(commissioning(maker.rt.now(), [link(gtin, serial)]))
    return f"/01/{gtin}/21/{serial}"


def other_service(rt: Runtime, url: str, folder: Path, decoders: DecoderPool) -> Flask:
    """The same operator's service on another machine, with the same keys and an empty disk."""
    settings = rt.settings.model_dump() | {"database_url": url, "data_dir": folder}
    parts = Runtime(
        settings=Settings(**settings),
        db=connect(url),
        signer=rt.signer,
        tiles=TileStore(folder / "tiles"),
        decoders=decoders,
        now=rt.now,
    )
    made = create_app(parts=parts)
    made.testing = True
    return made


def test_a_service_moves_by_backup_and_restore(
    app: Flask, maker: Maker, unit: str, tmp_path: Path, decoders: DecoderPool, clock: Clock
) -> None:
    rt = maker.rt
    said = run(app, "backup")
    file = Path(re.match(r"(.*\.backup): \d+ rows", said)[1])  # type: ignore[index]
    assert file.parent == rt.settings.backups
    if rt.db.engine.dialect.name == "postgresql":
        # One server has to do: the old database is emptied after the backup.
        with rt.db.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        url = rt.settings.database_url
    else:
        url = f"sqlite:///{tmp_path / 'moved.db'}"
    moved = other_service(rt, url, tmp_path / "moved", decoders)
    assert "restored from" in run(moved, "restore", file)
    parts: Runtime = moved.extensions["nguon"]
    with pytest.raises(AssertionError, match=r"Error: .* (is there already|is not empty)"):
        run(moved, "restore", file)
    with pytest.raises(SystemExit, match="was restored from a backup") as refused:
        recover_log(parts)
    assert isinstance(refused.value.__cause__, ForkError)
    seen = tmp_path / "seen"
    seen.write_bytes(rt.tiles.read("checkpoint"))
    assert "may sign again" in run(moved, "compare", seen)
    recover_log(parts)
    clock.forward(minutes=2)
    again = Maker(moved.test_client(), parts, maker.party)
    gtin = again.product()
    assert gtin and jobs.integrate(parts) is False
    found = again.client.get(unit, headers={"Accept": "application/json"}).json
    assert found["state"] == "ITEM_MATCHES"
    parts.db.close()


def test_the_operator_deletes_by_command(
    app: Flask, maker: Maker, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.scrub.MOST_SEGMENTS", 0)
    run(app, "backup")
    with maker.rt.db.read() as session:
        entry = session.execute(text("SELECT entry_index FROM event")).scalar_one()
    order = ("--by", "Toà án", "--basis", "Bản án 12/2026")
    said = run(app, "redact", entry, 0, *order)
    assert '"by":"Toà án"' in said
    (kept,) = maker.rt.settings.backups.glob("*.backup")
    with maker.rt.db.read() as session:
        rows = session.execute(text("SELECT key FROM event_key")).scalars().all()
        assert rows and all(key.startswith("deleted:") for key in rows)
    with backup.reading(kept) as opened:
        assert opened.exec_driver_sql("SELECT count(*) FROM event_key").scalar_one() == 0
