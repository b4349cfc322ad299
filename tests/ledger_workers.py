"""What the processes of the multi-process tests run: ``python -m tests.ledger_workers …``."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from ledger import log
from ledger.errors import ConflictError, ContinuityError, LedgerError
from ledger.group import Appender
from tests.ledger_faults import faults
from tests.ledger_lab import Lab


def race(url: str, folder: str, count: str, care: str) -> None:
    """Append to one shared stream and sign, as fast as possible, beside others that do so too."""
    lab = Lab(url, Path(folder))
    add = lab.append_in if care == "careful" else lab.append_unlocked
    print("ready", flush=True)
    sys.stdin.readline()
    done = 0
    while done < int(count):
        try:
            with lab.engine.begin() as connection:
                appended = add(connection, "s", b"%d %d" % (os.getpid(), done))
        except (ConflictError, ContinuityError):
            print("again", flush=True)
            continue
        done += 1
        print(appended.index, flush=True)
        if done % 10 == 0:
            lab.integrate()


def killed(url: str, folder: str, at: str, mode: str) -> None:
    """Append and sign until the write with this number kills the process."""
    lab = Lab(url, Path(folder))
    with faults(lab, int(at), mode):
        for number in range(4):
            print(lab.append("s", b"%d" % number).index, flush=True)
            print(f"signed {lab.integrate().size}", flush=True)


def endless(url: str, folder: str) -> None:
    """Append and sign until somebody kills the process."""
    lab = Lab(url, Path(folder))
    number = 0
    while True:
        print(lab.append("s", b"%d" % number).index, flush=True)
        if number % 5 == 0:
            print(f"signed {lab.integrate().size}", flush=True)
        number += 1


def steady(url: str, folder: str, count: str, synchronous: str = "FULL") -> None:
    """Append and sign, and go on after an error as a service does; tell what was answered."""
    lab = Lab(url, Path(folder))
    with lab.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
    print("begin", flush=True)
    for number in range(int(count)):
        try:
            print(f"accepted {lab.append('s', b'%d' % number).index}", flush=True)
            head = lab.integrate()
            print(f"signed {head.size} {head.root.hex()}", flush=True)
        except (DBAPIError, LedgerError, OSError) as error:
            print(f"refused {type(error).__name__}", flush=True)
    lab.engine.dispose()  # SQLite writes its log back into the database when the last one leaves


def burst(url: str, folder: str, answers: Connection) -> None:
    """Append from several threads and sign beside them, until somebody kills the process."""
    lab = Lab(url, Path(folder))
    appender = Appender(lab.engine, origin=lab.origin, now=lab.now)
    lock = threading.Lock()

    def tell(*words: object) -> None:
        with lock:
            answers.send(words)

    def append(stream: str) -> None:
        with lab.engine.connect() as connection:
            seq, prev = log.stream_head(connection, lab.origin, stream)
        for number in itertools.count(seq):
            items = lab.items(f"{stream} {os.getpid()} {number}".encode())
            data = lab.build(stream, number, prev, items)
            appended = appender.append(data, lab.key(stream).sign(data), items)
            tell("accepted", appended.index, sha256(data).hexdigest())
            prev = sha256(data).digest()

    for stream in STREAMS:
        threading.Thread(target=append, args=(stream,), daemon=True).start()
    while True:
        head = lab.integrate()
        tell("signed", head.size, head.root)


STREAMS = ("s", "t", "u", "v")


if __name__ == "__main__":
    workers: dict[str, Callable[..., None]] = {
        "race": race,
        "killed": killed,
        "endless": endless,
        "steady": steady,
    }
    workers[sys.argv[1]](*sys.argv[2:])
