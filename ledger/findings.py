"""What an audit tells: each thing that is not as it must be, with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.errors import StateError

MAX_FINDINGS = 1000


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be: table (or ``tile``, ``database``), place, reason.

    ``index`` and ``stream`` name the entry and its party where one is meant, ``offset`` the first
    wrong byte inside what ``table`` and ``where`` name, from 0, where it can be told.
    """

    table: str
    where: str
    message: str
    index: int | None = None
    stream: str = ""
    offset: int | None = None

    @property
    def line(self) -> str:
        """One line for people."""
        at = "" if self.offset is None else f" byte {self.offset}"
        entry = "" if self.index is None or self.where == str(self.index) else f"entry {self.index}"
        party = f"party {self.stream}" if self.stream else ""
        about = ", ".join(part for part in (entry, party) if part)
        return f"{self.table} {self.where}{at}{f' ({about})' if about else ''}: {self.message}"


@dataclass
class AuditReport:
    """Findings and what was looked at. ``signatures`` is false where no log key was given."""

    origin: str
    signatures: bool
    tiles: bool
    entries: int = 0
    checkpoints: int = 0
    items: int = 0
    redacted: int = 0
    repudiated: list[int] = field(default_factory=list)
    """Indexes of entries, valid when accepted, whose key was later revoked for the past."""
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    """Findings beyond the first :data:`MAX_FINDINGS`, counted but not kept."""

    def check(self) -> None:
        """Raise :class:`StateError` with the first finding, if there is any."""
        if self.findings:
            first = self.findings[0]
            raise StateError(f"{first.table} {first.where}: {first.message}")

    def add(self, findings: Iterable[Finding]) -> None:
        """Keep findings up to the bound, and count the others."""
        for finding in findings:
            if len(self.findings) < MAX_FINDINGS:
                self.findings.append(finding)
            else:
                self.more += 1

    def sort(self) -> None:
        """Put what names an entry in order of index, at its place among the others.

        Signatures are checked apart, in other processes, and so are found later than the rest.
        """
        last = -1
        keys = []
        for finding in self.findings:
            last = last if finding.index is None else finding.index
            keys.append(last)
        order = sorted(range(len(keys)), key=keys.__getitem__)
        self.findings = [self.findings[at] for at in order]
