"""A file that is no memory of a witness is refused in words, and left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import UnavailableError
from ledger.witness.state import State


@pytest.mark.parametrize("name", ["notes.txt", "none/state.db"])
def test_another_file_is_no_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but somebody's notes")
    with pytest.raises(UnavailableError, match=name):
        State(tmp_path / name, ("w.example+01020304+AAAA",))
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]
    assert (tmp_path / "notes.txt").read_text().endswith("notes")
