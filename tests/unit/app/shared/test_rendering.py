"""Refusals as pages: a fitting title, what was kept, what to do, in both languages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, NotFound

from app.auth import public
from app.i18n import N_
from app.problems import Forbidden, Problem, TooMany, Unavailable

TITLES = {
    404: ("Ở đây không có gì", "There is nothing here"),
    405: ("Địa chỉ này không nhận yêu cầu như vậy", "This address takes no such request"),
}


@pytest.mark.parametrize(("path", "status"), [("/no-such-page", 404), ("/recalls", 405)])
def test_a_refusal_is_titled_in_both_languages(client: FlaskClient, path: str, status: int) -> None:
    method = "POST" if status == 405 else "GET"
    for lang, title in zip(("vi", "en"), TITLES[status], strict=True):
        answer = client.open(f"{path}?lang={lang}", method=method)
        assert answer.status_code == status
        assert f"<h1>{title}</h1>" in answer.text
        assert f"<title>{title}" in answer.text


def _raising(app: Flask, error: Exception) -> FlaskClient:
    @public
    def view() -> str:
        raise error

    app.add_url_rule("/raises", "raises", view, methods=["GET", "POST"])
    return app.test_client()


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Forbidden(), 403, "This is not allowed"),
        (TooMany(headers={"Retry-After": "7"}), 429, "Too many requests"),
        (Unavailable(), 503, "Not available right now"),
        (ZeroDivisionError("secret"), 500, "Something went wrong on our side"),
        (NotFound(), 404, "There is nothing here"),
    ],
)
def test_every_kind_of_refusal_has_a_page(
    app: Flask, error: Exception, status: int, said: str
) -> None:
    answer = _raising(app, error).get("/raises?lang=en")
    assert answer.status_code == status
    assert f"<h1>{said}</h1>" in answer.text
    assert "secret" not in answer.text
    # Nothing was sent, so nothing need be said about keeping it, unless we are at fault.
    assert ("What was kept" in answer.text) is (status >= 500)


def test_a_refusal_may_have_its_own_title_and_advice(app: Flask) -> None:
    # Words of the catalogue, so that the translated page can be told apart.
    problem = Forbidden(title=N_("The photo is too large"), advice=N_("Nothing was kept."))
    client = _raising(app, problem)
    page = client.get("/raises").text
    assert "<h1>Ảnh quá lớn</h1>" in page
    assert "Không có gì được giữ lại." in page
    document = client.get("/raises", headers={"Accept": "application/json"}).json
    assert document["title"] == "Ảnh quá lớn"
    assert Forbidden().title != problem.title  # of this one refusal, not of its class


def test_every_problem_of_ours_is_an_http_status() -> None:
    kinds = Problem.__subclasses__()
    assert kinds
    assert all(400 <= kind.status < 600 for kind in kinds)
    assert not any(issubclass(kind, HTTPException) for kind in kinds)
