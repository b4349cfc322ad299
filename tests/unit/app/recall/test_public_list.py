"""The public list of recalls, and the pages that say the same to everybody."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.runtime import Runtime
from tests.conftest import RegisteredParty


@pytest.mark.parametrize("path", ["/learn", "/privacy", "/recalls"])
@pytest.mark.parametrize(("lang", "skip"), [("vi", "Đến nội dung chính"), ("en", "Skip to")])
def test_a_page_answers_in_both_languages(
    client: FlaskClient, path: str, lang: str, skip: str
) -> None:
    answer = client.get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text
    assert skip in answer.text


def test_a_recall_is_on_the_public_list(
    client: FlaskClient, party: RegisteredParty, rt: Runtime
) -> None:
    gtin = "09520001000171"
    for path, body in (
        ("/api/v1/products", {"gtin": gtin, "name": "Cà phê rang mộc"}),
        ("/api/v1/recalls", {"gtin": gtin, "lot": "L1", "reason": "Lẫn vụn kim loại"}),
    ):
        answer = client.post(path, json=body, headers=party.headers)
        assert answer.status_code == 201, answer.text
    page = client.get("/recalls").text
    assert "Cà phê rang mộc" in page
    assert "Lẫn vụn kim loại" in page
    assert f'href="/01/{gtin}/10/L1"' in page
