"""The log's promised speeds, each beside its peer in the same run.

``python bench/ledger_speed.py [--database URL] [--seconds N] [--entries N] [--folder DIR]``:
SQLite in a temporary folder unless a PostgreSQL address is given. Rates are medians of rounds.

1. Durable appends through ``Appender``, each event its own signed statement, and statements of
   1,000 events. Peer: the Ed25519 signatures that `cryptography` verifies per second on a core.
2. At half that load: time to the answer, and from the answer to the checkpoint, with
   ``integrate`` running beside.
3. Inclusion proofs in a log of ``--entries`` entries, all signed and verified, and the size of
   its public files. With ``--folder`` the log is kept, and found again. Peer: the same proofs
   from hashes in memory, without tiles.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select

# Runs from any folder, installed or not.
sys.path.insert(0, str(Path(__file__).parents[1]))

from ledger import database, log, merkle, schema, statement
from ledger.errors import OverloadedError
from ledger.keys import PrivateKey
from ledger.log import Appended, Appender, Submission
from ledger.note import Signer
from ledger.schema import ledger_entry
from ledger.tiles import TileStore

ORIGIN = "bench.example/log"
ROUNDS = 5
THREADS = 2
"""Callers; each has a stream of its own."""


def now() -> datetime:
    return datetime.now(UTC)


class Bench:
    """One log in a database and a folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.engine = database.connect(url)
        schema.metadata.create_all(self.engine)
        folder.mkdir(parents=True, exist_ok=True)
        key = folder / "key"
        if not key.exists():
            key.write_text(Signer.generate(ORIGIN).format())
        self.signer = Signer.parse(key.read_text())
        self.operator = PrivateKey(self.signer.private_key)
        self.tiles = TileStore(folder / "public")

    def appender(self) -> Appender:
        return Appender(self.engine, origin=ORIGIN, now=now)

    def integrate(self) -> int:
        return log.integrate(
            self.engine, origin=ORIGIN, signer=self.signer, now=now(), tiles=self.tiles
        ).size

    def size(self) -> int:
        with self.engine.connect() as connection:
            return log.log_head(connection, ORIGIN)[0]


class Party:
    """A new stream, its key and the head of its chain."""

    def __init__(self, bench: Bench) -> None:
        self.stream = f"party-{os.urandom(4).hex()}"
        self.key = PrivateKey.generate()
        with bench.engine.begin() as connection:
            self._enter(bench, connection)

    def _enter(self, bench: Bench, connection: Connection) -> None:
        seq, prev = log.stream_head(connection, ORIGIN, self.stream)
        data = statement.build_key_add(
            stream=self.stream,
            seq=seq,
            prev=prev,
            key_alg=self.key.alg,
            public_key=self.key.public.data,
            alg=bench.operator.alg,
            kid=bench.operator.kid,
            signed_at=now(),
        )
        log.append(
            connection,
            origin=ORIGIN,
            statement=data,
            signature=bench.operator.sign(data),
            received_at=now(),
            operator=bench.operator.public,
        )
        self.seq, self.prev = seq + 1, hashlib.sha256(data).digest()

    def make(self, events: int) -> Submission:
        """The next statement, signed."""
        items = [(b"event" * 40, os.urandom(16)) for _ in range(events)]
        data = statement.build(
            stream=self.stream,
            seq=self.seq,
            prev=self.prev,
            commitments=[statement.commitment(salt, body) for body, salt in items],
            alg=self.key.alg,
            kid=self.key.kid,
            signed_at=now(),
        )
        self.seq, self.prev = self.seq + 1, hashlib.sha256(data).digest()
        return Submission(data, self.key.sign(data), items)


def verify_rate(bench: Bench, seconds: float = 0.5) -> float:
    """Signatures over a statement's bytes that one core verifies in a second of its time."""
    message, key = Party(bench).make(1).statement, bench.signer.private_key
    signature, public = key.sign(message), key.public_key()
    calls, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        for _ in range(100):
            public.verify(signature, message)
        calls += 100
    return calls / spent


def send(appender: Appender, many: Sequence[Submission]) -> None:
    """Hand in all, waiting where the log says so, and then for every answer."""
    answers = []
    for one in many:
        while True:
            try:
                answers.append(appender.submit(one.statement, one.signature, one.items))
                break
            except OverloadedError as error:
                time.sleep(min(error.retry_after, 0.05))
    for answer in answers:
        answer.result()


