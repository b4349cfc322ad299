"""Auditing a whole log: entries per second, beside bare signature checks on the same cores.

``python bench/ledger_audit.py [--entries N]``: builds a log of N entries, each one
signed statement of one item by one of 50 parties, and audits the database with tiles, then the
published files alone. The peer does nothing but N bare Ed25519 verifications, in the same run, in
as many processes. Prints wall and CPU seconds (of all processes) and peak memory.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from ledger import database, log, schema, statement
from ledger.audit import audit
from ledger.follow import Follower
from ledger.keys import ED25519, PrivateKey
from ledger.log import Submission
from ledger.note import Signer
from ledger.tiles import TileStore
from ledger.trust import Trust

ORIGIN = "bench.example/log"
PARTIES = 50
AT_ONCE = 5_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class World:
    """A log of one folder, and the heads of its parties' chains."""

    def __init__(self, folder: Path) -> None:
        self.engine = database.connect(f"sqlite:///{folder / 'log.db'}")
        schema.metadata.create_all(self.engine)
        self.tiles = TileStore(folder / "tiles")
        self.signer = Signer.generate(ORIGIN)
        self.operator = PrivateKey(self.signer.private_key)
        self.keys = {f"party-{number}": PrivateKey.generate() for number in range(PARTIES)}
        self.heads = {name: (1, self._add_key(name)) for name in self.keys}

    def _add_key(self, stream: str) -> bytes:
        data = statement.build_key_add(
            stream=stream,
            seq=0,
            prev=statement.genesis(ORIGIN, stream),
            key_alg=ED25519,
            public_key=self.keys[stream].public.data,
            alg=ED25519,
            kid=self.operator.kid,
            signed_at=NOW,
        )
        with self.engine.begin() as connection:
            log.append(
                connection,
                origin=ORIGIN,
                statement=data,
                signature=self.operator.sign(data),
                received_at=NOW,
                operator=self.operator.public,
            )
        return hashlib.sha256(data).digest()

    def submission(self, number: int) -> Submission:
        stream = f"party-{number % PARTIES}"
        seq, prev = self.heads[stream]
        payload, salt = b'{"event":%d}' % number, os.urandom(16)
        data = statement.build(
            stream=stream,
            seq=seq,
            prev=prev,
            commitments=[statement.commitment(salt, payload)],
            alg=ED25519,
            kid=self.keys[stream].kid,
            signed_at=NOW,
        )
        self.heads[stream] = (seq + 1, hashlib.sha256(data).digest())
        return Submission(data, self.keys[stream].sign(data), [(payload, salt)])

    def grow(self, entries: int) -> None:
        for start in range(0, entries, AT_ONCE):
            batch = [self.submission(n) for n in range(start, min(start + AT_ONCE, entries))]
            with self.engine.begin() as connection:
                log.append_all(connection, batch, origin=ORIGIN, received_at=NOW)
        log.integrate(self.engine, origin=ORIGIN, signer=self.signer, now=NOW, tiles=self.tiles)


def verify_bare(count: int) -> None:
    """Check one signature ``count`` times."""
    key, message = Ed25519PrivateKey.generate(), os.urandom(330)
    signature, public = key.sign(message), key.public_key()
    for _ in range(count):
        public.verify(signature, message)


def peer(entries: int) -> None:
    """As many bare verifications, on all cores."""
    cores = os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context) as pool:
        list(pool.map(verify_bare, [entries // cores] * cores))


def measure(work: Callable[[], None]) -> tuple[float, float]:
    """Wall seconds, and CPU seconds of this process and the ones it waited for."""
    before, begin = os.times(), time.perf_counter()
    work()
    wall, after = time.perf_counter() - begin, os.times()
    return wall, sum(after[:4]) - sum(before[:4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    entries = parser.parse_args().entries
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        print(f"built {entries:,} entries in {measure(lambda: world.grow(entries))[0]:.0f} s")
        verifier = world.signer.verifier

        def whole() -> None:
            audit(world.engine, origin=ORIGIN, verifier=verifier, tiles=world.tiles).check()

        def public() -> None:
            Follower(world.tiles, Trust.of_key(verifier)).audit().check()

        wall, cpu = measure(lambda: peer(entries))
        print(f"{'bare Ed25519':22} {entries / wall:8,.0f}/s  {wall:6.1f} s wall {cpu:6.1f} s CPU")
        for name, work in (("database with tiles", whole), ("published files alone", public)):
            took, used = measure(work)
            print(
                f"{name:22} {entries / took:8,.0f}/s  {took:6.1f} s wall {used:6.1f} s CPU,"
                f" {took / wall:.2f} of the peer's wall, {used / cpu:.2f} of its CPU"
            )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory of the main process, building included: {memory:.0f} MiB")
        world.engine.dispose()


if __name__ == "__main__":
    main()
