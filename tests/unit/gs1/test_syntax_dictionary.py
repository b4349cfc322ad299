"""A new release of the Syntax Dictionary is a data change that one command checks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gs1 import dictionary, syntax_dictionary
from gs1.errors import FormatError
from tests import outside

RELEASE = "gs1/data/gs1-syntax-dictionary-2026-01-27.txt"
LATER = "gs1/data/gs1-syntax-dictionary-master-2026-07-27.txt"


def test_our_table_agrees_with_its_release(capsys: pytest.CaptureFixture[str]) -> None:
    assert syntax_dictionary.main([str(outside.path(RELEASE))]) == 0
    assert capsys.readouterr().out == "agrees: 2026-01-27\n"


def test_a_later_dictionary_differs_where_it_was_changed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert syntax_dictionary.main([str(outside.path(LATER))]) == 1
    out = capsys.readouterr().out.splitlines()
    assert "- 20 *? N2 req=01,02,8006,8026 # VARIANT" in out
    assert "+ 20 *? N2 req=01,02,03,8006,8026 # VARIANT" in out
    assert not any(line.startswith(("- 01 ", "+ 01 ")) for line in out)


def test_writing_makes_the_table_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.json"
    later = str(outside.path(LATER))
    assert syntax_dictionary.main([later, "--table", str(table), "--write"]) == 0
    assert syntax_dictionary.main([later, "--table", str(table)]) == 0
    assert capsys.readouterr().out == "agrees: UNSET\n" * 2


def test_writing_our_release_gives_our_table(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    syntax_dictionary.main([str(outside.path(RELEASE)), "--table", str(table), "--write"])
    ours = dictionary.TABLES / "application_identifiers.json"
    assert table.read_bytes() == ours.read_bytes()


def test_an_ai_without_vietnamese_title_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, table = tmp_path / "new.txt", tmp_path / "table.json"
    source.write_text("# Release: 2027-01-01\n899 ? X..20 req=01 # NEW\n", encoding="utf-8")
    assert syntax_dictionary.main([str(source), "--table", str(table), "--write"]) == 1
    assert capsys.readouterr().out == "no Vietnamese title: 899\n"
    assert json.loads(table.read_text(encoding="utf-8"))["release"] == "2027-01-01"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("A1 X..20", "not an AI"),
        ("01", "not an AI"),
        ("01 *", "no components"),
        ("01 N14,spelling", "unknown linter 'spelling'"),
        ("01 N14 colour=red", "unknown attribute 'colour'"),
        ("01 N14\n013 N13", "AIs beginning 01"),
    ],
)
def test_a_broken_dictionary_is_refused(line: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        syntax_dictionary.parse(line)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"01 N14,spelling"])
def test_a_file_that_cannot_be_used(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "dictionary.txt"
    if content is not None:
        file.write_bytes(content)
    assert syntax_dictionary.main([str(file)]) == 2
    assert str(file) in capsys.readouterr().err
