"""The resolver against GS1's own schemas and statements of conformance."""

from __future__ import annotations

from collections.abc import Iterator

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

from app.runtime import Runtime
from tests import outside
from tests.conftest import RegisteredParty
from tests.maker import Maker

LINKSET = {"Accept": "application/linkset+json"}


@pytest.fixture
def gtin(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Iterator[str]:
    maker = Maker(client, rt, party)
    made = maker.product(name="Cà phê Suối Đá")
    maker.post(f"/api/v1/products/{made}/batches", {"lot": "L1"})
    maker.serials(made, 1, lot="L1")
    yield made


def validator(name: str) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(outside.load(f"gs1/resolver/{name}"))


def test_the_schema_tells_its_own_examples_apart() -> None:
    schema = validator("gs1-linkset-schema.json")
    assert schema.is_valid(outside.load("gs1/resolver/valid-gs1-example.json"))
    assert not schema.is_valid(outside.load("gs1/resolver/invalid-gs1-example.json"))


@pytest.mark.parametrize("asked", ["?linkType=all", "?linkType=linkset", ""])
def test_linksets_are_valid_and_hold_every_level(
    client: FlaskClient, gtin: str, asked: str
) -> None:
    answer = client.get(f"/01/{gtin}/10/L1/21/S1{asked}", headers=LINKSET if not asked else {})
    assert answer.status_code == 200
    assert answer.content_type == "application/linkset+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body = answer.get_json(force=True)
    validator("gs1-linkset-schema.json").validate(body)
    stem = f"http://127.0.0.1:8000/01/{gtin}"
    assert [context["anchor"] for context in body["linkset"]] == [
        f"{stem}/21/S1",
        f"{stem}/10/L1",
        stem,
    ]
    for context in body["linkset"]:
        assert context["https://gs1.org/voc/defaultLink"]


def test_each_link_type_is_one_of_the_vocabulary(client: FlaskClient, gtin: str) -> None:
    known = {
        link["id"].replace("gs1:", "https://gs1.org/voc/")
        for link in outside.load("gs1/data/gs1-linktypes-v1.16.json")["linkTypes"]
    }
    body = client.get(f"/01/{gtin}?linkType=all").get_json(force=True)
    used = set(body["linkset"][0]) - {"anchor", "itemDescription"}
    assert used <= known


def test_a_link_type_redirects_and_passes_the_query_on(client: FlaskClient, gtin: str) -> None:
    answer = client.get(f"/01/{gtin}?17=271231&linkType=gs1:traceability&utm=x")
    assert answer.status_code == 307
    assert answer.headers["Location"].endswith(f"/01/{gtin}?17=271231&utm=x#journey")
    assert 'rel="linkset"' in answer.headers["Link"]
    assert client.get(f"/01/{gtin}?linkType=gs1:menuInfo").status_code == 404


def test_pages_name_their_linkset(client: FlaskClient, gtin: str) -> None:
    for _ in range(2):  # the page as rendered, and as kept
        answer = client.get(f"/01/{gtin}")
        assert answer.status_code == 200
        assert f"/01/{gtin}?linkType=linkset" in answer.headers["Link"]


@pytest.mark.parametrize(
    "path", ["/01/09521234543214", "/01/abc", "/01/09521234543213/21", "/00/1", "/01/٠٩٥٢"]
)
def test_what_is_no_digital_link_is_status_400(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert "Mã không đúng cấu trúc" in answer.text
    as_json = client.get(path, headers={"Accept": "application/json"})
    assert as_json.status_code == 400
    assert as_json.json["state"] == "MALFORMED"


def test_other_spellings_of_a_gtin_lead_to_the_one(client: FlaskClient, gtin: str) -> None:
    answer = client.get(f"/01/{gtin[1:]}/10/L1?17=271231")
    assert answer.status_code == 307
    assert answer.headers["Location"] == f"/01/{gtin}/10/L1?17=271231"


def test_unknown_things_have_no_links_but_an_answer(client: FlaskClient) -> None:
    assert client.get("/01/09521234543213").status_code == 200
    assert client.get("/01/09521234543213?linkType=all").status_code == 404


def test_slashes_and_percents_in_values_survive(client: FlaskClient, gtin: str) -> None:
    answer = client.get(f"/01/{gtin}/10/A%2FB%25", headers={"Accept": "application/json"})
    assert answer.json["key"] == f"https://id.gs1.org/01/{gtin}/10/A%2FB%25"


def test_the_description_file_is_valid(client: FlaskClient) -> None:
    answer = client.get("/.well-known/gs1resolver")
    validator("description-file-schema-condensed.json").validate(answer.json)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
