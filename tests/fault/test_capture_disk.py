"""A database that cannot grow any more: nothing is half-written, nothing accepted is lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event as sqlalchemy_event
from sqlmodel import func, select

from app.capture.jobs import worker
from app.capture.models import CaptureJob, Event, EventKey
from app.catalogue.models import Product
from app.issuing.models import Serial, SerialIssue
from app.runtime import Runtime
from app.statements import service as statements
from ledger import log as ledger_log
from ledger.audit import audit
from ledger.errors import ConflictError
from tests.conftest import Clock, RegisteredParty
from tests.maker import Maker, commissioning, link


@pytest.fixture
def maker(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Maker:
    return Maker(client, rt, party)


def sizes(rt: Runtime) -> tuple[int, ...]:
    """Rows of the features, and the length of the log."""
    tables = (Event, EventKey, Product, Serial, SerialIssue)
    with rt.db.read() as session:
        rows = [session.exec(select(func.count()).select_from(table)).one() for table in tables]
        length = ledger_log.log_head(session.connection(), rt.settings.log_origin)[0]
    return (*rows, length)


@contextmanager
def full_disk(rt: Runtime) -> Iterator[None]:
    """Let the SQLite file grow by no more than a few pages: a real SQLITE_FULL."""
    engine = rt.db.engine

    def limit(connection: Any, *_others: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")

    engine.dispose()
    sqlalchemy_event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        sqlalchemy_event.remove(engine, "connect", limit)
        engine.dispose()


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """SQLite only: the limit is SQLite's own."""
    path = tmp_path / "nguon.db"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


def test_a_full_disk_leaves_the_job_to_be_done(maker: Maker, clock: Clock) -> None:
    rt = maker.rt
    gtin = maker.product()
    epcs = [link(gtin, serial) for serial in maker.serials(gtin, 200)]
    worker(rt).drain()
    posted = maker.capture(*(commissioning(rt.now(), [epc]) for epc in epcs))
    before = sizes(rt)
    with full_disk(rt):
        assert worker(rt).tick() is False
        assert sizes(rt) == before
        assert maker.get(posted.headers["Location"]).json["running"] is True
    clock.forward(seconds=60)
    worker(rt).drain()
    assert maker.get(posted.headers["Location"]).json["success"] is True
    assert sizes(rt)[:2] == (200, 200)
    report = audit(
        rt.db.engine, origin=rt.settings.log_origin, verifier=rt.signer.verifier, tiles=rt.tiles
    )
    assert report.findings == []


def test_a_full_disk_refuses_a_registration_as_a_whole(maker: Maker) -> None:
    gtin = maker.product()
    before = sizes(maker.rt)
    with full_disk(maker.rt):
        maker.client.application.testing = False
        maker.client.application.config["PROPAGATE_EXCEPTIONS"] = False
        answer = maker.post(f"/api/v1/products/{gtin}/serials", {"count": 5000})
        assert answer.status_code >= 500
        assert answer.mimetype == "application/problem+json"
        assert sizes(maker.rt) == before
    assert len(maker.serials(gtin, 5000)) == 5000


def test_a_log_that_refuses_takes_the_rows_with_it(
    maker: Maker, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    rt = maker.rt
    gtin = maker.product()
    posted = maker.capture(commissioning(rt.now(), [link(gtin, maker.serials(gtin)[0])]))
    before = sizes(rt)
    original = ledger_log.append

    def refuse(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        raise ConflictError("another process appended first")

    monkeypatch.setattr(statements.ledger_log, "append", refuse)
    assert worker(rt).tick() is False
    assert sizes(rt) == before
    monkeypatch.undo()
    clock.forward(seconds=60)
    worker(rt).drain()
    assert maker.get(posted.headers["Location"]).json["success"] is True
    with rt.db.read() as session:
        assert session.exec(select(CaptureJob.attempts)).one() == 2
