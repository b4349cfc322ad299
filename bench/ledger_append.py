"""Durable appends per second, beside the bare INSERT and COMMIT that the same disk allows.

``python bench/ledger_append.py [--database URL] [--seconds N]``: SQLite in a temporary folder
unless a PostgreSQL address is given. Each line: median of five rounds, and the ratio to its peer
in the same run. Also printed: integrate and proof times at growing sizes, which must stay flat.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from ledger import database, log, schema, statement
from ledger.audit import audit
from ledger.keys import ED25519, PrivateKey
from ledger.log import Submission
from ledger.note import Signer
from ledger.tiles import TileStore

ORIGIN = "bench.example/log"
ROUNDS = 5


class Bench:
    """One log, one party, and a bare table on the same database."""

    def __init__(self, url: str, folder: Path, seconds: float) -> None:
        self.engine = database.connect(url)
        self.seconds = seconds
        schema.metadata.create_all(self.engine)
        bare = MetaData()
        self.bare = Table(
            "bench_bare", bare, Column("id", Integer, primary_key=True), Column("body", LargeBinary)
        )
        bare.drop_all(self.engine)
        bare.create_all(self.engine)
        self.tiles = TileStore(folder)
        self.signer, self.key = Signer.generate(ORIGIN), PrivateKey.generate()
        self.operator = PrivateKey(self.signer.private_key)
        self.stream = f"party-{os.urandom(4).hex()}"
        self.add_key()

    def add_key(self) -> None:
        with self.engine.begin() as connection:
            seq, prev = log.stream_head(connection, ORIGIN, self.stream)
            data = statement.build_key_add(
                stream=self.stream,
                seq=seq,
                prev=prev,
                key_alg=ED25519,
                public_key=self.key.public.data,
                alg=ED25519,
                kid=self.operator.kid,
                signed_at=datetime.now(UTC),
            )
            log.append(
                connection,
                origin=ORIGIN,
                statement=data,
                signature=self.operator.sign(data),
                received_at=datetime.now(UTC),
                operator=self.operator.public,
            )

    def insert_bare(self, count: int) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(self.bare), [{"body": bytes(600)}] * count)

    def append(self, count: int, items: int = 1) -> None:
        """``count`` signed statements in one transaction."""
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            log.lock(connection)
            seq, prev = log.stream_head(connection, ORIGIN, self.stream)
            group = []
            for number in range(seq, seq + count):
                pairs = [(b"event" * 40, os.urandom(16)) for _ in range(items)]
                data = statement.build(
                    stream=self.stream,
                    seq=number,
                    prev=prev,
                    commitments=[statement.commitment(salt, body) for body, salt in pairs],
                    alg=ED25519,
                    kid=self.key.kid,
                    signed_at=now,
                )
                group.append(Submission(data, self.key.sign(data), pairs))
                prev = hashlib.sha256(data).digest()
            log.append_all(connection, group, origin=ORIGIN, received_at=now)

    def rate(self, work: Callable[[], None]) -> float:
        """Calls per second over one round."""
        calls, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < self.seconds:
            work()
            calls += 1
        return calls / spent

    def compare(self, name: str, size: int, work: Callable[[], None], peer: str) -> None:
        """Print the rate of ``work``, in rounds that alternate with the bare insert."""
        ours, bare = [], []
        for _ in range(ROUNDS):
            bare.append(self.rate(lambda: self.insert_bare(size)) * size)
            ours.append(self.rate(work) * size)
        mine, other = statistics.median(ours), statistics.median(bare)
        print(f"{name:44} {mine:9.0f}/s   {peer} {other:9.0f}/s   ratio {mine / other:.2f}")

    def integrate(self) -> float:
        start = time.perf_counter()
        log.integrate(
            self.engine,
            origin=ORIGIN,
            signer=self.signer,
            now=datetime.now(UTC),
            tiles=self.tiles,
        )
        return time.perf_counter() - start

    def growth(self, sizes: list[int]) -> None:
        """Time of integrate for one new entry, and of a proof, at growing sizes."""
        for size in sizes:
            with self.engine.connect() as connection:
                have = log.log_head(connection, ORIGIN)[0]
            while have < size:
                step = min(2000, size - have)
                self.append(step)
                have += step
            self.integrate()
            times, idle = [], []
            for _ in range(9):
                self.append(1)
                times.append(self.integrate())
                idle.append(self.integrate())
                have += 1
            self.tiles.forget()
            proofs = []
            for index in range(0, have, max(1, have // 200)):
                start = time.perf_counter()
                log.prove(self.tiles, index, have)
                proofs.append(time.perf_counter() - start)
            print(
                f"size {have:8}: integrate one entry {statistics.median(times) * 1e3:6.2f} ms,"
                f" nothing new {statistics.median(idle) * 1e3:5.2f} ms,"
                f" proof median {statistics.median(proofs) * 1e3:.3f} ms,"
                f" worst {max(proofs) * 1e3:.3f} ms"
            )

    def audit(self) -> None:
        start = time.perf_counter()
        report = audit(self.engine, origin=ORIGIN, verifier=self.signer.verifier, tiles=self.tiles)
        report.check()
        spent = time.perf_counter() - start
        print(f"audit of {report.entries} entries: {report.entries / spent:.0f}/s")
        start = time.perf_counter()
        log.recover(self.engine, origin=ORIGIN, verifier=self.signer.verifier, tiles=self.tiles)
        spent = time.perf_counter() - start
        print(f"recover of {report.entries} entries: {report.entries / spent:.0f}/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--sizes", default="1000,10000,50000")
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{folder}/bench.db"
        bench = Bench(url, Path(folder) / "tiles", arguments.seconds)
        peer = "bare INSERT"
        bench.compare("one statement, one commit", 1, lambda: bench.append(1), peer)
        bench.compare("100 statements, one commit", 100, lambda: bench.append(100), peer)
        bench.compare("events: 1 statement of 1,000", 1000, lambda: bench.append(1, 1000), peer)
        bench.growth([int(size) for size in arguments.sizes.split(",")])
        bench.audit()
        bench.engine.dispose()


if __name__ == "__main__":
    main()
