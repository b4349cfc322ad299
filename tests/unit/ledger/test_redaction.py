"""Redaction: an entry orders it, content is destroyed, proofs stay, no file keeps the plaintext."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text, update
from sqlalchemy.exc import OperationalError

from ledger import entry, log, redaction, statement
from ledger.errors import ConflictError, KeyStatusError, MissingError, RedactedError
from ledger.keys import PrivateKey
from ledger.redaction import Order
from ledger.schema import ledger_item, ledger_redaction
from ledger.scrub import LEFT_WAL, scrub
from tests.ledger_lab import Lab

SECRET = "Nguyễn Thị Bí Mật, 0912 345 678"


def payload(number: int, secret: str = "") -> bytes:
    return json.dumps({"n": number, "note": secret + " filling" * 40}, ensure_ascii=False).encode()


@pytest.fixture
def world(lab: Lab) -> Lab:
    """Entry 1 is about three items, of which the second holds the secret; many others follow."""
    lab.add_key("s")
    lab.append("s", payload(0), payload(1, SECRET), payload(2))
    for number in range(3, 60):
        lab.append("s", payload(number))
    lab.integrate()
    return lab


def redact(
    lab: Lab,
    *positions: int,
    index: int = 1,
    key: PrivateKey | None = None,
    connection: Connection | None = None,
) -> list[Order]:
    if connection is None:
        with lab.engine.begin() as own:
            return redact(lab, *positions, index=index, key=key, connection=own)
    return redaction.redact(
        connection,
        origin=lab.origin,
        entry=index,
        positions=positions,
        by="Hợp tác xã Suối Đá",
        basis="Luật 91/2025/QH15, Điều 14",
        key=key or lab.key("s"),
        now=lab.now(),
        operator=lab.operator.public,
    )


def contents(lab: Lab, index: int = 1) -> list[tuple[bytes | None, bytes | None]]:
    table = ledger_item.c
    query = ledger_item.select().where(table.entry_index == index).order_by(table.position)
    with lab.engine.connect() as connection:
        return [(row.payload, row.salt) for row in connection.execute(query)]


def traces(folder: Path, secret: str = SECRET) -> list[str]:
    """Files in which any spelling of the secret lies: plain, JSON-escaped, Base64, hexadecimal."""
    plain = secret.encode()
    spellings = {plain, json.dumps(secret).encode()[1:-1], plain.hex().encode()}
    # Base64 of bytes in the midst of others depends on what is before them.
    spellings |= {base64.b64encode(plain[shift:])[:-4] for shift in range(3)}
    return sorted(
        str(file)
        for file in folder.rglob("*")
        if file.is_file() and any(one in file.read_bytes() for one in spellings)
    )


def test_an_entry_orders_it_and_content_is_destroyed(world: Lab) -> None:
    (order,) = redact(world, 1)
    assert (order.entry, order.positions) == (1, (1,))
    assert (order.by, order.basis) == ("Hợp tác xã Suối Đá", "Luật 91/2025/QH15, Điều 14")
    with world.engine.connect() as connection:
        stored = entry.parse(log.entry_at(connection, world.origin, order.index))
        assert stored.received_at == order.at
        assert redaction.ordered(connection, world.origin, 1) == {1: order.index}
    assert stored.statement.kind == "log.redact"
    assert stored.statement.body == statement.Redact(1, (1,), order.basis, order.by)
    kept = contents(world)
    assert kept[1] == (None, None)
    assert kept[0][0] == payload(0) and kept[2][0] == payload(2)


def test_every_other_proof_stays_and_that_of_the_item_says_why_not(world: Lab) -> None:
    redact(world, 1)
    head = world.integrate()
    with world.engine.connect() as connection:
        assert log.prove_entry(connection, world.tiles, origin=world.origin, index=1).path
        with pytest.raises(RedactedError):
            log.make_bundle(connection, world.tiles, origin=world.origin, index=1, position=1)
        for position in (0, 2):
            log.make_bundle(
                connection, world.tiles, origin=world.origin, index=1, position=position
            )
    assert world.recover() == head.size
    assert world.audit().findings == []


def test_again_writes_nothing(world: Lab) -> None:
    first = redact(world, 1)
    assert redact(world, 1, 1) == first
    with world.engine.connect() as connection:
        size = log.log_head(connection, world.origin)[0]
    both = redact(world, 0, 1)
    assert [order.positions for order in both] == [(1,), (0,)]
    with world.engine.connect() as connection:
        assert log.log_head(connection, world.origin)[0] == size + 1


def test_the_operator_may_and_a_stranger_may_not(world: Lab) -> None:
    world.add_key("other")
    with pytest.raises(KeyStatusError):
        redact(world, 1, key=world.key("other"))
    assert contents(world)[1][0] == payload(1, SECRET)
    (order,) = redact(world, 1, key=world.operator)
    assert contents(world)[order.positions[0]] == (None, None)


def test_what_is_not_there_cannot_be_redacted(world: Lab) -> None:
    for index, positions in ((1, (3,)), (1, ()), (0, (0,)), (999, (0,))):
        with pytest.raises(MissingError):
            redact(world, *positions, index=index)


def test_order_and_destruction_are_one_transaction(world: Lab) -> None:
    with pytest.raises(RuntimeError), world.engine.begin() as connection:
        redact(world, 1, connection=connection)
        raise RuntimeError("killed")
    assert contents(world)[1][0] == payload(1, SECRET)
    with world.engine.connect() as connection:
        assert redaction.ordered(connection, world.origin, 1) == {}


@pytest.mark.parametrize("recorded", [False, True])
def test_an_order_that_was_not_carried_out_is_finished(world: Lab, recorded: bool) -> None:
    """As after a crash between two transactions of another writer, or rows restored from old."""
    (order,) = redact(world, 1)
    item = ledger_item.c
    with world.engine.begin() as connection:
        old = {"payload": payload(1, SECRET), "salt": world.items(payload(1, SECRET))[0][1]}
        at = (item.log == world.origin, item.entry_index == 1, item.position == 1)
        connection.execute(update(ledger_item).where(*at).values(**old))
        if not recorded:
            connection.execute(ledger_redaction.delete())
    world.integrate()
    assert world.audit().findings != []
    for left in (1, 0):
        with world.engine.begin() as connection:
            assert redaction.finish(connection, world.origin) == left
    assert contents(world)[1] == (None, None)
    assert world.audit().findings == []
    assert redact(world, 1) == [order]


def test_many_positions_take_several_entries(sqlite_lab: Lab) -> None:
    sqlite_lab.add_key("s")
    sqlite_lab.append("s", *(b"item %d" % number for number in range(4_100)))
    orders = redact(sqlite_lab, *range(4_100))
    assert [len(order.positions) for order in orders] == [2_000, 2_000, 100]
    assert set(contents(sqlite_lab)) == {(None, None)}
    sqlite_lab.integrate()
    assert sqlite_lab.audit().findings == []


def _files_of(lab: Lab, tmp_path: Path) -> Iterable[Path]:
    """Folders of the database and the public files; of PostgreSQL tables and write-ahead log."""
    if lab.engine.dialect.name == "sqlite":
        return [tmp_path]
    with lab.engine.connect() as connection:
        folder = connection.scalar(text("SHOW data_directory"))
        number = connection.scalar(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
    return [tmp_path, Path(str(folder)) / "base" / str(number), Path(str(folder)) / "pg_wal"]


def test_no_file_holds_the_plaintext_afterwards(world: Lab, tmp_path: Path) -> None:
    def found() -> list[str]:
        if world.engine.dialect.name == "postgresql":
            with world.engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))
        return [trace for folder in _files_of(world, tmp_path) for trace in traces(folder)]

    assert found() != []
    redact(world, 1)
    assert scrub(world.engine) == []
    assert found() == []
    world.integrate()
    assert world.audit().findings == []


@pytest.mark.postgres
def test_what_may_be_left_is_said(
    postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.scrub.MOST_SEGMENTS", 0)
    lab = Lab(postgres_database, tmp_path / "tiles").create()
    assert scrub(lab.engine) == [LEFT_WAL]
    lab.engine.dispose()


def test_copies_of_moved_cells_are_overwritten_too(sqlite_lab: Lab, tmp_path: Path) -> None:
    """Rows inserted between others make pages split; secure_delete alone leaves their copies."""
    sqlite_lab.add_key("s")
    sqlite_lab.append("s", *(payload(number, f"{SECRET} {number}") for number in range(40)))
    row = {"log": sqlite_lab.origin, "entry_index": 1, "commitment": bytes(32)}
    with sqlite_lab.engine.begin() as connection:
        connection.execute(ledger_item.delete())
        for number in [*range(0, 400, 2), *range(399, 0, -2)]:
            value = payload(number, f"{SECRET} {number}")
            filled = row | {"position": number, "payload": value, "salt": bytes(16)}
            connection.execute(insert(ledger_item).values(**filled))
        connection.execute(update(ledger_item).values(payload=None, salt=None))
    assert traces(tmp_path) != []
    scrub(sqlite_lab.engine)
    assert traces(tmp_path) == []


def test_a_reader_of_the_old_content_holds_it_up_and_is_said(
    sqlite_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.database.BUSY_MILLISECONDS", 50)
    sqlite_lab.engine.dispose()
    sqlite_lab.add_key("s")
    sqlite_lab.append("s", payload(1, SECRET))
    reader = sqlite3.connect(sqlite_lab.url.removeprefix("sqlite:///"), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM ledger_item").fetchone()
    redact(sqlite_lab, 0)
    with pytest.raises((ConflictError, OperationalError)):
        scrub(sqlite_lab.engine)
    reader.execute("COMMIT")
    reader.close()
    assert scrub(sqlite_lab.engine) == []
