"""A sender that repeats itself: ``python -m tests.ledger_retries URL FOLDER FILE [MODE]``.

Sends each statement of a file, in order, until it is answered. With a mode, the process dies at
the commit of the first new one: before or after.
"""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from pathlib import Path

from ledger import log
from ledger.errors import ContinuityError
from ledger.log import Appended, Submission
from tests.ledger_faults import faults
from tests.ledger_lab import Lab

COMMIT = 3
"""The fourth write of an append."""


def main(url: str, folder: str, file: str, mode: str = "") -> None:
    lab = Lab(url, Path(folder))
    print("ready", flush=True)
    sys.stdin.readline()
    with faults(lab, COMMIT, mode) if mode else nullcontext():
        for line in Path(file).read_text().splitlines():
            data, signature, payload, salt = (bytes.fromhex(part) for part in line.split(" "))
            answer = send(lab, Submission(data, signature, [(payload, salt)]))
            print(answer.index, answer.entry_hash.hex(), int(answer.replayed), flush=True)


def send(lab: Lab, submission: Submission) -> Appended:
    while True:
        try:
            with lab.engine.begin() as connection:
                return log.append_all(
                    connection, [submission], origin=lab.origin, received_at=lab.now()
                )[0]
        except ContinuityError:
            time.sleep(0.001)  # another process has not sent the one before yet


if __name__ == "__main__":
    main(*sys.argv[1:])
