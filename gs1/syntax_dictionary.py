"""The GS1 Barcode Syntax Dictionary as a file: read it, compare it with our tables, rewrite them.

A new release is a data change: ``python -m gs1 dictionary FILE --write``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from gs1 import dictionary
from gs1.errors import FormatError, Gs1Error
from gs1.linters import LINTERS

_TABLE = dictionary.TABLES / "application_identifiers.json"
_FLAGS = re.compile(r"[*!?\"$%&'()+,\-./:;<=>@\[\\\]^_`{|}~]+")
_SPAN = re.compile(r"[0-9]{2,4}(-[0-9]{2,4})?")
_COMPONENT = re.compile(r"(\[[NXYZ][0-9.]+\]|[NXYZ][0-9.]+)(,[a-z0-9]+)*")
_RELEASE = re.compile(r"# Release: (\S+)")


def parse(text: str) -> dict[str, Any]:
    """Table of facts from the text of a Syntax Dictionary.

    Raises FormatError that names the line for anything outside the dictionary's own grammar, for an
    unknown linter and for AIs of unequal length under the same two digits.

    >>> parse("99 ? X..90 ex=01 # INTERNAL")["ai"]
    [{'ai': '99', 'flags': '?', 'format': 'X..90', 'ex': ['01'], 'title': 'INTERNAL'}]
    """
    found = _RELEASE.search(text)
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        facts, _, title = line.partition("#")
        if facts.strip():
            rows.append(_parse_row(facts.split(), title.strip(), number))
    _check_lengths(rows)
    return {"release": found[1] if found else "UNSET", "ai": rows}


def _parse_row(fields: list[str], title: str, number: int) -> dict[str, Any]:
    span, *rest = fields
    if not _SPAN.fullmatch(span) or not rest:
        raise _broken(number, f"{span[:20]!r} is not an AI or a range with a specification")
    flags = rest.pop(0) if _FLAGS.fullmatch(rest[0]) else ""
    count = next((i for i, field in enumerate(rest) if not _COMPONENT.fullmatch(field)), len(rest))
    _check_components(rest[:count], number)
    row: dict[str, Any] = {"ai": span, "flags": flags, "format": " ".join(rest[:count])}
    for field in rest[count:]:
        key, _, value = field.partition("=")
        if key not in ("req", "ex", "dlpkey"):
            raise _broken(number, f"unknown attribute {key[:20]!r}")
        row.setdefault(key, []).extend(value.split("|") if key == "dlpkey" else [value])
    if title:
        row["title"] = title
    return row


def _check_components(parts: list[str], number: int) -> None:
    if not parts:
        raise _broken(number, "no components")
    for part in parts:
        for linter in dictionary.parse_component(part).linters:
            if linter not in LINTERS:
                raise _broken(number, f"unknown linter {linter!r}")


def _check_lengths(rows: list[dict[str, Any]]) -> None:
    lengths: dict[str, int] = {}
    for row in rows:
        for ai in dictionary.expand(row["ai"]):
            if lengths.setdefault(ai[:2], len(ai)) != len(ai):
                raise FormatError(
                    f"AIs beginning {ai[:2]} have different lengths", code="dictionary", ai=ai
                )


def _broken(number: int, reason: str) -> FormatError:
    return FormatError(f"Syntax Dictionary line {number}: {reason}", code="dictionary")


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Lines that say what ``theirs`` has otherwise than ``ours``, one per AI or range.

    >>> old = {"ai": [{"ai": "99", "flags": "", "format": "X..90"}]}
    >>> differences(old, {"ai": []})
    ['- 99 X..90']
    """
    old = {row["ai"]: _line(row) for row in ours["ai"]}
    new = {row["ai"]: _line(row) for row in theirs["ai"]}
    lines = []
    for span in sorted(old.keys() | new.keys()):
        if old.get(span) != new.get(span):
            lines += [f"- {old[span]}"] if span in old else []
            lines += [f"+ {new[span]}"] if span in new else []
    return lines


def _line(row: dict[str, Any]) -> str:
    marks = [f"req={need}" for need in row.get("req", ())]
    marks += [f"ex={text}" for text in row.get("ex", ())]
    marks += [f"dlpkey={'|'.join(row['dlpkey'])}"] if "dlpkey" in row else []
    title = f"# {row['title']}" if "title" in row else ""
    return " ".join(filter(None, [row["ai"], row["flags"], row["format"], *marks, title]))


def format_table(table: dict[str, Any]) -> str:
    """The table as it is stored: JSON, one AI or range per line.

    >>> print(format_table(parse("99 ? X..90 # INTERNAL")), end="")
    {"release": "UNSET", "ai": [
    {"ai": "99", "flags": "?", "format": "X..90", "title": "INTERNAL"}
    ]}
    """
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in table["ai"])
    return f'{{"release": {json.dumps(table["release"])}, "ai": [\n{rows}\n]}}\n'


def untitled(table: dict[str, Any]) -> list[str]:
    """AIs of ``table`` that have no Vietnamese title yet.

    >>> untitled(parse("899 ? X..90 # NEW"))
    ['899']
    """
    spans = [ai for row in table["ai"] for ai in dictionary.expand(row["ai"])]
    return [ai for ai in spans if not dictionary.title(ai, "vi")]


def main(argv: list[str]) -> int:
    """Check our tables against a dictionary file, or rewrite them; 0 when they agree."""
    parser = argparse.ArgumentParser(prog="python -m gs1 dictionary", description=__doc__)
    parser.add_argument("file", type=Path, help="gs1-syntax-dictionary.txt of a release")
    parser.add_argument("--write", action="store_true", help="rewrite the table from the file")
    parser.add_argument("--table", type=Path, default=_TABLE, help="the table to check or rewrite")
    options = parser.parse_args(argv)
    try:
        theirs = parse(options.file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, Gs1Error) as error:
        sys.stderr.write(f"{options.file}: {error}\n")
        return 2
    lines = [] if options.write else differences(_load(options.table), theirs)
    if options.write:
        options.table.write_text(format_table(theirs), encoding="utf-8")
    lines += [f"no Vietnamese title: {ai}" for ai in untitled(theirs)]
    sys.stdout.write("".join(f"{line}\n" for line in lines) or f"agrees: {theirs['release']}\n")
    return 1 if lines else 0


def _load(table: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(table.read_text(encoding="utf-8"))
    return loaded
