"""A running service with sample data, and Chromium to drive it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.service import Service, running

HERE = Path(__file__).parent
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # ML-DSA in WebCrypto, which some versions have and keep back.
    "--enable-features=WebCryptoPQC",
]
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what drives one service and one browser on one worker, and free its sockets."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("e2e"))
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, with sample data."""
    with running(tmp_path_factory.mktemp("service")) as started:
        yield started


@pytest.fixture(scope="session")
def demo_url(service: Service) -> str:
    """Where the service answers."""
    return service.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine (``CHROMIUM`` names another)."""
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if path is None:
        pytest.skip("Chromium is not installed (CHROMIUM names another path)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(params=sorted(SIZES))
def page(request: pytest.FixtureRequest, browser: Browser, demo_url: str) -> Iterator[Page]:
    """A fresh page of each size, Vietnamese, light; script errors fail the test."""
    width, height = SIZES[request.param]
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=demo_url, locale="vi-VN"
    )
    with watched(context) as page:
        yield page
    context.close()


def watched(context: BrowserContext) -> Watched:
    """A page of the context whose console errors and requests to elsewhere are collected."""
    return Watched(context)


class Watched:
    """Fails at the end if a script failed or something was asked of another host."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _console(self, message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind == "error" and "status of 4" not in text:
            self.faults.append(text)

    def _request(self, request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        if not url.startswith(("http://127.0.0.1", "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {url}")

    def __enter__(self) -> Page:
        return self.page

    def __exit__(self, *_exception: object) -> None:
        assert self.faults == []
