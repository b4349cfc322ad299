"""The command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.__main__ import main


def test_label_then_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "label.png"
    data = "(01)09521234543213(17)271231(10)L1(21)S1"
    arguments = ["--name", "Cà phê", "--lot", "L1", "--expiry", "2027-12-31", "--dpi", "203"]
    assert main(["label", "gs1-datamatrix", data, str(target), *arguments]) == 0
    assert main(["read", str(target)]) == 0
    assert (
        "GS1 DataMatrix ]d2 confirmed: 01095212345432131727123110L1<GS>21S1"
        in capsys.readouterr().out
    )
    assert main(["read", "--json", str(target)]) == 0
    (symbol,) = json.loads(capsys.readouterr().out)["symbols"]
    assert symbol["text"] == "01095212345432131727123110L1\x1d21S1"


@pytest.mark.parametrize("as_json", [True, False])
def test_one_bad_file_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    assert main(["label", "ean-8", "95212340", str(good)]) == 0
    bad.write_bytes(b"no picture")
    assert main(["read", *(["--json"] if as_json else []), str(bad), str(good)]) == 1
    shown = capsys.readouterr()
    assert "not-an-image" in (shown.out if as_json else shown.err)
    assert "95212340" in shown.out


@pytest.mark.parametrize(
    ("data", "file"),
    [("123", "label.png"), ("95212340", "label.bmp"), ("95212340", "no/such/folder.pdf")],
)
def test_refused_label(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: str, file: str
) -> None:
    assert main(["label", "ean-8", data, str(tmp_path / file)]) == 1
    assert capsys.readouterr().err.startswith("scanner: ")
    assert list(tmp_path.iterdir()) == []


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "zxing-cpp: live" in capsys.readouterr().out
