"""Makers: machines of two parties."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.runtime import Runtime
from tests.conftest import RegisteredParty
from tests.maker import Maker


@pytest.fixture
def maker(client: FlaskClient, rt: Runtime, party: RegisteredParty) -> Maker:
    return Maker(client, rt, party)


@pytest.fixture
def partner(client: FlaskClient, rt: Runtime, other_party: RegisteredParty) -> Maker:
    return Maker(client, rt, other_party)
