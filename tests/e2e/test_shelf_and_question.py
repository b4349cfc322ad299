"""A photo of several packs and a photo that leaves a doubt, sent from the home page."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Page, expect

import scanner
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
    """A photo of the code, small and out of focus, that is read but not for sure."""
    sharp = Image.open(io.BytesIO(shelf_photo([[gtin]])))
    for size, blur, quality in itertools.product((9, 8, 7, 10, 6), range(3, 18), (60, 30)):
        table = Image.new("L", (500, 400), 210)
        small = sharp.resize((sharp.width * size // 20, sharp.height * size // 20))
        table.paste(small, (80, 80))
        out = io.BytesIO()
        table.filter(ImageFilter.GaussianBlur(blur / 10)).save(out, "JPEG", quality=quality)
        found = scanner.read(out.getvalue()).symbols
        if [(symbol.text, symbol.tier) for symbol in found] == [(gtin, "probable")]:
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
