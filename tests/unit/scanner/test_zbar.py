"""The second decoder is optional: absent or broken, the scanner goes on without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("error", ["ImportError", "OSError"])
def test_an_absent_or_broken_library_is_no_decoder(tmp_path: Path, error: str) -> None:
    """A fresh interpreter in which importing pyzbar fails as the dynamic linker would make it."""
    package = tmp_path / "pyzbar"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "pyzbar.py").write_text(f"raise {error}('libzbar.so.0: file too short')")
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]\n"
        "from PIL import Image\n"
        "from scanner import zbar\n"
        "print(zbar.available(), zbar.read(Image.new('L', (9, 9)), ['EAN13']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False []\n"
