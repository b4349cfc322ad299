"""Every page in Chromium: accessible, in both languages and colour schemes, at every width."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    ViewportSize,
    expect,
)

from app.demo import service as demo
from tests import prints
from tests.e2e.conftest import watched
from tests.pictures import as_bytes

COFFEE = "09520001000171"
PATHS = (
    *("/", "/recalls", "/log", "/proof/20/0", "/demo", "/learn", "/privacy", "/login"),
    *("/explain", "/explain?q=9520001000176", f"/01/{COFFEE}", "/no-such-page"),
    "/print-quality",
    *("/scan?code=9527777000015", "/scan?code=95200010001", "/scan?code=hello"),
)
# Samples whose pages hold what the others do not: map, recall, contradiction, photo, repairs.
SAMPLES = ("ITEM_MATCHES", "RECALLED", "CONTRADICTED", "UNREADABLE", "MALFORMED")
WIDTHS = {320: 640, 390: 844, 768: 1024, 1280: 900}
FIRST_VISIT_BYTES = 90_000
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((item) => {
    const box = item.getBoundingClientRect();
    const hidden = !box.width || item.closest(".vh, .skip") || item.type === "hidden";
    const inText = item.tagName === "A" && getComputedStyle(item).display === "inline";
    return !hidden && !inText && (box.height < 43.9 || box.width < 43.9);
  })
  .map((item) => item.outerHTML.slice(0, 120))"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def _open(page: Page, path: str, lang: str = "vi") -> None:
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")


def _scan(page: Page, state: str, lang: str = "vi") -> None:
    _open(page, "/demo", lang)
    page.locator(f'form[action$="/demo/{state}"] button').click()
    expect(page.locator(".verdict h1")).to_be_visible(timeout=20_000)


def _context(browser: Browser, url: str, width: int, scheme: str) -> Iterator[BrowserContext]:
    size: ViewportSize = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(
        base_url=url,
        viewport=size,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    yield context
    context.close()


@pytest.fixture(scope="module")
def light(browser: Browser, demo_url: str) -> Iterator[BrowserContext]:
    """A phone in light colours."""
    yield from _context(browser, demo_url, 390, "light")


@pytest.fixture(scope="module")
def dark(browser: Browser, demo_url: str) -> Iterator[BrowserContext]:
    """A desk in dark colours."""
    yield from _context(browser, demo_url, 1280, "dark")


@pytest.fixture
def phone(light: BrowserContext) -> Iterator[Page]:
    """A page on a phone, light."""
    page = light.new_page()
    yield page
    page.close()


@pytest.fixture
def desk(dark: BrowserContext) -> Iterator[Page]:
    """A page on a desk, dark."""
    page = dark.new_page()
    yield page
    page.close()


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options=WCAG).response["violations"]
    return [f"{v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"]]


def _accessible(page: Page, lang: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", lang)
    assert page.locator("h1").count() == 1
    assert page.evaluate(TOO_SMALL) == []
    assert _violations(page) == []


def _fits(page: Page) -> None:
    """Resize the page: nothing reaches past its edge, nor with the text twice as large."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for size in ("", "200%"):
            page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
            assert not page.evaluate(TOO_WIDE), f"{page.url} at {width} px, text {size or '100%'}"
    page.evaluate("document.documentElement.style.fontSize = ''")


# Each page in each language once, in one of the two sizes and schemes, then at every width.
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_accessible_and_fits(phone: Page, desk: Page, path: str) -> None:
    for page, lang in ((phone, "vi"), (desk, "en")):
        _open(page, path, lang)
        _accessible(page, lang)
        _fits(page)


@pytest.mark.parametrize("state", SAMPLES)
def test_a_verdict_page_is_accessible_and_fits(phone: Page, desk: Page, state: str) -> None:
    for page, lang in ((phone, "vi"), (desk, "en")):
        _scan(page, state, lang)
        _accessible(page, lang)
        _fits(page)


def test_a_print_quality_report_is_accessible_and_fits(phone: Page, desk: Page) -> None:
    print_ = prints.bars(prints.ean_modules(), light=0.7, ink=0.2)
    photo = as_bytes(prints.photo(prints.blurred(print_, 3)), "PNG")
    for page, lang in ((phone, "vi"), (desk, "en")):
        _open(page, "/print-quality", lang)
        page.locator("#photo").set_input_files(
            {"name": "nhãn.png", "mimeType": "image/png", "buffer": photo}
        )
        page.locator("form.upload button").click()
        expect(page.locator(".measured image")).to_be_visible(timeout=20_000)
        page.locator("details.more summary").first.click()
        expect(page.locator("svg.profile").nth(10)).to_be_visible()
        _accessible(page, lang)
        _fits(page)


def test_the_account_is_accessible_and_fits(desk: Page) -> None:
    _open(desk, "/login", "en")
    desk.locator("#email").fill(demo.PERSON)
    desk.locator("#password").fill(demo.PASSWORD)
    desk.locator("main form button").click()
    expect(desk.locator(f'a[href="/01/{COFFEE}"]')).to_be_visible()
    _accessible(desk, "en")
    _fits(desk)
    _prints_labels(desk)
    _open(desk, "/account", "en")
    desk.locator('form[action="/logout"] button').click()


