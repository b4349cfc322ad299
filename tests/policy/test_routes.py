"""Policy: every route has a guard, and every refusal has its shape."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth import Guard, guard_of, public
from app.runtime import Runtime

# Everybody may call these; each one is here on purpose.
PUBLIC = {
    "accounts.login",
    "accounts.login_form",
    "accounts.logout",
    "demo.index",
    "demo.picture",
    "demo.scan",
    "health.livez",
    "health.metrics",
    "health.readyz",
    "openapi.description",
    "pages.learn",
    "pages.privacy",
    "print_quality.ask",
    "print_quality.card",
    "print_quality.create",
    "recall.index",
    "resolver.description",
    "transparency.bundle",
    "transparency.log",
    "transparency.offline",
    "transparency.proof",
    "transparency.receipt",
    "transparency_api.checkpoint",
    "transparency_api.keys",
    "transparency_api.policy",
    "transparency_api.tile",
    "verify.create",
    "verify.digital_link",
    "verify.explain",
    "verify.home",
    "verify.show",
}


def guards(app: Flask) -> dict[str, Guard | None]:
    rules = app.url_map.iter_rules()
    return {r.endpoint: guard_of(app.view_functions[r.endpoint]) for r in rules}


def test_every_route_has_a_guard(app: Flask) -> None:
    found = guards(app)
    assert [name for name, guard in found.items() if guard is None and name != "static"] == []


def test_the_public_routes_are_the_listed_ones(app: Flask) -> None:
    found = {name for name, guard in guards(app).items() if guard is Guard.PUBLIC}
    assert found == PUBLIC


def test_a_route_without_a_guard_is_refused(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert app.test_client().get("/forgotten").status_code == 403


def test_a_closed_route_refuses_strangers(app: Flask, client: FlaskClient) -> None:
    closed = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if guard_of(app.view_functions[rule.endpoint]) in {Guard.API_KEY, Guard.SIGNED_IN}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    assert closed
    for rule, method in closed:
        path = app.url_map.bind("localhost").build(
            rule.endpoint, {name: _value(rule, name) for name in rule.arguments}, method
        )
        for headers in ({}, {"Authorization": "Bearer nguon_0_0"}, {"Authorization": "Basic eA=="}):
            answer = client.open(path, method=method, headers=headers)
            assert answer.status_code == 401, (method, path, answer.status_code)


def _value(rule: object, name: str) -> object:
    converter = rule._converters[name]  # type: ignore[attr-defined]
    return 1 if type(converter).__name__ == "IntegerConverter" else "x"


def test_guards_are_not_lost_under_other_decorators(rt: Runtime) -> None:
    from app.security import limited

    @public
    @limited("scan")
    def view() -> str:
        """A view."""
        return ""

    assert guard_of(view) is Guard.PUBLIC


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/account"])
def test_security_headers_are_on_every_answer(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({}, 303),
    ],
)
def test_a_form_from_another_site_is_refused(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    assert client.post("/logout", headers=headers).status_code == status


def test_an_api_refusal_is_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/api/nowhere")
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == 404
    assert answer.json["type"] == "/problems/not-found"
    assert answer.json["title"] == "Ở đây không có gì"
    english = client.get("/api/nowhere", headers={"Accept-Language": "en"})
    assert english.json is not None
    assert english.json["title"] == "There is nothing here"
