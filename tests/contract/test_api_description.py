"""The OpenAPI description and the routes say the same, both ways."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.auth import Guard, guard_of
from app.openapi import DESCRIPTION

METHODS = {"get", "post", "put", "patch", "delete", "options"}
DESCRIBED = ("/api/", "/capture")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    return loaded


def template(rule: str) -> str:
    """A Flask rule as an OpenAPI path, whatever the parameters are called."""
    return re.sub(r"<[^>]+>|\{[^}]+\}", "{}", rule)


def routes(app: Flask) -> dict[tuple[str, str], str]:
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(DESCRIBED):
            for method in rule.methods or ():
                if method not in {"HEAD", "OPTIONS"} or _is_own(rule.endpoint, method):
                    found[template(rule.rule), method.lower()] = rule.endpoint
    return found


def _is_own(endpoint: str, method: str) -> bool:
    return method == "OPTIONS" and "discover" in endpoint


def test_the_description_is_openapi_3_1(description: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(description).iter_errors()) == []


def test_every_route_is_described_and_every_description_is_routed(
    app: Flask, description: dict[str, Any]
) -> None:
    described = {
        (template(path), method)
        for path, item in description["paths"].items()
        for method in item.keys() & METHODS
    }
    assert described == set(routes(app))


def test_the_description_asks_for_a_key_where_the_guard_does(
    app: Flask, description: dict[str, Any]
) -> None:
    by_route = routes(app)
    for path, item in description["paths"].items():
        for method in item.keys() & METHODS:
            guard = guard_of(app.view_functions[by_route[template(path), method]])
            needs_key = item[method].get("security", description["security"]) != []
            assert needs_key == (guard is Guard.API_KEY), (path, method)


def test_the_description_is_served(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.yaml")
    assert answer.mimetype == "application/yaml"
    assert answer.data == DESCRIPTION.read_bytes()


def test_operations_have_different_names(description: dict[str, Any]) -> None:
    names = [
        item[method]["operationId"]
        for item in description["paths"].values()
        for method in item.keys() & METHODS
    ]
    assert len(names) == len(set(names))
