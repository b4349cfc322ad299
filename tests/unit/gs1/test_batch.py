"""Batch: the whole oracle of the reference engine, and lines that are no requests."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gs1 import batch
from gs1.batch import answer, answer_line, answer_lines
from tests import outside

Answer = dict[str, Any]
TOLD = ("ok", "ai", "data", "dl", "dl_err", "hri", "err", "markup")


def test_the_whole_oracle_has_no_difference() -> None:
    oracle = outside.load("gs1/engine_oracle.jsonl.gz")
    assert len(oracle) == 9772
    differing = []
    for case in oracle:
        ours = answer({"op": case["op"], "in": case["in"]})
        if any(ours.get(key) != case.get(key) for key in TOLD):
            differing.append((case, ours))
    assert not differing


def test_every_linter_case_has_its_code() -> None:
    for case in outside.load("gs1/gs1_linters.json")["cases"]:
        if not case["gcp_lookup_result"]:
            ours = answer({"op": "lint", "linter": case["linter"], "in": case["input"]})
            assert (ours["ok"], ours["error"]) == (case["ok"], case.get("error"))
            if not case["ok"] and not set("*|") & set(case["input"]):
                assert ours["markup"].replace("|", "*") == case["highlight"]


def test_epc_operations() -> None:
    told = answer({"op": "epc", "in": "urn:epc:id:sgtin:9521141.012345.1"})
    assert told["ok"]
    assert told["ai"] == "(01)09521141123454(21)1"
    read = answer({"op": "hex", "in": "3076451FD40C0E4000000001"})
    assert read["epc"] == "urn:epc:id:sgtin:9521141.012345.1"
    assert answer({"op": "hex", "in": "zz"})["ok"] is False


def test_identify() -> None:
    told = answer({"op": "identify", "in": "(01)09521141123454"})
    assert told["ok"]
    assert told["ai"] == "(01)09521141123454"


def test_plain_data_is_data() -> None:
    assert answer({"op": "data", "in": "HELLO"}) == {"ok": True, "ai": None, "data": "HELLO"}


@pytest.mark.parametrize(
    "request_",
    [
        None,
        [],
        "x",
        {},
        {"op": "data"},
        {"in": "x"},
        {"op": "data", "in": 5},
        {"op": ["data"], "in": "x"},
        {"op": "nothing", "in": "x"},
        {"op": "lint", "in": "x"},
        {"op": "lint", "in": "x", "linter": 5},
        {"op": "lint", "in": "x", "linter": "spelling"},
    ],
)
def test_what_is_no_request(request_: object) -> None:
    told = answer(request_)
    assert told["ok"] is False
    assert told["err"]


OPERATIONS = ("bracketed", "data", "scan", "epc", "hex", "identify")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("text", ["\ud800", "A" * 1_000_000, "(" * 1_000_000])
def test_text_that_no_symbol_holds(operation: str, text: str) -> None:
    assert answer({"op": operation, "in": text})["ok"] is False


@pytest.mark.parametrize(
    "line",
    ["", "{", "nul", '{"op": "data", "in": "x"', "[" * 100_000, "1" * 10_000, "\udcff", "\0"],
)
def test_a_line_that_is_no_json(line: str) -> None:
    assert answer_line(line)["code"] == "not_json"


def test_answers_come_in_order_and_are_ascii() -> None:
    lines = ['{"op": "data", "in": "^10ợ"}\n', "broken\n", '{"op": "data", "in": "ợ"}\n']
    answers = list(answer_lines(lines))
    assert [json.loads(text)["ok"] for text in answers] == [False, False, True]
    assert all(text.isascii() for text in answers)


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    source = io.TextIOWrapper(io.BytesIO(b'{"op": "data", "in": "x"}\n\xff\n'))
    monkeypatch.setattr(sys, "stdin", source)
    assert batch.main() == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["ok"]
    assert second["code"] == "not_json"


def test_a_lint_line_always_has_an_error() -> None:
    for linter, text in (("spelling", "x"), (5, "x"), ("yesno", "\ud800"), ("yesno", "1" * 9000)):
        told = answer({"op": "lint", "linter": linter, "in": text})
        assert told["error"] == told["code"]
    assert answer({"op": "lint", "linter": "yesno", "in": "1"}) == {"ok": True, "error": None}


def test_only_a_line_feed_ends_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = '{"op": "data", "in": "x"}\r\n{"op":\r"data", "in": "\u2028"}\n\n{"op": "x"}'
    source = io.TextIOWrapper(io.BytesIO(lines.encode()))
    monkeypatch.setattr(sys, "stdin", source)
    assert batch.main() == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["ok"] for one in told] == [True, True, False, False]


def test_an_answer_comes_before_the_next_question() -> None:
    command = [sys.executable, "-m", "gs1", "batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("HELLO", "x" * 1_000_000, "HELLO"):
            process.stdin.write(json.dumps({"op": "data", "in": text}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["ok"] is (text == "HELLO")
        process.stdin.close()
        assert process.wait() == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    line = b'{"op": "data", "in": "x"}\n'
    command = [sys.executable, "-m", "gs1", "batch"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, errors = process.communicate(line * 10)
    assert (process.returncode, errors) == (0, b"")


def test_the_rest_of_an_unread_answer_goes_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

        def fileno(self) -> int:
            return target.fileno()

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x\n" * 9)))
    with (tmp_path / "answers").open("w") as target:
        monkeypatch.setattr(sys, "stdout", Gone())
        assert batch.main() == 0
        target.write("left over")
    assert (tmp_path / "answers").read_text() == ""


def test_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gs1", "batch"],
        input=b'{"op": "bracketed", "in": "(01)09521234543213"}\n',
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["dl"] == "https://id.gs1.org/01/09521234543213"
