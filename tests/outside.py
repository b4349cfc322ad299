"""Where the outside test material lies, and how a test asks for it."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(os.environ.get("NGUON_VECTORS", Path(__file__).parents[2] / "shared" / "vectors"))


def path(name: str) -> Path:
    """Path of one outside file or folder; skips the calling test where it is absent."""
    found = ROOT / name
    if not found.exists():
        pytest.skip(f"outside vectors absent: {name} (set NGUON_VECTORS)", allow_module_level=True)
    return found


def load(name: str) -> Any:
    """Parsed JSON of one outside file; a ``.jsonl.gz`` file gives a list of its lines."""
    file = path(name)
    if file.name.endswith(".jsonl.gz"):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    return json.loads(file.read_text(encoding="utf-8"))


def verdict_states() -> list[dict[str, str]]:
    """The verdict states with their wording, as the domain experts wrote them."""
    file = ROOT.parent / "domain" / "verdicts.json"
    if not file.exists():
        pytest.skip("outside wording of the verdicts is absent", allow_module_level=True)
    states: list[dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))["states"]
    return states
