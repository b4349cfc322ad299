"""Following a log and raising the alarm: what a party, or anybody else, keeps running.

A monitor remembers the newest checkpoint it has seen. It asks for the published one, checks that
it continues that history, reads every new entry, and tells what does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path

from ledger import codec
from ledger.checkpoint import Checkpoint
from ledger.entry import Entry
from ledger.errors import (
    ForkError,
    LedgerError,
    MissingError,
    QuorumError,
    RemoteError,
    RollbackError,
)
from ledger.findings import Finding
from ledger.follow import Follower, State, check_growth
from ledger.public_audit import Published, Source
from ledger.statement import Batch
from ledger.trust import Trust
from ledger.witness import evidence

_MAX_TOLD = 20
"""New findings told one by one; the state keeps more."""


class Cause(IntEnum):
    """What an alarm is about; the number is the exit code of ``monitor --once``."""

    RIGHT = 0
    WRONG = 1
    UNREACHABLE = 3
    FORK = 4
    ROLLBACK = 5
    QUORUM = 6
    STALLED = 7


@dataclass(frozen=True)
class Alarm:
    """Something that needs a person; ``evidence`` is a file that others can judge."""

    cause: Cause
    message: str
    evidence: Path | None = None


@dataclass(frozen=True)
class Notice:
    """Something that a watched party should know: an entry in its chain."""

    stream: str
    index: int
    kind: str
    message: str


class Monitor:
    """One log under watch."""

    def __init__(
        self,
        source: Source,
        trust: Trust,
        file: Path,
        *,
        streams: Collection[str] = (),
        max_age: timedelta | None = None,
        folder: Path | None = None,
        on_notice: Callable[[Notice], None] = lambda _: None,
    ) -> None:
        self.source = source
        self.trust = trust
        self.file = file
        self.streams = frozenset(streams)
        self.max_age = max_age
        self.folder = folder
        self.on_notice = on_notice
        self.state = State.read(file) or State(trust.origin)

    def look(self, now: datetime) -> Iterator[Alarm]:
        """Read what is new, and give all that is wrong with it."""
        try:
            note = self.source.read("checkpoint")
        except (RemoteError, MissingError, OSError) as error:
            yield Alarm(Cause.UNREACHABLE, str(error))
            return
        try:
            head = self.trust.log_checkpoint(note)
        except LedgerError as error:
            yield Alarm(Cause.WRONG, f"the checkpoint: {error}")
            return
        try:
            self.trust.checkpoint(note)
        except QuorumError as error:
            yield Alarm(Cause.QUORUM, str(error))
        if (broken := self._history(note, head)) is not None:
            yield broken
            return
        yield from self._growth(head, now)
        yield from self._entries(note)

    def _history(self, note: bytes, head: Checkpoint) -> Alarm | None:
        try:
            check_growth(Published(self.source, head), self.state.head)
        except ForkError as error:
            return Alarm(Cause.FORK, str(error), self._keep_evidence(note))
        except RollbackError as error:
            return Alarm(Cause.ROLLBACK, str(error), self._keep_evidence(note))
        except RemoteError as error:
            return Alarm(Cause.UNREACHABLE, str(error))
        return None

    def _keep_evidence(self, note: bytes) -> Path | None:
        """Both checkpoints, signed by the log, for others to judge."""
        if self.folder is None:
            return None
        keys = tuple(key.format() for key in self.trust.policy.log_verifiers)
        found = evidence.Evidence(self.state.note, note, (), keys)
        evidence.write(self.folder, found)
        return self.folder / found.name

    def _growth(self, head: Checkpoint, now: datetime) -> Iterator[Alarm]:
        old = self.state.head
        if old is None or head.size > old.size or not self.state.grown_at:
            self.state.grown_at = codec.format_instant(now)
        since = codec.parse_instant(self.state.grown_at)
        if self.max_age is not None and now - since > self.max_age:
            yield Alarm(Cause.STALLED, f"{head.size} entries, none new since {since:%F %T}Z")

    def _entries(self, note: bytes) -> Iterator[Alarm]:
        known = len(self.state.findings)
        follower = Follower(
            self.source, self.trust, self.state, file=self.file, on_entry=self._watch
        )
        try:
            report = follower.audit(note)
        except RemoteError as error:
            self.state = follower.state
            yield Alarm(Cause.UNREACHABLE, str(error))
            return
        new = _new(report.findings, known)
        for finding in new[:_MAX_TOLD]:
            yield Alarm(Cause.WRONG, finding.line)
        if len(new) > _MAX_TOLD:
            yield Alarm(Cause.WRONG, f"{len(new) - _MAX_TOLD} more findings")

    def _watch(self, entry: Entry) -> None:
        signed = entry.statement
        if signed.stream not in self.streams:
            return
        about = f"{signed.body.count} items" if isinstance(signed.body, Batch) else "not items"
        message = f"statement {signed.seq}, {about}, signed by {signed.kid}"
        self.on_notice(Notice(signed.stream, entry.index, signed.kind, message))


def _new(findings: list[Finding], known: int) -> list[Finding]:
    """Findings beyond those of earlier looks; sorting may have moved them, but none goes away."""
    return findings[known:] if len(findings) > known else []
