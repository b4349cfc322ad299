"""Commands that print: ``label`` writes one, ``sheet`` many from a table, each read back first."""

from __future__ import annotations

import argparse
import csv
import datetime
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from scanner.errors import SymbolError
from scanner.label import Form, Label, form_of, render
from scanner.logistic import LogisticLabel
from scanner.sheet import TEMPLATES, AnyLabel, Job, count_papers, printed
from scanner.symbols import KINDS

_COLUMNS = ("kind", "data", "name", "lot", "produced", "expiry", "net_content", "hidden", "lines")
_LOGISTIC = "logistic"


def add_to(commands: Any) -> None:
    """Add the two commands to a parser's sub-commands."""
    label = commands.add_parser("label", help="write a label")
    label.add_argument("kind", choices=KINDS)
    label.add_argument("data", help="GTIN, bracketed element string or Digital Link URI")
    label.add_argument("output", type=Path, help=f"file.{' | file.'.join(get_args(Form))}")
    label.add_argument("--name", default="", help="product name")
    label.add_argument("--lot", default="")
    label.add_argument("--produced", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD")
    label.add_argument("--expiry", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD")
    label.add_argument("--net-content", default="")
    label.add_argument("--x-dimension", type=float, metavar="MM", help="width of a module")
    label.add_argument("--reduction", type=float, default=0.0, metavar="MM", help="of bars")
    label.add_argument("--dpi", type=int, default=300, help="of a PNG or ZPL")
    label.add_argument("--language", choices=("vi", "en"), default="vi")
    label.set_defaults(run=_label)

    sheet = commands.add_parser("sheet", help="print labels of a table on sheets or a roll")
    sheet.add_argument(
        "table", type=Path, help=f"CSV with any of the columns {', '.join(_COLUMNS)}"
    )
    sheet.add_argument("output", type=Path, help="file.pdf | file.zpl; PNG and SVG: first sheet")
    sheet.add_argument("--template", choices=TEMPLATES, default="a4-24")
    sheet.add_argument("--start", type=int, default=1, metavar="PLACE", help="first free place")
    sheet.add_argument("--copies", type=int, default=1)
    sheet.add_argument("--cut-marks", action="store_true")
    sheet.add_argument("--offset", type=float, nargs=2, default=(0, 0), metavar=("X", "Y"))
    sheet.add_argument("--dpi", type=int, default=300, help="of a PNG or ZPL")
    sheet.add_argument("--language", choices=("vi", "en"), default="vi")
    sheet.set_defaults(run=_sheet)


def _label(options: argparse.Namespace) -> int:
    label = Label(
        kind=options.kind,
        data=options.data,
        name=options.name,
        lot=options.lot,
        produced=options.produced,
        expiry=options.expiry,
        net_content=options.net_content,
        x_dimension=options.x_dimension,
        reduction=options.reduction,
        language=options.language,
    )
    options.output.write_bytes(render(label, form_of(options.output.name), options.dpi))
    return 0


def _sheet(options: argparse.Namespace) -> int:
    form = form_of(options.output.name)
    labels = [replace(label, language=options.language) for label in read_table(options.table)]
    job = Job(
        TEMPLATES[options.template],
        start=options.start,
        copies=options.copies,
        cut_marks=options.cut_marks,
        offset=(options.offset[0], options.offset[1]),
        dpi=options.dpi,
        title=options.table.stem,
    )
    options.output.write_bytes(printed(labels, job, form))
    papers = count_papers(len(labels), job)
    sys.stdout.write(f"{len(labels)} labels on {papers} sheet(s), all read back\n")
    return 0


def read_table(file: Path) -> list[AnyLabel]:
    """Labels of a CSV file in UTF-8; raises :class:`SymbolError` naming the line at fault."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        table = csv.DictReader(text, strict=True)
        try:
            unknown = set(table.fieldnames or ()) - set(_COLUMNS)
            if unknown or "data" not in (table.fieldnames or ()):
                raise SymbolError(f"the table's columns are {', '.join(_COLUMNS)}")
            labels = list(_rows(table))
        except (csv.Error, UnicodeDecodeError) as error:
            raise SymbolError(f"line {table.line_num}: {error}") from error
    if not labels:
        raise SymbolError("the table has no labels")
    return labels


def _rows(table: csv.DictReader[str]) -> Iterator[AnyLabel]:
    for row in table:
        try:
            if None in row:
                raise SymbolError("more fields than columns")
            yield _row({name: value.strip() for name, value in row.items() if value})
        except (ValueError, SymbolError) as error:
            raise SymbolError(f"line {table.line_num}: {error}") from error


def _row(row: Mapping[str, str]) -> AnyLabel:
    kind = row.get("kind", "gs1-datamatrix")
    if kind == _LOGISTIC:
        lines = tuple(line.strip() for line in row.get("lines", "").split("|") if line.strip())
        return LogisticLabel(row.get("data", ""), row.get("name", ""), lines)
    for known in KINDS:
        if known == kind:
            return Label(
                known,
                row.get("data", ""),
                row.get("name", ""),
                row.get("lot", ""),
                _date(row, "expiry"),
                row.get("net_content", ""),
                produced=_date(row, "produced"),
                hidden=row.get("hidden", ""),
            )
    raise SymbolError(f"there is no kind {kind!r}")


def _date(row: Mapping[str, str], name: str) -> datetime.date | None:
    return datetime.date.fromisoformat(row[name]) if name in row else None
