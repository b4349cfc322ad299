"""Languages: which one a page is in, and how dates, numbers and codes are written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app import i18n
from app.runtime import Runtime


@pytest.mark.parametrize(
    ("path", "cookie", "expected"),
    [
        ("/", None, "vi"),
        ("/?lang=en", None, "en"),
        ("/?lang=vi", "en", "vi"),
        ("/", "en", "en"),
        ("/?lang=fr", None, "vi"),
        ("/", "xx", "vi"),
    ],
)
def test_the_language_is_chosen_never_guessed(
    app: Flask, path: str, cookie: str | None, expected: str
) -> None:
    headers = {"Accept-Language": "en-GB,en"}
    if cookie:
        headers["Cookie"] = f"{i18n.COOKIE}={cookie}"
    with app.test_request_context(path, headers=headers):
        assert i18n.language() == expected


@pytest.mark.parametrize(
    ("accept", "expected"), [("en", "en"), ("vi,en;q=0.5", "vi"), ("fr", "vi"), ("", "vi")]
)
def test_an_api_client_says_its_language_in_the_header(
    app: Flask, accept: str, expected: str
) -> None:
    with app.test_request_context("/api/", headers={"Accept-Language": accept}):
        assert i18n.api_language() == expected


def test_dates_and_numbers_are_written_as_people_do(app: Flask) -> None:
    moment = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)  # already the 23rd in Việt Nam
    with app.test_request_context("/"):
        assert i18n.format_date(date(2026, 11, 2)) == "02/11/2026"
        assert i18n.format_date(moment) == "23/11/2026"
        assert i18n.format_time(moment) == "01:30"
        assert i18n.format_number(14750) == "14.750"
        assert i18n.format_number(9.1) == "9,1"
        assert i18n.format_date(None) == i18n.format_time(None) == ""
    with app.test_request_context("/?lang=en"):
        assert i18n.format_date(date(2026, 11, 2)) == "2\u00a0Nov\u00a02026"
        assert i18n.format_number(14750.5) == "14,750.5"


@pytest.mark.parametrize(
    ("code", "grouped"),
    [
        ("09520001000171", "9 520001 000171"),
        ("19520001000178", "1 95 20001 00017 8"),
        ("95212340", "9521 2340"),
        ("036000291452", "0 36000 29145 2"),
        ("095200010000000018", "0 9520001 000000001 8"),
        ("ABC", "ABC"),
        ("٩٥٢", "٩٥٢"),
    ],
)
def test_codes_are_grouped_for_reading_aloud(code: str, grouped: str) -> None:
    assert i18n.group_digits(code).replace("\u00a0", " ") == grouped


def test_a_chosen_language_is_remembered(app: Flask, rt: Runtime) -> None:
    client = app.test_client()
    client.get("/livez?lang=en")
    cookie = client.get_cookie(i18n.COOKIE)
    assert cookie is not None
    assert cookie.value == "en"
