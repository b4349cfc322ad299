"""Draws docs/images/tour.png: the start page and a verdict page on a phone, side by side.

``python docs/tools/tour_picture.py http://127.0.0.1:8000`` takes both from a running demonstration
(``make demo``). Needs Chromium (``CHROMIUM`` names another) and the ``dev`` extra.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

TARGET = Path(__file__).parents[1] / "images" / "tour.png"
WIDTH, HEIGHT, GAP = 390, 1400, 24
GROUND = "#8A94A3"  # between both pages, on white and on black grounds
COLOURS = 200


def _picture(page: Page) -> Image.Image:
    """The top of the page, as if the phone were that tall."""
    page.evaluate("document.fonts.ready")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def _pages(address: str) -> list[Image.Image]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which(os.environ.get("CHROMIUM", "chromium")),
            args=["--headless", "--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page(base_url=address, viewport={"width": WIDTH, "height": HEIGHT})
        page.goto("/?lang=vi")
        home = _picture(page)
        page.goto("/demo")
        page.locator('form[action$="/demo/ITEM_MATCHES"] button').click()
        page.locator(".verdict h1").wait_for()
        verdict = _picture(page)
        browser.close()
    return [home, verdict]


def main(address: str) -> None:
    """Write the picture, with few enough colours to stay small."""
    pages = _pages(address)
    whole = Image.new("RGB", (len(pages) * (WIDTH + GAP) - GAP, HEIGHT), GROUND)
    for at, picture in enumerate(pages):
        whole.paste(picture, (at * (WIDTH + GAP), 0))
    TARGET.parent.mkdir(exist_ok=True)
    whole.quantize(COLOURS, dither=Image.Dither.NONE).save(TARGET, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
