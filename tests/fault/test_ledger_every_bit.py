"""Every bit of every column and file of a log of 50 entries, flipped: found, at every place.

One flip at a time would take hours. Here the same bit is flipped in all rows of a table at once
and each row has to be named; test_ledger_flips flips single bits of a smaller log.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.schema import metadata
from tests import soak
from tests.fault.test_ledger_flips import KEYS, located
from tests.ledger_lab import Lab

ENTRIES = 50
PLACES = soak.count(4, 1_000_000)  # (byte, bit) tried of each column or file


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """50 entries of two parties, a checkpoint after every tenth."""
    folder = tmp_path_factory.mktemp("bits")
    lab = Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles").create()
    for stream in ("s", "t"):
        lab.add_key(stream)
    for number in range(2, ENTRIES):
        lab.append("st"[number % 2], f"event {number}".encode(), b"another")
        if number % 10 == 9:
            lab.integrate()
    assert not lab.audit().findings
    return lab


def chosen(length: int, name: str) -> Iterator[tuple[int, int]]:
    """Places of a value: all in a soak, otherwise some, among them the first and last bit."""
    every = [(byte, bit) for byte in range(length) for bit in range(8)]
    if len(every) <= PLACES:
        yield from every
    else:
        some = random.Random(f"{soak.SEED} {name}").sample(every, PLACES - 2)
        yield from sorted({every[0], every[-1], *some})


def flip(data: bytes, byte: int, bit: int) -> bytes:
    return data[:byte] + bytes([data[byte] ^ 1 << bit]) + data[byte + 1 :]


def columns() -> list[tuple[str, str]]:
    """Columns of bytes; the numbers and texts beside them are test_ledger_flips' part."""
    return [
        (table, column.name)
        for table in sorted(KEYS)
        for column in metadata.tables[table].columns
        if column.type.python_type is bytes
    ]


@pytest.mark.slow
@pytest.mark.timeout(7200 if soak.LONG else 300)
@pytest.mark.parametrize(("table", "column"), columns())
def test_a_bit_flipped_in_all_rows_is_found_in_each(sound: Lab, table: str, column: str) -> None:
    raw = sqlite3.connect(sound.url.removeprefix("sqlite:///"), isolation_level=None)
    raw.execute("PRAGMA ignore_check_constraints = ON")
    key = KEYS[table][0]
    rows = raw.execute(f"SELECT rowid, {key}, {column} FROM {table}").fetchall()
    rows = [row for row in rows if isinstance(row[2], bytes)]
    update, tried = f"UPDATE {table} SET {column} = ? WHERE rowid = ?", 0
    for byte, bit in chosen(
        max((len(value) for *_, value in rows), default=0), f"{table}.{column}"
    ):
        hit = [(rowid, place, value) for rowid, place, value in rows if byte < len(value)]
        raw.execute("BEGIN")
        raw.executemany(update, [(flip(value, byte, bit), rowid) for rowid, _, value in hit])
        raw.execute("COMMIT")
        report = sound.audit()
        raw.executemany(update, [(value, rowid) for rowid, _, value in hit])
        missed = [place for _, place, _ in hit if not located(report, table, str(place))]
        assert not missed, (table, column, byte, bit, missed)
        tried += len(hit)
    raw.close()
    assert not sound.audit().findings
    soak.report(f"{tried} flips in {table}.{column}: all found where they are")


@pytest.mark.slow
@pytest.mark.timeout(7200 if soak.LONG else 300)
def test_a_bit_flipped_in_a_public_file_is_found(sound: Lab) -> None:
    tried = 0
    for path, good in sound.files().items():
        file: Path = sound.tiles.folder / path
        for byte, bit in chosen(len(good), path):
            file.write_bytes(flip(good, byte, bit))
            report = sound.audit()
            assert located(report, "tile", path), (path, byte, bit)
            tried += 1
        file.write_bytes(good)
    assert not sound.audit().findings
    soak.report(f"{tried} flips in public files: all found where they are")
