"""A witness's decisions: what is cosigned, what is refused and with which status (tlog-witness)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ledger import merkle, note
from ledger.checkpoint import Checkpoint
from ledger.cosignature import Cosigner, MlDsaSigner, check_names, timestamp
from ledger.errors import ConflictError, FormatError, ProofError, SignatureError
from ledger.note import Note, VerifierKey
from ledger.policy import Policy
from ledger.witness import evidence
from ledger.witness.evidence import Evidence
from ledger.witness.protocol import (
    NOTE_TYPE,
    SIZE_TYPE,
    AddCheckpoint,
    format_lines,
    format_size,
    origin_hash,
    parse_request,
)
from ledger.witness.state import Seen, State

_ATTEMPTS = 3
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: bytes = b""
    content_type: str = NOTE_TYPE


def _refusal(status: int, reason: str) -> Answer:
    return Answer(status, f"{reason}\n".encode())


class Witness:
    """Cosigns the checkpoints of the logs of a policy that continue what it cosigned before."""

    def __init__(
        self,
        policy: Policy,
        signers: Sequence[Cosigner],
        state: State,
        *,
        now: Callable[[], datetime],
        folder: Path | None = None,
    ) -> None:
        """``folder`` is where evidence against logs is kept; none is kept without it.

        Raises FormatError for a log whose name a signer cannot sign.
        """
        self._logs: dict[str, list[VerifierKey]] = {}
        for key in policy.log_verifiers:
            self._logs.setdefault(key.name, []).append(key)
        self._origins = {origin_hash(origin): origin for origin in self._logs}
        self._signers = tuple(signers)
        for signer in self._signers:
            if isinstance(signer, MlDsaSigner):
                for origin in self._logs:
                    check_names(signer.name, origin)
        self._state = state
        self._now = now
        self._folder = folder
        self._one_at_a_time = threading.Lock()

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer ``POST add-checkpoint``: the cosignatures, or why there are none."""
        try:
            request = parse_request(body)
        except FormatError as error:
            return _refusal(400, str(error))
        head = request.head
        keys = self._logs.get(head.origin)
        if keys is None:
            return _refusal(404, "this witness does not follow that log")
        try:
            trusted = note.verify_known(request.signed, keys)
        except SignatureError as error:
            return _refusal(403, str(error))
        if request.old > head.size:
            self._keep_step_back(request)
            return _refusal(400, "the old size is larger than the checkpoint")
        for _ in range(_ATTEMPTS):
            try:
                with self._one_at_a_time:
                    return self._decide(request, trusted)
            except ConflictError:
                continue  # another process on the same state was faster: decide anew
        return _refusal(503, "too many checkpoints of this log at once")

    def checkpoint(self, name: str) -> Answer:
        """Answer ``GET <origin hash>/checkpoint``: the last cosigned checkpoint."""
        origin = self._origins.get(name)
        seen = None if origin is None else self._state.last(origin).note
        return _refusal(404, "nothing was cosigned") if seen is None else Answer(200, seen)

    def _decide(self, request: AddCheckpoint, trusted: Sequence[VerifierKey]) -> Answer:
        head, seen = request.head, self._state.last(request.head.origin)
        if request.old != seen.size:
            if head.size <= seen.size:
                self._keep(request, seen)
            return Answer(409, format_size(seen.size), SIZE_TYPE)
        try:
            _check_consistency(request, head, seen)
        except ProofError as error:
            self._keep(request, seen)
            return _refusal(422, str(error))
        return self._cosign(request, trusted, seen)

    def _cosign(self, request: AddCheckpoint, trusted: Sequence[VerifierKey], seen: Seen) -> Answer:
        """Remember first, answer then: what was answered can never be forgotten."""
        head, signed = request.head, request.signed
        now = self._now()
        if timestamp(now) == 0:
            # Zero means "no time", which add-checkpoint must not answer.
            return _refusal(503, "the clock of this witness is wrong")
        lines = tuple(signer.cosign(signed.text, now) for signer in self._signers)
        # One line a key: anybody may repeat lines, and the kept note must stay a note.
        of_log = [key.signatures(signed)[0] for key in trusted]
        kept = Note(signed.text, (*of_log, *lines)).format()
        self._state.advance(head.origin, seen, Seen(head.size, head.root, kept))
        logger.info("cosigned %s size %d", head.origin, head.size)
        return Answer(200, format_lines(lines))

    def _keep_step_back(self, request: AddCheckpoint) -> None:
        seen = self._state.last(request.head.origin)
        if request.head.size <= seen.size:
            self._keep(request, seen)

    def _keep(self, request: AddCheckpoint, seen: Seen) -> None:
        """Keep both signed notes where they may show a fork; a slow duplicate shows none."""
        head = request.head
        same = (head.size, head.root) == (seen.size, seen.root)
        # Every tree continues the empty one, whatever proof somebody put beside it.
        grown_from_nothing = seen.size == 0 < head.size
        if seen.note is None or same or grown_from_nothing or self._folder is None:
            return
        keys = tuple(key.format() for key in self._logs[head.origin])
        found = Evidence(seen.note, request.signed.format(), request.proof, keys)
        try:
            shown = evidence.judge(found, self._logs[head.origin])
        except SignatureError as error:
            # The log's keys in the policy are others than when the known checkpoint was cosigned.
            shown = evidence.Finding(False, f"not judged: {error}")
        try:
            path = evidence.write(self._folder, found, proven=shown.proven)
        except OSError:
            # Evidence may be kept; the answer that the log needs must be given.
            logger.exception("evidence against %s could not be kept", head.origin)
            return
        if path is not None:
            logger.warning("refused %s size %d: %s; %s", head.origin, head.size, shown.text, path)


def _check_consistency(request: AddCheckpoint, head: Checkpoint, seen: Seen) -> None:
    if head.size == 0 and head.root != merkle.EMPTY_ROOT:
        raise ProofError("the root is not that of the empty tree")
    if request.old == 0:
        if request.proof:
            raise ProofError("from the empty tree there is no proof")
        return
    merkle.verify_consistency(seen.size, head.size, request.proof, seen.root, head.root)
