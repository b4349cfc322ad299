"""``python -m gs1``: its commands, and the names of the package."""

from __future__ import annotations

import io
import runpy
import sys

import pytest

import gs1
from gs1.__main__ import main
from tests import outside


@pytest.mark.parametrize("argv", [[], ["nothing"], ["batch", "extra"]])
def test_a_wrong_command_shows_the_usage(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    assert capsys.readouterr().err.startswith("usage: python -m gs1")


def test_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["batch"]) == 0


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "(01)09521234543213"]) == 0
    assert "09521234543213" in capsys.readouterr().out


def test_dictionary() -> None:
    file = outside.path("gs1/data/gs1-syntax-dictionary-2026-01-27.txt")
    assert main(["dictionary", str(file)]) == 0


def test_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["gs1"])
    monkeypatch.delitem(sys.modules, "gs1.__main__", raising=False)
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("gs1", run_name="__main__")
    assert caught.value.code == 2


def test_every_exported_name_is_there() -> None:
    for name in gs1.__all__:
        assert getattr(gs1, name).__name__ == name
    with pytest.raises(AttributeError):
        gs1.nothing  # noqa: B018
