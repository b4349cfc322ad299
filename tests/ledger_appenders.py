"""A process with an appender: ``python -m tests.ledger_appenders URL FOLDER STREAM COUNT``.

Each of some threads sends statements of its own stream, as fast as answers come, and every
answer is printed. COUNT 0: until the process is killed.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
import threading
from pathlib import Path

from ledger import log
from ledger.group import Appender
from tests.ledger_lab import Lab

THREADS = 3


def main(url: str, folder: str, name: str, count: str) -> None:
    lab = Lab(url, Path(folder))
    streams = [f"{name}{number}" for number in range(THREADS)]
    for stream in streams:
        lab.add_key(stream)
    print("ready", flush=True)
    sys.stdin.readline()
    with Appender(lab.engine, origin=lab.origin, now=lab.now) as appender:
        threads = [
            threading.Thread(target=send, args=(lab, appender, stream, int(count)))
            for stream in streams
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def send(lab: Lab, appender: Appender, stream: str, count: int) -> None:
    with lab.engine.connect() as connection:
        _, prev = log.stream_head(connection, lab.origin, stream)
    for seq in itertools.count(1) if not count else range(1, count + 1):
        items = lab.items(f"{stream} {seq}".encode())
        data = lab.build(stream, seq, prev, items)
        answer = appender.append(data, lab.key(stream).sign(data), items)
        sys.stdout.write(f"{answer.index} {answer.entry_hash.hex()}\n")
        sys.stdout.flush()
        prev = hashlib.sha256(data).digest()


if __name__ == "__main__":
    main(*sys.argv[1:])