def _prints_labels(desk: Page) -> None:
    """From the account over form and preview to the file, as a person without a mouse or script."""
    desk.locator(f'a[href="/account/labels/{COFFEE}"]').click()
    _accessible(desk, "en")
    _fits(desk)
    desk.locator("main form button").click()
    expect(desk.locator(".sheet-preview img")).to_be_visible()
    assert desk.locator(".sheet-preview img").evaluate("img => img.decode().then(() => true)")
    _accessible(desk, "en")
    _fits(desk)
    with desk.expect_download() as download:
        desk.locator("a[download]").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    desk.locator("summary").click()
    desk.locator("#start").fill("99")
    desk.locator("main form button").click()
    expect(desk.locator('.errsum a[href="#start"]')).to_be_visible()
    _accessible(desk, "en")


def test_paper_shows_what_is_folded_and_no_buttons(phone: Page, demo_url: str) -> None:
    _scan(phone, "ITEM_MATCHES")
    folded = phone.locator("details.between li").first
    expect(folded).to_be_hidden()
    phone.emulate_media(media="print")
    expect(folded).to_be_visible()
    expect(phone.locator(".verdict .btn")).to_be_hidden()
    expect(phone.locator(".proof .print-only")).to_contain_text(f"{demo_url}/proof/")


def test_forced_colours_keep_shapes_and_edges(phone: Page) -> None:
    phone.emulate_media(forced_colors="active")
    _scan(phone, "RECALLED")
    button = phone.locator(".verdict .btn")
    assert button.evaluate("e => getComputedStyle(e).borderStyle") == "solid"
    colours = phone.locator(".verdict .v").evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e.querySelector('.g')).stroke]"
    )
    assert len(set(colours)) == 2  # the bar is seen on its octagon


def test_the_scan_button_is_the_largest_thing(phone: Page) -> None:
    _open(phone, "/")
    box = phone.locator(".scanbtn").bounding_box()
    assert box is not None
    assert box["height"] >= 168
    assert box["y"] + box["height"] < WIDTHS[390]  # seen without scrolling


def test_the_keyboard_reaches_the_content_and_sends_digits(desk: Page) -> None:
    page = desk
    _open(page, "/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("skip")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("id", "camera")
    page.locator("#code").focus()
    page.keyboard.type("9 520001 000171")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict h1")).to_be_visible()


def test_focus_is_always_seen(desk: Page) -> None:
    page = desk
    _open(page, f"/01/{COFFEE}")
    for _step in range(25):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 3; }"
        )
        assert shown, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_the_language_switch_keeps_the_page(phone: Page) -> None:
    page = phone
    _open(page, "/explain?q=9520001000171")
    page.locator(".lang a[lang=en]").click()
    assert "/explain?" in page.url
    assert "q=9520001000171" in page.url
    expect(page.locator("#q")).to_have_value("9520001000171")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_language_switch_keeps_an_answer_that_was_posted(phone: Page) -> None:
    page = phone
    _scan(page, "BATCH_MATCHES")
    shown = page.locator(".verdict .code").inner_text()
    page.locator(".lang a[lang=en]").click()
    expect(page.locator(".verdict h1")).to_have_text("The batch is declared; nothing unusual found")
    assert page.locator(".verdict .code").inner_text()[:20] == shown[:20]


def test_pages_work_without_script(browser: Browser, demo_url: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=demo_url, viewport={"width": 390, "height": 844}
    )
    with watched(context) as page:
        _open(page, "/")
        expect(page.locator("[data-send]")).to_be_visible()
        page.locator("#code").fill("9520001000171")
        page.locator(".digits button").click()
        expect(page.locator(".verdict h1")).to_be_visible()
        page.locator("details.more summary").first.click()
        expect(page.locator("details.more dl").first).to_be_visible()
    context.close()


def test_a_chosen_photo_is_acknowledged_at_once(phone: Page) -> None:
    page = phone
    _open(page, "/")
    expect(page.locator("[data-picked]")).to_be_hidden()
    picture = page.request.get("/demo/pictures/PRODUCT_ONLY.jpg").body()
    # Hold the form back: the page must speak before an answer comes.
    page.evaluate("HTMLFormElement.prototype.submit = function () {}")
    page.locator("#camera").set_input_files(
        {"name": "hộp sữa.jpg", "mimeType": "image/jpeg", "buffer": picture}
    )
    expect(page.locator("[role=status]")).to_contain_text("hộp sữa.jpg")


def test_a_photo_to_be_measured_is_acknowledged_at_once(phone: Page) -> None:
    page = phone
    _open(page, "/print-quality")
    status = page.locator("form.upload [role=status]")
    expect(status).to_have_text("")
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    page.locator("#photo").set_input_files(
        {"name": "nhãn.png", "mimeType": "image/png", "buffer": b"any"}
    )
    page.locator("form.upload button").click()
    expect(status).to_contain_text("Đang gửi và đo ảnh")


def test_the_newest_entries_are_read_on_a_phone_without_scrolling_sideways(phone: Page) -> None:
    _open(phone, "/log")
    box = phone.locator("#newest + div .tablebox")
    assert box.evaluate("e => e.scrollWidth <= e.clientWidth")
    expect(box).to_contain_text("HTX Nông nghiệp Suối Đá")


def test_a_first_visit_is_light(browser: Browser, demo_url: str) -> None:
    context = browser.new_context(base_url=demo_url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    loaded: list[Response] = []
    page.on("response", lambda response: loaded.append(response))
    page.goto("/")
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    packed = {r.url: len(gzip.compress(r.body(), 6)) for r in loaded if r.ok}
    assert any(url.endswith(".woff2") for url in packed)
    assert sum(packed.values()) < FIRST_VISIT_BYTES, packed
    context.close()
