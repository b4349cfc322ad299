"""A real photo of each family of symbols, sent from the home page: a page answers on any."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import outside
from tests.e2e.test_pages import _accessible
from tests.e2e.test_shelf_and_question import send

RETAIL = ("EAN13", "EAN8", "UPCA", "UPCE")
OTHERS = ("QRCode", "DataMatrix", "Code39", "DataBarExpanded", "PDF417")


def largest(family: str) -> dict[str, Any]:
    """The largest labelled picture of a family, a photo where there is one."""
    found = [e for e in outside.load("scanner/manifest.json") if e["format"] == family]
    readable = [entry for entry in found if entry["expected"]]
    return max(readable, key=lambda e: (e["kind"] == "photo", e["width"] * e["height"]))


def photo(entry: dict[str, Any]) -> Path:
    return outside.path(f"scanner/{entry['path']}")


@pytest.mark.parametrize("family", RETAIL)
def test_a_retail_code_is_shown_as_it_is_printed(page: Page, family: str) -> None:
    entry = largest(family)
    send(page, photo(entry))
    expect(page.locator("main .code").first).to_be_visible(timeout=20_000)
    shown = re.sub(r"\s", "", page.locator("main").inner_text())
    # The last digits but one of a UPC-E are the same in its long form, whose zeros it leaves out.
    assert entry["expected"][0][-4:] in shown or family == "UPCE"
    _accessible(page, "vi")


@pytest.mark.parametrize("family", OTHERS)
def test_any_other_code_is_answered_too(page: Page, family: str) -> None:
    send(page, photo(largest(family)))
    expect(page.locator(".verdict h1, .shelf, main h1").first).to_be_visible(timeout=20_000)
    page.wait_for_url("**/scan")
    assert "500" not in page.title()
    _accessible(page, "vi")
