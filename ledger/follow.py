"""Reading a public log on from where one stopped: what is remembered, and what must continue it."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger import checkpoint, codec, tile
from ledger.audit import Progress
from ledger.builder import TileBuilder
from ledger.checkpoint import Checkpoint
from ledger.entry import Entry
from ledger.errors import (
    ForkError,
    FormatError,
    LedgerError,
    MissingError,
    ProofError,
    RemoteError,
    RollbackError,
    UnavailableError,
)
from ledger.findings import AuditReport, Finding
from ledger.keys import KeyRing
from ledger.public_audit import PublicAudit, Published, Source, prove_consistency
from ledger.replay import Replay
from ledger.signatures import SignatureQueue
from ledger.tile import WIDTH
from ledger.trust import Trust

TYPE = "ledger-audit-state"
_SAVE_EVERY = 256
"""Bundles after which a long audit writes its state,"""
_SAVE_SECONDS = 5.0
"""and how long it waits for them, over a slow line."""


@dataclass
class State:
    """How far a log was audited: the tree's right edge, chain heads, keys, and what was found."""

    origin: str
    note: bytes = b""
    builder: TileBuilder = field(default_factory=TileBuilder)
    replay: dict[str, Any] | None = None
    findings: list[Finding] = field(default_factory=list)
    grown_at: str = ""
    """When a monitor last saw the log grow: UTC with milliseconds."""

    @property
    def head(self) -> Checkpoint | None:
        """The newest checkpoint that was seen; its signature was verified then."""
        return checkpoint.parse_signed(self.note, None) if self.note else None

    def dump(self) -> bytes:
        """The state as a file."""
        levels = [[value.hex() for value in level] for level in self.builder.levels]
        value = {
            "checkpoint": self.note.decode(),
            "entries": [codec.format_base64(entry) for entry in self.builder.entries],
            "findings": [vars(finding) for finding in self.findings],
            "grownAt": self.grown_at,
            "levels": levels,
            "origin": self.origin,
            "replay": self.replay,
            "size": self.builder.size,
            "type": TYPE,
            "v": 1,
        }
        return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def load(cls, data: bytes) -> State:
        """State of a file that :meth:`dump` made; raises FormatError for any other."""
        try:
            value = json.loads(data)
            if (value["type"], value["v"]) != (TYPE, 1):
                raise FormatError("not the state of an audit")
            levels = [[codec.parse_hash(one) for one in level] for level in value["levels"]]
            entries = [codec.parse_base64(entry) for entry in value["entries"]]
            builder = TileBuilder(codec.count_of(value["size"]), levels, entries)
            findings = [Finding(**finding) for finding in value["findings"]]
            note = value["checkpoint"].encode()
            grown_at = codec.text_of(value["grownAt"])
            return cls(value["origin"], note, builder, value["replay"], findings, grown_at)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"the state cannot be read: {error}") from error

    @classmethod
    def read(cls, file: Path) -> State | None:
        """State of a file, None where there is none; raises UnavailableError for another file."""
        try:
            return cls.load(file.read_bytes())
        except FileNotFoundError:
            return None
        except FormatError as error:
            raise UnavailableError(f"{file}: {error}") from error


