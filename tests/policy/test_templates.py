"""Pages keep what the design language and the content security policy ask of every template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
TEMPLATES = ROOT / "app" / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
SHEETS = sorted((STATIC / "css").glob("*.css"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _source(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_nothing_inline_that_the_security_policy_refuses(page: Path) -> None:
    source = _source(page)
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:", source)
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", source, flags=re.S)
    assert not any(body.strip() for body in scripts)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_nothing_is_loaded_from_elsewhere(page: Path) -> None:
    assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", _source(page))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_a_page(page: Path, app: Flask) -> None:
    routes = app.url_map.bind("localhost")
    for attribute, target in re.findall(r"\b(href|action)=\"(/[^\"#?]*)", _source(page)):
        path = re.sub(r"\{\{.*?\}\}", "0", target)
        method = "POST" if attribute == "action" and "post" in _form_of(page, target) else "GET"
        try:
            routes.match(path, method=method)
        except (NotFound, MethodNotAllowed):
            pytest.fail(f"{_name(page)} leads to {method} {path}, which no route answers")


def _form_of(page: Path, target: str) -> str:
    return next(tag for tag in re.findall(r"<form[^>]*>", _source(page)) if target in tag)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_icon_and_file_it_names_is_there(page: Path) -> None:
    drawn = re.findall(r'^  "(\w+)": "M', (TEMPLATES / "_icons.html").read_text("utf-8"), re.M)
    source = _source(page)
    assert set(re.findall(r"icon\(\"(\w+)\"", source)) <= set(drawn)
    for name in re.findall(r"filename='([\w./-]+\.\w+)'", source):
        assert (STATIC / name).is_file()
    for sheets in re.findall(r"for sheet in \(([^)]*)\)", source):
        for sheet in re.findall(r"\"(\w+)\"", sheets):
            assert (STATIC / "css" / f"{sheet}.css").is_file()


@pytest.mark.parametrize("sheet", SHEETS, ids=_name)
def test_style_sheets_keep_to_what_old_browsers_know(sheet: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
    newer = r":has\(|@container|color-mix\(|@layer|\binset:|aspect-ratio:|margin-inline|\n\s*&"
    assert not re.search(newer, css.replace("@supports not (inset:0)", ""))
    assert not re.search(r"url\([\"']?(?:https?:)?//", css)
    for name in re.findall(r"url\(\"([^\"]+)\"\)", css):
        assert (sheet.parent / name).is_file()


@pytest.mark.parametrize("sheet", SHEETS, ids=_name)
def test_style_sheets_take_colours_from_the_tokens(sheet: Path) -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", sheet.read_text(encoding="utf-8")))
    tokens = set(re.findall(r"--([\w-]+):", (STATIC / "css" / "tokens.css").read_text("utf-8")))
    assert used - tokens <= {"vb", "vo"}  # the slab's own two, set by its family


def test_no_style_sheet_or_template_is_too_long_to_read() -> None:
    long = [_name(path) for path in (*PAGES, *SHEETS) if len(path.read_text().splitlines()) > 500]
    assert long == []
