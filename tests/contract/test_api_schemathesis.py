"""Schemathesis in process: whatever is asked, allowed or not, the answer is as described."""

from __future__ import annotations

import pytest
import schemathesis
import yaml
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode

from app.openapi import DESCRIPTION
from app.runtime import Runtime
from tests.conftest import RegisteredParty
from tests.maker import Maker

OPERATIONS = [
    (path, method)
    for path, item in yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["paths"].items()
    for method in item
    if method in {"get", "post"} and item.get("parameters", item[method].get("parameters"))
]
schemathesis.checks.load_all_checks()
CHECKS = [
    schemathesis.checks.CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]


@pytest.fixture
def maker(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Maker:
    return Maker(client, rt, party)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_described(
    maker: Maker, path: str, method: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.yaml", maker.client.application)
    gtin = maker.product()
    maker.client.application.testing = False  # a fault is to be answered with 500, not raised

    @given(case=schema[path][method.upper()].as_strategy(generation_mode=mode))
    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        # A made-up GTIN is nearly never registered: every other case is about one that is.
        if str(case.path_parameters.get("gtin", ""))[-1:] in set("02468"):
            case.path_parameters["gtin"] = gtin
        response = case.call(headers=maker.party.headers)
        case.validate_response(response, checks=CHECKS)

    ask()