def append_rate(bench: Bench, events: int, seconds: float) -> tuple[float, float]:
    """Events per second that come to rest on disk, and microseconds of CPU time for each."""
    parties = [Party(bench) for _ in range(THREADS)]
    count = int(seconds * (3000 if events == 1 else 20_000 / events))
    with bench.appender() as appender:
        for party in parties:  # until its key is known, the committer verifies alone
            send(appender, [party.make(1)])
        work = [[party.make(events) for _ in range(count)] for party in parties]
        # Work made ahead is the bench's: a real caller does not hold thousands of statements that
        # every full collection of garbage walks through.
        gc.collect()
        gc.freeze()
        threads = [threading.Thread(target=send, args=(appender, many)) for many in work]
        start, cpu = time.perf_counter(), time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent, cpu = time.perf_counter() - start, time.process_time() - cpu
    gc.unfreeze()
    done = sum(map(len, work)) * events
    return done / spent, cpu / done * 1e6


def one_thread(bench: Bench, events: int, seconds: float) -> tuple[float, float]:
    """As :func:`append_rate`, by ``append_all`` of 1,000 statements a transaction."""
    party, done, spent, cpu = Party(bench), 0, 0.0, 0.0
    while spent < seconds:
        group = [party.make(events) for _ in range(1000)]
        start, begin = time.perf_counter(), time.process_time()
        with bench.engine.begin() as connection:
            log.append_all(connection, group, origin=ORIGIN, received_at=now())
        spent, cpu = spent + time.perf_counter() - start, cpu + time.process_time() - begin
        done += len(group) * events
    return done / spent, cpu / done * 1e6


def appends(bench: Bench, seconds: float) -> float:
    """Print section 1; gives the rate of single events through the appender."""
    ways = (
        ("1,000 events a statement", append_rate, 1000),
        ("1 event, append_all in one thread", one_thread, 1),
        ("1 event", append_rate, 1),
    )
    ours = 0.0
    for name, way, events in ways:
        verify, rates, costs = [], [], []
        for _ in range(ROUNDS):
            verify.append(verify_rate(bench))
            rate, cost = way(bench, events, seconds)
            rates.append(rate)
            costs.append(cost)
        peer, ours = statistics.median(verify), statistics.median(rates)
        ratio = statistics.median(rate / peer for rate, peer in zip(rates, verify, strict=True))
        cost = statistics.median(costs)
        print(
            f"{name:34} {ours:6.0f} events/s (best {max(rates):.0f}) on {ours * cost / 1e6:.2f}"
            f" cores, {cost:.0f} us CPU each; verify {peer:.0f}/s a core, ratio {ratio:.2f},"
            f" for each core it got {1e6 / cost / peer:.2f}"
        )
    return ours


