"""Files of others are the ones that were reviewed: names and sums as in their list."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
VENDOR = STATIC / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_every_file_has_the_sum_in_the_list() -> None:
    listed = dict(ROW.findall((VENDOR / "README.md").read_text(encoding="utf-8")))
    found = {
        file.relative_to(VENDOR).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in VENDOR.rglob("*")
        if file.is_file() and file.name != "README.md"
    }
    assert found == listed


def test_every_font_in_the_style_sheet_is_there_and_used() -> None:
    sheet = STATIC / "css" / "fonts.css"
    named = re.findall(r'url\("([^"]+)"\)', sheet.read_text(encoding="utf-8"))
    files = {(sheet.parent / name).resolve() for name in named}
    assert files == {font.resolve() for font in VENDOR.rglob("*.woff2")}
    assert sum(file.stat().st_size for file in files) < 40_000
