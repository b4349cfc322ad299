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


TABLE = """\ufeffkind,data,name,lot,expiry,hidden,lines
,(01)09521234543213(10)L1(17)271231(21)S1,Cà phê,L1,2027-12-31,23456789CDFG,
digital-link-qr,https://example.com/01/09521234543213/21/S2,Cà phê,,,,
"""


def test_sheet_of_a_table_is_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, target = tmp_path / "labels.csv", tmp_path / "sheet.png"
    table.write_text(TABLE, encoding="utf-8")
    assert main(["sheet", str(table), str(target), "--start", "24", "--dpi", "200"]) == 0
    assert "2 labels on 2 sheet(s), all read back" in capsys.readouterr().out
    assert main(["read", str(target)]) == 0
    assert "010952123454321310L1<GS>1727123121S1" in capsys.readouterr().out
    pallet = "kind,data,lines\nlogistic,(00)095212345432132004,Từ: Tây Ninh|Đến: Huế\n"
    table.write_text(pallet, encoding="utf-8")
    label = tmp_path / "pallet.pdf"
    assert main(["sheet", str(table), str(label), "--template", "logistic-100x150"]) == 0
    assert label.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("data\n", "no labels"),
        ("data,colour\n1,red\n", "columns are"),
        ("kind,data\nean-99,95212340\n", "line 2: there is no kind"),
        ("kind,data,expiry\nean-8,95212340,31/12/2027\n", "line 2"),
        ("kind,data\nean-8,95212340\nean-8,95212341\n", "label 2 (95212341)"),
        ("kind,data\nean-8,95212340,more\n", "line 2: more fields"),
    ],
)
def test_a_table_at_fault_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, why: str
) -> None:
    file, target = tmp_path / "labels.csv", tmp_path / "sheet.pdf"
    file.write_text(table, encoding="utf-8")
    assert main(["sheet", str(file), str(target)]) == 1
    assert why in capsys.readouterr().err
    assert not target.exists()


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "zxing-cpp: live" in capsys.readouterr().out
