"""The audit of what a log publishes: one changed byte anywhere is found and named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import tile
from ledger.findings import AuditReport
from ledger.follow import Follower, State
from ledger.tiles import TileStore
from ledger.trust import Trust
from tests.ledger_lab import Lab

SIZE = 300


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Two parties, 300 entries: a full and a partial tile on level 0, a partial one above."""
    folder = tmp_path_factory.mktemp("public")
    lab = Lab(f"sqlite:///{folder / 'log.db'}", folder / "tiles").create()
    lab.add_key("s")
    lab.add_key("t")
    lab.grow("s", 200)
    lab.grow("t", SIZE - 202)
    lab.integrate()
    return lab


@pytest.fixture
def copy(grown: Lab, tmp_path: Path) -> Path:
    shutil.copytree(grown.tiles.folder, tmp_path / "log")
    return tmp_path / "log"


def audit(lab: Lab, folder: Path) -> AuditReport:
    trust = Trust.of_key(lab.signer.verifier)
    return Follower(TileStore(folder), trust).audit()


def change(file: Path, at: int, to: Callable[[int], int]) -> None:
    data = bytearray(file.read_bytes())
    data[at] = to(data[at])
    file.write_bytes(data)


def test_a_sound_log_has_no_findings(grown: Lab, copy: Path) -> None:
    report = audit(grown, copy)
    report.check()
    assert (report.entries, report.checkpoints, report.signatures) == (SIZE, 1, True)


def places(lab: Lab) -> list[tuple[str, int]]:
    """Bytes all over every public file, the first and last of each among them."""
    found = []
    for path, data in sorted(lab.files().items()):
        step = max(1, len(data) // 11)
        found += [(path, at) for at in sorted({*range(0, len(data), step), len(data) - 1})]
    return found


def test_every_changed_byte_is_named(grown: Lab, copy: Path) -> None:
    tried = 0
    for number, (path, at) in enumerate(places(grown)):
        good = (copy / path).read_bytes()
        change(copy / path, at, lambda byte, bit=1 << number % 8: byte ^ bit)  # type: ignore[misc]
        report = audit(grown, copy)
        (copy / path).write_bytes(good)
        tried += 1
        first = report.findings[0]
        if path == "checkpoint":
            assert first.table == "checkpoint"
            continue
        assert (first.table, first.where, first.offset) == ("tile", path, at), report.findings
        assert len(report.findings) == 1, report.findings
    assert tried > 60


def test_a_changed_entry_names_its_index_and_party(grown: Lab, copy: Path) -> None:
    bundle = tile.Tile(-1, 1, SIZE - 256)
    bodies = tile.parse_entries((grown.tiles.folder / bundle.path).read_bytes(), SIZE - 256)
    at = sum(2 + len(body) for body in bodies[:4]) + 2 + 100
    change(copy / bundle.path, at, lambda byte: (byte + 1) % 256)
    (finding,) = audit(grown, copy).findings
    assert (finding.index, finding.stream, finding.offset) == (260, "t", at)
    assert "entry 260, party t" in finding.line
    assert f"byte {at}" in finding.line


@pytest.mark.parametrize("length", [40, 300, 1500])
def test_entries_torn_apart_are_named_and_the_tree_goes_on(
    grown: Lab, copy: Path, length: int
) -> None:
    path = copy / "tile/entries/000"
    data = path.read_bytes()
    starts = [0]
    for body in tile.parse_entries(data, 256):
        starts.append(starts[-1] + 2 + len(body))
    begin = starts[8] + 400
    path.write_bytes(data[:begin] + bytes(length) + data[begin + length :])
    torn = [i for i in range(256) if starts[i] < begin + length and starts[i + 1] > begin]
    report = audit(grown, copy)
    assert [f.index for f in report.findings if f.table == "tile"] == torn
    assert [f.index for f in report.findings if f.table == "log"] == [8]
    assert report.entries == SIZE


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/000", "tile/1/000.p/1", "checkpoint"])
def test_a_lost_file_is_named(grown: Lab, copy: Path, path: str) -> None:
    (copy / path).unlink()
    if path == "checkpoint":
        with pytest.raises(Exception, match="no file checkpoint"):
            audit(grown, copy)
        return
    findings = audit(grown, copy).findings
    assert (findings[0].table, findings[0].where) == ("tile", path)


def test_entry_and_tile_rewritten_together_do_not_lead_to_the_root(grown: Lab, copy: Path) -> None:
    """Whoever rewrites an entry and its hash still cannot rewrite the signed root."""
    other = Lab(f"sqlite:///{copy.parent / 'other.db'}", copy.parent / "other").create()
    other.add_key("s")
    other.add_key("t")
    other.grow("s", 200)
    other.append("t", b"another event")
    other.grow("t", SIZE - 203)
    other.integrate()
    shutil.copy(copy / "checkpoint", other.tiles.folder / "checkpoint")
    findings = audit(grown, other.tiles.folder).findings
    assert [f.table for f in findings] == ["checkpoint"]
    other.engine.dispose()


def test_a_resumed_audit_reads_on_and_forgets_nothing(grown: Lab, tmp_path: Path) -> None:
    lab = Lab(f"sqlite:///{tmp_path / 'log.db'}", tmp_path / "tiles").create()
    lab.add_key("s")
    trust, file = Trust.of_key(lab.signer.verifier), tmp_path / "state.json"
    for count in (3, 260, 0, 40):
        lab.grow("s", count) if count else None
        lab.integrate()
        state = State.load(file.read_bytes()) if file.exists() else None
        begun = state.builder.size if state else 0
        report = Follower(lab.tiles, trust, state, file=file).audit()
        report.check()
        assert (report.entries, report.entries - begun) == (lab_size(lab), lab_size(lab) - begun)
    # A key that was added before the state was saved is still known after it.
    lab.append("s", b"one more")
    lab.integrate()
    Follower(lab.tiles, trust, State.load(file.read_bytes()), file=file).audit().check()
    # An older state refuses a log that was begun anew.
    with pytest.raises(AssertionError):
        assert not Follower(grown.tiles, trust, State.load(file.read_bytes())).audit().findings
    lab.engine.dispose()


def lab_size(lab: Lab) -> int:
    return int(lab.tiles.read("checkpoint").split(b"\n")[1])
