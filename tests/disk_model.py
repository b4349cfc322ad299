"""What a disk may hold after a power cut: writes replayed, the unsynced ones at risk.

``strace`` records what a real process asked of the kernel. At any moment, of what was not synced
each write may be kept, dropped or torn at 512-byte sectors, and of the unsynced changes of a
folder only a beginning may be kept. Only fsync of a file makes its bytes durable, only fsync of
its folder makes its name durable: stricter than the usual file systems are.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

SECTOR = 512
TRACED = "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink,unlinkat,mkdir"

_CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_FD = re.compile(r"(\d+)<((?:\\x[0-9a-f]{2}|[^>])*)>")


@dataclass(frozen=True)
class Operation:
    """One system call that succeeded: its name, the path, and what it took."""

    call: str
    path: str
    data: bytes = b""
    number: int = 0
    """Offset of a write (-1: where the file stands), length of a truncation, number of a file
    descriptor, or 1 for an opening that created the file."""
    target: str = ""


def trace(command: Sequence[str], folder: Path, log: Path) -> list[Operation]:
    """Run a command; what it did to files below ``folder``, and what it printed, in order."""
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "1000000"]
    subprocess.run([*strace, "-e", f"trace={TRACED}", "-o", str(log), *command], check=True)
    found = parse(log.read_text(encoding="ascii"))
    return [op for op in found if op.path.startswith(str(folder)) or op.path == "stdout"]


def parse(text: str) -> Iterator[Operation]:
    """Operations of a trace that was written by :func:`trace`."""
    for line in text.splitlines():
        match = _CALL.match(line)
        if match is None or int(match[3]) < 0:
            continue
        call, arguments, result, tail = match[1], match[2], int(match[3]), match[4]
        texts = [_unescape(found[1]) for found in _TEXT.finditer(arguments)]
        handle = _FD.match(arguments)
        path = _unescape(handle[2]).decode() if handle else ""
        last = arguments.rsplit(", ", 1)[-1]
        if call == "openat":
            opened = _FD.search(f"{result}{tail}")
            name = _unescape(opened[2]).decode() if opened else texts[0].decode()
            yield Operation("open", name, number=int("O_CREAT" in arguments))
        elif call in ("write", "pwrite64"):
            offset = int(last) if call == "pwrite64" else -1
            printed = handle is not None and handle[1] == "1"
            yield Operation("write", "stdout" if printed else path, texts[0][:result], offset)
        elif call in ("fsync", "fdatasync"):
            yield Operation("sync", path)
        elif call == "ftruncate":
            yield Operation("truncate", path, number=int(last))
        elif call == "rename":
            yield Operation("rename", texts[0].decode(), target=texts[1].decode())
        elif call in ("unlink", "unlinkat"):
            yield Operation("unlink", texts[0].decode())
        elif call == "mkdir":
            yield Operation("mkdir", texts[0].decode())


def _unescape(text: str) -> bytes:
    parts = re.findall(r"\\x([0-9a-f]{2})|(.)", text, re.DOTALL)
    return b"".join(bytes([int(code, 16)]) if code else plain.encode() for code, plain in parts)


@dataclass
class _File:
    """A file's synced bytes, and the writes since: (offset, bytes), or a length and None."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    end: int = 0

    def copy(self) -> _File:
        return _File(bytearray(self.durable), list(self.pending), self.end)

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, change)
        self.pending.clear()


def _apply(content: bytearray, change: tuple[int, bytes | None]) -> None:
    at, data = change
    if data is None:
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(data)] = data


class Disk:
    """The files of a folder as they may survive; folders themselves are always kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[int, _File] = {}
        self.names: dict[str, int] = {}
        """Every name as the process sees it."""
        self.kept: dict[str, int] = {}
        """Every name as the disk has it for sure."""
        self.moves: list[tuple[str, str, int | None]] = []
        """Changes of names that are not synced: folder, name, file (None: the name is gone)."""
        for path in folder.rglob("*"):
            if path.is_file() and not path.name.endswith("-shm"):
                number = self._new(path.read_bytes())
                self.names[str(path)] = self.kept[str(path)] = number

    def _new(self, content: bytes = b"") -> int:
        number = len(self.files)
        self.files[number] = _File(bytearray(content), end=len(content))
        return number

    def do(self, op: Operation) -> None:
        """Take in one operation; shared memory of SQLite is made anew after a crash."""
        if op.path.endswith("-shm") or op.path == "stdout":
            return
        match op.call:
            case "open" if op.number and op.path not in self.names:
                self._name(op.path, self._new())
            case "write":
                file = self.files[self.names[op.path]]
                at = file.end if op.number < 0 else op.number
                file.pending.append((at, op.data))
                file.end = max(file.end, at + len(op.data))
            case "truncate":
                file = self.files[self.names[op.path]]
                file.pending.append((op.number, None))
                file.end = op.number
            case "sync":
                self._sync(op.path)
            case "rename":
                self._name(op.target, self.names[op.path])
                self._name(op.path, None)
            case "unlink":
                self._name(op.path, None)

    def _name(self, path: str, file: int | None) -> None:
        self.moves.append((str(Path(path).parent), path, file))
        _set(self.names, path, file)

    def _sync(self, path: str) -> None:
        if path in self.names:
            self.files[self.names[path]].sync()
            return
        for folder, name, file in self.moves:
            if folder == path:
                _set(self.kept, name, file)
        self.moves = [move for move in self.moves if move[0] != path]

    @property
    def is_at_risk(self) -> bool:
        """Whether anything is not synced."""
        return bool(self.moves) or any(file.pending for file in self.files.values())

    def crash(self, rng: random.Random, target: Path) -> None:
        """Write to ``target`` one of the states that a power cut now may leave."""
        names = dict(self.kept)
        for _folder, name, file in self.moves[: rng.randint(0, len(self.moves))]:
            _set(names, name, file)
        for path in self.folder.rglob("*"):
            if path.is_dir():
                (target / path.relative_to(self.folder)).mkdir(parents=True, exist_ok=True)
        for name, number in names.items():
            file = self.files[number].copy()
            for change in _survivors(rng, file.pending):
                _apply(file.durable, change)
            place = target / Path(name).relative_to(self.folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.durable)


def _set(names: dict[str, int], name: str, file: int | None) -> None:
    if file is None:
        names.pop(name, None)
    else:
        names[name] = file


def _survivors(
    rng: random.Random, pending: Sequence[tuple[int, bytes | None]]
) -> Iterator[tuple[int, bytes | None]]:
    """Of unsynced changes each is kept, dropped or torn; all or none are likely cases, too."""
    fate = rng.choice(("all", "none", "some", "torn"))
    for at, data in pending:
        if fate == "all" or (fate == "some" and rng.random() < 0.5):
            yield at, data
        elif fate == "torn" and data is not None:
            first = -at % SECTOR
            cuts = sorted({0, len(data), *range(first, len(data), SECTOR)})
            for start, end in pairwise(cuts):
                if rng.random() < 0.5:
                    yield at + start, data[start:end]
