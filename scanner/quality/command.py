"""``python -m scanner quality`` and ``card``: measure the print of photographed symbols."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from scanner.errors import ScanError
from scanner.files import Progress, command, found, load
from scanner.header import SUFFIXES
from scanner.pool import DecoderPool
from scanner.quality.report import Card, Parameter, Patch, QualityReport, SymbolQuality, to_wire

_PATCH = "X,Y,W,H=SHARE"
_PHOTOS = tuple(suffix for suffix in SUFFIXES if suffix != ".pdf")


def add_to(commands: Any) -> None:
    """Add the command to the subparsers of the scanner's command line."""
    parser = command(commands, "quality", "measure the print of photographed symbols")
    parser.add_argument(
        "--light", type=_patch, metavar=_PATCH, help="white patch of a card: pixels, reflectance"
    )
    parser.add_argument("--dark", type=_patch, metavar=_PATCH, help="black patch of a card")
    parser.set_defaults(run=_run)


def add_card_to(commands: Any) -> None:
    """Add the command that writes a reference card to the scanner's command line."""
    parser = commands.add_parser("card", help="write a reference card for print quality")
    parser.add_argument("output", type=Path, metavar="FILE.pdf")
    parser.add_argument("--light", type=int, default=85, metavar="PERCENT", help="of the paper")
    parser.add_argument("--dark", type=int, default=4, metavar="PERCENT", help="of the ink")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    parser.set_defaults(run=_write_card)


def _write_card(options: argparse.Namespace) -> int:
    from scanner.pdf import to_pdf
    from scanner.quality.card import page

    options.output.write_bytes(to_pdf(page(options.light, options.dark, options.language)))
    return 0


def _patch(text: str) -> Patch:
    """``40,40,80,80=0.90``: left, top, width, height in pixels, reflectance from 0 to 1."""
    box, _, share = text.partition("=")
    left, top, width, height = (int(number) for number in box.split(","))
    reflectance = float(share)
    if not 0 <= reflectance <= 1:
        raise ValueError
    return Patch((left, top, width, height), reflectance)


def _run(options: argparse.Namespace) -> int:
    if (options.light is None) != (options.dark is None):
        sys.stderr.write("scanner: a card needs both --light and --dark\n")
        return 2
    card = Card(options.light, options.dark) if options.light else None
    files = found(options.files, _PHOTOS)
    if not files:
        sys.stderr.write("scanner: no file to measure there\n")
        return 2
    failed = 0
    progress = Progress(len(files))
    with DecoderPool(timeout=15.0) as pool:
        for number, file in enumerate(files):
            progress.show(number)
            outcome = _measured(file, card, pool)
            progress.clear()
            if isinstance(outcome, str):
                failed = 1
                sys.stderr.write(f"{file}: {outcome}\n")
            else:
                _show(file, outcome, as_json=options.json)
    return failed


def _measured(file: Path, card: Card | None, pool: DecoderPool) -> QualityReport | str:
    """The report on a photo, or why there is none."""
    try:
        return pool.quality(load(file, pool.limits.max_bytes), card)
    except ScanError as error:
        return f"{error.code}: {error.message}"
    except OSError as error:
        return f"unreadable-file: {error}"


def _show(file: Path, report: QualityReport, *, as_json: bool) -> None:
    if as_json:
        told = {"path": str(file), "basis": report.basis, **_told(report)}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    count = len(report.symbols)
    lines = [f"{file}: {count} symbol(s), {report.basis}, {report.elapsed_ms:.0f} ms"]
    for symbol in report.symbols:
        lines += _lines(symbol)
    sys.stdout.write("\n".join(lines) + "\n")


def _told(report: QualityReport) -> dict[str, Any]:
    """The report without its pictures and profiles."""
    wire, _pictures = to_wire(report)
    for symbol in wire["symbols"]:
        del symbol["picture"], symbol["marks"], symbol["outline"]
        symbol["scans"] = [
            {"grade": item["grade"], "parameters": item["parameters"]}
            for item in symbol.pop("profiles")
        ]
    return wire


def _lines(symbol: SymbolQuality) -> list[str]:
    text = symbol.text.replace("\x1d", "<GS>")
    if symbol.grade is None:
        return [f"  {symbol.symbology} {text}: not measured"]
    lines = [f"  {symbol.symbology} {text}: {symbol.grade:.1f} ({symbol.standard} method)"]
    for item in symbol.parameters:
        lines.append(f"    {item.name:<24} {_value(item):>9}  {_grade(item)}".rstrip())
    if symbol.photo:
        photo = symbol.photo
        lines.append(
            f"    photo: {photo.pixels_per_module:.1f} pixels per module, edges over"
            f" {photo.edge_spread:.2f} X, turned {photo.rotation:.0f}°"
        )
        lines += [f"    doubtful: {caution}" for caution in photo.cautions]
    return lines


def _value(item: Parameter) -> str:
    if item.value is None:
        return "–"
    return f"{item.value:.0%}" if item.unit == "%" else f"{item.value:.2f} {item.unit}".rstrip()


def _grade(item: Parameter) -> str:
    return "" if item.grade is None else f"{item.grade:.1f}"
