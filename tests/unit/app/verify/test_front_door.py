"""The door in front of Flask: a kept page says, and carries, what a fresh one would."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.pagecache import PageCache, wants_page
from app.rendering import wants_json
from app.runtime import Runtime
from app.security import RateLimits
from app.telemetry import REGISTRY
from tests.unit.app.verify.conftest import Pack

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def pages(app: Flask) -> PageCache:
    kept: PageCache = app.extensions["nguon_verify"].pages
    return kept


def names(app: Flask) -> int:
    return len(pages(app)._pages)


def ask(app: Flask, path: str, **headers: str) -> TestResponse:
    """One request of a browser that brings exactly these headers."""
    sent = {"Accept": HTML} | {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client(use_cookies=False).get(path, headers=sent)


def test_a_kept_page_carries_what_a_fresh_one_does(app: Flask, pack: Pack) -> None:
    fresh, kept = ask(app, pack.path), ask(app, pack.path)
    assert names(app) == 1
    own = {"Set-Cookie", "Content-Length"}
    assert [h for h in fresh.headers if h[0] not in own] == [
        h for h in kept.headers if h[0] not in own
    ]
    for header in ("Content-Security-Policy", "X-Content-Type-Options", "Link", "Vary"):
        assert header in kept.headers
    assert kept.headers["Cache-Control"] == "private, no-store"
    assert kept.headers["Content-Length"] == str(len(kept.data))
    tokens = [SimpleCookie(a.headers["Set-Cookie"])["nguon_device"].value for a in (fresh, kept)]
    assert tokens[0] != tokens[1]
    assert tokens[0] not in kept.text


def test_a_kept_page_is_counted_as_an_answer(app: Flask, pack: Pack) -> None:
    def answered() -> float:
        labels = {"endpoint": "verify.digital_link", "status": "200"}
        return REGISTRY.get_sample_value("nguon_http_requests_total", labels) or 0

    before = answered()
    assert [ask(app, pack.path).status_code for _ in range(3)] == [200] * 3
    assert answered() == before + 3


@pytest.mark.parametrize(
    "cookie",
    ['nguon_lang="en"', "nguon_lang =en", " nguon_lang=en ", "a=b;nguon_lang=en", "nguon_lang=en"],
)
def test_no_spelling_of_a_cookie_gives_others_a_foreign_language(
    app: Flask, pack: Pack, cookie: str
) -> None:
    first = ask(app, pack.path, Cookie=cookie)
    assert 'lang="vi"' in ask(app, pack.path).text
    again = ask(app, pack.path, Cookie=cookie)
    assert ('lang="en"' in first.text) == ('lang="en"' in again.text)


@pytest.mark.parametrize(
    "cookie", ["nguon_session=x", "nguon_session =x", "a=b; nguon_session=x;nguon_lang=en"]
)
def test_nothing_is_kept_from_a_session(app: Flask, pack: Pack, cookie: str) -> None:
    assert ask(app, pack.path, Cookie=cookie).status_code == 200
    assert names(app) == 0


@pytest.mark.parametrize(
    "query",
    [
        "hc=AAAA",
        "%68c=A",
        "province=01",
        "pro%76ince=01",
        "lang=en",
        "l%61ng=en",
        "linkType=all",
    ],
)
def test_what_a_person_tells_is_not_kept(app: Flask, pack: Pack, query: str) -> None:
    assert ask(app, f"{pack.path}?{query}").status_code == 200
    assert names(app) == 0


def test_other_label_data_in_the_query_is_another_page(app: Flask, pack: Pack) -> None:
    for _ in range(2):
        assert "01/01/2020" in ask(app, f"{pack.path}?17=200101").text
        assert "01/01/2020" not in ask(app, pack.path).text


@pytest.mark.parametrize("spelling", ["/01//{g}/21/{s}", "/01/{g}/21/{s}/", "/01/{g}/21/{l}"])
def test_another_spelling_is_not_answered_with_this_page(
    app: Flask, pack: Pack, spelling: str
) -> None:
    """Keys are case-sensitive, slashes count: each spelling has the answer that Flask gives it."""
    path = spelling.format(g=pack.gtin, s=pack.serial, l=pack.serial.swapcase())
    alone = ask(app, path)
    ask(app, pack.path)
    for _ in range(2):
        assert ask(app, path).status_code == alone.status_code
        assert (pack.serial in ask(app, path).text) == (pack.serial in alone.text)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000\tx", "a, b"])
def test_a_made_up_host_reaches_no_page(app: Flask, pack: Pack, host: str) -> None:
    assert "evil.example" not in ask(app, pack.path, Host=host).text
    assert host not in ask(app, pack.path).text


@pytest.mark.parametrize(
    "accept",
    ["", HTML, "*/*", "text/*", "text/html", "application/*", "image/png", "application/json",
     "text/html;q=0.5, */*", "text/html;q=0.1,application/json;q=0.9", "nonsense", "text/html;q=x"],
)  # fmt: skip
def test_pages_and_data_are_told_apart_as_the_views_do(app: Flask, pack: Pack, accept: str) -> None:
    with app.test_request_context(pack.path, headers={"Accept": accept}):
        if wants_page(accept):
            assert not wants_json()
    ask(app, pack.path)
    kept = ask(app, pack.path, Accept=accept)
    pages(app)._pages.clear()
    assert kept.mimetype == ask(app, pack.path, Accept=accept).mimetype


def test_head_and_conditional_requests_are_fresh(app: Flask, pack: Pack) -> None:
    client = app.test_client()
    client.get(pack.path, headers={"Accept": HTML})
    head = client.head(pack.path, headers={"Accept": HTML})
    assert head.status_code == 200
    assert head.data == b""
    assert "Content-Security-Policy" in head.headers
    assert ask(app, pack.path, If_None_Match="*").status_code == 200


def test_kept_pages_are_no_way_round_the_rate_limit(app: Flask, pack: Pack) -> None:
    app.extensions["nguon_limits"] = RateLimits({"scan": "3/minute"})
    assert [ask(app, pack.path).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_a_change_by_another_process_is_seen_at_once(app: Flask, rt: Runtime, pack: Pack) -> None:
    before = ask(app, pack.path).text
    with rt.db.write() as session:  # as another process does
        session.execute(text("UPDATE product SET name = 'Khác hẳn'"))
        session.execute(text("UPDATE change_counter SET number = number + 1"))
    after = ask(app, pack.path).text
    assert "Khác hẳn" in after
    assert "Khác hẳn" not in before
