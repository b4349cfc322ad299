"""A log's side: asks its witnesses for cosignatures and notices when they know another history.

A witness knows the last checkpoint that it cosigned. If that is larger than anything this log has
signed, or has another root, then this database was rolled back or is a copy: signing stops.
"""

from __future__ import annotations

import http.client
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ledger import checkpoint, merkle, note
from ledger.checkpoint import Checkpoint
from ledger.cosignature import CosignatureKey
from ledger.errors import ForkError, FormatError, LedgerError, SignatureError, WitnessError
from ledger.note import Note, Signature, VerifierKey
from ledger.policy import Policy
from ledger.witness import evidence
from ledger.witness.evidence import Evidence
from ledger.witness.protocol import (
    MAX_ANSWER,
    SIZE_TYPE,
    AddCheckpoint,
    origin_hash,
    parse_lines,
    parse_size,
)

_ATTEMPTS = 3
_GRACE_SECONDS = 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
logger = logging.getLogger(__name__)


class Tree:
    """The log's own tree, from which proofs are made; one thread at a time reads it."""

    def __init__(self, head: Checkpoint, get: merkle.Subtree) -> None:
        self.head = head
        self._get = get
        self._lock = threading.Lock()

    def root(self, size: int) -> bytes:
        """Root of the first ``size`` entries."""
        if size == self.head.size:
            return self.head.root
        with self._lock:
            return merkle.range_hash(self._get, 0, size) if size else merkle.EMPTY_ROOT

    def proof(self, old: int) -> tuple[bytes, ...]:
        """Consistency proof from ``old``, checked: ProofError if the tiles are damaged."""
        head = self.head
        if old in (0, head.size):
            return ()
        first = self.root(old)
        with self._lock:
            path = tuple(merkle.prove_consistency(self._get, old, head.size))
        merkle.verify_consistency(old, head.size, path, first, head.root)
        return path


@dataclass(frozen=True)
class _Response:
    status: int
    content_type: str
    body: bytes


_Answers = queue.SimpleQueue[tuple["Endpoint", tuple[Signature, ...] | Exception]]
_Ask = Callable[["Endpoint"], tuple[Signature, ...]]
_Enough = Callable[[tuple[Signature, ...]], bool]


