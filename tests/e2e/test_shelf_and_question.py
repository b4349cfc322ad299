"""A photo of several packs and a photo that leaves a doubt, sent from the home page."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Page, expect

import scanner
from scanner.errors import SymbolError
from scanner.label import render_symbol
from scanner.symbols import Kind
from tests.e2e.test_pages import _accessible, _fits
from tests.unit.app.verify.test_many_and_doubtful import gtin13, shelf_photo

COFFEE, MANGO = "9520001000171", "9520003000209"


def send(page: Page, photo: Path) -> None:
    page.goto("/")
    page.locator('input[type="file"]').first.set_input_files(photo)
    button = page.locator('form:has(input[type="file"]) button[type="submit"]').first
    if button.is_visible():
        button.click()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    file = tmp_path / "shelf.jpg"
    file.write_bytes(shelf_photo([[COFFEE, gtin13(1), MANGO], [gtin13(2), gtin13(3)]]))
    return file


def test_a_shelf_is_listed_and_a_line_leads_to_its_answer(page: Page, shelf: Path) -> None:
    send(page, shelf)
    expect(page.locator("h1")).to_contain_text("5 sản phẩm", timeout=20_000)
    expect(page.locator(".shelf li")).to_have_count(5)
    expect(page.locator(".shelf-photo text")).to_have_count(5)
    _accessible(page, "vi")
    _fits(page)
    page.locator(".shelf-item", has_text="Cà phê").click()
    expect(page.locator(".verdict h1")).to_be_visible()
    expect(page.locator("body")).to_contain_text("9 520001 000171")


def doubtful(gtin: str) -> bytes:
    """A photo of the code, out of focus, that is read but not for sure.

    Retail codes have a decoder of the project's own that vouches for them; these have not.
    """
    kinds = get_args(Kind)[-6:]
    for kind, blur in itertools.product(("databar-expanded-stacked", *kinds), range(15, 45, 2)):
        try:
            drawn = render_symbol(kind, f"(01)0{gtin}", "png", 300)
        except SymbolError:
            continue
        symbol = Image.open(io.BytesIO(drawn)).convert("L")
        table = Image.new("L", (symbol.width + 300, symbol.height + 300), 210)
        table.paste(symbol, (150, 150))
        out = io.BytesIO()
        table.filter(ImageFilter.GaussianBlur(blur / 10)).save(out, "JPEG", quality=80)
        found = scanner.read(out.getvalue()).symbols
        if [(gtin in symbol.text, symbol.tier) for symbol in found] == [(True, "probable")]:
            return out.getvalue()
    raise AssertionError("every photo was read for sure or not at all")


def test_a_doubtful_photo_asks_first_and_then_answers(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "doubt.jpg"
    file.write_bytes(doubtful(COFFEE))
    send(page, file)
    expect(page.locator("h1")).to_have_text(
        "Đây có phải số in dưới các vạch không?", timeout=20_000
    )
    expect(page.locator(".verdict")).to_have_count(0)
    _accessible(page, "vi")
    page.get_by_role("button", name="Đúng, số này in ở đó").click()
    expect(page.locator(".verdict h1")).to_be_visible()
    expect(page.locator("body")).to_contain_text("9 520001 000171")
