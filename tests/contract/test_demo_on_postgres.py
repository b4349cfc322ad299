"""The sample data on PostgreSQL behind the real server, two workers: all verdicts over HTTP."""

from __future__ import annotations

import json
import urllib.request
import uuid
from pathlib import Path

import pytest

from tests import outside, postgres
from tests.service import Service, running

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.enable_socket]


def scan(service: Service, photo: bytes) -> str:
    """Send a photo as a machine does, and give the state of the answer."""
    boundary = uuid.uuid4().hex
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    body = part.encode() + photo + f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Accept": "application/json",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    request = urllib.request.Request(f"{service.url}/scan", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        state: str = json.load(answer)["state"]
        return state


def test_the_samples_end_in_their_states(postgres_url: str, tmp_path: Path) -> None:
    published = {state["id"] for state in outside.verdict_states()}
    with (
        postgres.database(postgres_url) as url,
        running(tmp_path, database_url=url, workers=2) as service,
    ):
        found = {}
        for state in published:
            address = f"{service.url}/demo/pictures/{state}.jpg"
            with urllib.request.urlopen(address, timeout=30) as answer:
                found[state] = scan(service, answer.read())
        assert found == {state: state for state in published}
        with urllib.request.urlopen(f"{service.url}/log/checkpoint", timeout=30) as answer:
            assert int(answer.read().split(b"\n")[1]) > 50