class Endpoint:
    """One witness at its address, with the keys that the policy gives it."""

    def __init__(self, url: str, keys: Sequence[CosignatureKey], seconds: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise FormatError(f"not the address of a witness: {url}")
        self.url = url
        self.keys = tuple(keys)
        self.greeted = False
        self.busy = threading.Lock()
        self._pause = 0.0
        self._again = 0.0
        self.size = 0  # what the witness is thought to know
        self._prefix = parts.path.rstrip("/")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(parts.hostname, parts.port, timeout=seconds)

    @property
    def rests(self) -> bool:
        """Whether it failed so short a time ago that it is not asked again yet."""
        return time.monotonic() < self._again

    def note_answer(self) -> None:
        """Remember that it answers."""
        self._pause = self._again = 0.0

    def note_failure(self) -> bool:
        """Let it rest, longer each time; true if it had answered before."""
        first = not self._pause
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        self._again = time.monotonic() + self._pause
        return first

    def cosign(self, signed: Note, tree: Tree) -> tuple[Signature, ...]:
        """This witness's cosignatures of the checkpoint, verified.

        Raises ForkError if it reports more entries than the checkpoint has, WitnessError for
        every other answer that brings no cosignature.
        """
        for _ in range(_ATTEMPTS):
            request = AddCheckpoint(self.size, tree.proof(self.size), signed)
            answer = self._send("POST", "/add-checkpoint", request.format())
            if answer.status == 200:
                lines = self._verified(answer.body, signed)
                self.size = tree.head.size
                return lines
            if answer.status != 409 or answer.content_type != SIZE_TYPE:
                raise WitnessError(f"{self.url} answered {answer.status}", answer.status)
            self.size = parse_size(answer.body)
            if self.size > tree.head.size:
                size, self.size = self.size, 0
                raise ForkError(f"{self.url} knows {size} entries, this log has {tree.head.size}")
        raise WitnessError(f"{self.url} gives another size each time", 409)

    def latest(self, origin: str) -> bytes | None:
        """The last checkpoint that the witness cosigned for the log; None if it shows none."""
        answer = self._send("GET", f"/{origin_hash(origin)}/checkpoint")
        return answer.body if answer.status == 200 else None

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        with self.busy:
            self._connection.close()

    def _verified(self, body: bytes, signed: Note) -> tuple[Signature, ...]:
        cosigned = Note(signed.text, parse_lines(body))
        found = []
        for key in self.keys:
            if lines := key.signatures(cosigned):
                if 0 in key.times(cosigned):
                    raise WitnessError(f"{self.url} cosigned without a time", 200)
                found.append(lines[-1])
        if not found:
            raise WitnessError(f"{self.url} cosigned with other keys than the policy names", 200)
        return tuple(found)

    def _send(self, method: str, path: str, body: bytes | None = None) -> _Response:
        reused = self._connection.sock is not None
        try:
            return self._exchange(method, path, body)
        except (http.client.HTTPException, OSError):
            self._connection.close()
            if not reused:
                raise
        # The witness may have closed a connection that was idle.
        try:
            return self._exchange(method, path, body)
        except (http.client.HTTPException, OSError):
            self._connection.close()
            raise

    def _exchange(self, method: str, path: str, body: bytes | None) -> _Response:
        self._connection.request(method, self._prefix + path, body)
        with self._connection.getresponse() as response:
            data = response.read(MAX_ANSWER + 1)
            if len(data) > MAX_ANSWER:
                self._connection.close()
                raise WitnessError(f"{self.url} answered too much", response.status)
            return _Response(response.status, response.headers.get("Content-Type", ""), data)


class Witnesses:
    """All witnesses of a policy, asked at once."""

    def __init__(self, policy: Policy, *, seconds: float = 5.0, folder: Path | None = None) -> None:
        """``seconds`` bounds each round of asking; ``folder`` is where evidence is kept."""
        self.policy = policy
        self.fork: ForkError | None = None
        self._seconds = seconds
        self._folder = folder
        urls: dict[str, list[CosignatureKey]] = {}
        for witness in policy.witnesses:
            if witness.url is not None:
                urls.setdefault(witness.url.rstrip("/"), []).append(witness.key)
        self._endpoints = [Endpoint(url, keys, seconds) for url, keys in urls.items()]
        if not policy.is_quorum(w.name for w in policy.witnesses if w.url is not None):
            raise FormatError("too few witnesses of the policy have an address to ask them at")

    def is_met(self, signed: Note) -> bool:
        """Whether the note bears enough cosignatures; raises if one does not hold."""
        return self.policy.is_quorum(self.policy.cosigners(signed))

    def greet(self, signed: Note | None, tree: Tree, keys: Sequence[VerifierKey]) -> None:
        """Before anything is signed, ask each witness once what it knows of this log.

        ``signed`` is the last checkpoint, if there is one. Raises ForkError if a witness knows
        more, or another history; one that does not answer is asked again the next time.
        """
        self.refuse_fork()
        fresh = [endpoint for endpoint in self._endpoints if not endpoint.greeted]

        def greet(endpoint: Endpoint) -> tuple[Signature, ...]:
            if not self._compare(endpoint, signed, tree, keys) and signed is not None:
                endpoint.cosign(signed, tree)
            endpoint.greeted = True
            return ()

        self._all(fresh, greet, lambda lines: False)

    def cosign(self, signed: Note, tree: Tree, keys: Sequence[VerifierKey]) -> Note:
        """The note with the cosignatures that came in time; whether they suffice is not said."""
        self.refuse_fork()

        def ask(endpoint: Endpoint) -> tuple[Signature, ...]:
            try:
                return endpoint.cosign(signed, tree)
            except (ForkError, WitnessError) as error:
                if isinstance(error, ForkError) or error.status == 422:
                    # Its own signed memory says whether it is right and lets others judge.
                    self._compare(endpoint, signed, tree, keys)
                raise

        got: list[Signature] = []

        def enough(lines: tuple[Signature, ...]) -> bool:
            got.extend(lines)
            return self.is_met(Note(signed.text, (*signed.signatures, *got)))

        self._all(self._endpoints, ask, enough)
        return Note(signed.text, (*signed.signatures, *got))

    def close(self) -> None:
        """Close the connections that are kept open between questions."""
        for endpoint in self._endpoints:
            endpoint.close()

    def forget_fork(self) -> None:
        """Go on: what looked like a fork was another process that signed for the same log."""
        self.fork = None

    def refuse_fork(self) -> None:
        """Raise ForkError if a witness has shown one; it ends with the process."""
        if self.fork is not None:
            raise ForkError(str(self.fork))

    def _compare(
        self,
        endpoint: Endpoint,
        signed: Note | None,
        tree: Tree,
        keys: Sequence[VerifierKey],
    ) -> bool:
        """Compare with what the witness shows; False if it shows nothing that this log signed."""
        body = endpoint.latest(tree.head.origin)
        if body is None:
            return False
        theirs = note.parse(body)
        try:
            note.verify_known(theirs, keys)
        except SignatureError:
            return False
        head = checkpoint.parse(theirs.text)
        if head.size <= tree.head.size and tree.root(head.size) == head.root:
            endpoint.size = head.size
            return True
        kept = "" if signed is None else self._keep(body, signed, keys)
        raise ForkError(
            f"{endpoint.url} shows a checkpoint of {head.size} entries, signed by this log, that"
            f" is not a beginning of its {tree.head.size}: this is a copy or was rolled back{kept}"
        )

    def _keep(self, theirs: bytes, signed: Note, keys: Sequence[VerifierKey]) -> str:
        if self._folder is None:
            return ""
        found = Evidence(theirs, signed.format(), (), tuple(key.format() for key in keys))
        evidence.write(self._folder, found)
        return f"; evidence: {self._folder / found.name}"

    def _all(
        self,
        endpoints: Sequence[Endpoint],
        ask: _Ask,
        enough: _Enough,
    ) -> None:
        """Ask all at once, until the time is over, all have answered, or enough came in."""
        answers: _Answers = queue.SimpleQueue()
        asked = 0
        for endpoint in endpoints:
            # One that still holds an earlier question is left alone: threads stay bounded.
            if not endpoint.rests and endpoint.busy.acquire(blocking=False):
                asked += 1
                threading.Thread(target=_run, args=(endpoint, ask, answers), daemon=True).start()
        end, met = time.monotonic() + self._seconds, False
        for _ in range(asked):
            try:
                endpoint, answer = answers.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                if not met:
                    logger.warning("too few witnesses answered in time")
                return
            if isinstance(answer, ForkError):
                self.fork = answer
                raise answer
            if isinstance(answer, Exception):
                if endpoint.note_failure():
                    logger.warning("no cosignature from %s: %s", endpoint.url, answer)
                continue
            endpoint.note_answer()
            if enough(answer):
                end, met = min(end, time.monotonic() + _GRACE_SECONDS), True


def _run(endpoint: Endpoint, ask: _Ask, answers: _Answers) -> None:
    answer: tuple[Signature, ...] | Exception = WitnessError(f"{endpoint.url} was not asked", 0)
    try:
        answer = ask(endpoint)
    except (LedgerError, http.client.HTTPException, OSError) as error:
        answer = error
    finally:
        # Free before the answer is seen: the next question may follow at once.
        endpoint.busy.release()
        answers.put((endpoint, answer))
