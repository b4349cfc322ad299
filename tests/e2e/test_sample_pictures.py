"""The 14 pictures of /demo end in their 14 states, in a real browser, with and without script."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import outside
from tests.e2e.conftest import watched

STATES = {state["id"]: state for state in outside.verdict_states()}


@pytest.fixture
def scriptless(browser: Browser, demo_url: str) -> Iterator[Page]:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, base_url=demo_url
    )
    with watched(context) as page:
        yield page
    context.close()


def _picture(demo_url: str, state: str) -> bytes:
    with urllib.request.urlopen(f"{demo_url}/demo/pictures/{state}.jpg") as answer:
        content: bytes = answer.read()
    return content


def test_the_demo_page_lists_all_states(page: Page) -> None:
    page.goto("/demo")
    for state in STATES:
        expect(page.locator(f'img[src*="/{state}.jpg"]')).to_have_count(1)


@pytest.mark.parametrize("state", STATES)
def test_a_photo_sent_from_the_home_page_ends_in_its_state(
    page: Page, demo_url: str, state: str
) -> None:
    page.goto("/")
    photo = {
        "name": "photo.jpg",
        "mimeType": "image/jpeg",
        "buffer": _picture(demo_url, state),
    }
    page.locator('input[type="file"]').first.set_input_files(photo)  # type: ignore[arg-type]
    expect(page.locator("h1")).to_contain_text(STATES[state]["vi"], timeout=20_000)


@pytest.mark.parametrize("state", STATES)
def test_the_button_of_a_sample_works_without_script(scriptless: Page, state: str) -> None:
    scriptless.goto("/demo?lang=en")
    scriptless.locator(f'form[action$="/demo/{state}"] button').click()
    expect(scriptless.locator("h1")).to_contain_text(STATES[state]["en"], timeout=20_000)


def test_typed_digits_work_without_script(scriptless: Page) -> None:
    scriptless.goto("/")
    scriptless.locator('input[name="code"]').fill("9 527777 000015")
    scriptless.locator('form:has(input[name="code"]) button[type="submit"]').first.click()
    expect(scriptless.locator("h1")).to_contain_text(STATES["UNREGISTERED"]["vi"])


def test_a_file_that_is_no_photo_gets_a_sentence(scriptless: Page) -> None:
    scriptless.goto("/")
    file = {"name": "note.jpg", "mimeType": "image/jpeg", "buffer": b"<svg></svg>"}
    form = scriptless.locator('form:has(input[type="file"])').first
    form.locator('input[type="file"]').first.set_input_files(file)  # type: ignore[arg-type]
    form.locator('button[type="submit"]').first.click()
    expect(scriptless.locator("main")).to_contain_text("ảnh")
