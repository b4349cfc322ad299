"""A command or a start that is refused says so in one line, without a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app import commands
from app.runtime import Runtime
from ledger import log as ledger_log
from ledger.errors import ForkError


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("restore", "FOLDER/note"), "is damaged or no backup"),
        (("compare", "FOLDER/note"), "a note ends in an empty line"),
        (
            ("redact", "9999", "0", "--by", "A court", "--basis", "Its order"),
            "There is no event at this place",
        ),
        (("redact", "0", "0", "--by", "", "--basis", "Its order"), "by: "),
        (("db", "downgrade", "nonsense"), "nonsense"),
    ],
)
def test_a_refused_command_says_one_line(
    app: Flask, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "note").write_text("nothing signed")
    words = [word.replace("FOLDER", str(tmp_path)) for word in arguments]
    done = app.test_cli_runner().invoke(args=words)
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert said in done.output
    assert done.output.count("\n") == 1


def test_a_service_beside_a_newer_log_says_why_it_does_not_start(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ForkError("this is a copy or was rolled back; evidence: here.json")

    monkeypatch.setattr(ledger_log, "recover", refuse)
    with pytest.raises(SystemExit, match=r"not served: this is a copy .* here\.json"):
        commands.recover_log(rt)
