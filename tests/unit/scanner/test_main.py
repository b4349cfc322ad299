"""The command line."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.__main__ import main
from tests.pictures import as_bytes, ean_picture


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


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with two photos of a code, one below it, and what is no photo."""
    (tmp_path / "sub").mkdir()
    for name in ("a.png", "b [1].png", "sub/c.PNG"):
        (tmp_path / name).write_bytes(as_bytes(ean_picture(), "PNG"))
    (tmp_path / "note.txt").write_text("no picture")
    return tmp_path


@pytest.mark.parametrize("command", ["read", "quality"])
def test_folders_patterns_and_names_each_once(
    photos: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    places = [photos, photos / "*.png", photos / "b [1].png", photos / "missing.png"]
    assert main([command, "--json", *map(str, places)]) == 1
    shown = capsys.readouterr()
    told = [json.loads(line) for line in shown.out.splitlines()]
    read = [item["path"] for item in told if item["symbols"]]
    assert read == [str(photos / name) for name in ("a.png", "b [1].png", "sub/c.PNG")]
    assert "unreadable-file" in shown.out + shown.err  # the missing one stops no other
    assert "█" not in shown.err  # no bar where no terminal is
    assert main([command, str(photos / "*.zzz")]) == 2


@pytest.mark.parametrize("command", ["read", "quality"])
def test_a_file_without_end_is_refused(
    capsys: pytest.CaptureFixture[str], command: str, photos: Path
) -> None:
    os.mkfifo(photos / "pipe.png")  # not waited for, since nobody named it
    assert main([command, "/dev/zero", str(photos)]) == 1
    assert "photo-too-large" in capsys.readouterr().err


def test_an_interrupt_and_a_reader_that_leaves_end_it_quietly(photos: Path) -> None:
    for number in range(40):
        (photos / f"{number}.png").write_bytes(as_bytes(ean_picture(), "PNG"))
    command = [sys.executable, "-m", "scanner", "read", "--json", str(photos)]
    for leaves, status in ((False, 130), (True, 141)):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
            assert started.stdout is not None and started.stderr is not None
            assert started.stdout.read(1) == b"{"
            if leaves:
                started.stdout.close()
            else:
                started.send_signal(signal.SIGINT)
                started.stdout.read()
            errors = started.stderr.read()
            assert started.wait(30) == status
            assert b"Traceback" not in errors


def test_closed_streams_are_no_fault(photos: Path) -> None:
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        line = f'exec "$0" -m scanner read "$1" {closed}'
        command = ["sh", "-c", line, sys.executable, str(photos / "a.png")]
        assert subprocess.run(command, timeout=60, check=False).returncode == 0, closed


def test_the_bar_is_on_terminals_only_and_never_within_a_line(photos: Path) -> None:
    """A terminal that is both output and errors sees whole lines, each from its first column."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "scanner", "read", "--json", str(photos)]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs):
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that the terminal was closed
            while part := os.read(ours, 65536):
                shown += part
    os.close(ours)
    assert "·".encode() in shown
    lines = [line.rpartition(b"\r")[2] for line in shown.split(b"\r\n")]
    assert len([json.loads(line) for line in lines if line.startswith(b"{")]) == 3
    assert lines[-1].strip() == b""


def test_a_pdf_is_no_photo_of_a_print(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "label.pdf"
    assert main(["label", "ean-8", "95212340", str(file)]) == 0
    assert main(["quality", str(file)]) == 1
    assert "unsupported-format" in capsys.readouterr().err