class Beside(threading.Thread):
    """Calls ``integrate`` again and again, and remembers when each size was published."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        self.done = threading.Event()
        self.published: list[tuple[float, int]] = []

    def run(self) -> None:
        while not self.done.wait(0.2):
            size = self.bench.integrate()
            self.published.append((time.perf_counter(), size))

    def when(self, index: int) -> float:
        return next(at for at, size in self.published if size > index)


def latencies(bench: Bench, rate: float, seconds: float) -> None:
    """Print section 2: statements come evenly, whether earlier ones are answered or not."""
    party = Party(bench)
    work = [party.make(1) for _ in range(int(rate * seconds))]
    bench.integrate()  # what the rounds before left behind is not this one's delay
    acks: list[float] = []
    accepted: list[tuple[float, int]] = []
    beside = Beside(bench)
    beside.start()
    with bench.appender() as appender:
        start = time.perf_counter()
        for number, one in enumerate(work):
            due = start + number / rate
            if (pause := due - time.perf_counter()) > 0:
                time.sleep(pause)
            future = appender.submit(one.statement, one.signature, one.items)

            def note(answer: Future[Appended], due: float = due) -> None:
                at = time.perf_counter()
                acks.append(at - due)
                accepted.append((at, answer.result().index))

            future.add_done_callback(note)
    time.sleep(1)
    beside.done.set()
    beside.join()
    beside.published.append((time.perf_counter(), bench.integrate()))
    signed = sorted(beside.when(index) - at for at, index in accepted)
    _say("answer", acks, rate)
    _say("answer to checkpoint", signed, rate)


def _say(name: str, times: list[float], rate: float) -> None:
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{name:30} at {rate:5.0f}/s: median {cuts[49] * 1e3:6.0f} ms,"
        f" p99 {cuts[98] * 1e3:6.0f} ms, worst {max(times) * 1e3:6.0f} ms"
    )


def grow(bench: Bench, size: int) -> None:
    """Bring the log to this size with statements that are signed, and verified one by one."""
    if (have := bench.size()) >= size:
        return
    party = Party(bench)
    have += 1
    while have < size:
        group = [party.make(1) for _ in range(min(2000, size - have))]
        bare = [Submission(one.statement, one.signature) for one in group]
        with bench.engine.begin() as connection:
            log.append_all(connection, bare, origin=ORIGIN, received_at=now())
        have += len(group)
    bench.integrate()


def proof_rate(prove: Callable[[int], object], indexes: Sequence[int]) -> float:
    start = time.process_time()
    for index in indexes:
        prove(index)
    return len(indexes) / (time.process_time() - start)


def proofs(bench: Bench, size: int) -> None:
    """Print section 3."""
    start = time.perf_counter()
    grow(bench, size)
    print(f"a log of {size:,} entries took {time.perf_counter() - start:.0f} s to build")
    leaves, entry_bytes = read(bench)
    size, root, memory = len(leaves), merkle.root(leaves), levels(leaves)
    draw = random.Random(4)
    everywhere = [draw.randrange(size) for _ in range(10_000)]
    hot = [size - 1 - draw.randrange(min(2000, size)) for _ in range(20_000)]
    for name, indexes in (("random", everywhere), ("of the last 2,000 entries", hot)):
        rates, peers = [], []
        for _ in range(ROUNDS):
            bench.tiles.forget()
            rates.append(proof_rate(lambda index: log.prove(bench.tiles, index, size), indexes))
            peers.append(
                proof_rate(lambda index: merkle.prove_inclusion(memory, index, size), indexes)
            )
        for index in indexes[:200]:
            path = log.prove(bench.tiles, index, size)
            merkle.verify_inclusion(leaves[index], index, size, path, root)
        ours, peer = statistics.median(rates), statistics.median(peers)
        ratio = ours / peer
        print(f"proofs {name:26} {ours:7.0f}/s; from memory {peer:7.0f}/s, ratio {ratio:.2f}")
    files = sum(f.stat().st_size for f in bench.tiles.folder.rglob("*") if f.is_file())
    ours, more = entry_bytes / size, (files - entry_bytes) / size
    print(f"public files: {more:.1f} bytes an entry beside its own {ours:.1f}")
    print(f"  allowed are 10 % and 33: {0.1 * ours + 33:.1f}")


def read(bench: Bench) -> tuple[list[bytes], int]:
    """Leaf hashes of all entries, and how many bytes the entries have."""
    leaves, entry_bytes = [], 0
    with bench.engine.connect().execution_options(sqlite_begin="DEFERRED") as connection:
        table = ledger_entry.c
        query = select(table.leaf_hash, table.body).where(table.log == ORIGIN)
        query = query.order_by(table.entry_index)
        for leaf, body in connection.execution_options(yield_per=5000).execute(query):
            leaves.append(leaf)
            entry_bytes += len(body)
    return leaves, entry_bytes


def levels(leaves: list[bytes]) -> merkle.Subtree:
    """Look-up of complete subtrees, every hash of the tree in memory."""
    rows = [leaves]
    while len(rows[-1]) > 1:
        row = rows[-1]
        pairs = zip(row[::2], row[1::2], strict=False)
        rows.append([merkle.node_hash(left, right) for left, right in pairs])

    def get(start: int, end: int) -> bytes:
        height = (end - start).bit_length() - 1
        return rows[height][start >> height]

    return get


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as temporary:
        url = arguments.database or f"sqlite:///{temporary}/bench.db"
        bench = Bench(url, Path(temporary))
        rate = appends(bench, arguments.seconds)
        latencies(bench, rate / 2, arguments.seconds * 3)
        folder = arguments.folder or Path(temporary) / "large"
        folder.mkdir(parents=True, exist_ok=True)
        proofs(Bench(f"sqlite:///{folder}/bench.db", folder), arguments.entries)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