def save(file: Path, data: bytes) -> None:
    """Replace a state file, whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as new:
        try:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(file)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise


def check_growth(published: Published, old: Checkpoint | None) -> None:
    """Raise unless the published tree continues the one that was seen before.

    RollbackError: it is smaller. ForkError: the same size or more, but another history.
    """
    new = published.head
    if old is None or old.size == 0:
        return
    if new.size < old.size:
        raise RollbackError(f"the log had {old.size} entries and now shows {new.size}")
    if new.size == old.size:
        if new.root != old.root:
            raise ForkError(f"two different trees of {new.size} entries were signed")
        return
    try:
        prove_consistency(published, old)
    except ProofError as error:
        raise ForkError(f"{error}: the history was rewritten, or its tiles are damaged") from error
    except (MissingError, FormatError):
        return  # the tiles do not allow a proof; the replay, which grows the tree anew, decides


class Follower:
    """One reading of a public log, from the state on."""

    def __init__(
        self,
        source: Source,
        trust: Trust,
        state: State | None = None,
        *,
        content: bool = True,
        progress: Progress | None = None,
        file: Path | None = None,
        on_entry: Callable[[Entry], None] | None = None,
    ) -> None:
        self.source = source
        self.trust = trust
        self.state = state or State(trust.origin)
        if self.state.origin != trust.origin:
            raise FormatError(f"the state is of the log {self.state.origin}")
        begun = self.state.builder.size > 0 and not self.state.findings
        if content and begun and self.state.replay is None:
            raise FormatError("the state is of a reading of the tree alone")
        self.content = content
        self.progress = progress
        self.file = file
        self.on_entry = on_entry

    def audit(self, note: bytes | None = None) -> AuditReport:
        """Read on to the published checkpoint; the state moves along, and into its file.

        ``note`` is a checkpoint that was read already; who cosigned it is then not asked again.
        Findings of earlier readings are told again. Raises RemoteError where the log cannot be
        read; what was read until then is kept in the state.
        """
        report = AuditReport(self.trust.origin, self.trust.operator is not None, True)
        report.add(self.state.findings)
        self._kept = self.state.dump()
        try:
            report.add(self._new(report, note))
        except RemoteError:
            # Half a bundle may have been taken in: what was kept last is whole.
            self.state = State.load(self._kept)
            raise
        report.sort()
        self._save(report)
        return report

    def _new(self, report: AuditReport, known: bytes | None) -> Iterator[Finding]:
        try:
            note = self.source.read("checkpoint") if known is None else known
        except MissingError as error:
            raise RemoteError(f"{error}: nothing is published here") from error
        try:
            check = self.trust.checkpoint if known is None else self.trust.log_checkpoint
            head = check(note)
        except LedgerError as error:
            yield Finding("checkpoint", "checkpoint", str(error))
            return
        report.checkpoints = 1
        published = Published(self.source, head)
        try:
            check_growth(published, self.state.head)
        except (ForkError, RollbackError) as error:
            yield Finding("checkpoint", str(head.size), str(error))
            return
        self.state.note = note
        with SignatureQueue() as queue:
            yield from self._walk(published, queue, report)

    def _walk(
        self, published: Published, queue: SignatureQueue, report: AuditReport
    ) -> Iterator[Finding]:
        replay = self._replay(published, queue) if self.content else None
        walk = PublicAudit(published, self.state.builder, replay)
        saved = time.monotonic()
        for number, finding in enumerate(walk.run(), 1):
            if finding is not None:
                yield finding
                continue
            report.entries = walk.builder.size
            if self.progress is not None:
                self.progress(walk.builder.size)
            if number % _SAVE_EVERY == 0 or time.monotonic() - saved >= _SAVE_SECONDS:
                # What is saved as audited has its signatures verified.
                yield from queue.drain()
                self._keep(walk.replay)
                self._save(report)
                saved = time.monotonic()
        yield from queue.drain()
        report.entries = walk.builder.size
        self._keep(walk.replay)
        report.repudiated = replay.repudiated if replay else []

    def _replay(self, published: Published, queue: SignatureQueue) -> Replay:
        def bodies(start: int, end: int) -> Iterable[bytes]:
            for index in range(start // WIDTH, -(-end // WIDTH)):
                at, data = published.bundle(index)
                first = index * WIDTH
                width = min(at.width, published.width(-1, index))
                inside = tile.parse_entries(data, width)
                yield from inside[max(start - first, 0) : end - first]

        ring = KeyRing(self.trust.operator)
        replay = Replay(self.trust.origin, ring, bodies, queue, on_entry=self.on_entry)
        if self.state.replay is not None:
            replay.load(self.state.replay)
        return replay

    def _keep(self, replay: Replay | None) -> None:
        self.state.replay = None if replay is None else replay.dump()

    def _save(self, report: AuditReport) -> None:
        self.state.findings = list(report.findings)
        self._kept = self.state.dump()
        if self.file is not None:
            save(self.file, self._kept)
