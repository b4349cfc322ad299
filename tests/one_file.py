"""The verifier that people download, loaded from its file as they have it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).parents[1] / "docs" / "verify" / "verify.py"
PAGE = FILE.with_name("verify.html")


def load() -> ModuleType:
    """The module; nothing of this project is imported for it."""
    spec = importlib.util.spec_from_file_location("one_file_verifier", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
