"""Trust policies: which logs, which witnesses, and how many of them (C2SP tlog-policy)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from ledger import checkpoint, note
from ledger.checkpoint import Checkpoint
from ledger.codec import parse_decimal
from ledger.cosignature import CosignatureKey, parse_verifier
from ledger.errors import FormatError, QuorumError, SignatureError
from ledger.note import Note, VerifierKey

NONE = "none"
MAX_BYTES = 1_000_000

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SPACE = re.compile(r"[ \t]+")
_Key = TypeVar("_Key", bound=VerifierKey)


@dataclass(frozen=True)
class Log:
    """A log that is accepted; its key's name is the origin of its checkpoints."""

    key: VerifierKey
    url: str | None = None

    def format(self) -> str:
        """The line of the policy."""
        return _line("log", self.key.format(), self.url)


@dataclass(frozen=True)
class Witness:
    """A witness by its name inside the policy, its key, and perhaps its submission prefix."""

    name: str
    key: CosignatureKey
    url: str | None = None

    def format(self) -> str:
        """The line of the policy."""
        return _line("witness", self.name, self.key.format(), self.url)


@dataclass(frozen=True)
class Group:
    """At least ``threshold`` of the members, which are witnesses or earlier groups."""

    name: str
    threshold: int
    members: tuple[str, ...]

    def format(self) -> str:
        """The line of the policy."""
        short = {len(self.members): "all", 1: "any"}.get(self.threshold, str(self.threshold))
        return _line("group", self.name, short, *self.members)


def _line(*words: str | None) -> str:
    return " ".join(word for word in words if word is not None) + "\n"


@dataclass(frozen=True)
class Policy:
    """A parsed policy. Names are octets to the format: what is no UTF-8 is kept as surrogates."""

    logs: tuple[Log, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    @classmethod
    def parse(cls, text: str | bytes) -> Policy:
        """Policy of a policy file; any line that says something else is refused."""
        data = text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")
        if len(data) > MAX_BYTES:
            raise FormatError("the policy is too long")
        if found := _FORBIDDEN.search(data):
            raise FormatError(f"a policy has no character {found.group()!r}")
        reader = _Reader()
        for number, line in enumerate(data.split("\n"), 1):
            words = [word for word in _SPACE.split(line) if word]
            if words and not words[0].startswith("#"):
                try:
                    reader.read(words[0], words[1:])
                except FormatError as error:
                    raise FormatError(f"line {number} of the policy: {error}") from error
        return reader.policy()

    def format(self) -> str:
        """The policy as text that parses to the same policy."""
        parts: list[Log | Witness | Group] = [*self.logs, *self.witnesses, *self.groups]
        return "".join([*(part.format() for part in parts), _line("quorum", self.quorum)])

    @property
    def log_verifiers(self) -> tuple[VerifierKey, ...]:
        """Keys of the logs."""
        return tuple(log.key for log in self.logs)

    def is_quorum(self, names: Iterable[str]) -> bool:
        """Whether cosignatures of the witnesses with these names are enough."""
        present = set(names)
        for group in self.groups:
            if len(present.intersection(group.members)) >= group.threshold:
                present.add(group.name)
        return self.quorum == NONE or self.quorum in present

    def cosigners(self, signed: Note) -> list[str]:
        """Names of the witnesses that cosigned; one whose cosignature fails refuses the note."""
        found = [witness for witness in self.witnesses if witness.key.signatures(signed)]
        for witness in found:
            witness.key.verify(signed)
        return [witness.name for witness in found]

    def check(self, signed: Note, log: VerifierKey | None = None) -> None:
        """Raise unless the note is a checkpoint of a log of the policy with its quorum.

        With ``log`` it must be that log's, whether the policy names it or not. Raises
        SignatureError where a signature of the log is missing or a known key's does not hold,
        QuorumError where too few witnesses cosigned.
        """
        head = checkpoint.parse(signed.text)
        self._check_log(signed, head, self.log_verifiers if log is None else (log,))
        names = self.cosigners(signed)
        if not self.is_quorum(names):
            who = ", ".join(names) or "none"
            raise QuorumError(f"the quorum {self.quorum} is not met: cosigned by {who}")

    def _check_log(self, signed: Note, head: Checkpoint, keys: Iterable[VerifierKey]) -> None:
        mine = {key for key in keys if key.name == head.origin}
        if not mine:
            raise SignatureError(f"a checkpoint of {head.origin!r}, a log that is not trusted")
        # Lines of other logs' keys count for nothing, but they are of known keys and must hold.
        if mine.isdisjoint(note.verify_known(signed, {*mine, *self.log_verifiers})):
            raise SignatureError(f"no signature of a known key of {head.origin!r}")


@dataclass
class _Reader:
    """What the lines read so far have defined."""

    logs: list[Log] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def read(self, keyword: str, words: list[str]) -> None:
        readers: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }
        if keyword not in readers:
            raise FormatError(f"unknown keyword {keyword[:40]!r}")
        readers[keyword](words)

    def policy(self) -> Policy:
        if self.quorum is None:
            raise FormatError("a policy has exactly one quorum line")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise FormatError("a log is a vkey and perhaps an address")
        key = _new_key(parse_verifier(words[0]), [log.key for log in self.logs])
        self.logs.append(Log(key, *words[1:]))

    def _witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise FormatError("a witness is a name, a vkey and perhaps an address")
        key = parse_verifier(words[1])
        if not isinstance(key, CosignatureKey):
            raise FormatError(f"type 0x{key.kind.hex()} is not one of a cosigner's key")
        key = _new_key(key, [witness.key for witness in self.witnesses])
        self._define(words[0])
        self.witnesses.append(Witness(words[0], key, *words[2:]))

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise FormatError("a group is a name, a threshold and at least one member")
        name, threshold, *members = words
        for member in members:
            if member not in self.names:
                raise FormatError(f"no witness or group {member!r} before this line")
            if member in self.members:
                raise FormatError(f"{member!r} is a member more than once")
            self.members.add(member)
        count = {"any": 1, "all": len(members)}.get(threshold)
        count = parse_decimal(threshold) if count is None else count
        if not 1 <= count <= len(members):
            raise FormatError(f"a threshold lies from 1 to the {len(members)} members")
        self._define(name)
        self.groups.append(Group(name, count, tuple(members)))

    def _quorum(self, words: list[str]) -> None:
        if self.quorum is not None:
            raise FormatError("a policy has exactly one quorum line")
        if len(words) != 1 or words[0] not in {*self.names, NONE}:
            raise FormatError("the quorum is none, or one witness or group before this line")
        self.quorum = words[0]

    def _define(self, name: str) -> None:
        if name in self.names or name == NONE:
            raise FormatError(f"the name {name!r} is taken")
        self.names.add(name)


def _new_key(key: _Key, known: Iterable[VerifierKey]) -> _Key:
    if any(key.public_key == other.public_key for other in known):
        raise FormatError("the same public key a second time")
    return key
