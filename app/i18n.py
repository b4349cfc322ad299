"""Languages of the service: Vietnamese by default, English complete; catalogues are gettext.

A msgid is the English text, so English needs no catalogue; the Vietnamese one is read at start.
"""

from __future__ import annotations

import gettext as gettext_
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, has_request_context, request

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
DEFAULT: Language = "vi"
COOKIE = "nguon_lang"
LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CATALOGUE = Path(__file__).parent / "translations" / "vi" / "LC_MESSAGES" / "messages.po"
NBSP = "\N{NO-BREAK SPACE}"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "extract, translate later"
    """Mark a msgid for extraction where it is written before it is translated."""
    return message


@cache
def _catalogue() -> gettext_.NullTranslations:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="vi")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext_.GNUTranslations(compiled)


def translate(language: Language, message: str, **params: object) -> str:
    """Give a msgid in one language, its ``%(name)s`` parameters filled."""
    text = _catalogue().gettext(message) if language == "vi" and message else message
    return text % params if params else text


def _(message: str, **params: object) -> str:
    """Give a msgid in the language of the request."""
    return translate(language(), message, **params)


def language() -> Language:
    """Language of the request: ``?lang=``, then the cookie, then Vietnamese."""
    if not has_request_context():
        return DEFAULT
    found: Language | None = g.get("language")
    if found is None:
        found = g.language = chosen(request.args.get("lang"), request.cookies.get(COOKIE))
    return found


def chosen(asked: str | None, cookie: str | None) -> Language:
    """Give the language by what the address asks for, else by the cookie."""
    return "en" if (asked or cookie) == "en" else DEFAULT


@contextmanager
def speaking(lang: Language) -> Iterator[None]:
    """Within a request, let dates, numbers and words be those of one language."""
    before = language()
    g.language = lang
    try:
        yield
    finally:
        g.language = before


def api_language() -> Language:
    """Language of an API answer: like a page's, else by ``Accept-Language``."""
    if request.args.get("lang") or request.cookies.get(COOKIE):
        return language()
    best = request.accept_languages.best_match(LANGUAGES, DEFAULT)
    return "en" if best == "en" else DEFAULT


def remember_language(response: Response) -> Response:
    """Keep a language chosen by ``?lang=`` for a year."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and request.cookies.get(COOKIE) != asked:
        response.set_cookie(
            COOKIE, asked, max_age=31_536_000, samesite="Lax", secure=request.is_secure
        )
    return response


def format_date(value: date | datetime | None) -> str:
    """Write a date as people here do: 22/11/2026, in English 22 Nov 2026."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(LOCAL_ZONE).date()
    if language() == "vi":
        return value.strftime("%d/%m/%Y")
    return f"{value.day}{NBSP}{value:%b}{NBSP}{value.year}"


def format_time(value: datetime | None) -> str:
    """Write the local time of day: 08:42."""
    return value.astimezone(LOCAL_ZONE).strftime("%H:%M") if value else ""


def format_number(value: float) -> str:
    """Write a number with the language's separators: 14.750 and 9,1; in English 14,750 and 9.1."""
    text = f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if language() == "vi" else text


def group_digits(code: str) -> str:
    """Write a GTIN as it stands under the bars, in groups a person can read aloud."""
    if not (code.isascii() and code.isdigit()):
        return code
    if len(code) == 14 and code[0] == "0":
        code = code[1:]
    sizes = {8: (4, 4), 12: (1, 5, 5, 1), 13: (1, 6, 6), 14: (1, 2, 5, 5, 1), 18: (1, 7, 9, 1)}
    parts, start = [], 0
    for size in sizes.get(len(code), (len(code),)):
        parts.append(code[start : start + size])
        start += size
    return NBSP.join(parts)


def init_app(app: Flask) -> None:
    """Give templates the translation function, filters and the language."""
    app.jinja_env.globals.update(_=_, language=language)
    app.jinja_env.filters.update(
        datefmt=format_date, timefmt=format_time, num=format_number, groups=group_digits
    )
    app.after_request(remember_language)
